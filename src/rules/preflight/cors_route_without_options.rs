use super::crossing::Crossing;
use super::exchange::{carries, lowered};
use super::lines::ALLOW_ORIGIN;
use crate::finding::{Confidence, Finding, Intent, Label, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::express::model::Form;

pub const ID: &str = "cors-route-without-options";

/// `cors` stands on a route, and the preflight of that route never meets it.
pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let header = crossing.allow_origin()?;
    let course = crossing.answer.as_ref()?;
    if carries(course, ALLOW_ORIGIN) || !is_answered_by_express(course) {
        return None;
    }
    let request = &crossing.announced.request;
    let mut severity = crossing.severity()?;
    if course.is_conditional() {
        severity = lowered(severity);
    }
    let status = course.status()?;
    let path = crossing
        .door
        .name
        .split_once(' ')
        .map_or("", |(_, path)| path);
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} {} is answered {status} by Express itself, without {ALLOW_ORIGIN}",
            request.method,
            request.url()
        ),
        primary: Label {
            span: crossing.door.span,
            text: "has no handler for OPTIONS, so no cors runs for a preflight".into(),
        },
        related: header
            .span
            .into_iter()
            .map(|span| Label {
                span,
                text: "runs for the request itself only".into(),
            })
            .collect(),
        intent: Some(Intent {
            text: "pages of another origin may read the answer to the request itself".into(),
            span: header.span,
        }),
        help: help(crossing.app.app().form, path),
        witness: Some(Witness {
            request: crossing.preflight.clone(),
            course: course.clone(),
        }),
    })
}

fn help(form: Form, path: &str) -> String {
    match form {
        Form::Gateway => "name OPTIONS in `methods`, or leave `methods` out: then the cors of the \
                          pipeline answers the preflight"
            .into(),
        _ => format!(
            "add `app.options('{path}', cors())` with the same options, or register cors for the \
             whole app with `app.use(cors())`"
        ),
    }
}

/// The list of methods that Express makes itself, or that there is no such route.
fn is_answered_by_express(course: &Course) -> bool {
    matches!(
        course.steps.last().map(|step| &step.effect),
        Some(
            Effect::Answers { status: 200 }
                | Effect::Refuses {
                    check: Check::File,
                    ..
                }
        )
    )
}
