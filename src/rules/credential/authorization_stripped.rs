use super::{
    AUTHORIZATION, Handed, authenticates, demanded, is_welcome, judge_with, sibling,
    store_upstream, touches_authorization, wanted,
};
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::{Effect, Step};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::Setting;
use crate::probes::{BEARER, Visit};
use crate::request::Request;

pub const ID: &str = "authorization-stripped";

/// A token arrives at the gate and does not leave it.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_with(BEARER, visit, findings, touches_authorization, judge);
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    let config = visit.gate.config();
    let deliberate = handed.request.headers.has(AUTHORIZATION)
        || authenticates(config, handed.level)
        || store_upstream(config, handed)
        || is_welcome(visit, handed);
    if deliberate {
        return None;
    }
    let step = removal(handed)?;
    let line = super::sets(config, handed.level, handed.module(), AUTHORIZATION)
        .find(|setting| setting.span == step.span);
    let variable = line.and_then(|line| line.args[1].sole_variable());
    let optional = line.is_some_and(|line| line.branch != 0) || handed.course.is_assumed();
    let (severity, intent) = match wanted(config, handed).or_else(|| demanded(visit, handed)) {
        Some(intent) if optional => (Severity::Warning, Some(intent)),
        Some(intent) => (Severity::Error, Some(intent)),
        None => match sibling(visit, handed) {
            Some(intent) => (Severity::Warning, Some(intent)),
            None => (Severity::Note, None),
        },
    };
    let why = match (variable, line) {
        (Some(name), _) => format!("${name} is empty here, and an empty value removes the header"),
        (None, Some(_)) => "an empty value removes the header".into(),
        (None, None) => "no header of the client is passed on".into(),
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: if intent.is_some() {
            Confidence::High
        } else {
            Confidence::Low
        },
        message: format!(
            "the Bearer token of {} does not reach the upstream: {why}",
            request.url()
        ),
        primary: Label {
            span: step.span,
            text: "takes Authorization off the request".into(),
        },
        related: vec![Label {
            span: handed.by,
            text: "sends the request on without it".into(),
        }],
        intent,
        help: help(line, visit, handed),
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

/// The step that took the token off.
fn removal<'c>(handed: &Handed<'c>) -> Option<&'c Step> {
    let step = handed.step(AUTHORIZATION)?;
    matches!(step.effect, Effect::RemovesHeader { .. }).then_some(step)
}

fn help(line: Option<&Setting>, visit: &Visit<'_>, handed: &Handed<'_>) -> String {
    let config = visit.gate.config();
    let Some(line) = line else {
        return format!(
            "write `proxy_set_header Authorization $http_authorization;` beside it, or drop the \
             `{}` line",
            config
                .setting(handed.level, Key::PassRequestHeaders(handed.module()))
                .map_or("proxy_pass_request_headers", |setting| setting.name)
        );
    };
    match line.args[1].sole_variable() {
        Some(name) => format!(
            "fall back to the client's header: `map ${name} $upstream_authorization {{ default \
             ${name}; \"\" $http_authorization; }}`"
        ),
        None => "drop the line: nginx passes Authorization on by itself".into(),
    }
}
