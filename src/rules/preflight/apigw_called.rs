//! A page that calls an API, or the URL of a function, by its full URL: its preflights.

use crate::callers::Place;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, GateKind};
use crate::gates::nginx::STRANGER;
use crate::probes::preflight;
use crate::request::Request;
use crate::source::Span;
use crate::trace::cloud::Sent;

/// What a preflight met.
pub enum Met {
    /// Nothing is there for it.
    Nothing,
    /// It is asked for a credential.
    Credential,
}

/// A page's call and its preflight; `None` where a browser does not ask first.
pub fn asked(sent: &Sent<'_>, origin: &str) -> Option<(Request, Request)> {
    let call = &sent.caller.call;
    if call.place != Place::Browser {
        return None;
    }
    let announced = call.announced();
    let mut names: Vec<&str> = announced.iter().map(|(name, _)| name.as_str()).collect();
    if sent.request.signed_by.is_some() && !names.contains(&"authorization") {
        names.push("authorization");
    }
    let is_simple = matches!(sent.request.method.as_str(), "GET" | "HEAD" | "POST");
    if is_simple && names.is_empty() {
        return None;
    }
    let mut page = sent.request.clone();
    page.headers.push("Origin", origin);
    let answer = sent.send(&page)?;
    // What refuses the request itself is another rule's: of an API, what has no such path.
    let is_told = match sent.gate.name().kind {
        GateKind::ApiGateway => is_missing(&answer),
        GateKind::FunctionUrl => !answer.admits(),
        _ => true,
    };
    if is_told {
        return None;
    }
    let mut preflight = preflight(&page, &page.method, &names);
    for name in &names {
        preflight.headers.remove(name);
    }
    preflight.signed_by = None;
    Some((page, preflight))
}

/// The preflight of a page's call that is refused, for this reason.
pub fn refused(sent: &Sent<'_>, rule: &'static str, met: &Met, help: &str) -> Option<Finding> {
    let call = &sent.caller.call;
    let (page, preflight) = asked(sent, STRANGER)?;
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
