//! A preflight that is answered well but for the list that an `if` lost.

use super::exchange::{Exchange, carries, confidence, is_forwarded, lowered};
use super::lines::{self, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, Grade, Need};
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::Course;
use crate::gates::nginx::add_header_settings;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Kind, LevelId, Setting};
use crate::probes::preflight;
use crate::request::Request;

/// The `if` of the preflight repeats Access-Control-Allow-Origin, and not what stands around it
/// about headers or methods.
pub fn judge(rule: &'static str, exchange: &Exchange<'_>) -> Option<Finding> {
    let mut answers = exchange.answers.iter();
    let level = answers.find_map(|course| {
        let level = exchange.level_of(course);
        is_welcome(course).then_some(level)
    })?;
    [ALLOW_HEADERS, ALLOW_METHODS]
        .into_iter()
        .find_map(|name| missing(rule, exchange, level, name))
}

/// Success, from nginx itself, for the page that asks.
fn is_welcome(course: &Course) -> bool {
    let success = course
        .status()
        .is_some_and(|status| (200..300).contains(&status));
    success && !is_forwarded(course) && carries(course, ALLOW_ORIGIN)
}

fn missing(
    rule: &'static str,
    exchange: &Exchange<'_>,
    level: LevelId,
    name: &str,
) -> Option<Finding> {
    let config = exchange.visit.gate.config();
    let at = config.level(level);
    let by = at.own(Key::AddHeader).first()?;
    let is_named = |line: &&Setting| lines::is(line, name);
    let here = add_header_settings(config, level);
    if !matches!(at.kind, Kind::If(_)) || here.iter().any(is_named) || config.hole(level).is_some()
    {
        return None;
    }
    let around = add_header_settings(config, at.parent?);
    let line = around.iter().copied().find(is_named)?;
    let need = lines::need_of_setting(line, &around)?;
    if need.grade == Grade::Possible {
        return None;
    }
    let (request, course) = ask(exchange, level, name, &need)?;
    let mut severity = match need.grade {
        Grade::Evident => Severity::Error,
        _ => Severity::Warning,
    };
    let optional = by.branch != 0 || line.branch != 0;
    if exchange.is_conditional(&course) || course.is_assumed() || optional {
        severity = lowered(severity);
    }
    let what = match &need.header {
        Some(header) => format!("{header} with {}", need.method),
        None => need.method.clone(),
    };
    Some(Finding {
        rule,
        severity,
        confidence: confidence(&course, Confidence::High),
        message: format!(
            "the preflight of {} is answered {} without {name}, so no page can send {what}",
            request.url(),
            course.status().unwrap_or_default()
        ),
        primary: Label {
            span: by.span,
            text: "drops every add_header that stands outside of this `if`".into(),
        },
        related: vec![Label {
            span: line.span,
            text: "does not get to the preflight".into(),
        }],
        intent: Some(need.intent),
        help: format!("repeat {name} in the `if`, or take add_header out of it"),
        witness: Some(Witness { request, course }),
    })
}

/// The preflight for what the line names, if the door admits what it announces.
fn ask(
    exchange: &Exchange<'_>,
    level: LevelId,
    name: &str,
    need: &Need,
) -> Option<(Request, Course)> {
    let visit = &exchange.visit;
    visit.admitted(&exchange.with_method(&need.method))?;
    let headers: Vec<&str> = need.header.as_deref().into_iter().collect();
    let request = preflight(&exchange.announced.request, &need.method, &headers);
    let lacks = |course: &&Course| {
        is_welcome(course) && !carries(course, name) && exchange.level_of(course) == level
    };
    let course = visit.send(&request).iter().find(lacks)?.clone();
    Some((request, course))
}
