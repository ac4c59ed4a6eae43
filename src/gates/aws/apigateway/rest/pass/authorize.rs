//! Who may call a method, and what the resource policy says to that
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>).

use bstr::ByteSlice;

use super::{At, RestApi};
use crate::gate::{Check, End};
use crate::gates::aws::access::Call;
use crate::gates::aws::apigateway::Source;
use crate::gates::aws::apigateway::rest::model::{Authorization, Authorizer, AuthorizerKind};
use crate::gates::aws::apigateway::rest::responses::Type;
use crate::gates::aws::iam::{By, Caller, Decision, Lack, Policy};
use crate::gates::aws::pattern;
use crate::gates::aws::run::{Flow, Run};
use crate::request::{Known, Reason};
use crate::source::Span;

/// The scheme of Signature Version 4
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>).
const SIGNED: &str = "AWS4-HMAC-SHA256";

/// What the resource policy says, for a caller who brings nothing of their own.
enum Says {
    /// There is none.
    Nothing,
    Allow(Span),
    /// An explicit deny.
    Deny(Span),
    /// It allows others, or something on the way does.
    Silent(Span, &'static str),
}

impl RestApi {
    pub(super) fn authorize(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        let authorization = &at.method.authorization;
        match &authorization.value {
            Authorization::Open => self.open(run, at),
            Authorization::Iam => self.by_iam(run, at),
            Authorization::Lambda(id) => {
                // A deny comes before the function is asked.
                let says = self.policy_says(run, at)?;
                if let Says::Deny(span) = says {
                    return Err(self.denied(run, span));
                }
                self.by_lambda(run, at, id, &says)
            }
            Authorization::Cognito(id) => self.by_cognito(run, at, id),
            Authorization::Unknown(kind) => Err(Run::unknown(
                format!("the authorization {kind} is not known"),
                authorization.span,
            )),
        }
    }

    /// Nobody is asked: the resource policy alone decides, and it has to allow.
    fn open(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        match self.policy_says(run, at)? {
            Says::Nothing if self.is_private() => {
                let span = self.api.endpoint.span;
                let detail = "a private API without a resource policy admits nobody";
                Err(self.refuse(run, Type::AccessDenied, span, Check::Grant, detail))
            }
            Says::Nothing => Ok(()),
            Says::Allow(span) => {
                run.admits(span, Check::Grant, "the resource policy admits it");
                Ok(())
            }
            Says::Deny(span) => Err(self.denied(run, span)),
            Says::Silent(span, detail) => Err(self.silent(run, span, detail)),
        }
    }

    /// A signature is needed; then identity and resource policy decide together.
    fn by_iam(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        let span = at.method.authorization.span;
        let Some(signer) = run.request.signed_by.clone() else {
            let header = run.request.headers.get("Authorization");
            let is_other = header.is_some_and(|value| {
                value
                    .known()
                    .is_none_or(|value| !value.starts_with_str(SIGNED))
            });
            let (kind, detail) = match is_other {
                true => (
                    Type::InvalidSignature,
                    "the Authorization header is no signature of AWS (SigV4)",
                ),
                false => (
                    Type::MissingAuthenticationToken,
                    "the method wants a signature of AWS (SigV4), and there is none",
                ),
            };
            return Err(self.refuse(run, kind, span, Check::Signature, detail));
        };
        let caller = Caller::of(&signer);
        let (decision, policy) = self.decide(run, at, &caller)?;
        // A policy of the caller's is not enough there.
        if policy.is_none() && self.is_private() {
            let span = self.api.endpoint.span;
            let detail = "a private API without a resource policy admits nobody";
            return Err(self.refuse(run, Type::AccessDenied, span, Check::Grant, detail));
        }
        match decision {
            Decision::Allowed { by } => {
                if let By::Statement(by) = by {
                    run.admits(by, Check::Grant, "allows execute-api:Invoke");
                }
                Ok(())
            }
            Decision::Denied { by } => Err(self.denied(run, by)),
            Decision::NotAllowed { lack, by, .. } => {
                let place = by.unwrap_or(span);
                let detail = lacks(lack);
                Err(self.refuse(run, Type::AccessDenied, place, Check::Grant, detail))
            }
            Decision::Unknown { because, span: at } => {
                let text = "the policies allow execute-api:Invoke";
                match run.supposes(format!("that {text}"), &because, at.unwrap_or(span)) {
                    true => Ok(()),
                    false => {
                        let detail = "the policies do not allow execute-api:Invoke";
                        Err(self.refuse(run, Type::AccessDenied, span, Check::Grant, detail))
                    }
                }
            }
        }
    }

    fn by_lambda(&self, run: &mut Run<'_>, at: &At<'_>, id: &str, says: &Says) -> Flow {
        let Some(authorizer) = self.authorizer(run, at, id)? else {
            return Ok(());
        };
        self.sources(run, at, authorizer)?;
        self.kept(run, at, authorizer, says)?;
        if !run.is_right(
            &format!("the authorizer {}", authorizer.name),
            authorizer.span,
        ) {
            let detail = format!("the authorizer {} refuses the caller", authorizer.name);
            let span = authorizer.span;
            return Err(self.refuse(run, Type::AccessDenied, span, Check::Credential, detail));
        }
        // What either of the two allows is allowed, but for an API that only a VPC gets to.
        if let (Says::Nothing, true) = (says, self.is_private()) {
            let span = self.api.endpoint.span;
            let detail = "a private API without a resource policy admits nobody";
            return Err(self.refuse(run, Type::AccessDenied, span, Check::Grant, detail));
        }
        let detail = format!("the authorizer {} admits the caller", authorizer.name);
        run.admits(authorizer.span, Check::Credential, detail);
        Ok(())
    }

    /// An answer that is kept, which the resource policy may add to.
    fn kept(&self, run: &mut Run<'_>, at: &At<'_>, authorizer: &Authorizer, says: &Says) -> Flow {
        let kept = at.kept.filter(|kept| kept.authorizer == authorizer.id);
        let Some(kept) = kept else {
            return Ok(());
        };
        let arn = self.api.arn(at.stage, &run.request.method, &at.path);
        let is_added = kept.allows.is_some() && matches!(says, Says::Allow(_));
        match kept.refuses(&authorizer.name, &arn).filter(|_| !is_added) {
            None => Ok(()),
            Some(detail) => {
                let span = authorizer.ttl.span;
                Err(self.refuse(run, Type::AccessDenied, span, Check::Grant, detail))
            }
        }
    }

    fn by_cognito(&self, run: &mut Run<'_>, at: &At<'_>, id: &str) -> Flow {
        let Some(authorizer) = self.authorizer(run, at, id)? else {
            return Ok(());
        };
        self.sources(run, at, authorizer)?;
        self.token(run, at, authorizer)?;
        if !run.is_right(
            &format!("the authorizer {}", authorizer.name),
            authorizer.span,
        ) {
            let detail = format!("the authorizer {} refuses the token", authorizer.name);
            let span = authorizer.span;
            return Err(self.refuse(run, Type::Unauthorized, span, Check::Credential, detail));
        }
        let detail = format!("the authorizer {} admits the token", authorizer.name);
        run.admits(authorizer.span, Check::Credential, detail);
        match self.policy_says(run, at)? {
            Says::Nothing | Says::Allow(_) => Ok(()),
            Says::Deny(span) => Err(self.denied(run, span)),
            // One page says that the policy has to allow as well, and has a table by which it
            // does not.
            Says::Silent(span, detail) => {
                let because = Reason::new("AWS's documentation says both");
                let text = "that a resource policy need not allow what Cognito admits";
                match run.supposes(text, &because, span) {
                    true => Ok(()),
                    false => Err(self.silent(run, span, detail)),
                }
            }
        }
    }

    /// What a token has to be: with scopes an access token that has one of them, without an ID
    /// token
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>).
    fn token(&self, run: &mut Run<'_>, at: &At<'_>, authorizer: &Authorizer) -> Flow {
        let Some(claims) = run.request.claims() else {
            return Ok(());
        };
        let refuse = |run: &mut Run<'_>, span: Span, detail: String| {
            Err(self.refuse(run, Type::Unauthorized, span, Check::Grant, detail))
        };
        let span = at.method.authorization.span;
        match (at.method.scopes.first(), claims.text("token_use")) {
            (None, Some("access")) => {
                let detail = "an access token, where a method without scopes wants an ID token";
                refuse(run, span, detail.into())
            }
            (Some(first), Some("id")) => {
                let detail = "an ID token, where a method with scopes wants an access token";
                refuse(run, first.span, detail.into())
            }
            (Some(first), _) => {
                let Some(scopes) = claims.scopes() else {
                    return Ok(());
                };
                let mut wanted = at.method.scopes.iter();
                match wanted.any(|scope| scopes.contains(scope.value.as_str())) {
                    true => Ok(()),
                    false => {
                        let detail =
                            format!("{} finds none of the scopes in the token", authorizer.name);
                        refuse(run, first.span, detail)
                    }
                }
            }
            (None, _) => Ok(()),
        }
    }

    /// The authorizer of a method; `None` where it is not known and is taken to be as it should.
    fn authorizer(&self, run: &mut Run<'_>, at: &At<'_>, id: &str) -> Flow<Option<&Authorizer>> {
        let span = at.method.authorization.span;
        if let Some(authorizer) = self.api.authorizer(id) {
            return Ok(Some(authorizer));
        }
        match &self.api.authorizers {
            Known::Unknown(reason) => {
                let bearer = Source::Header("Authorization".into());
                if bearer.value(run.request).is_none() {
                    let text = "that the authorizer finds what it looks for";
                    if !run.supposes(text, reason, span) {
                        let detail = "the credential is missing";
                        let kind = Type::Unauthorized;
                        return Err(self.refuse(run, kind, span, Check::Credential, detail));
                    }
                }
                Ok(None)
            }
            Known::Is(_) => {
                let detail = format!("there is no authorizer {id}");
                let kind = Type::AuthorizerConfigurationError;
                Err(self.refuse(run, kind, span, Check::Credential, detail))
            }
        }
    }

    /// What is missing or has another form: the function is not asked.
    fn sources(&self, run: &mut Run<'_>, at: &At<'_>, authorizer: &Authorizer) -> Flow {
        let is_uncached = authorizer.kind == AuthorizerKind::Request && authorizer.ttl.value == 0;
        for source in &authorizer.sources {
            let value = source.value(run.request);
            // Its sources are optional then; whether those that are set have to be there is said
            // both ways (<https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>).
            let may_lack = value.is_none() && is_uncached && {
                let because = Reason::new("AWS's documentation says both");
                let text = "that an authorizer whose answers are not kept is asked without it";
                run.supposes(text, &because, authorizer.span)
            };
            if value.is_none() && !may_lack {
                let detail = format!("{} is missing", source.told());
                let span = at.method.authorization.span;
                return Err(self.refuse(run, Type::Unauthorized, span, Check::Credential, detail));
            }
            let Some(expression) = &authorizer.expression else {
                continue;
            };
            // Of Cognito it is held against the audience of the token.
            if authorizer.kind != AuthorizerKind::Token {
                continue;
            }
            if let Some(Known::Is(value)) = value
                && pattern::is_whole(&expression.value, &value) == Some(false)
            {
                let detail = format!("{} does not look as it has to", source.told());
                let span = expression.span;
                return Err(self.refuse(run, Type::Unauthorized, span, Check::Credential, detail));
            }
        }
        Ok(())
    }

    /// What the resource policy says to somebody who is not known to IAM.
    fn policy_says(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow<Says> {
        let (decision, policy) = self.decide(run, at, &Caller::Anonymous)?;
        let Some(policy) = policy else {
            return Ok(Says::Nothing);
        };
        Ok(match decision {
            Decision::Allowed {
                by: By::Statement(span),
            } => Says::Allow(span),
            Decision::Allowed { .. } => Says::Allow(policy),
            Decision::Denied { by } => Says::Deny(by),
            Decision::NotAllowed { lack, by, .. } => {
                Says::Silent(by.unwrap_or(policy), lacks(lack))
            }
            Decision::Unknown { because, span } => {
                let span = span.unwrap_or(policy);
                match run.supposes("that the resource policy allows it", &because, span) {
                    true => Says::Allow(span),
                    false => Says::Silent(span, lacks(Lack::Resource)),
                }
            }
        })
    }

    /// The decision, and where the resource policy stands, if there is one.
    fn decide(
        &self,
        run: &mut Run<'_>,
        at: &At<'_>,
        caller: &Caller,
    ) -> Flow<(Decision, Option<Span>)> {
        let api = &self.api;
        let policy = match &api.policy {
            Known::Unknown(reason) => {
                return Err(End::Unknown {
                    because: reason.clone(),
                    span: Some(api.span),
                });
            }
            Known::Is(policy) => policy.as_ref(),
        };
        let arn = api.arn(at.stage, &run.request.method, &at.path);
        let call = Call {
            caller,
            arn: &arn,
            request: run.request,
            is_private: self.is_private(),
            place: &api.place,
        };
        let resource: Option<&Policy> = policy.map(|policy| &policy.value);
        let decision = call.decide(Known::Is(resource), &self.around);
        Ok((decision, policy.map(|policy| policy.span)))
    }

    fn denied(&self, run: &mut Run<'_>, span: Span) -> End {
        let detail = "a policy denies it";
        self.refuse(run, Type::AccessDenied, span, Check::Grant, detail)
    }

    fn silent(&self, run: &mut Run<'_>, span: Span, detail: &str) -> End {
        self.refuse(run, Type::AccessDenied, span, Check::Grant, detail)
    }
}

fn lacks(lack: Lack) -> &'static str {
    match lack {
        Lack::IdentityOrResource => "neither the caller's policies nor the API's allow it",
        Lack::Identity => "the caller's policies do not allow it",
        limit => limit
            .limit()
            .unwrap_or("the resource policy does not allow it"),
    }
}
