//! What IAM says to a call of an API or of a function.

use std::sync::Arc;

use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Place};
use crate::gates::aws::iam::{Ask, Caller, Context, Decision, Policies, Policy, Value, decide};
use crate::gates::aws::run::host;
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
            endpoint: around.policy_of(self.endpoint().as_deref()),
            ..Policies::none()
        };
        match decide(&ask, &policies) {
            // What is not known is left empty in the ARN, which then fits less than it should.
            Decision::NotAllowed { .. } if self.rests_on_place(&policies) => Decision::Unknown {
                because: Reason::new("nothing says of which account and region the API is"),
                span: None,
            },
            decision => decision,
        }
    }

    /// Whether a policy names an account or a region that may be the API's.
    fn rests_on_place(&self, policies: &Policies<'_>) -> bool {
        let optional = [&policies.resource, &policies.boundary, &policies.endpoint];
        let optional = optional.into_iter().filter_map(|one| *one.known()?);
        let identity = policies.identity.known().into_iter().flatten().copied();
        optional.chain(identity).any(|policy| {
            places(policy).any(|(_, place)| {
                (self.place.account.is_none() && place.account.is_some())
                    || (self.place.region.is_none() && place.region.is_some())
            })
        })
    }

    /// The VPC endpoint on the way. The host of a private API may name it: `ID-vpce-….execute-api.…`
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html>).
    fn endpoint(&self) -> Option<String> {
        let named = || {
            let host = host(self.request);
            let (first, _) = host
                .split_once(".execute-api.")
                .filter(|_| self.is_private)?;
            let at = first.find("-vpce-")?;
            Some(first[at + 1..].to_owned())
        };
        self.request.vpc_endpoint.clone().or_else(named)
    }

    /// What conditions of policies see
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>).
    fn context(&self, around: &Around) -> Context {
        let request = self.request;
        let mut context = Context::of(self.caller);
        // A session's own ARN does not have the path of its role.
        if let Some(arn) = around.identities.arn(self.caller) {
            context.set("aws:PrincipalArn", arn);
        }
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
                // Rewritten, says the guide of API Gateway
                // (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>),
                // missing, says that of IAM
                // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>).
                let reason = Reason::new("behind a VPC endpoint it is not the sender's address");
                context.set("aws:SourceIp", Value::Hidden(reason));
                let endpoint = self.endpoint();
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

/// What a policy writes of the account and the region of APIs, each with the ARN.
fn places(policy: &Policy) -> impl Iterator<Item = (&str, Place)> {
    let lists = policy
        .statements
        .iter()
        .filter_map(|one| one.resources.as_ref());
    let texts = lists.flat_map(|list| &list.values);
    let arns = texts.filter_map(|text| text.value.known().map(String::as_str));
    arns.filter(|arn| arn.split(':').nth(2) == Some("execute-api"))
        .map(|arn| {
            let Place { account, region } = Place::of_arn(arn);
            let is_written = |part: &Arc<str>| !part.contains(['*', '?', '$']);
            let place = Place {
                account: account.filter(is_written),
                region: region.filter(is_written),
            };
            (arn, place)
        })
}

/// The account and the region of an API, of which what a command printed says nothing: its own
/// policy may write them, best where it names the API.
pub fn place_of(known: &Place, id: &str, policy: Option<&Policy>) -> Place {
    let written: Vec<(&str, Place)> = policy.into_iter().flat_map(places).collect();
    let names = |arn: &str| {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        resource.split('/').next() == Some(id)
    };
    let (own, others): (Vec<_>, Vec<_>) = written.into_iter().partition(|(arn, _)| names(arn));
    let mut place = known.clone();
    for (_, written) in own.into_iter().chain(others) {
        place.account = place.account.or(written.account);
        place.region = place.region.or(written.region);
    }
    place
}

/// The partition of an account, or else that of which the region is
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
pub fn partition(place: &Place, cloud: &Cloud) -> String {
    let account = place.account.as_deref();
    let known = account.and_then(|account| cloud.accounts.get(account));
    let of_region = || match place.region.as_deref().unwrap_or_default() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    known.map_or_else(|| of_region().to_owned(), String::clone)
}
