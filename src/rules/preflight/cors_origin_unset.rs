use super::exchange::carries;
use super::lines::ALLOW_ORIGIN;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Gate, Unsure};
use crate::gates::express::Express;
use crate::gates::nginx::STRANGER;
use crate::probes::route::running;
use crate::probes::{Sent, preflight};
use crate::source::Span;

pub const ID: &str = "cors-origin-unset";

/// cors is given an origin that is empty, and so it sends no header at all.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        for span in app.unset_origins() {
            findings.extend(unanswered(app).map(|sent| finding(span, sent)));
        }
    }
}

/// A preflight to a route that no other layer answers with the header.
fn unanswered(app: &Express) -> Option<Sent> {
    let examples = app
        .doors()
        .iter()
        .filter_map(|door| door.example.as_ref().ok());
    let mut sent = examples
        .filter(|example| example.method != "OPTIONS")
        .map(|example| {
            let mut page = example.clone();
            page.headers.push("Origin", STRANGER);
            let request = preflight(&page, &page.method, &[]);
            let course = app.pass(&request).into_iter().next()?;
            Some(Sent { request, course })
        });
    let is_bare = |course: &Course| {
        let mut conditions = course.conditions.iter();
        !carries(course, ALLOW_ORIGIN)
            && !conditions.any(|one| matches!(one.what, Unsure::Test { .. }))
    };
    sent.find_map(|sent| sent.filter(|sent| is_bare(&sent.course)))
}

fn finding(span: Span, sent: Sent) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        message: format!(
            "cors is given an empty origin, and then it sends no header at all: the preflight of \
             {} has no {ALLOW_ORIGIN}",
            sent.request.url()
        ),
        primary: Label {
            span,
            text: "is undefined or empty".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "an origin is to be named here; `false` would switch cors off".into(),
            span: Some(span),
        }),
        help: "name the origin, such as `https://app.example`, and let the app not start without \
               it"
        .into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    }
}
