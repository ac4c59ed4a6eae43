use super::invoked::{Invoked, Wish, addresses, allowing, wishes};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::aws::iam::{Principal, Statement};
use crate::probes::cloud::{Api, Entry, apis};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "invoke-not-allowed";

/// A policy allows somebody by name to call a method, and another policy does not let them.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut wishes = wishes(estate);
    let mut found = Vec::new();
    for api in apis(estate) {
        let own = wishes.remove(api.id()).unwrap_or_default();
        let meant = own
            .into_iter()
            .filter_map(Meant::of)
            .chain(by_resource(api));
        found.extend(meant.filter_map(|meant| refused(estate, api, &meant)));
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

impl<'e> Meant<'e> {
    fn of(wish: Wish<'e>) -> Option<Meant<'e>> {
        let arn = wish.arn?;
        Some(Meant {
            arn,
            invoked: Some(wish.invoked),
            span: wish.span,
            text: format!("a policy of {} allows it", name(arn)),
        })
    }
}

/// Those whom the policy of the API itself names.
fn by_resource<'e>(api: Api<'e>) -> impl Iterator<Item = Meant<'e>> {
    let allowed = api.policy().into_iter().flat_map(allowing);
    allowed.flat_map(|(statement, _, value)| {
        named(statement).map(move |(arn, span)| Meant {
            arn,
            invoked: Invoked::parse(value),
            span,
            text: format!("the resource policy names {}", name(arn)),
        })
    })
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

/// A call that is refused as all others are that the policy allows. Where one of them gets in, the
/// others are exceptions that somebody made.
fn refused(estate: &Estate, api: Api<'_>, meant: &Meant<'_>) -> Option<Finding> {
    let concerned = |entry: &Entry<'_>| {
        let invoked = &meant.invoked;
        entry.wants_signature() && invoked.as_ref().is_none_or(|one| one.fits(entry))
    };
    let addresses = addresses(estate, api, meant.arn);
    let mut shown = None;
    for entry in api.entries().filter(concerned) {
        for from in &addresses {
            let request = entry.signed_by(meant.arn, *from);
            let course = entry.send(&request)?;
            if !course.refuses() || course.is_conditional() {
                return None;
            }
            shown.get_or_insert((request, course));
        }
    }
    let (request, course) = shown?;
    finding(meant, request, course)
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
