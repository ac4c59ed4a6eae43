//! The rule book as SARIF has it.

use super::level;
use super::model::{Configuration, Help, Rule, RuleProperties};
use super::text::{sentence, stopped};
use crate::finding::{Confidence, Severity};
use crate::rules::{self, Question};

/// Where the page of a rule can be read: this, then `<question>/<id>.md`.
const PAGES: &str = "https://github.com/why403/why403/blob/main/rules";

/// `None` for a rule whose page cannot be read, which no rule of ours is.
pub fn rule(rule: &rules::Rule) -> Option<Rule> {
    let page = rule.meta().ok()?;
    let help_uri = format!("{PAGES}/{}/{}.md", rule.question.as_str(), rule.id);
    let summary = paragraph(page.summary);
    Some(Rule {
        id: rule.id,
        name: pascal_case(rule.id),
        short_description: sentence(&page.title),
        full_description: sentence(&summary),
        help: Help {
            text: format!("{}\nSee {help_uri}", stopped(&summary)),
            markdown: page.markdown.to_owned(),
        },
        help_uri,
        default_configuration: Configuration {
            level: level(page.severity),
        },
        properties: RuleProperties {
            tags: tags(rule.question, page.gates),
            precision: precision(page.confidence),
            problem_severity: problem_severity(page.severity),
            security_severity: security_severity(page.severity),
        },
    })
}

/// The first paragraph as one line: a description of a rule has no markup and no lines.
fn paragraph(markdown: &str) -> String {
    let lines: Vec<_> = markdown
        .trim()
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect();
    lines.join(" ")
}

/// GitHub heeds `security-severity` only for rules with the tag `security`.
fn tags(question: Question, gates: Vec<String>) -> Vec<String> {
    let own = ["security", question.as_str()].map(str::to_owned);
    own.into_iter().chain(gates).collect()
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// GitHub's word for a note is `recommendation`.
fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    }
}

/// On GitHub's scale: high from 7.0, medium from 4.0, low below. Critical is for holes, and a door
/// that is shut too tight is none.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "7.0",
        Severity::Warning => "5.0",
        Severity::Note => "2.0",
    }
}

/// `preflight-denied` as `PreflightDenied`: SARIF's `name` is an identifier.
fn pascal_case(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(chars)
        })
        .collect()
}
