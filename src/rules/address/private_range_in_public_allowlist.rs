use ipnet::IpNet;

use super::is_private;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::aws::apigateway::rest::model::EndpointKind;
use crate::gates::aws::iam::{Effect, Policy, Statement};
use crate::probes::cloud::{Api, ApiVisit, SOMEWHERE, listed};
use crate::request::Known;
use crate::source::Span;

pub const ID: &str = "private-range-in-public-allowlist";

/// The policy of a public API lets in addresses with which nobody on the Internet comes.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(visit.api));
}

fn judge(api: Api<'_>) -> Option<Finding> {
    let Api::Rest(gate) = api else {
        return None;
    };
    if gate.api.endpoint.kind == EndpointKind::Private {
        return None;
    }
    let policy = api.policy()?;
    let listed = listed(policy);
    let private = listed.iter().find(|net| is_private_net(net.value))?;
    let only_private =
        listed.iter().all(|net| is_private_net(net.value)) && goes_by_address(policy, private.span);
    // With a public one beside it, callers are let in; the private one does nothing.
    let kept_out = only_private.then(|| {
        api.entries().find_map(|entry| {
            let mut attempts = entry.attempts();
            let is_public =
                |request: &crate::request::Request| request.from == Known::Is(SOMEWHERE);
            let (request, course) =
                attempts.find(|(request, course)| is_public(request) && course.refuses())?;
            let mut others = entry.attempts();
            let gets_in = others.any(|(request, course)| is_public(&request) && course.admits());
            let inside = entry.admitted(entry.example).is_some();
            (!gets_in && inside).then_some((request, course))
        })
    });
    let witness = kept_out.flatten();
    Some(Finding {
        rule: ID,
        severity: match witness {
            Some(_) => Severity::Error,
            None => Severity::Note,
        },
        confidence: Confidence::High,
        message: match &witness {
            Some(_) => format!(
                "the resource policy of the public API {} admits private addresses alone, and \
                 callers arrive with public ones",
                gate.api.name
            ),
            None => format!(
                "the resource policy of the public API {} lists {}, with which no caller arrives",
                gate.api.name, private.value
            ),
        },
        primary: Label {
            span: private.span,
            text: format!("{} never reaches a public API", private.value),
        },
        related: vec![Label {
            span: gate.api.endpoint.span,
            text: "is called by way of the Internet".into(),
        }],
        intent: Some(Intent {
            text: "the callers of this network are to be let in".into(),
            span: Some(private.span),
        }),
        help: "list the addresses with which they leave the network (those of the NAT gateways), \
               or make the API private and test aws:VpcSourceIp"
            .into(),
        witness: witness.map(|(request, course)| Witness { request, course }),
    })
}

/// Whether nobody is let in by anything else than an address: where a statement lets addresses in,
/// all that let in do.
fn goes_by_address(policy: &Policy, private: Span) -> bool {
    let statements = || policy.statements.iter();
    let lets_in = |one: &&Statement| one.effect == Some(Effect::Allow);
    let is_of_deny = statements().any(|one| !lets_in(&one) && one.span.contains(private));
    is_of_deny
        || statements().filter(lets_in).all(|one| {
            let mut conditions = one.conditions.iter();
            conditions.any(|condition| condition.key.value.eq_ignore_ascii_case("aws:SourceIp"))
        })
}

/// Private, or of a provider's own network (RFC 6598).
fn is_private_net(net: IpNet) -> bool {
    let shared = "100.64.0.0/10".parse::<IpNet>();
    net.prefix_len() > 0
        && (is_private(net.addr()) || shared.is_ok_and(|shared| shared.contains(&net)))
}
