//! What policies say to a call of a function URL.

use super::{Auth, FunctionUrl, Right};
use crate::gates::aws::iam::{Ask, Caller, Context, Decision, Policies, Value, decide};
use crate::request::{Known, Reason, Request};

impl FunctionUrl {
    /// Whether a caller has a right, by the function's policy and its own.
    pub(super) fn decide(&self, caller: &Caller, right: Right, request: &Request) -> Decision {
        let ask = Ask {
            caller: caller.clone(),
            action: right.action().to_owned(),
            resource: self.arn.clone(),
            owner: match &self.place.account {
                Some(account) => Known::Is(account.to_string()),
                None => Known::Unknown(Reason::new("nothing says of which account it is")),
            },
            context: self.context(caller, right, request),
        };
        let own = self.around.identities.of(caller);
        let policies = Policies {
            resource: match &self.policy {
                Known::Is(policy) => Known::Is(policy.as_ref().map(|policy| &policy.value)),
                Known::Unknown(reason) => Known::Unknown(reason.clone()),
            },
            identity: own.identity,
            boundary: own.boundary,
            ..Policies::none()
        };
        decide(&ask, &policies)
    }

    fn context(&self, caller: &Caller, right: Right, request: &Request) -> Context {
        let mut context = Context::of(caller);
        match right {
            Right::InvokeFunctionUrl => {
                let kind = match self.auth.value {
                    Auth::Iam => "AWS_IAM",
                    _ => "NONE",
                };
                context.set("lambda:FunctionUrlAuthType", kind);
            }
            Right::InvokeFunction => context.set("lambda:InvokedViaFunctionUrl", "true"),
        }
        context.set(
            "aws:SourceIp",
            match &request.from {
                Known::Is(from) => Value::One(from.to_string()),
                Known::Unknown(reason) => Value::Unknown(reason.clone()),
            },
        );
        context.set("aws:SecureTransport", "true");
        context
    }
}
