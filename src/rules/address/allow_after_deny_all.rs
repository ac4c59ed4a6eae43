use std::net::IpAddr;

use super::is_refused_by_list;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::nginx::SOMEWHERE;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::model::{AccessRule, LevelId};
use crate::probes::{Sent, Visit};
use crate::request::{Known, Request};

pub const ID: &str = "allow-after-deny-all";

/// An `allow` that no request gets to, since a `deny` before it covers all that it names.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    let config = visit.gate.config();
    let rules = config.access(visit.level());
    findings.extend(dead(rules).filter_map(|pair| judge(visit, visit.example, pair)));
    if let Some(limited) = &config.level(visit.level()).limit_except {
        let methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
        let known = |method: &&&str| !limited.methods.iter().any(|free| free == **method);
        if let Some(method) = methods.iter().find(known) {
            let mut request = visit.example.clone();
            request.method = (*method).into();
            let rules = own(visit, limited.level);
            findings.extend(dead(rules).filter_map(|pair| judge(visit, &request, pair)));
        }
    }
}

fn own<'g>(visit: &Visit<'g>, level: LevelId) -> &'g [AccessRule] {
    &visit.gate.config().level(level).access
}

/// Each such `allow`, with the `deny` before it.
fn dead(rules: &[AccessRule]) -> impl Iterator<Item = (&AccessRule, &AccessRule)> {
    rules.iter().enumerate().filter_map(|(at, allow)| {
        // What was let in before is let in again: one more line, and no harm.
        let earlier = &rules[..at];
        if !allow.allow || earlier.iter().any(|rule| rule.allow && covers(rule, allow)) {
            return None;
        }
        let deny = earlier.iter().find(|rule| {
            // Lines of two branches of a template need not both be there.
            !rule.allow && covers(rule, allow) && (rule.branch == 0 || rule.branch == allow.branch)
        })?;
        Some((allow, deny))
    })
}

fn covers(rule: &AccessRule, other: &AccessRule) -> bool {
    match (rule.network.known(), other.network.known()) {
        (Some(Network::All), Some(_)) => true,
        (Some(Network::Net { net, .. }), Some(Network::Net { net: inner, .. })) => {
            net.contains(inner)
        }
        _ => false,
    }
}

fn judge(
    visit: &Visit<'_>,
    template: &Request,
    (allow, deny): (&AccessRule, &AccessRule),
) -> Option<Finding> {
    let mut request = template.clone();
    request.from = Known::Is(caller(allow)?);
    let by_this = |course: &Course| {
        let mut steps = course.steps.iter();
        is_refused_by_list(course)
            && steps.any(|step| step.span == deny.span && is_address_check(&step.effect))
    };
    let courses = visit.send(&request);
    let course = courses.iter().find(|course| by_this(course))?.clone();
    Some(finding(Sent { request, course }, allow, deny))
}

fn is_address_check(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Refuses {
            check: Check::Address,
            ..
        }
    )
}

fn caller(allow: &AccessRule) -> Option<IpAddr> {
    match allow.network.known()? {
        Network::All => Some(SOMEWHERE),
        Network::Net { net, .. } => Some(address::member(*net)),
        Network::Unix => None,
    }
}

fn finding(sent: Sent, allow: &AccessRule, deny: &AccessRule) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "`allow {}` never lets anybody in: `deny {}` stands before it, and the first line \
             that matches decides",
            allow.text, deny.text
        ),
        primary: Label {
            span: allow.span,
            text: "no request gets as far as this line".into(),
        },
        related: vec![Label {
            span: deny.span,
            text: "decides first".into(),
        }],
        intent: Some(Intent {
            text: "the list itself allows this address".into(),
            span: Some(allow.span),
        }),
        help: format!("put `deny {};` below the `allow` lines", deny.text),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    }
}
