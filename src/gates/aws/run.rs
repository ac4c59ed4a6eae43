//! One run of a request through a gate of AWS.

use crate::gate::{Check, Effect, End, Protocol, ResponseHeader, Step, Unsure, Upstream};
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request, Scheme};
use crate::source::Span;

pub struct Run<'r> {
    pub request: &'r Request,
    pub oracle: &'r mut Oracle,
    pub steps: Vec<Step>,
}

/// Goes on, or ends.
pub type Flow<T = ()> = Result<T, End>;

impl<'r> Run<'r> {
    /// From the first step to the end.
    pub fn through(
        request: &'r Request,
        oracle: &'r mut Oracle,
        walk: impl FnOnce(&mut Run<'r>) -> Flow<End>,
    ) -> (Vec<Step>, End) {
        let mut run = Run {
            request,
            oracle,
            steps: Vec::new(),
        };
        let end = match walk(&mut run) {
            Ok(end) | Err(end) => end,
        };
        (run.steps, end)
    }

    pub fn step(&mut self, span: Span, effect: Effect) {
        self.steps.push(Step { span, effect });
    }

    pub fn admits(&mut self, span: Span, check: Check, detail: impl Into<String>) {
        let detail = detail.into();
        self.step(span, Effect::Admits { check, detail });
    }

    /// Answers with a status that refuses, and with these headers.
    pub fn refuses(
        &mut self,
        (by, check): (Span, Check),
        status: u16,
        detail: impl Into<String>,
        headers: Vec<ResponseHeader>,
    ) -> End {
        let effect = Effect::Refuses {
            check,
            status,
            detail: detail.into(),
        };
        self.step(by, effect);
        End::Answered {
            status: Known::Is(status),
            headers,
            by,
        }
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
}

/// The host that decides: of the Host header, in lower case and without its port.
pub fn host(request: &Request) -> String {
    let header = request.host_header().to_string();
    let host = header.split(':').next().unwrap_or_default();
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// A server that is called by its host and port.
pub fn server(scheme: Scheme, host: &str, port: u16) -> Upstream {
    Upstream {
        protocol: match scheme {
            Scheme::Http => Protocol::Http,
            Scheme::Https => Protocol::Https,
        },
        address: Known::Is(format!("{}://{host}:{port}", scheme.as_str())),
        group: None,
        servers: Vec::new(),
        sni: None,
    }
}
