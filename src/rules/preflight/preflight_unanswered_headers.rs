use super::exchange::{Exchange, carries, confidence, is_forwarded, lowered};
use super::lines::{self, ALLOW_ORIGIN, Grade};
use super::lists_lost;
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::{Course, End};
use crate::gates::nginx::add_header_settings;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Kind, LevelId};
use crate::probes::Cors;
use crate::source::Span;

pub const ID: &str = "preflight-unanswered-headers";

/// nginx answers a preflight with success and without the header that the request gets.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange).or_else(|| lists_lost::judge(ID, exchange)));
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let expected = Cors::of(&exchange.announced.course).origin()?;
    let course = exchange.answers.iter().find(|course| is_bare(course))?;
    let level = exchange.level_of(course);
    let config = exchange.visit.gate.config();
    let in_force = add_header_settings(config, level);
    let hole = config
        .enclosing(level)
        .any(|at| !config.level(at).holes.is_empty());
    if hole || in_force.iter().any(|line| lines::is(line, ALLOW_ORIGIN)) {
        return None;
    }
    let End::Answered { by, .. } = course.end else {
        return None;
    };
    let need = exchange.need.as_ref()?;
    let mut severity = match need.grade {
        Grade::Possible => Severity::Warning,
        _ => Severity::Error,
    };
    if exchange.is_conditional(course) || course.is_assumed() {
        severity = lowered(severity);
    }
    let (primary, help) = cause(exchange, level, by);
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(course, Confidence::High),
        message: format!(
            "the preflight of {} is answered {} without {ALLOW_ORIGIN}, so a browser takes it for \
             a no",
            exchange.announced.request.url(),
            course.status().unwrap_or_default()
        ),
        primary,
        related: expected
            .span
            .map(|span| Label {
                span,
                text: "only the request itself gets this".into(),
            })
            .into_iter()
            .collect(),
        intent: Some(need.intent.clone()),
        help: help.into(),
        witness: Some(Witness {
            request: exchange.preflight.clone(),
            course: course.clone(),
        }),
    })
}

/// Success, from nginx itself, and no word on CORS.
fn is_bare(course: &Course) -> bool {
    let success = course
        .status()
        .is_some_and(|status| (200..300).contains(&status));
    success && !is_forwarded(course) && !carries(course, ALLOW_ORIGIN)
}

/// The line to change: the first `add_header` of the `if`, which drops those around it; else the
/// line that answers.
fn cause(exchange: &Exchange<'_>, level: LevelId, by: Span) -> (Label, &'static str) {
    let config = exchange.visit.gate.config();
    let own = config.level(level).own(Key::AddHeader);
    match (&config.level(level).kind, own.first()) {
        (Kind::If(_), Some(line)) => (
            Label {
                span: line.span,
                text: "drops every add_header that stands outside of this `if`".into(),
            },
            "take add_header out of the `if`, or repeat all CORS headers in it",
        ),
        (Kind::If(_), None) | (Kind::Server(_), _) => (
            Label {
                span: by,
                text: "answers before a location is chosen, so no header of a location goes out"
                    .into(),
            },
            "move the `if` into the location that sets the CORS headers: a server's `if` takes no \
             add_header",
        ),
        _ => (
            Label {
                span: by,
                text: "answers the preflight, and no CORS header is in force here".into(),
            },
            "set the CORS headers at the level that answers OPTIONS, too",
        ),
    }
}
