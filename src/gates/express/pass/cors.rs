//! The `cors` package (cors 2.8, lib/index.js), and headers that are set by hand.

use bstr::BString;

use super::{Error, Flow, Run};
use crate::gate::{Check, Effect, Unsure};
use crate::gates::express::behaviour::{Cors, HeaderValue, Headers, Origin, Origins};
use crate::gates::express::stack::Function;
use crate::request::{Known, Reason};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";

impl Run<'_> {
    pub(super) fn cors(&mut self, function: &Function, cors: &Cors) -> Flow {
        let span = cors.origin.span;
        let origin = self.header("Origin");
        let allowed: Option<Known<BString>> = match &cors.origin.value {
            Origin::Off | Origin::Unset => return Flow::Next,
            Origin::Any => Some(Known::Is("*".into())),
            Origin::Fixed(text) => Some(Known::Is(text.as_str().into())),
            Origin::Reflected => origin.map(|origin| Known::Is(origin.into())),
            Origin::Among(list) => self.among(function, list, origin),
            Origin::Asked(because) | Origin::Unknown(because) => {
                let allows = Unsure::Test {
                    text: format!(
                        "that the origin that {} allows is the caller's",
                        function.name
                    ),
                    because: because.clone(),
                };
                if !self.oracle.decide(allows, Some(span), true) {
                    return self.refused_origin(function, because);
                }
                // Functions name the origin that asks.
                let is_named = matches!(cors.origin.value, Origin::Unknown(_));
                (is_named || origin.is_some()).then(|| Known::Unknown(because.clone()))
            }
        };
        if let Some(value) = allowed {
            self.set_header(ALLOW_ORIGIN, value, span);
        }
        match &cors.credentials.value {
            Known::Is(false) => {}
            Known::Is(true) => {
                let value = Known::Is("true".into());
                let span = cors.credentials.span;
                self.set_header("Access-Control-Allow-Credentials", value, span);
            }
            Known::Unknown(because) => {
                let value = Known::Unknown(because.clone());
                let span = cors.credentials.span;
                self.set_header("Access-Control-Allow-Credentials", value, span);
            }
        }
        match self.is_options() {
            true => self.cors_preflight(function, cors),
            false => Flow::Next,
        }
    }

    /// A function that does not allow an origin says so in one of two ways: by nothing, and then no
    /// header is sent and OPTIONS goes on, or by an error.
    fn refused_origin(&mut self, function: &Function, because: &Reason) -> Flow {
        let fails = Unsure::Test {
            text: format!("that {} makes an error of another origin", function.name),
            because: because.clone(),
        };
        let span = function.span;
        if !self.oracle.decide(fails, Some(span), false) {
            return Flow::Next;
        }
        let detail = format!("{} refuses the origin by an error", function.name);
        self.tell_refusal(span, Check::Condition, 500, detail);
        Flow::Error(Error {
            status: 500,
            by: span,
        })
    }

    fn cors_preflight(&mut self, function: &Function, cors: &Cors) -> Flow {
        let methods = known(&cors.methods.value);
        self.set_header("Access-Control-Allow-Methods", methods, cors.methods.span);
        let headers = match &cors.allowed_headers.value {
            Some(headers) => Some(known(headers)),
            None => self
                .header("Access-Control-Request-Headers")
                .map(|headers| Known::Is(headers.into())),
        };
        let is_empty = |value: &Known<BString>| value.known().is_some_and(|text| text.is_empty());
        if let Some(headers) = headers.filter(|headers| !is_empty(headers)) {
            let span = cors.allowed_headers.span;
            self.set_header("Access-Control-Allow-Headers", headers, span);
        }
        let continues = match &cors.continues {
            Known::Is(continues) => *continues,
            Known::Unknown(because) => {
                let test = Unsure::Test {
                    text: "preflightContinue".into(),
                    because: because.clone(),
                };
                self.oracle.decide(test, Some(function.span), false)
            }
        };
        if continues {
            return Flow::Next;
        }
        let status = cors.status;
        self.step(function.span, Effect::Answers { status });
        Flow::End(self.answered(status, function.span))
    }

    /// The caller's origin, if the list has it.
    fn among(
        &mut self,
        function: &Function,
        list: &[Origins],
        origin: Option<String>,
    ) -> Option<Known<BString>> {
        let origin = origin?;
        let mut unknown: Option<&Reason> = None;
        for one in list {
            match one {
                Origins::Text(text) if *text == origin => return Some(Known::Is(origin.into())),
                Origins::Text(_) => {}
                Origins::Everybody => return Some(Known::Is(origin.into())),
                Origins::Regex(regex) => {
                    if regex.is_match(&origin) {
                        return Some(Known::Is(origin.into()));
                    }
                }
                Origins::Unknown(because) => unknown = Some(because),
            }
        }
        let because = unknown?.clone();
        let test = Unsure::Test {
            text: format!("that the list of {} has {origin}", function.name),
            because,
        };
        self.oracle
            .decide(test, Some(function.span), true)
            .then(|| Known::Is(origin.into()))
    }

    /// Headers that a hand-written layer sets.
    pub(super) fn headers_by_hand(&mut self, function: &Function, headers: &Headers) -> Flow {
        for header in &headers.set {
            let value = match &header.value {
                HeaderValue::Text(text) => Known::Is(text.as_str().into()),
                HeaderValue::Unknown(because) => Known::Unknown(because.clone()),
                HeaderValue::Copied(name) => match self.header(name) {
                    Some(text) => Known::Is(text.into()),
                    // `res.setHeader(name, undefined)` throws; those who write so test before.
                    None => continue,
                },
            };
            self.set_header(&header.name, value, header.span);
        }
        match headers.ends_options.filter(|_| self.is_options()) {
            Some(status) if status >= 400 => {
                let detail = format!("{} ends OPTIONS", function.name);
                Flow::End(self.refuse(function.span, Check::Method, status, detail))
            }
            Some(status) => {
                self.step(function.span, Effect::Answers { status });
                Flow::End(self.answered(status, function.span))
            }
            None => Flow::Next,
        }
    }
}

fn known(value: &Known<String>) -> Known<BString> {
    value.clone().map(BString::from)
}
