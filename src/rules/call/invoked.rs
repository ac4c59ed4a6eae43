//! Resources of `execute-api` in policies, and the methods of APIs that they mean.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::estate::Estate;
use crate::gates::aws::apigateway::INVOKE;
use crate::gates::aws::apigateway::http::model::Protocol;
use crate::gates::aws::iam::{Caller, Effect, Policy, Statement, Text};
use crate::probes::cloud::{Api, Entry, clients};
use crate::request::Known;
use crate::source::Span;

/// `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders`, or the same without
/// what a resource policy need not say.
pub struct Invoked<'t> {
    /// Everything behind the API's id.
    pub rest: &'t str,
    /// The id, if it is written out.
    pub api: Option<&'t str>,
}

/// How long the ARN of a resource is at most
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const LONGEST: usize = 2048;

impl<'t> Invoked<'t> {
    pub fn parse(text: &'t str) -> Option<Invoked<'t>> {
        if let Some(rest) = text.strip_prefix("execute-api:/") {
            return Some(Invoked { rest, api: None });
        }
        let mut parts = text.splitn(6, ':');
        let is_arn = parts.next() == Some("arn");
        let service = parts.nth(1)?;
        let resource = parts.nth(2)?;
        if !is_arn || service != "execute-api" {
            return None;
        }
        let (api, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let is_written = !api.contains(['*', '?', '$']) && !api.is_empty();
        Some(Invoked {
            rest,
            api: is_written.then_some(api),
        })
    }

    /// Whether a call of the method may be what is meant. The braces of a template stand for
    /// themselves here, and no path has them.
    pub fn fits(&self, entry: &Entry<'_>) -> bool {
        // No ARN is so long, and nothing is said of this one.
        if self.rest.len() > LONGEST {
            return true;
        }
        let (stage, verb, path) = shape(entry);
        let own = match (entry.api, verb.as_str()) {
            // The route of a WebSocket API has no method:
            // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>.
            (Api::Http(gate), _) if gate.api.protocol == Protocol::WebSocket => {
                format!("{stage}/{}", gate.route_of(entry.door).key.value)
            }
            (_, "ANY") => format!("{stage}/*/{}", open(&path)),
            (_, verb) => format!("{stage}/{verb}/{}", open(&path)),
        };
        !self.rest.contains('{') && may_meet(self.rest, &own)
    }

    /// Stage, method and path, as far as they are there.
    pub fn parts(&self) -> (&'t str, Option<&'t str>, Option<&'t str>) {
        let mut parts = self.rest.splitn(3, '/');
        (parts.next().unwrap_or_default(), parts.next(), parts.next())
    }
}

/// A resource that a policy writes out.
pub struct Wish<'e> {
    /// Whose policy it is; `None` for that of the API itself.
    pub arn: Option<&'e str>,
    pub value: &'e str,
    pub invoked: Invoked<'e>,
    pub span: Span,
}

/// What the policies of users and roles allow by the id of an API.
pub fn wishes(estate: &Estate) -> BTreeMap<&str, Vec<Wish<'_>>> {
    let mut wishes: BTreeMap<&str, Vec<Wish<'_>>> = BTreeMap::new();
    let identities = &estate.aws.around.identities;
    for identity in identities.callers() {
        for policy in identities.policies(identity) {
            for (_, text, value) in allowing(policy) {
                let Some(invoked) = Invoked::parse(value) else {
                    continue;
                };
                // Whoever may call everything was not meant for one API.
                if let Some(api) = invoked.api {
                    wishes.entry(api).or_default().push(Wish {
                        arn: Some(&identity.arn),
                        value,
                        invoked,
                        span: text.span,
                    });
                }
            }
        }
    }
    wishes
}

/// How many addresses of somebody's policies are tried.
const MOST_ADDRESSES: usize = 32;

/// From where a call of somebody may be let in: from anywhere, and from what policies name.
pub fn addresses(estate: &Estate, api: Api<'_>, arn: &str) -> Vec<IpAddr> {
    let own = Caller::from_arn(arn).map(|caller| estate.aws.around.identities.of(&caller));
    let mut policies: Vec<&Policy> = api.policy().into_iter().collect();
    if let Some(own) = &own {
        policies.extend(own.identity.known().into_iter().flatten());
        policies.extend(own.boundary.known().copied().flatten());
    }
    let mut addresses = vec![api.somewhere()];
    addresses.extend(policies.into_iter().flat_map(clients).take(MOST_ADDRESSES));
    addresses
}

/// The texts of the Allow statements that a policy has for invoking APIs.
pub fn allowing(policy: &Policy) -> impl Iterator<Item = (&Statement, &Text, &str)> {
    let allowing = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Some(Effect::Allow))
        .filter(|statement| statement.has_action(INVOKE).is_yes());
    allowing.flat_map(|statement| {
        let resources = statement.resources.as_ref().filter(|list| !list.negated);
        let values = resources.into_iter().flat_map(|list| &list.values);
        values.filter_map(move |text| match &text.value {
            Known::Is(value) => Some((statement, text, value.as_str())),
            Known::Unknown(_) => None,
        })
    })
}

/// Stage, method and path of an entry, as an ARN has them.
pub fn shape(entry: &Entry<'_>) -> (String, String, String) {
    match entry.api {
        Api::Rest(gate) => {
            let verb = gate.method(entry.door).verb.clone();
            let path = gate.path(entry.door).trim_start_matches('/').to_owned();
            (gate.way(entry.door).stage.clone(), verb, path)
        }
        Api::Http(gate) => {
            let key = &gate.route_of(entry.door).key.value;
            let (verb, path) = key.split_once(' ').unwrap_or(("ANY", "{proxy+}"));
            let path = path.trim_start_matches('/').to_owned();
            (gate.stage_of(entry.door).to_owned(), verb.to_owned(), path)
        }
    }
}

/// Whether two texts, both with `*` for anything and `?` for one character, may be the same.
fn may_meet(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // `reached[j]`: the beginnings of both may be the same, with j characters of the second.
    let mut reached = vec![false; other.len() + 1];
    reached[0] = true;
    for j in 1..=other.len() {
        reached[j] = reached[j - 1] && other[j - 1] == '*';
    }
    for char in one {
        let mut next = vec![false; other.len() + 1];
        next[0] = reached[0] && char == '*';
        for j in 1..=other.len() {
            let with = other[j - 1];
            next[j] = match (char, with) {
                ('*', _) | (_, '*') => reached[j] || next[j - 1] || reached[j - 1],
                (one, with) => reached[j - 1] && (one == with || one == '?' || with == '?'),
            };
            // A star of one may also stand for nothing, or for more of the other.
            if char == '*' {
                next[j] |= next[j - 1] | reached[j];
            }
            if with == '*' {
                next[j] |= next[j - 1] | reached[j];
            }
        }
        reached = next;
    }
    reached[other.len()]
}

/// The path of a resource with a star for each of its variables.
pub fn open(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "*",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_meet() {
        for (one, other, meets) in [
            ("orders/*", "orders/1", true),
            ("orders", "orders/*", false),
            ("*", "orders/*/lines", true),
            ("orders/{id}", "orders/*", true),
            ("pets/*", "orders/*", false),
            ("", "", true),
            ("*", "", true),
            ("a*c", "ab*", true),
            ("a*d", "ab?c", false),
        ] {
            assert_eq!(may_meet(one, other), meets, "{one} and {other}");
            assert_eq!(may_meet(other, one), meets, "{other} and {one}");
        }
    }
}
