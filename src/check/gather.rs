//! Notes that say the same of several lines of a file, told once.

use std::collections::HashMap;

use crate::finding::{Finding, Label, Severity};
use crate::source::{SourceId, SourceMap};

/// How many of the other lines are shown; of the rest the number is told.
const MOST_LINES: usize = 2;

/// Of notes with one message in one file the first stays, and points at the others.
pub fn gather(findings: &mut Vec<Finding>, sources: &SourceMap) {
    type Place<'f> = (&'static str, SourceId, String);
    let mut first: HashMap<Place<'_>, usize> = HashMap::new();
    let mut kept: Vec<(Finding, Vec<Label>)> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let span = finding.primary.span;
        let place = (finding.rule, sources.id_at(span), finding.message.clone());
        match first
            .get(&place)
            .filter(|_| finding.severity == Severity::Note)
        {
            Some(at) => kept[*at].1.push(finding.primary),
            None => {
                if finding.severity == Severity::Note {
                    first.insert(place, kept.len());
                }
                kept.push((finding, Vec::new()));
            }
        }
    }
    findings.extend(
        kept.into_iter()
            .map(|(finding, others)| with(finding, others)),
    );
}

fn with(mut finding: Finding, others: Vec<Label>) -> Finding {
    let more = others.len().saturating_sub(MOST_LINES);
    finding.related.extend(others.into_iter().take(MOST_LINES));
    if more > 0 {
        let lines = if more == 1 { "line" } else { "lines" };
        finding
            .primary
            .text
            .push_str(&format!("; so do {more} more {lines} than are shown here"));
    }
    finding
}
