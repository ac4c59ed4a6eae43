//! In an Express stack: `*` for pages that send cookies.

use super::{ID, is_contradiction};
use crate::callers::{Credentials, Place};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, ResponseHeader};
use crate::probes::Cors;
use crate::request::{Known, Request};
use crate::rules::preflight::crossing::Crossing;
use crate::trace::calls::{COOKIE, Joined, Remote};

/// The app's own word: credentials are allowed, from any origin.
pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    let sent = &crossing.announced;
    if !is_contradiction(&sent.course) {
        return;
    }
    let cors = Cors::of(&sent.course);
    let (Some(origin), Some(credentials)) = (cors.origin(), cors.credentials) else {
        return;
    };
    // A route that lets nobody in without a cookie is one to which pages send it.
    let needs_cookie = sent.request.headers.has("Cookie")
        && !sent.request.headers.has("Authorization")
        && crossing
            .send(&crossing.without_credential())
            .is_some_and(|course| course.refuses());
    let (severity, text) = match needs_cookie {
        true => (
            Severity::Warning,
            "the route asks for a cookie, and credentials are allowed",
        ),
        false => (Severity::Note, "credentials are allowed"),
    };
    findings.extend(finding(
        &sent.request,
        &sent.course,
        origin,
        severity,
        Intent {
            text: text.into(),
            span: credentials.span,
        },
    ));
}

/// A page that sends its cookies, whatever the app says of them.
pub fn check_call(joined: &Joined<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge_call(joined));
}

fn judge_call(joined: &Joined<'_>) -> Option<Finding> {
    let call = &joined.caller.call;
    let mode = &call.credentials;
    if call.place != Place::Browser
        || joined.remote == Remote::No
        || mode.mode != Known::Is(Credentials::Include)
    {
        return None;
    }
    let mut request = joined.as_sent(joined.origin().as_deref());
    if !request.headers.has("Cookie") {
        request.headers.push("Cookie", COOKIE);
    }
    let course = joined.send(&request).filter(Course::admits)?;
    let origin = Cors::of(&course).origin()?;
    if origin.value.known()?.as_slice() != b"*" {
        return None;
    }
    let severity = joined.severity(&course);
    let intent = Intent {
        text: format!("a page calls {}", joined.evidence()),
        span: Some(call.span),
    };
    let mut finding = finding(&request, &course, origin, severity, intent)?;
    finding.related.extend(mode.span.map(|span| Label {
        span,
        text: "sends cookies".into(),
    }));
    Some(finding)
}

fn finding(
    request: &Request,
    course: &Course,
    origin: &ResponseHeader,
    severity: Severity,
    intent: Intent,
) -> Option<Finding> {
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "{} answers `*` to pages that send credentials, and a browser then keeps the answer \
             from them",
            request.url()
        ),
        primary: Label {
            span: origin.span?,
            text: "`*` is no origin to a request with credentials".into(),
        },
        related: Vec::new(),
        intent: Some(intent),
        help: "name the origins of the pages: `cors({ origin: ['https://app.example'], \
               credentials: true })`"
            .into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}
