use std::cmp::Reverse;

use super::apigw::{behind, cors_of, elsewhere, more};
use super::apigw_called::{Met, refused};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect};
use crate::probes::cloud::{Api, ApiVisit, Meeting};
use crate::source::Span;
use crate::trace::cloud::Sent;

pub const ID: &str = "apigw-options-missing";

/// A resource has no OPTIONS method, and its preflights get the answer of an unknown path.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    let meetings = visit.meetings().iter();
    let mut missing: Vec<Missing<'_>> = meetings.filter_map(Missing::of).collect();
    missing.sort_by_key(|one| (Reverse(one.severity), one.resource));
    missing.dedup_by_key(|one| one.resource);
    findings.extend(finding(missing));
}

/// A page in the source calls such a resource, or an HTTP API that says nothing of CORS.
pub fn check_call(sent: &Sent<'_>, findings: &mut Vec<Finding>) {
    let help = "add an OPTIONS method without authorization that answers with the CORS headers; to \
                an HTTP API a CORS configuration";
    findings.extend(refused(sent, ID, &Met::Nothing, help));
}

struct Missing<'e> {
    meeting: &'e Meeting<'e>,
    resource: Span,
    path: &'e str,
    severity: Severity,
    intent: Intent,
}

impl<'e> Missing<'e> {
    fn of(meeting: &'e Meeting<'e>) -> Option<Missing<'e>> {
        let Api::Rest(gate) = meeting.entry.api else {
            return None;
        };
        let (resource, method) = behind(gate, &meeting.entry);
        let is_there = resource.method("OPTIONS").is_some();
        let step = meeting.answer.culprit()?;
        let is_unknown = matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Route,
                ..
            }
        );
        if is_there || !is_unknown || !meeting.answer.refuses() || meeting.answer.is_conditional() {
            return None;
        }
        let (severity, intent) = match cors_of(method) {
            Some(header) => {
                let intent = Intent {
                    text: format!("the answer to {} itself sets {}", method.verb, header.name),
                    span: Some(header.span),
                };
                (Severity::Error, intent)
            }
            // Others of the API may be for pages, and this one for machines.
            None => (Severity::Note, elsewhere(gate)?),
        };
        // A page sends these without a preflight, if it sets no header.
        let is_simple =
            matches!(method.verb.as_str(), "GET" | "HEAD") && meeting.headers.is_empty();
        (!is_simple).then_some(Missing {
            resource: resource.span,
            path: &resource.path,
            severity,
            intent,
            meeting,
        })
    }
}

fn finding(missing: Vec<Missing<'_>>) -> Option<Finding> {
    let (worst, places) = {
        let worst = missing.first()?.severity;
        let same = missing.iter().filter(|one| one.severity == worst);
        (worst, same.map(|one| one.resource).collect::<Vec<_>>())
    };
    let others = match places.len() {
        1 => String::new(),
        count => format!(" (and {} more resources)", count - 1),
    };
    let first = missing.into_iter().next()?;
    Some(Finding {
        rule: ID,
        severity: worst,
        confidence: Confidence::High,
        message: format!(
            "{}{others} has no OPTIONS method, so the preflight of {} to {} is answered 403 \
             Missing Authentication Token",
            first.path,
            first.meeting.announced.request.method,
            first.meeting.preflight.url()
        ),
        primary: Label {
            span: first.resource,
            text: "has no OPTIONS method".into(),
        },
        related: more(places.into_iter().skip(1), "nor has this one"),
        intent: Some(first.intent),
        help: "add an OPTIONS method without authorization that answers with the CORS headers \
               (console: Enable CORS), then deploy the API"
            .into(),
        witness: Some(Witness {
            request: first.meeting.preflight.clone(),
            course: first.meeting.answer.clone(),
        }),
    })
}
