use bstr::ByteSlice;

use super::{Handed, judge_handed, may_exclude, sets};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Protocol;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Config, Setting};
use crate::probes::Visit;
use crate::request::{Known, Request};

pub const ID: &str = "upstream-host-invalid";

/// The upstream gets two Hosts, or one that is no host: it answers 400.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_handed(visit, findings, visit.example, judge);
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    if !matches!(handed.to.protocol, Protocol::Http | Protocol::Https) {
        return None;
    }
    let config = visit.gate.config();
    let lines: Vec<&Setting> = sets(config, handed.level, handed.module(), "Host").collect();
    let fault = doubled(&lines, handed)
        .or_else(|| lines.iter().find_map(|line| url(config, line, handed)))?;
    Some(Finding {
        rule: ID,
        severity: fault.severity,
        confidence: Confidence::High,
        message: fault.message,
        primary: fault.primary,
        related: fault.related,
        intent: Some(Intent {
            text: "the request is sent on for an answer".into(),
            span: Some(handed.by),
        }),
        help: fault.help,
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

struct Fault {
    severity: Severity,
    message: String,
    primary: Label,
    related: Vec<Label>,
    help: String,
}

/// Two lines at one level are sent as two headers (RFC 9112 §3.2 wants 400 for them).
fn doubled(lines: &[&Setting], handed: &Handed<'_>) -> Option<Fault> {
    if handed.request.headers.all("Host").count() < 2 {
        return None;
    }
    let (first, second) = lines.iter().enumerate().find_map(|(at, first)| {
        let second = lines[at + 1..]
            .iter()
            .find(|second| !may_exclude(first, second))?;
        Some((*first, *second))
    })?;
    // Some servers take the first of two; with one value nothing is lost then.
    let same = first.args[1].raw == second.args[1].raw;
    let optional = first.branch != second.branch || same;
    Some(Fault {
        severity: if optional {
            Severity::Warning
        } else {
            Severity::Error
        },
        message: "nginx sends both lines to the upstream, and a server that follows RFC 9112 \
                  answers 400 to two Host headers"
            .into(),
        primary: Label {
            span: second.span,
            text: "sends a second Host".into(),
        },
        related: vec![Label {
            span: first.span,
            text: "the first Host stands here; at one level both count".into(),
        }],
        help: "leave one of the two `proxy_set_header Host` lines".into(),
    })
}

/// A URL where a host belongs.
fn url(config: &Config, line: &Setting, handed: &Handed<'_>) -> Option<Fault> {
    let value = &line.args[1];
    let sent = handed.request.headers.get("Host").and_then(Known::known);
    let literal = sent.filter(|sent| sent.contains_str("://") || sent.contains(&b'/'));
    let shown = match literal {
        Some(sent) => sent.to_string(),
        // `proxy_pass {{ x }}` makes a URL of x, so `Host {{ x }}` sends one.
        None if value.template && is_whole_upstream(config, line, handed) => value.raw.to_string(),
        None => return None,
    };
    Some(Fault {
        severity: Severity::Error,
        message: format!("`Host: {shown}` is a URL, and the upstream answers 400 Bad Request"),
        primary: Label {
            span: line.span,
            text: "sends a URL where only a host and a port may stand".into(),
        },
        related: match literal {
            Some(_) => Vec::new(),
            None => vec![Label {
                span: handed.by,
                text: "here the same value is a URL with its scheme".into(),
            }],
        },
        help: "send the host alone, such as `proxy_set_header Host $proxy_host;`".into(),
    })
}

/// Whether `proxy_pass` takes all of its URL, scheme included, from the same place.
fn is_whole_upstream(config: &Config, line: &Setting, handed: &Handed<'_>) -> bool {
    config
        .setting(handed.level, Key::Pass(handed.module()))
        .is_some_and(|pass| pass.args[0].template && pass.args[0].raw == line.args[1].raw)
}
