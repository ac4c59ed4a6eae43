//! A request to a function URL: the preflight that Lambda answers, then who may call
//! (<https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>).

use bstr::ByteSlice;

use super::{Auth, Cors, FunctionUrl, Right};
use crate::gate::{Check, Effect, End, ResponseHeader, Step};
use crate::gates::aws::apigateway::run::{Flow, Run};
use crate::gates::aws::iam::{Caller, Decision};
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request};
use crate::source::{Span, Spanned};

impl FunctionUrl {
    pub(super) fn run(&self, request: &Request, oracle: &mut Oracle) -> (Vec<Step>, End) {
        let mut run = Run {
            request,
            oracle,
            steps: Vec::new(),
        };
        let end = match self.walk(&mut run) {
            Ok(end) | Err(end) => end,
        };
        (run.steps, end)
    }

    fn walk(&self, run: &mut Run<'_>) -> Flow<End> {
        let door = &self.doors[0];
        let (id, name) = (door.id, door.name.as_str().into());
        run.step(door.span, Effect::Enters { door: id, name });
        let host = run.request.host_header().to_ascii_lowercase();
        let host = host.split_str(":").next().unwrap_or_default();
        if host != self.host.as_bytes() {
            let detail = "the Host header is not that of the URL";
            return Err(self.refuse(run, self.span, Check::Condition, detail));
        }
        self.preflight(run)?;
        self.authorize(run)?;
        Ok(End::Handled {
            headers: self.headers(run.request),
            by: self.span,
        })
    }

    /// With a configuration of CORS, preflights are answered before anybody is asked who it is.
    fn preflight(&self, run: &mut Run<'_>) -> Flow {
        let Some(cors) = &self.cors else {
            return Ok(());
        };
        let headers = &run.request.headers;
        let is_preflight = run.request.method == "OPTIONS"
            && headers.has("Origin")
            && headers.has("Access-Control-Request-Method");
        if !is_preflight {
            return Ok(());
        }
        run.step(cors.span, Effect::Answers { status: 200 });
        let mut headers = self.headers(run.request);
        if !headers.is_empty() {
            for (name, values) in [
                ("Access-Control-Allow-Methods", &cors.methods),
                ("Access-Control-Allow-Headers", &cors.headers),
            ] {
                if let Some(first) = values.first() {
                    let all: Vec<&str> = values.iter().map(|one| one.value.as_str()).collect();
                    headers.push(header(name, &all.join(","), first.span));
                }
            }
        }
        Err(End::Answered {
            status: Known::Is(200),
            headers,
            by: cors.span,
        })
    }

    fn authorize(&self, run: &mut Run<'_>) -> Flow {
        let span = self.auth.span;
        let caller = match (&self.auth.value, &run.request.signed_by) {
            (Auth::Unknown(kind), _) => {
                let text = format!("the authorization {kind} is not known");
                return Err(Run::unknown(text, span));
            }
            (Auth::None, _) => Caller::Anonymous,
            (Auth::Iam, None) => {
                return Err(self.refuse(run, span, Check::Credential, "it is not signed"));
            }
            (Auth::Iam, Some(signer)) => Caller::of(signer),
        };
        self.right(run, &caller, Right::InvokeFunctionUrl)?;
        match self.needs_both() {
            Some(true) => self.right(run, &caller, Right::InvokeFunction)?,
            // AWS let those of before go on for a time, each account by its own notice.
            Some(false) => {}
            None => {
                let reason = Reason::new("nothing says when the URL was made");
                let text = "the URL is from before October 2025, when one right was enough";
                if !run.supposes(text, &reason, span) {
                    self.right(run, &caller, Right::InvokeFunction)?;
                }
            }
        }
        Ok(())
    }

    fn right(&self, run: &mut Run<'_>, caller: &Caller, right: Right) -> Flow {
        let span = match &self.policy {
            Known::Is(Some(policy)) => policy.span,
            _ => self.auth.span,
        };
        let action = right.action();
        match self.decide(caller, right, run.request) {
            Decision::Allowed { .. } => {
                run.admits(span, Check::Grant, format!("allows {action}"));
                Ok(())
            }
            Decision::Denied { by } => {
                let detail = format!("a policy denies {action}");
                Err(self.refuse(run, by, Check::Grant, detail))
            }
            Decision::NotAllowed { .. } => {
                let detail = match (&self.policy, caller) {
                    (Known::Is(None), Caller::Anonymous) => {
                        format!("the function has no policy, so nobody is allowed {action}")
                    }
                    _ => format!("no policy allows {action}"),
                };
                Err(self.refuse(run, span, Check::Grant, detail))
            }
            Decision::Unknown { because, span: at } => {
                let text = format!("a policy allows {action}");
                match run.supposes(text, &because, at.unwrap_or(span)) {
                    true => Ok(()),
                    false => {
                        let detail = format!("no policy allows {action}");
                        Err(self.refuse(run, span, Check::Grant, detail))
                    }
                }
            }
        }
    }

    fn refuse(&self, run: &mut Run<'_>, by: Span, check: Check, detail: impl Into<String>) -> End {
        let status = 403;
        run.step(
            by,
            Effect::Refuses {
                check,
                status,
                detail: detail.into(),
            },
        );
        End::Answered {
            status: Known::Is(status),
            headers: self.headers(run.request),
            by,
        }
    }

    /// What goes on each answer to a page that is let in.
    fn headers(&self, request: &Request) -> Vec<ResponseHeader> {
        let origin = request.headers.get("Origin");
        let origin = origin.and_then(|origin| origin.known());
        let (Some(cors), Some(origin)) = (&self.cors, origin) else {
            return Vec::new();
        };
        let origin = origin.to_str_lossy();
        let Some(allowed) = cors.origin(&origin) else {
            return Vec::new();
        };
        let value = match (allowed.value.as_str(), cors.credentials) {
            ("*", None) => "*",
            _ => &origin,
        };
        let mut headers = vec![header("Access-Control-Allow-Origin", value, allowed.span)];
        if let Some(span) = cors.credentials {
            headers.push(header("Access-Control-Allow-Credentials", "true", span));
        }
        headers
    }
}

impl Cors {
    /// The entry that lets an origin in.
    pub fn origin(&self, origin: &str) -> Option<&Spanned<String>> {
        let mut origins = self.origins.iter();
        origins.find(|allowed| allowed.value == "*" || allowed.value == origin)
    }
}

fn header(name: &str, value: &str, span: Span) -> ResponseHeader {
    ResponseHeader {
        name: name.into(),
        value: Known::Is(value.into()),
        always: true,
        span: Some(span),
    }
}
