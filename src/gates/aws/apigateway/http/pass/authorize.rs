//! Who may call a route
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>).

use super::{At, HttpApi};
use crate::gate::Check;
use crate::gates::aws::access::Call;
use crate::gates::aws::apigateway::http::model::{Authorization, Authorizer, Protocol};
use crate::gates::aws::iam::{By, Caller, Decision, Lack};
use crate::gates::aws::run::{Flow, Run};
use crate::request::Known;

impl HttpApi {
    pub(super) fn authorize(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        let authorization = &at.route.authorization;
        match &authorization.value {
            Authorization::Open => Ok(()),
            Authorization::Iam => self.by_iam(run, at),
            Authorization::Jwt(id) | Authorization::Lambda(id) => {
                let span = authorization.span;
                match (self.api.authorizer(id), &self.api.authorizers) {
                    (Some(authorizer), _) => self.by_authorizer(run, at, authorizer),
                    (None, Known::Unknown(reason)) => {
                        let text = "that the authorizer admits the caller";
                        match run.supposes(text, reason, span) {
                            true => Ok(()),
                            false => {
                                let detail = "the credential is missing or wrong";
                                Err(self.refuse(run, 401, span, Check::Credential, detail))
                            }
                        }
                    }
                    (None, Known::Is(_)) => {
                        let detail = format!("there is no authorizer {id}");
                        Err(self.refuse(run, 500, span, Check::Credential, detail))
                    }
                }
            }
            Authorization::Unknown(kind) => Err(Run::unknown(
                format!("the authorization {kind} is not known"),
                authorization.span,
            )),
        }
    }

    fn by_iam(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        let span = at.route.authorization.span;
        let Some(signer) = run.request.signed_by.clone() else {
            let detail = "the route wants a signature of AWS (SigV4), and there is none";
            return Err(self.refuse(run, 403, span, Check::Signature, detail));
        };
        let caller = Caller::of(&signer);
        let arn = match self.api.protocol {
            Protocol::Http => self.api.arn(&at.stage, &run.request.method, &at.path),
            Protocol::WebSocket => self.api.arn_of_route(&at.stage, &at.route.key.value),
        };
        let call = Call {
            caller: &caller,
            arn: &arn,
            request: run.request,
            is_private: false,
            place: &self.api.place,
        };
        match call.decide(Known::Is(None), &self.around) {
            Decision::Allowed { by } => {
                if let By::Statement(by) = by {
                    run.admits(by, Check::Grant, "allows execute-api:Invoke");
                }
                Ok(())
            }
            Decision::Denied { by } => {
                Err(self.refuse(run, 403, by, Check::Grant, "a policy denies it"))
            }
            Decision::NotAllowed { lack, by, .. } => {
                let detail = match lack {
                    Lack::Resource => "an HTTP API lets in nobody of another account",
                    limit => limit
                        .limit()
                        .unwrap_or("the caller's policies do not allow execute-api:Invoke"),
                };
                Err(self.refuse(run, 403, by.unwrap_or(span), Check::Grant, detail))
            }
            Decision::Unknown { because, span: at } => {
                let text = "that the caller's policies allow execute-api:Invoke";
                match run.supposes(text, &because, at.unwrap_or(span)) {
                    true => Ok(()),
                    false => {
                        let detail = "the caller's policies do not allow execute-api:Invoke";
                        Err(self.refuse(run, 403, span, Check::Grant, detail))
                    }
                }
            }
        }
    }

    fn by_authorizer(&self, run: &mut Run<'_>, at: &At<'_>, authorizer: &Authorizer) -> Flow {
        let span = authorizer.span;
        let mut sources = authorizer.sources.iter();
        if let Some(source) = sources.find(|one| one.value(run.request).is_none()) {
            let detail = format!("{} is missing", source.told());
            let span = at.route.authorization.span;
            return Err(self.refuse(run, 401, span, Check::Credential, detail));
        }
        if authorizer.is_jwt {
            self.token(run, at, authorizer)?;
        }
        let kept = at.kept.filter(|kept| kept.authorizer == authorizer.id);
        if let Some(kept) = kept {
            let arn = self.api.arn(&at.stage, &run.request.method, &at.path);
            if let Some(detail) = kept.refuses(&authorizer.name, &arn) {
                let span = authorizer.ttl.span;
                return Err(self.refuse(run, 403, span, Check::Grant, detail));
            }
        }
        if run.is_right(&format!("the authorizer {}", authorizer.name), span) {
            let detail = format!("the authorizer {} admits the caller", authorizer.name);
            run.admits(span, Check::Credential, detail);
            return Ok(());
        }
        let status = match authorizer.is_jwt {
            true => 401,
            false => 403,
        };
        let detail = format!("the authorizer {} refuses the caller", authorizer.name);
        Err(self.refuse(run, status, span, Check::Credential, detail))
    }

    /// What API Gateway itself looks at
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).
    fn token(&self, run: &mut Run<'_>, at: &At<'_>, authorizer: &Authorizer) -> Flow {
        let Some(claims) = run.request.claims() else {
            return Ok(());
        };
        if let (Some(wanted), Some(issuer)) = (&authorizer.issuer, claims.text("iss"))
            && wanted.value != issuer
        {
            let detail = format!("the token is not of {}", wanted.value);
            return Err(self.refuse(run, 401, wanted.span, Check::Credential, detail));
        }
        let audience = claims.audience();
        // Tokens without an audience are held against their client.
        let client = claims.text("client_id").filter(|_| audience.is_empty());
        let is_meant = |one: &str| audience.contains(&one) || client == Some(one);
        if let Some(first) = authorizer.audience.first()
            && !authorizer.audience.iter().any(|one| is_meant(&one.value))
        {
            let detail = "the token is meant for somebody else (aud, client_id)";
            return Err(self.refuse(run, 401, first.span, Check::Credential, detail));
        }
        let scopes = claims.scopes().unwrap_or_default();
        let wanted = &at.route.scopes;
        if let Some(first) = wanted.first()
            && !wanted
                .iter()
                .any(|scope| scopes.contains(scope.value.as_str()))
        {
            let detail = "the token has none of the scopes of the route";
            return Err(self.refuse(run, 403, first.span, Check::Grant, detail));
        }
        Ok(())
    }
}
