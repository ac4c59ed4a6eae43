//! In an Express stack: something refuses before `cors` has put its header on the answer.

use super::ID;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Gate, Unsure};
use crate::gates::express::Express;
use crate::probes::Sent;
use crate::request::Request;
use crate::rules::preflight::crossing::Crossing;
use crate::rules::preflight::exchange::{carries, lowered};
use crate::rules::preflight::lines::ALLOW_ORIGIN;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    let Some(header) = crossing.allow_origin() else {
        return;
    };
    let unasked = crossing.without_credential();
    let found = refused(crossing.app, &unasked).or_else(|| limited(crossing));
    let Some(sent) = found else {
        return;
    };
    // Where the preflight is refused by the same layer that is said already, and graver.
    let by = sent.course.culprit().map(|step| step.span);
    let told = crossing.answer.as_ref().and_then(Course::culprit);
    if crossing.needs_preflight() && told.map(|step| step.span) == by {
        return;
    }
    findings.extend(finding(sent, header.span));
}

/// A refusal for want of a credential, without the header.
fn refused(app: &Express, request: &Request) -> Option<Sent> {
    let course = app.pass(request).into_iter().next()?;
    let by_check = course.culprit().is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Credential | Check::Grant,
                ..
            }
        )
    });
    let bare = by_check && course.refuses() && !carries(&course, ALLOW_ORIGIN);
    bare.then(|| Sent {
        request: request.clone(),
        course,
    })
}

/// The answer of a limit that is used up, without the header.
fn limited(crossing: &Crossing<'_>) -> Option<Sent> {
    let request = &crossing.announced.request;
    let mut courses = crossing.app.pass(request).into_iter();
    let course = courses.find(|course| {
        let reached = course.conditions.iter().any(|condition| {
            condition.holds && matches!(condition.what, Unsure::LimitReached { .. })
        });
        reached
            && course.refuses()
            && !carries(course, ALLOW_ORIGIN)
            && fits(course, &crossing.announced.course)
    })?;
    Some(Sent {
        request: request.clone(),
        course,
    })
}

/// Two courses under the same unknowns.
fn fits(course: &Course, other: &Course) -> bool {
    course.conditions.iter().all(|one| {
        let is_limit = matches!(one.what, Unsure::LimitReached { .. });
        let mut same = other.conditions.iter().filter(|two| two.what == one.what);
        is_limit || same.all(|two| two.holds == one.holds)
    })
}

fn finding(sent: Sent, header: Option<crate::source::Span>) -> Option<Finding> {
    let culprit = sent.course.culprit()?.span;
    let status = sent.course.status()?;
    let mut severity = Severity::Warning;
    if sent.course.is_conditional() {
        severity = lowered(severity);
    }
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "the {status} of {} {} has no {ALLOW_ORIGIN}, so a page sees a network error in its \
             place",
            sent.request.method,
            sent.request.url()
        ),
        primary: Label {
            span: culprit,
            text: format!("answers {status} before the header is set"),
        },
        related: header
            .into_iter()
            .map(|span| Label {
                span,
                text: "sets it on the other answers".into(),
            })
            .collect(),
        intent: Some(Intent {
            text: "pages of another origin may read the other answers".into(),
            span: header,
        }),
        help: "register cors before what refuses, so that its header is on every answer".into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}
