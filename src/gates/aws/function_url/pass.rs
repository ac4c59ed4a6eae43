//! A request through the URL of a function: the preflight that Lambda answers, then who may call
//! (<https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>). Both rights are asked for: to
//! call the URL, and to invoke the function by it.

use super::FunctionUrl;
use super::model::{Auth, Made};
use crate::gate::{Check, Effect, End, ResponseHeader, Step};
use crate::gates::aws::access::Call;
use crate::gates::aws::iam::{By, Caller, Decision, Lack, Policy};
use crate::gates::aws::run::{Flow, Run, host};
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request};
use crate::source::Span;

pub const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";
pub const INVOKE: &str = "lambda:InvokeFunction";

impl FunctionUrl {
    pub(super) fn run(&self, request: &Request, oracle: &mut Oracle) -> (Vec<Step>, End) {
        Run::through(request, oracle, |run| self.walk(run))
    }

    fn walk(&self, run: &mut Run<'_>) -> Flow<End> {
        let door = self.door();
        let (door, name, span) = (door.id, door.name.as_str().into(), door.span);
        run.step(span, Effect::Enters { door, name });
        if host(run.request) != self.url.host.value {
            let detail = "the Host header is not that of the URL";
            return Err(self.refuse(run, span, Check::Host, detail));
        }
        self.preflight(run)?;
        let auth = &self.url.auth;
        let caller = match (&auth.value, &run.request.signed_by) {
            // A signature is not looked at.
            (Auth::Open, _) => Caller::Anonymous,
            (Auth::Iam, Some(signer)) => Caller::of(signer),
            (Auth::Iam, None) => {
                let detail = "the URL wants a signature of AWS (SigV4), and there is none";
                return Err(self.refuse(run, auth.span, Check::Signature, detail));
            }
            (Auth::Unknown(kind), _) => {
                let because = format!("the authorization {kind} is not known");
                return Err(Run::unknown(because, auth.span));
            }
        };
        self.asks(run, &caller, INVOKE_URL)?;
        self.asks(run, &caller, INVOKE)?;
        Ok(End::Handled {
            headers: self.cors_headers(run.request),
            by: auth.span,
        })
    }

    /// With a configuration Lambda answers preflights itself, before it asks who calls; without one
    /// they are requests as any other.
    fn preflight(&self, run: &mut Run<'_>) -> Flow {
        let Some(cors) = &self.url.cors else {
            return Ok(());
        };
        let headers = &run.request.headers;
        let is_preflight = run.request.method == "OPTIONS"
            && headers.has("Origin")
            && headers.has("Access-Control-Request-Method");
        if !is_preflight {
            return Ok(());
        }
        if let Some(detail) = cors.refuses(run.request) {
            run.step(cors.span, Effect::Note(detail));
            return Err(End::Answered {
                status: Known::Unknown(Reason::new("AWS does not document it")),
                headers: Vec::new(),
                by: cors.span,
            });
        }
        run.step(cors.span, Effect::Answers { status: 200 });
        Err(End::Answered {
            status: Known::Is(200),
            headers: cors.on_preflight(run.request),
            by: cors.span,
        })
    }

    fn cors_headers(&self, request: &Request) -> Vec<ResponseHeader> {
        let cors = self.url.cors.as_ref();
        cors.map_or_else(Vec::new, |cors| cors.on_answer(request))
    }

    /// Whether the caller has one of the two rights.
    fn asks(&self, run: &mut Run<'_>, caller: &Caller, action: &str) -> Flow {
        let place = match &self.url.policy {
            Known::Is(Some(policy)) => policy.span,
            _ => self.url.auth.span,
        };
        let decision = self.decide(run.request, caller, action);
        let decision = decision.map_err(|because| End::Unknown {
            because,
            span: Some(self.url.span),
        })?;
        let refusal = match decision {
            Decision::Allowed { by } => {
                if let By::Statement(by) = by {
                    run.admits(by, Check::Grant, format!("allows {action}"));
                }
                return Ok(());
            }
            Decision::Denied { by } => (by, format!("a policy denies {action}")),
            Decision::NotAllowed { .. } if *caller == Caller::Anonymous => (
                place,
                format!("the function's policy does not allow {action} to everybody"),
            ),
            Decision::NotAllowed { lack, by, .. } => {
                let detail = match (lack, lack.limit()) {
                    (_, Some(limit)) => format!("{limit}: {action}"),
                    (Lack::Identity, _) => format!("the caller's policies do not allow {action}"),
                    (Lack::Resource, _) => format!("the function's policy does not allow {action}"),
                    _ => format!("neither the caller's policies nor the function's allow {action}"),
                };
                (by.unwrap_or(place), detail)
            }
            Decision::Unknown { because, span } => {
                let text = format!("that the policies allow {action}");
                if run.supposes(text, &because, span.unwrap_or(place)) {
                    return Ok(());
                }
                (place, format!("the policies do not allow {action}"))
            }
        };
        if action == INVOKE && self.url.made == Made::Earlier {
            let because =
                Reason::new("the URL is older than November 2025, or its age is not known");
            let text = "that AWS makes no exception for it any more";
            if !run.supposes(text, &because, self.url.span) {
                return Ok(());
            }
        }
        let (span, detail) = refusal;
        Err(self.refuse(run, span, Check::Grant, detail))
    }

    /// What the policies say to an action; the function's own policy has to be known.
    pub fn decide(
        &self,
        request: &Request,
        caller: &Caller,
        action: &str,
    ) -> Result<Decision, Reason> {
        let url = &self.url;
        let policy = match &url.policy {
            Known::Unknown(reason) => return Err(reason.clone()),
            Known::Is(policy) => policy.as_ref(),
        };
        let call = Call {
            caller,
            arn: &url.arn,
            request,
            is_private: false,
            place: &url.place,
        };
        let key = match action {
            INVOKE => ("lambda:InvokedViaFunctionUrl", "true"),
            _ => (
                "lambda:FunctionUrlAuthType",
                match url.auth.value {
                    Auth::Open => "NONE",
                    _ => "AWS_IAM",
                },
            ),
        };
        let resource: Option<&Policy> = policy.map(|policy| &policy.value);
        Ok(call.may(action, &[key], Known::Is(resource), &self.around))
    }

    fn refuse(
        &self,
        run: &mut Run<'_>,
        span: Span,
        check: Check,
        detail: impl Into<String>,
    ) -> End {
        // Whether a refusal has them is not documented where we looked.
        let headers = self.cors_headers(run.request);
        run.refuses((span, check), 403, detail, headers)
    }
}
