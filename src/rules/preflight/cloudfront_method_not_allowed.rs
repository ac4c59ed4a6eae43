use std::collections::BTreeMap;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, GateKind};
use crate::probes::cloud::{Entry, origin};
use crate::probes::front::{Front, fronts};
use crate::probes::is_announced;
use crate::request::Request;
use crate::source::Span;
use crate::trace::cloud::sent;

pub const ID: &str = "cloudfront-method-not-allowed";

/// A distribution refuses methods that the API behind it has, or that somebody calls it with.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut refused: BTreeMap<Span, Refused> = BTreeMap::new();
    let mut add = |one: Refused| {
        let known = refused.get(&one.by);
        if known.is_none_or(|known| known.severity < one.severity) {
            refused.insert(one.by, one);
        }
    };
    called(estate).for_each(&mut add);
    let all: Vec<Front<'_>> = fronts(estate).collect();
    for front in &all {
        let Some(api) = front.api(estate) else {
            continue;
        };
        let entries: Vec<Entry<'_>> = api
            .entries()
            .filter(|entry| entry.example.method != "OPTIONS")
            .collect();
        let methods = entries
            .iter()
            .filter_map(|entry| method(front, entry, &all));
        methods.for_each(&mut add);
        let preflights = entries.iter().filter_map(|entry| preflight(front, entry));
        preflights.for_each(&mut add);
    }
    findings.extend(refused.into_values().map(finding));
}

struct Refused {
    by: Span,
    severity: Severity,
    request: Request,
    course: Course,
    intent: Intent,
    /// What does not get through.
    what: String,
}

/// The line that lists the methods, if it refused.
fn by_method(course: &Course) -> Option<Span> {
    let step = course.culprit().filter(|_| course.refuses())?;
    let is_it = matches!(
        step.effect,
        Effect::Refuses {
            check: Check::Method,
            ..
        }
    );
    is_it.then_some(step.span)
}

/// Calls in source code that go to a distribution.
fn called(estate: &Estate) -> impl Iterator<Item = Refused> {
    sent(estate).into_iter().filter_map(|sent| {
        let is_distribution = sent.gate.name().kind == GateKind::CloudFront;
        let course = sent.send(&sent.request).filter(|_| is_distribution)?;
        Some(Refused {
            by: by_method(&course)?,
            severity: match course.is_conditional() {
                true => Severity::Warning,
                false => Severity::Error,
            },
            what: format!("{} {}", sent.request.method, sent.request.url()),
            request: sent.request.clone(),
            course,
            intent: Intent {
                text: "the call stands in the source".into(),
                span: Some(sent.caller.call.span),
            },
        })
    })
}

/// A method of the API behind, if no other distribution takes it there.
fn method(front: &Front<'_>, entry: &Entry<'_>, all: &[Front<'_>]) -> Option<Refused> {
    let direct = entry.admitted(entry.example)?.request;
    let request = front.asking_for(&direct)?;
    let course = front.send(&request)?;
    let by = by_method(&course)?;
    let elsewhere = all.iter().any(|other| {
        let leads_there = other.origin.domain.value == front.origin.domain.value;
        let takes = |request: &Request| other.send(request).is_some_and(|one| one.admits());
        leads_there && other.asking_for(&direct).as_ref().is_some_and(takes)
    });
    (!elsewhere).then(|| Refused {
        by,
        // The distribution may be for readers alone, and others call the API by its own host.
        severity: Severity::Note,
        what: format!("{} {}", request.method, request.url()),
        request,
        course,
        intent: Intent {
            text: format!("{} of {} is behind it", entry.door.name, entry.api.name()),
            span: Some(entry.door.span),
        },
    })
}

/// A preflight that the API behind answers as pages need it. Pages that come out of the same
/// distribution ask nobody.
fn preflight(front: &Front<'_>, entry: &Entry<'_>) -> Option<Refused> {
    let meeting = entry.meeting(&origin(entry.api))?;
    let allowed = meeting.answer.response_headers().iter().find(|header| {
        header
            .name
            .eq_ignore_ascii_case(b"Access-Control-Allow-Origin")
    });
    let span = allowed?.span;
    if !meeting.answer.admits() || !is_announced(&meeting.announced.request) {
        return None;
    }
    // The request that it announces has to get through, or the preflight is of no use.
    let announced = front.asking_for(&meeting.announced.request)?;
    front.send(&announced).filter(|course| !course.refuses())?;
    let request = front.asking_for(&meeting.preflight)?;
    let course = front.send(&request)?;
    let has_pages = front.gate.own.origins.iter().any(|origin| origin.is_s3);
    Some(Refused {
        by: by_method(&course)?,
        severity: match has_pages || course.is_conditional() {
            true => Severity::Note,
            false => Severity::Warning,
        },
        what: format!(
            "the preflight of {} {}",
            meeting.announced.request.method,
            request.url()
        ),
        request,
        course,
        intent: Intent {
            text: format!("{} lets pages of other origins in", entry.api.name()),
            span,
        },
    })
}

fn finding(refused: Refused) -> Finding {
    let is_preflight = refused.request.method == "OPTIONS";
    Finding {
        rule: ID,
        severity: refused.severity,
        confidence: Confidence::High,
        message: format!("CloudFront answers {} with 403 itself", refused.what),
        primary: Label {
            span: refused.by,
            text: format!("{} is not allowed here", refused.request.method),
        },
        related: Vec::new(),
        intent: Some(refused.intent),
        help: match is_preflight {
            true => "allow GET, HEAD, OPTIONS, or all methods".into(),
            false => {
                "allow all methods for this path: GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE"
                    .into()
            }
        },
        witness: Some(Witness {
            request: refused.request,
            course: refused.course,
        }),
    }
}
