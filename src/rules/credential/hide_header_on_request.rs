use super::{AUTHORIZATION, Handed, clearing, judge_with, names};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::Setting;
use crate::probes::{BASIC, Visit};
use crate::request::Request;

pub const ID: &str = "hide-header-on-request";

/// A line that hides headers of answers is meant to take Authorization off the request.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_with(
        BASIC,
        visit,
        findings,
        |visit, handed| hides(visit, handed).is_some(),
        judge,
    );
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    if !handed.request.headers.has(AUTHORIZATION) {
        return None;
    }
    let line = hides(visit, handed)?;
    let hides = handed
        .response
        .hide
        .iter()
        .any(|hidden| hidden.span == Some(line.span));
    if !hides {
        return None;
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!(
            "{} acts on answers, so the upstream still gets the client's Authorization",
            line.name
        ),
        primary: Label {
            span: line.span,
            text: "hides a header of the answer, where no Authorization ever stands".into(),
        },
        related: vec![Label {
            span: handed.by,
            text: "sends the request on with Authorization".into(),
        }],
        intent: Some(Intent {
            text: "the line has no other use than to keep Authorization from the upstream".into(),
            span: Some(line.span),
        }),
        help: format!(
            "write `{}` instead, beside the other lines that set request headers",
            clearing(handed.module())
        ),
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

fn hides<'e>(visit: &Visit<'e>, handed: &Handed<'_>) -> Option<&'e Setting> {
    let config = visit.gate.config();
    config
        .settings(handed.level, Key::HideHeader(handed.module()))
        .iter()
        .find(|setting| names(&setting.args[0], AUTHORIZATION))
}
