//! What a stack does to a request, layer by layer.
//!
//! One law holds throughout: registrations are walked in their order, and the first layer that
//! ends the request answers it. What a layer before it has put on the response is on the answer.

mod address;
mod checks;
mod cors;
mod files;
mod grants;
mod limits;
mod proxy;
mod router;

use bstr::BString;

use self::grants::Caller;
use super::Express;
use super::model::Host;
use super::pattern::Pattern;
use super::stack::Function;
use crate::gate::{Check, Course, Effect, End, ResponseHeader, Step, Unsure};
use crate::gates::oracle::{self, Oracle};
use crate::request::token::Claims;
use crate::request::{Known, Reason, Request};
use crate::source::Span;

/// All courses that a request can take, the likeliest first.
pub fn pass(express: &Express, request: &Request) -> impl Iterator<Item = Course> {
    oracle::explore(move |oracle| {
        let mut run = Run {
            express,
            request,
            oracle,
            steps: Vec::new(),
            headers: Vec::new(),
            cookies: false,
            session: false,
            here: String::new(),
            claims: request.claims(),
            callers: Vec::new(),
            unseen: None,
        };
        let end = run.run();
        (run.steps, end)
    })
}

/// The address that `req.ip` shows.
pub fn req_ip(express: &Express, request: &Request) -> Known<String> {
    address::req_ip(express, request)
}

struct Run<'e> {
    express: &'e Express,
    request: &'e Request,
    oracle: &'e mut Oracle,
    steps: Vec<Step>,
    /// What was put on the response so far.
    headers: Vec<ResponseHeader>,
    /// Somebody has read the cookies, or made a session.
    cookies: bool,
    session: bool,
    /// What the mounts have left of the path for the layer that runs (`req.url`).
    here: String,
    /// What the token of the request says, if there is one that can be read.
    claims: Option<Claims>,
    /// What the layers so far have put on the request, and of whom.
    callers: Vec<Caller>,
    /// Why a layer may have put something anywhere.
    unseen: Option<Reason>,
}

/// A star stands for what has no dot in it.
fn regex_of(name: &str) -> String {
    let mut out = String::from("^");
    for char in name.chars() {
        match char {
            '*' => out.push_str("[^.]+"),
            _ if char.is_ascii_alphanumeric() || char == '-' => out.push(char),
            _ => out.push_str(&format!("\\x{{{:x}}}", char as u32)),
        }
    }
    out.push('$');
    out
}

/// Where a request goes from a layer.
enum Flow {
    Next,
    /// `next(error)`: only error handlers see it from here on.
    Error(Error),
    End(End),
}

/// An error on its way to a handler.
#[derive(Clone)]
struct Error {
    status: u16,
    by: Span,
}

impl Run<'_> {
    fn run(&mut self) -> End {
        let path = self.request.path().to_string();
        let express = self.express;
        match self.router(&express.stack, &path, None) {
            Flow::End(end) => end,
            Flow::Error(error) => self.default_error(&error),
            Flow::Next => {
                let by = express.app.span;
                let detail = "no route takes it".to_owned();
                self.refuse(by, Check::File, 404, detail)
            }
        }
    }

    /// The handler at the end of every application (finalhandler): the headers that were set stay.
    fn default_error(&mut self, error: &Error) -> End {
        self.answered(error.status, error.by)
    }

    fn step(&mut self, span: Span, effect: Effect) {
        self.steps.push(Step { span, effect });
    }

    fn admit(&mut self, span: Span, check: Check, detail: String) {
        self.step(span, Effect::Admits { check, detail });
    }

    fn tell_refusal(&mut self, by: Span, check: Check, status: u16, detail: String) {
        let refuses = Effect::Refuses {
            check,
            status,
            detail,
        };
        self.step(by, refuses);
    }

    /// An answer of the layer itself.
    fn refuse(&mut self, by: Span, check: Check, status: u16, detail: String) -> End {
        self.tell_refusal(by, check, status, detail);
        self.answered(status, by)
    }

    fn answered(&mut self, status: u16, by: Span) -> End {
        End::Answered {
            status: Known::Is(status),
            headers: std::mem::take(&mut self.headers),
            by,
        }
    }

    /// `res.setHeader`: what was set before under this name is gone.
    fn set_header(&mut self, name: &str, value: Known<BString>, span: Span) {
        let shown = match &value {
            Known::Is(value) => value.to_string(),
            Known::Unknown(_) => "something that is not known".into(),
        };
        self.step(
            span,
            Effect::Note(format!("puts {name}: {shown} on the answer")),
        );
        self.headers
            .retain(|header| !header.name.eq_ignore_ascii_case(name.as_bytes()));
        self.headers.push(ResponseHeader {
            name: name.into(),
            value,
            always: true,
            span: Some(span),
        });
    }

    /// The first value of a request header, if it is known.
    fn header(&self, name: &str) -> Option<String> {
        let value = self.request.headers.get(name)?;
        value.known().map(ToString::to_string)
    }

    /// Authorization; `None` within for one that is there and not known.
    fn authorization(&self) -> Option<Option<String>> {
        let value = self.request.headers.get("Authorization")?;
        Some(value.known().map(ToString::to_string))
    }

    fn has_header(&self, name: &str) -> bool {
        self.request.headers.has(name)
    }

    fn is_options(&self) -> bool {
        self.request.method == "OPTIONS"
    }

    /// Takes one way of two where a layer cannot be seen through: it does nothing, or something that
    /// we do not know.
    fn unreadable(&mut self, name: &str, span: Span, because: &Reason) -> Flow {
        let passes = Unsure::Test {
            text: format!("that {name} lets it pass"),
            because: because.clone(),
        };
        if self.oracle.decide(passes, Some(span), true) {
            self.unseen = Some(because.clone());
            return Flow::Next;
        }
        Flow::End(End::Unknown {
            because: Reason::new(format!("{name} may answer: {because}")),
            span: Some(span),
        })
    }

    /// Whether a layer is there at all.
    fn is_there(&mut self, function: &Function) -> bool {
        function.runs_for.has(&self.request.method) && self.holds(function.when.as_ref())
    }

    /// Whether a router answers for the host of the request (vhost 3.0, index.js).
    fn is_host(&mut self, host: &Host) -> bool {
        match host {
            Host::Name(name) => {
                let asked = self.request.host.to_string().to_ascii_lowercase();
                let labels = regex_of(&name.value.to_ascii_lowercase());
                Pattern::new(&labels, "").is_ok_and(|pattern| pattern.is_match(&asked))
            }
            Host::Unknown(written, because) => {
                let test = Unsure::Test {
                    text: format!("`host = {}`", written.value),
                    because: because.clone(),
                };
                self.oracle.decide(test, Some(written.span), true)
            }
        }
    }

    fn holds(&mut self, when: Option<&crate::source::Spanned<String>>) -> bool {
        when.is_none_or(|when| {
            let test = Unsure::Test {
                text: when.value.clone(),
                because: Reason::new("it is only known when the program runs"),
            };
            self.oracle.decide(test, Some(when.span), true)
        })
    }
}
