use super::invoked::{Invoked, allowing};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::aws::iam::{Effect as Allows, Principal, Statement};
use crate::probes::cloud::{Api, Entry, SOMEWHERE, apis, clients};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "invoke-not-allowed";

/// A policy allows somebody by name to call a method, and another policy does not let them.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for api in apis(estate) {
        for meant in meant(estate, api) {
            found.extend(refused(api, &meant));
        }
    }
    // One for each pair of the line that allows and the one that refuses.
    found.sort_by_key(|finding: &Finding| (finding.primary.span, allowed_at(finding)));
    found.dedup_by_key(|finding| (finding.primary.span, allowed_at(finding)));
    findings.extend(found);
}

fn allowed_at(finding: &Finding) -> Option<Span> {
    finding.intent.as_ref().and_then(|intent| intent.span)
}

/// Somebody of whom a policy says that they may call methods of an API.
struct Meant<'e> {
    arn: &'e str,
    /// What of it they may call; `None` for all.
    invoked: Option<Invoked<'e>>,
    span: Span,
    text: String,
}

fn meant<'e>(estate: &'e Estate, api: Api<'e>) -> Vec<Meant<'e>> {
    let mut all = Vec::new();
    let identities = &estate.aws.around.identities;
    for identity in identities.callers() {
        for policy in identities.policies(identity) {
            for (_, text, value) in allowing(policy) {
                // Whoever may call everything was not meant for this API.
                let Some(invoked) = Invoked::parse(value) else {
                    continue;
                };
                if invoked.api == Some(api.id()) {
                    all.push(Meant {
                        arn: &identity.arn,
                        invoked: Some(invoked),
                        span: text.span,
                        text: format!("a policy of {} allows it", name(&identity.arn)),
                    });
                }
            }
        }
    }
    let statements = api
        .policy()
        .into_iter()
        .flat_map(|policy| &policy.statements);
    for statement in statements.filter(|one| one.effect == Some(Allows::Allow)) {
        all.extend(named(statement).map(|(arn, span)| Meant {
            arn,
            invoked: None,
            span,
            text: format!("the resource policy names {}", name(arn)),
        }));
    }
    all
}

fn named(statement: &Statement) -> impl Iterator<Item = (&str, Span)> {
    let principals = statement.principals.as_ref().filter(|all| !all.negated);
    let values = principals.into_iter().flat_map(|all| &all.values);
    values.filter_map(|one| match &one.value {
        Known::Is(Principal::Arn(arn)) => Some((arn.as_str(), one.span)),
        _ => None,
    })
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn refused(api: Api<'_>, meant: &Meant<'_>) -> Option<Finding> {
    let concerned = |entry: &Entry<'_>| {
        let invoked = &meant.invoked;
        entry.wants_signature() && invoked.as_ref().is_none_or(|one| one.fits(entry))
    };
    let mut addresses = vec![SOMEWHERE];
    addresses.extend(api.policy().into_iter().flat_map(clients));
    api.entries().filter(concerned).find_map(|entry| {
        let sent = |from: &std::net::IpAddr| {
            let request = entry.signed_by(meant.arn, *from);
            let course = entry.send(&request)?;
            Some((request, course))
        };
        let all: Vec<(Request, Course)> = addresses.iter().filter_map(sent).collect();
        let is_open = all
            .iter()
            .any(|(_, course)| !course.refuses() || course.is_conditional());
        if is_open {
            return None;
        }
        let (request, course) = all.into_iter().next()?;
        finding(meant, request, course)
    })
}

fn finding(meant: &Meant<'_>, request: Request, course: Course) -> Option<Finding> {
    let step = course.culprit()?;
    let Effect::Refuses {
        check: Check::Grant,
        status,
        detail,
    } = &step.effect
    else {
        return None;
    };
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{} {} is answered {status} to {}: {detail}",
            request.method,
            request.url(),
            meant.arn
        ),
        primary: Label {
            span: step.span,
            text: detail.clone(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: meant.text.clone(),
            span: Some(meant.span),
        }),
        help: "let both sides allow execute-api:Invoke: the caller's policy with its boundary, \
               and the resource policy, of another account in any case"
            .into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}
