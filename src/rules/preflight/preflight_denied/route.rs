//! In an Express stack: something answers OPTIONS before `cors` does.

use super::ID;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Step};
use crate::rules::preflight::crossing::Crossing;
use crate::rules::preflight::exchange::lowered;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let course = crossing.answer.as_ref()?;
    let culprit = refusal(course)?;
    let header = crossing.allow_origin()?;
    let request = &crossing.announced.request;
    let with = crossing
        .header
        .as_ref()
        .map_or(String::new(), |name| format!(" with {name}"));
    let name = name(culprit);
    Some(Finding {
        rule: ID,
        severity: severity(crossing, course)?,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} {}{with} is answered {}, so no page of another origin can send \
             that",
            request.method,
            request.url(),
            status(course)
        ),
        primary: Label {
            span: culprit.span,
            text: "answers OPTIONS: a preflight carries no credential".into(),
        },
        related: header
            .span
            .into_iter()
            .map(|span| Label {
                span,
                text: "comes too late for the preflight".into(),
            })
            .collect(),
        intent: Some(Intent {
            text: "the answer to the request itself may be read by the page".into(),
            span: header.span,
        }),
        help: format!("register cors before {name}; it answers OPTIONS itself"),
        witness: Some(Witness {
            request: crossing.preflight.clone(),
            course: course.clone(),
        }),
    })
}

/// The step that keeps a preflight out: a check that browsers cannot pass.
fn refusal(course: &Course) -> Option<&Step> {
    let redirects = matches!(course.status(), Some(300..=399));
    if !course.refuses() && !redirects && course.status() != Some(500) {
        return None;
    }
    course.culprit().filter(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Credential | Check::Csrf | Check::Grant,
                ..
            }
        )
    })
}

/// The layer, as the step tells of it.
fn name(step: &Step) -> String {
    match &step.effect {
        Effect::Refuses { detail, .. } => detail
            .split_once(" finds")
            .or_else(|| detail.split_once(" cannot"))
            .map_or("it", |(name, _)| name)
            .to_owned(),
        _ => "it".into(),
    }
}

fn status(course: &Course) -> String {
    course
        .status()
        .map_or("nothing".into(), |status| status.to_string())
}

fn severity(crossing: &Crossing<'_>, course: &Course) -> Option<Severity> {
    let severity = crossing.severity()?;
    Some(match course.is_conditional() {
        true => lowered(severity),
        false => severity,
    })
}
