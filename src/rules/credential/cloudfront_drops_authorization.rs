use std::collections::BTreeMap;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Effect};
use crate::probes::cloud::Entry;
use crate::probes::front::{Front, arriving, fronts};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "cloudfront-drops-authorization";

/// A distribution takes the Authorization header off requests for which the API behind asks for it.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut lost: BTreeMap<Span, Vec<Lost<'_>>> = BTreeMap::new();
    for front in fronts(estate) {
        let Some(api) = front.api(estate) else {
            continue;
        };
        let serves_others = api.entries().any(|entry| serves(&front, entry));
        for one in api.entries().filter_map(|entry| loss(&front, entry)) {
            let one = Lost {
                serves_others,
                ..one
            };
            lost.entry(one.by).or_default().push(one);
        }
    }
    findings.extend(lost.into_values().filter_map(finding));
}

struct Lost<'e> {
    front: Front<'e>,
    entry: Entry<'e>,
    by: Span,
    request: Request,
    course: Course,
    /// The line that asks for the credential.
    asks: Span,
    status: u16,
    /// What asks for no credential gets through, and the distribution may be for that.
    serves_others: bool,
}

/// Whether a method gets what it asks for through the distribution.
fn serves(front: &Front<'_>, entry: Entry<'_>) -> bool {
    let open = entry.attempts().find(|(request, course)| {
        course.admits() && !request.headers.has("Authorization") && request.method != "OPTIONS"
    });
    let request = open.and_then(|(request, _)| front.asking_for(&request));
    request.is_some_and(|request| front.send(&request).is_some_and(|course| course.admits()))
}

fn loss<'e>(front: &Front<'e>, entry: Entry<'e>) -> Option<Lost<'e>> {
    let admitted = entry.attempts().find(|(_, course)| course.admits())?.0;
    if !admitted.headers.has("Authorization") {
        return None;
    }
    let request = front.asking_for(&admitted)?;
    let course = front.send(&request)?;
    let arrival = arriving(&course)?;
    if arrival.headers.has("Authorization") || arrival.signed_by.is_some() {
        return None;
    }
    let by = removed(&course)?;
    // With it, and nothing else, it would have been let in: as the API sees where it comes from.
    let mut whole = arrival.clone();
    whole.from.clone_from(&admitted.from);
    let refused = entry.send(&whole)?;
    for name in ["Authorization", "x-amz-date"] {
        if let Some(value) = admitted.headers.get(name).cloned() {
            whole.headers.remove(name);
            whole.headers.0.push(crate::request::Header {
                name: name.into(),
                value,
            });
        }
    }
    whole.signed_by.clone_from(&admitted.signed_by);
    if !entry.send(&whole)?.admits() || !refused.refuses() {
        return None;
    }
    Some(Lost {
        front: *front,
        entry,
        by,
        asks: refused.culprit()?.span,
        status: refused.status()?,
        request,
        course,
        serves_others: false,
    })
}

fn removed(course: &Course) -> Option<Span> {
    let mut steps = course.steps.iter();
    let step = steps.find(|step| {
        let name = match &step.effect {
            Effect::RemovesHeader { name } => name,
            _ => return false,
        };
        name.eq_ignore_ascii_case("Authorization")
    })?;
    Some(step.span)
}

fn finding(mut lost: Vec<Lost<'_>>) -> Option<Finding> {
    // A signature is of the API's own host: who signs seldom calls by another name.
    lost.sort_by_key(|one| one.entry.wants_signature());
    let count = lost.len();
    let first = lost.into_iter().next()?;
    let api = first.entry.api;
    let doubts = [
        first.entry.wants_signature(),
        first.course.is_conditional(),
        first.serves_others,
    ];
    let severity = match doubts.iter().filter(|doubt| **doubt).count() {
        0 => Severity::Error,
        1 => Severity::Warning,
        _ => Severity::Note,
    };
    let more = match count {
        1 => String::new(),
        count => format!(" (and {} more of {})", count - 1, api.name()),
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "CloudFront takes the Authorization header off {} {}, and {} behind it answers {}{more}",
            first.request.method,
            first.request.url(),
            format_args!("the API {}", api.name()),
            first.status
        ),
        primary: Label {
            span: first.by,
            text: "does not hand Authorization on".into(),
        },
        related: vec![Label {
            span: first.front.origin.domain.span,
            text: format!("leads to {}", api.name()),
        }],
        intent: Some(Intent {
            text: format!("{} asks for a credential", first.entry.door.name),
            span: Some(first.asks),
        }),
        help: "use the origin request policy AllViewerExceptHostHeader \
               (b689b0a8-53d0-40ab-baf2-68738e2966ac) without caching, or put Authorization in the \
               cache policy"
            .into(),
        witness: Some(Witness {
            request: first.request,
            course: first.course,
        }),
    })
}
