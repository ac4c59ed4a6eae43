use bstr::ByteSlice;

use super::{AUTHORIZATION, Handed, authenticates, demanded, judge_with, sets, sibling};
use super::{store_upstream, touches_authorization, wanted};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::nginx::model::Setting;
use crate::probes::{BEARER, Visit};
use crate::request::{Known, Request};

pub const ID: &str = "authorization-overwritten";

/// A token arrives at the gate, and the upstream gets something else in its place.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_with(BEARER, visit, findings, touches_authorization, judge);
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    let config = visit.gate.config();
    let Some(Known::Is(sent)) = handed.request.headers.get(AUTHORIZATION) else {
        return None;
    };
    if sent == BEARER || authenticates(config, handed.level) || store_upstream(config, handed) {
        return None;
    }
    let line = sets(config, handed.level, handed.module(), AUTHORIZATION).last()?;
    let damage = damage(line, sent);
    let intent = wanted(config, handed).or_else(|| demanded(visit, handed));
    let is_certain = intent.is_some() && line.branch == 0 && !handed.course.is_assumed();
    let intent = intent
        .or_else(|| own_word(line))
        .or_else(|| sibling(visit, handed))?;
    let severity = match &damage {
        // The upstream may well accept a credential of its own.
        Damage::Another => Severity::Note,
        _ if is_certain => Severity::Error,
        _ => Severity::Warning,
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: if is_certain {
            Confidence::High
        } else {
            Confidence::Medium
        },
        message: format!(
            "the Bearer token of {} is replaced on its way to the upstream: {}",
            request.url(),
            damage.told()
        ),
        primary: Label {
            span: line.span,
            text: match damage {
                Damage::Another => "sends another credential for every caller".into(),
                _ => format!("sends `Authorization: {}`", sent.trim_end().as_bstr()),
            },
        },
        related: vec![Label {
            span: handed.by,
            text: "sends the request on".into(),
        }],
        intent: Some(intent),
        help: damage.help(line),
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

enum Damage {
    /// `Bearer Bearer …`.
    Doubled,
    /// `Bearer` and nothing behind it.
    Empty,
    /// A credential of somebody else.
    Another,
}

fn damage(line: &Setting, sent: &[u8]) -> Damage {
    let words: Vec<&[u8]> = sent.fields().collect();
    let is_scheme = |word: &[u8]| {
        ["bearer", "basic", "token", "digest"]
            .iter()
            .any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    match words.as_slice() {
        [first, second, ..] if is_scheme(first) && is_scheme(second) => Damage::Doubled,
        [only] if is_scheme(only) && line.args[1].has_variables() => Damage::Empty,
        _ => Damage::Another,
    }
}

impl Damage {
    fn told(&self) -> &'static str {
        match self {
            Damage::Doubled => "the scheme stands there twice",
            Damage::Empty => "a scheme without a token stands there",
            Damage::Another => "another credential stands there",
        }
    }

    fn help(&self, line: &Setting) -> String {
        match self {
            Damage::Doubled => "write `$http_authorization` alone: it holds the scheme, too".into(),
            Damage::Empty => format!(
                "send a value that falls back to `$http_authorization` where there is no token: a \
                 map over what `{}` holds",
                line.args[1].raw
            ),
            Damage::Another => "drop the line if clients bring tokens of their own".into(),
        }
    }
}

/// A line that names the client's own header means to pass it on.
fn own_word(line: &Setting) -> Option<Intent> {
    let names_it = line.args[1]
        .variables()
        .any(|name| name.as_bytes() == b"http_authorization");
    names_it.then(|| Intent {
        text: "the line names $http_authorization, the client's own header".into(),
        span: Some(line.span),
    })
}
