//! What IAM says to a call: the action `execute-api:Invoke` of an API, or another one.

use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::Place;
use crate::gates::aws::iam::{Ask, Caller, Context, Decision, Policies, Policy, Value, decide};
use crate::request::time;
use crate::request::{Known, Reason, Request};

/// A call, as far as policies look at it.
pub struct Call<'c> {
    pub caller: &'c Caller,
    /// The ARN of what is called.
    pub arn: &'c str,
    pub request: &'c Request,
    pub is_private: bool,
    pub place: &'c Place,
}

pub const INVOKE: &str = "execute-api:Invoke";

impl Call<'_> {
    /// What the policies come to: the API's own, the caller's, and of the VPC endpoint on the way.
    pub fn decide(&self, resource: Known<Option<&Policy>>, around: &Around) -> Decision {
        self.may(INVOKE, &[], resource, around)
    }

    /// The same for another action, with the condition keys that its service adds.
    pub fn may(
        &self,
        action: &str,
        keys: &[(&str, &str)],
        resource: Known<Option<&Policy>>,
        around: &Around,
    ) -> Decision {
        let mut context = self.context(around);
        for (key, value) in keys {
            context.set(key, *value);
        }
        let ask = Ask {
            caller: self.caller.clone(),
            action: action.to_owned(),
            resource: self.arn.to_owned(),
            owner: match &self.place.account {
                Some(account) => Known::Is(account.to_string()),
                None => Known::Unknown(Reason::new("nothing says of which account the API is")),
            },
            context,
        };
        let own = around.identities.of(self.caller);
        let policies = Policies {
            resource,
            identity: own.identity,
            boundary: own.boundary,
            endpoint: around.policy_of(self.request.vpc_endpoint.as_deref()),
            ..Policies::none()
        };
        decide(&ask, &policies)
    }

    /// What conditions of policies see
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>).
    fn context(&self, around: &Around) -> Context {
        let request = self.request;
        let mut context = Context::of(self.caller);
        let from = match &request.from {
            Known::Is(from) => Value::One(from.to_string()),
            Known::Unknown(reason) => Value::Unknown(reason.clone()),
        };
        match self.is_private {
            false => {
                context.set("aws:SourceIp", from);
                for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                    context.set(key, Value::Absent);
                }
            }
            true => {
                context.set("aws:VpcSourceIp", from);
                let reason = Reason::new("the VPC endpoint puts an address of its own there");
                context.set("aws:SourceIp", Value::Unknown(reason));
                let endpoint = &request.vpc_endpoint;
                let unknown = || Value::Unknown(Reason::new("through which endpoint is not known"));
                context.set(
                    "aws:SourceVpce",
                    endpoint.clone().map_or_else(unknown, Value::One),
                );
                let vpc = endpoint
                    .as_deref()
                    .and_then(|id| around.endpoint(id)?.vpc.clone());
                context.set("aws:SourceVpc", vpc.map_or_else(unknown, Value::One));
            }
        }
        context.set("aws:SecureTransport", "true");
        for (key, name) in [("aws:UserAgent", "User-Agent"), ("aws:Referer", "Referer")] {
            let value = match request.headers.get(name) {
                None => Value::Absent,
                Some(Known::Is(value)) => Value::One(value.to_string()),
                Some(Known::Unknown(reason)) => Value::Unknown(reason.clone()),
            };
            context.set(key, value);
        }
        if let Some(sent_at) = request.sent_at {
            context.set("aws:EpochTime", sent_at.to_string());
            context.set("aws:CurrentTime", time::shown(sent_at as i64));
        }
        context
    }
}

/// What is invoked: `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders`. Parts
/// that are not known are left empty.
pub fn invoked(
    partition: &str,
    place: &Place,
    api: &str,
    stage: &str,
    verb: &str,
    path: &str,
) -> String {
    let region = place.region.as_deref().unwrap_or_default();
    let account = place.account.as_deref().unwrap_or_default();
    let path = path.trim_start_matches('/');
    format!("arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{verb}/{path}")
}
