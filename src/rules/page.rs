//! A page of the rule book: documentation, help text and test in one.
//!
//! ```text
//! ---
//! title: A preflight is refused
//! severity: error
//! confidence: high
//! gates: [nginx]
//! since: 0.1.0
//! references:
//!   - https://fetch.spec.whatwg.org/#cors-preflight-fetch
//! ---
//! What the rule reports.
//!
//! ## Why it matters
//! ## Bad      fenced files, each group with a fenced `report`
//! ## Good     fenced files that must give no finding
//! ## Fix
//! ```

mod cases;

pub use cases::{Case, CaseFile, Report};

use crate::finding::{Confidence, Severity};
use crate::syntax::document::{self, Node};

#[derive(Clone, Debug)]
pub struct Page<'p> {
    pub title: String,
    pub severity: Severity,
    pub confidence: Confidence,
    /// The kinds of gates that the rule looks at.
    pub gates: Vec<String>,
    /// The version of the program that had it first.
    pub since: String,
    /// URLs of what the rule rests on.
    pub references: Vec<String>,
    /// The page without its front matter.
    pub markdown: &'p str,
    /// What it reports: the text above the first heading.
    pub summary: &'p str,
    pub why: &'p str,
    pub fix: &'p str,
    pub bad: Vec<Case<'p>>,
    pub good: Vec<Case<'p>>,
}

/// Why a page cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PageError(pub String);

impl<'p> Page<'p> {
    pub fn parse(text: &'p str) -> Result<Self, PageError> {
        let (front, markdown) = split_front_matter(text)?;
        let front = document::parse(0, front.as_bytes())
            .map_err(|error| PageError(format!("front matter: {error}")))?;
        let front = front
            .root()
            .ok_or_else(|| PageError("the front matter is empty".into()))?;
        only_known_keys(front)?;

        let sections = Sections::of(markdown)?;
        let mut page = Page {
            title: required(front, "title")?,
            severity: severity(&required(front, "severity")?)?,
            confidence: confidence(&required(front, "confidence")?)?,
            gates: list(front, "gates")?,
            since: required(front, "since")?,
            references: list(front, "references")?,
            markdown: markdown.trim_start(),
            summary: sections.summary,
            why: sections.get("Why it matters")?,
            fix: sections.get("Fix")?,
            bad: Vec::new(),
            good: Vec::new(),
        };
        let bad = sections.get("Bad")?;
        // Both are parts of one text, so the distance of their starts is the place of the section.
        page.bad = cases::bad(bad, bad.as_ptr().addr() - text.as_ptr().addr())?;
        page.good = cases::good(sections.get("Good")?)?;
        Ok(page)
    }
}

const KEYS: [&str; 6] = [
    "title",
    "severity",
    "confidence",
    "gates",
    "since",
    "references",
];

fn split_front_matter(text: &str) -> Result<(&str, &str), PageError> {
    text.strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .ok_or_else(|| PageError("the page does not begin with front matter between `---`".into()))
}

fn only_known_keys(front: Node<'_>) -> Result<(), PageError> {
    for (key, _) in front.entries() {
        let key = key.text().unwrap_or_default();
        if !KEYS.contains(&key) {
            return Err(PageError(format!("front matter: `{key}` has no meaning")));
        }
    }
    Ok(())
}

fn required(front: Node<'_>, key: &str) -> Result<String, PageError> {
    front
        .get(key)
        .and_then(Node::text)
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
        .ok_or_else(|| PageError(format!("front matter: `{key}` is missing")))
}

fn list(front: Node<'_>, key: &str) -> Result<Vec<String>, PageError> {
    let items: Option<Vec<String>> = front.get(key).map(|node| {
        node.items()
            .filter_map(Node::text)
            .map(str::to_owned)
            .collect()
    });
    items
        .filter(|items| !items.is_empty())
        .ok_or_else(|| PageError(format!("front matter: `{key}` is not a list of words")))
}

fn severity(word: &str) -> Result<Severity, PageError> {
    match word {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "note" => Ok(Severity::Note),
        _ => Err(PageError(format!(
            "front matter: the severity `{word}` is none of error, warning, note"
        ))),
    }
}

fn confidence(word: &str) -> Result<Confidence, PageError> {
    match word {
        "high" => Ok(Confidence::High),
        "medium" => Ok(Confidence::Medium),
        "low" => Ok(Confidence::Low),
        _ => Err(PageError(format!(
            "front matter: the confidence `{word}` is none of high, medium, low"
        ))),
    }
}

/// The text of a page, cut at its `## ` headings.
struct Sections<'p> {
    summary: &'p str,
    parts: Vec<(&'p str, &'p str)>,
}

impl<'p> Sections<'p> {
    fn of(markdown: &'p str) -> Result<Self, PageError> {
        let mut starts = Vec::new();
        let mut offset = 0;
        let mut fenced = false;
        for line in markdown.split_inclusive('\n') {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if let Some(title) = line.strip_prefix("## ").filter(|_| !fenced) {
                starts.push((offset, offset + line.len(), title.trim()));
            }
            offset += line.len();
        }
        if fenced {
            return Err(PageError("a fenced block is not closed".into()));
        }
        let ends = starts.iter().map(|(start, _, _)| *start).skip(1);
        let parts = starts
            .iter()
            .zip(ends.chain([markdown.len()]))
            .map(|((_, body, title), end)| (*title, &markdown[*body..end]))
            .collect();
        let summary = markdown[..starts.first().map_or(markdown.len(), |first| first.0)].trim();
        if summary.is_empty() {
            return Err(PageError(
                "the page does not say what the rule reports".into(),
            ));
        }
        Ok(Sections { summary, parts })
    }

    fn get(&self, title: &str) -> Result<&'p str, PageError> {
        self.parts
            .iter()
            .find(|(name, _)| *name == title)
            .map(|(_, body)| *body)
            .filter(|body| !body.trim().is_empty())
            .ok_or_else(|| PageError(format!("the section `## {title}` is missing")))
    }
}

#[cfg(test)]
mod tests;
