//! Annotations for GitHub Actions: one workflow command a line.
//!
//! The text of a command comes partly from the configuration, so it is escaped as the runner
//! undoes it; otherwise a line break in a config could begin a command of its own.

use std::fmt::Write;

use super::place::Place;
use super::visible::visible;
use crate::check::Outcome;
use crate::estate::Problem;
use crate::finding::{Finding, Severity};
use crate::source::{SourceMap, Span};

/// The findings, then the problems. What is suppressed makes no annotation.
pub fn render(outcome: &Outcome, sources: &SourceMap) -> String {
    let mut out = String::new();
    for finding in &outcome.findings {
        let message = finding_text(finding);
        command(
            &mut out,
            level(finding.severity),
            Some(finding.primary.span),
            sources,
            finding.rule,
            &message,
        );
    }
    for problem in &outcome.problems {
        let level = if problem.fatal { "error" } else { "warning" };
        let message = problem_text(problem);
        command(&mut out, level, problem.span, sources, "why403", &message);
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn finding_text(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if let Some(intent) = &finding.intent {
        text = format!("{text}\nmeant to pass: {}", intent.text);
    }
    if !finding.help.is_empty() {
        text = format!("{text}\nhelp: {}", finding.help);
    }
    text
}

fn problem_text(problem: &Problem) -> String {
    match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    }
}

fn command(
    out: &mut String,
    level: &str,
    span: Option<Span>,
    sources: &SourceMap,
    title: &str,
    message: &str,
) {
    let mut properties = Vec::new();
    if let Some(span) = span {
        let place = Place::of(span, sources);
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("endLine={}", place.end_line));
        // Columns of a range over several lines are refused by the runner.
        if place.line == place.end_line {
            properties.push(format!("col={}", place.column));
            properties.push(format!("endColumn={}", place.end_column));
        }
    }
    properties.push(format!("title={}", property(title)));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "::{level} {}::{}", properties.join(","), data(message));
}

/// The text of a message, as the runner unescapes it.
fn data(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property; a comma or a colon would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
