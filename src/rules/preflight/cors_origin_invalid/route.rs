//! In an Express stack: an origin that no browser sends.

use super::{ID, fault};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::rules::preflight::crossing::Crossing;
use crate::rules::preflight::lines::ALLOW_ORIGIN;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let header = crossing.allow_origin()?;
    let (value, span) = (header.value.known()?, header.span?);
    let fault = fault(value)?;
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{ALLOW_ORIGIN} of {} is `{value}`, which is no origin, so no page can read the answer",
            crossing.announced.request.url()
        ),
        primary: Label {
            span,
            text: fault.text.into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "an origin is named here".into(),
            span: Some(span),
        }),
        help: fault.help.into(),
        witness: Some(Witness {
            request: crossing.announced.request.clone(),
            course: crossing.announced.course.clone(),
        }),
    })
}
