//! In an Express stack: cors is registered for OPTIONS and not for the methods that follow.

use super::ID;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::End;
use crate::gates::express::model::{Callee, Form, Item, Layer, Methods, What};
use crate::probes::Cors;
use crate::rules::preflight::crossing::Crossing;
use crate::rules::preflight::exchange::carries;
use crate::rules::preflight::lines::ALLOW_ORIGIN;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let app = crossing.app.app();
    let course = &crossing.announced.course;
    let answer = crossing.answer.as_ref().filter(|answer| answer.admits())?;
    let header = Cors::of(answer).origin()?.span?;
    // Some line of the program names the header: the handler may set it, or what it calls.
    if app.names_allow_origin || carries(course, ALLOW_ORIGIN) || answer.is_conditional() {
        return None;
    }
    // What another server answers may have the header, and where some routes have it the others
    // are meant for the own origin.
    if !matches!(course.end, End::Handled { .. }) || is_given(&app.stack) {
        return None;
    }
    let request = &crossing.announced.request;
    let is_source = app.form == Form::Source;
    Some(Finding {
        rule: ID,
        severity: match is_source && !course.is_conditional() {
            true => Severity::Error,
            false => Severity::Warning,
        },
        confidence: Confidence::Medium,
        message: format!(
            "{ALLOW_ORIGIN} is set on the preflight of {} {} and not on the answer{}, so no page \
             of another origin can read it",
            request.method,
            request.url(),
            if is_source {
                ""
            } else {
                ", unless the handler sets it"
            }
        ),
        primary: Label {
            span: header,
            text: "only the preflight gets this".into(),
        },
        related: vec![Label {
            span: crossing.door.span,
            text: "answers without it".into(),
        }],
        intent: Some(Intent {
            text: "the preflight lets pages of other origins in".into(),
            span: Some(header),
        }),
        help: "register cors for all methods, `app.use(cors(…))`: it answers OPTIONS, too".into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}

/// Whether cors is registered for anything but OPTIONS.
fn is_given(stack: &[Item]) -> bool {
    let is_cors = |layer: &Layer| matches!(&layer.callee, Callee::Package { package, .. } if package == "cors");
    let is_options = |methods: &Methods| matches!(methods, Methods::These(these) if these.iter().all(|one| one == "OPTIONS"));
    stack.iter().any(|item| match &item.what {
        What::Use { layer, .. } => is_cors(layer),
        What::Router { router, .. } => is_given(&router.stack),
        What::Route { methods, chain, .. } => !is_options(methods) && chain.iter().any(is_cors),
        What::Opaque(_) => false,
    })
}
