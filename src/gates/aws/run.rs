//! One run of a request through an API.

use crate::gate::{Check, Effect, End, Step, Unsure};
use crate::gates::aws::apigateway::rest::model::Source;
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request};
use crate::source::Span;

pub struct Run<'r> {
    pub request: &'r Request,
    pub oracle: &'r mut Oracle,
    pub steps: Vec<Step>,
}

/// Goes on, or ends.
pub type Flow<T = ()> = Result<T, End>;

impl Run<'_> {
    pub fn step(&mut self, span: Span, effect: Effect) {
        self.steps.push(Step { span, effect });
    }

    pub fn admits(&mut self, span: Span, check: Check, detail: impl Into<String>) {
        let detail = detail.into();
        self.step(span, Effect::Admits { check, detail });
    }

    pub fn unknown(because: impl Into<String>, span: Span) -> End {
        End::Unknown {
            because: Reason::new(because),
            span: Some(span),
        }
    }

    /// Rests on something that we do not have.
    pub fn assume(&mut self, reason: &Reason, span: Span) {
        self.oracle.lack(reason, span);
    }

    /// Whether something holds that cannot be known; it is likelier that it does.
    pub fn supposes(&mut self, text: impl Into<String>, because: &Reason, span: Span) -> bool {
        let what = Unsure::Test {
            text: text.into(),
            because: because.clone(),
        };
        self.oracle.decide(what, Some(span), true)
    }

    /// Whether the authorizer finds the credential right; there is one.
    pub fn is_right(&mut self, authorizer: &str, span: Span) -> bool {
        let what = Unsure::CredentialRight(authorizer.to_owned());
        self.oracle.decide(what, Some(span), true)
    }

    /// The value that a source of an authorizer has in this request; empty is as good as none.
    pub fn value_of(&self, source: &Source) -> Option<Known<String>> {
        match source {
            Source::Given => Some(Known::Unknown(Reason::new("the service gives it"))),
            Source::Header(name) => {
                let Some(value) = self.request.headers.get(name) else {
                    return self.signature(name);
                };
                let value = value.clone().map(|value| value.to_string());
                (value.known().is_none_or(|value| !value.is_empty())).then_some(value)
            }
            Source::Query(name) => {
                let target = self.request.target.to_string();
                let (_, query) = target.split_once('?')?;
                let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
                Some(Known::Is(value.to_owned()))
            }
        }
    }

    /// The header that a signed request has, unless the signature stands in its query.
    fn signature(&self, name: &str) -> Option<Known<String>> {
        let is_it = name.eq_ignore_ascii_case("Authorization") && self.request.signed_by.is_some();
        is_it.then(|| Known::Unknown(Reason::new("it is a signature of AWS (SigV4)")))
    }
}

impl Source {
    /// As a user would look for it.
    pub fn told(&self) -> String {
        match self {
            Source::Header(name) => format!("the header {name}"),
            Source::Query(name) => format!("the query parameter {name}"),
            Source::Given => "a value of the service".to_owned(),
        }
    }
}
