//! A page that calls an API of another origin by its full URL: its preflights.

use crate::callers::Place;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, GateKind};
use crate::gates::nginx::STRANGER;
use crate::probes::preflight;
use crate::source::Span;
use crate::trace::cloud::Sent;

/// What a preflight met.
pub enum Met {
    /// Nothing is there for it.
    Nothing,
    /// It is asked for a credential.
    Credential,
}

/// The preflight of a page's call that is refused, for this reason.
pub fn refused(sent: &Sent<'_>, rule: &'static str, met: &Met, help: &str) -> Option<Finding> {
    let call = &sent.caller.call;
    if call.place != Place::Browser || sent.gate.name().kind != GateKind::ApiGateway {
        return None;
    }
    let announced = call.announced();
    let is_simple = matches!(sent.request.method.as_str(), "GET" | "HEAD" | "POST");
    if is_simple && announced.is_empty() {
        return None;
    }
    let names: Vec<&str> = announced.iter().map(|(name, _)| name.as_str()).collect();
    let mut page = sent.request.clone();
    page.headers.push("Origin", STRANGER);
    // What refuses the request itself for its path is another rule's.
    if is_missing(&sent.send(&page)?) {
        return None;
    }
    let mut preflight = preflight(&page, &page.method, &names);
    for name in &names {
        preflight.headers.remove(name);
    }
    preflight.signed_by = None;
    let course = sent.send(&preflight)?;
    let fits = match met {
        Met::Nothing => is_missing(&course),
        Met::Credential => asks(&course),
    };
    if !fits || course.is_conditional() {
        return None;
    }
    let step: Span = course.culprit()?.span;
    let status = course.status()?;
    Some(Finding {
        rule,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} {} is answered {status}, so the page cannot call it",
            page.method,
            page.url()
        ),
        primary: Label {
            span: call.span,
            text: "a browser asks first whether it may send this".into(),
        },
        related: vec![Label {
            span: step,
            text: format!("answers the preflight with {status}"),
        }],
        intent: Some(Intent {
            text: "the call stands in the source of a page".into(),
            span: Some(call.span),
        }),
        help: help.to_owned(),
        witness: Some(Witness {
            request: preflight,
            course,
        }),
    })
}

/// No route, no method, no path.
fn is_missing(course: &Course) -> bool {
    course.culprit().is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Route,
                ..
            }
        )
    })
}

fn asks(course: &Course) -> bool {
    super::apigw::refusal(course).is_some()
}
