use bstr::{BStr, BString, ByteSlice};

use super::{AUTHORIZATION, Handed, MAX_SIBLINGS, is_clients_own, judge_handed, names};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::{Config, LevelId, Setting};
use crate::gates::nginx::value::Value;
use crate::probes::{BEARER, Visit, visits_of};
use crate::redact;
use crate::request::Request;

pub const ID: &str = "authorization-not-inherited";

/// An outer level sets Authorization, and a level with a line of its own kind does not inherit it.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_handed(visit, findings, visit.example, judge);
}

fn judge(visit: &Visit<'_>, _: &Request, handed: &Handed<'_>) -> Option<Finding> {
    let config = visit.gate.config();
    let module = handed.module();
    let (outer, inner) = lost(config, handed.level, module)?;
    let is_inside = config.setting(handed.level, Key::Internal).is_some();
    if is_inside || opens(config, handed.level) {
        return None;
    }
    let request = with_sources(visit.example, &outer.args[1]);
    let sent = visit.send(&request);
    let course = sent
        .iter()
        .find(|course| Handed::of(course).is_some_and(|other| other.level == handed.level))?;
    let went = Handed::of(course)?;
    if went.request.headers.has(AUTHORIZATION) {
        return None;
    }
    let severity = match use_of(visit, handed, outer) {
        _ if outer.branch != 0 || inner.branch != 0 => Severity::Note,
        Use::SameUpstream => Severity::Error,
        Use::Nowhere => Severity::Warning,
        Use::Elsewhere => Severity::Note,
    };
    Some(Finding {
        rule: ID,
        severity: if course.is_assumed() {
            severity.min(Severity::Warning)
        } else {
            severity
        },
        confidence: Confidence::High,
        message: format!(
            "{} goes to the upstream without Authorization: a level with its own {} inherits none",
            request.url(),
            inner.name
        ),
        primary: Label {
            span: inner.span,
            text: format!("replaces all {} lines of the outer level", inner.name),
        },
        related: vec![Label {
            span: outer.span,
            text: "does not count here".into(),
        }],
        intent: Some(Intent {
            text: "the outer level sets Authorization for what is sent on".into(),
            span: Some(outer.span),
        }),
        help: format!(
            "repeat `{} {} {};` beside it, with the other lines that are wanted here",
            outer.name,
            outer.args[0].raw,
            quoted(shown(&outer.args[1]).as_bstr())
        ),
        witness: Some(Witness {
            request,
            course: course.clone(),
        }),
    })
}

/// A value as it may stand in a log: a token that is written out stays out of it.
fn shown(value: &Value) -> BString {
    match value.literal() {
        Some(text) => redact::value(AUTHORIZATION, text),
        None => value.raw.clone(),
    }
}

/// The outer line that is lost at a level, and the inner line that replaces it.
fn lost(config: &Config, level: LevelId, module: Module) -> Option<(&Setting, &Setting)> {
    let key = Key::SetHeader(module);
    let mut levels = config
        .enclosing(level)
        .map(|at| config.level(at).own(key))
        .filter(|own| !own.is_empty());
    let inner = levels.next()?;
    let outer = levels
        .next()?
        .iter()
        .find(|line| names(&line.args[0], AUTHORIZATION))?;
    let sets_itself = inner.iter().any(|line| names(&line.args[0], AUTHORIZATION));
    let removes = outer.args[1].literal().is_some_and(|text| text.is_empty());
    // The client's own header is passed on without any line.
    (!sets_itself && !removes && !is_clients_own(&outer.args[1]))
        .then(|| inner.first())
        .flatten()
        .map(|inner| (outer, inner))
}

/// A location that switches the check of the outer level off is open on purpose.
fn opens(config: &Config, level: LevelId) -> bool {
    [Key::AuthRequest, Key::AuthBasic].iter().any(|key| {
        config
            .setting(level, *key)
            .is_some_and(|setting| setting.args[0].raw == "off")
    })
}

/// The request with all that the value is made of, and without a token of its own.
fn with_sources(example: &Request, value: &crate::gates::nginx::value::Value) -> Request {
    let mut request = example.clone();
    let token = BEARER.trim_start_matches("Bearer ");
    for name in value.variables() {
        if let Some(cookie) = name.strip_prefix(b"cookie_") {
            let pair = [cookie, b"=", token.as_bytes()].concat();
            request.headers.push("Cookie", pair);
        } else if let Some(header) = name.strip_prefix(b"http_") {
            request.headers.push(header.replace("_", "-"), token);
        }
    }
    request.headers.remove(AUTHORIZATION);
    request
}

enum Use {
    /// Another door inherits the line and goes to the same upstream.
    SameUpstream,
    /// Other doors inherit it, for other upstreams.
    Elsewhere,
    /// No door inherits it.
    Nowhere,
}

fn use_of(visit: &Visit<'_>, handed: &Handed<'_>, outer: &Setting) -> Use {
    let key = Key::SetHeader(handed.module());
    let config = visit.gate.config();
    let inherits = |level: LevelId| {
        config
            .settings(level, key)
            .iter()
            .any(|line| line.span == outer.span)
    };
    let mut found = Use::Nowhere;
    let others = visits_of(visit.gate).filter(|other| inherits(other.level()));
    for other in others.take(MAX_SIBLINGS) {
        for course in other.send(other.example).iter() {
            let Some(other) = Handed::of(course) else {
                continue;
            };
            if !inherits(other.level) {
                continue;
            }
            match (other.to.address.known(), handed.to.address.known()) {
                (Some(one), Some(two)) if one == two => return Use::SameUpstream,
                _ => found = Use::Elsewhere,
            }
        }
    }
    found
}

fn quoted(text: &BStr) -> String {
    match text.contains(&b' ') {
        true => format!("\"{text}\""),
        false => text.to_string(),
    }
}
