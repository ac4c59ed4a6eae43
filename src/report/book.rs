//! The rule book at a terminal.

use super::human::{tone, word};
use super::text::{Terminal, Tone, wrap};
use crate::rules::Rule;

/// All rules, by question.
pub fn list(rules: &[Rule], terminal: Terminal) -> String {
    let column = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    // Two blanks before the id, two after it, and a severity of at most seven letters.
    let indent = column + 13;
    let mut out = String::new();
    for questions in rules.chunk_by(|a, b| a.question == b.question) {
        let question = questions[0].question;
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&terminal.paint(Tone::Strong, question.asks()));
        out.push('\n');
        for rule in questions {
            // `tests/rule_pages.rs` fails for a page that cannot be read.
            let Ok(page) = rule.meta() else { continue };
            let level = terminal.paint(tone(page.severity), word(page.severity));
            let gap = " ".repeat(9 - word(page.severity).len());
            let mut lines = wrap(&page.title, terminal.width.saturating_sub(indent)).into_iter();
            let first = lines.next().unwrap_or_default();
            out.push_str(&format!("  {:column$}  {level}{gap}{first}\n", rule.id));
            for line in lines {
                out.push_str(&format!("{}{line}\n", " ".repeat(indent)));
            }
        }
    }
    out
}

/// One page, as it is written.
pub fn page(rule: &Rule, terminal: Terminal) -> String {
    let Ok(page) = rule.meta() else {
        return rule.page.to_owned();
    };
    let level = format!("{}[{}]", word(page.severity), rule.id);
    format!(
        "{}: {}\n\n{}\n\nSee also:\n{}",
        terminal.paint(tone(page.severity), &level),
        terminal.paint(Tone::Strong, &page.title),
        page.markdown.trim_end(),
        page.references
            .iter()
            .map(|url| format!("  {url}\n"))
            .collect::<String>(),
    )
}
