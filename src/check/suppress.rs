//! Comments that silence a finding: `# why403: ignore[rule-id, other-id] reason`.
//!
//! A comment at the end of a line speaks of that line, one on a line of its own of the next line
//! that is not such a comment.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::{SuppressedBy, Suppression};
use crate::estate::Problem;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::source::{SourceId, SourceMap, Span};

const MARK: &[u8] = b"why403:";

/// One rule that one comment silences on one line.
#[derive(Debug)]
struct Silence {
    rule: String,
    source: SourceId,
    line: u32,
    reason: String,
    /// The comment.
    span: Span,
    used: bool,
}

/// All comments of a run.
#[derive(Debug, Default)]
pub struct Comments {
    silences: Vec<Silence>,
    problems: Vec<Problem>,
}

/// What the comments of the configurations ask for.
pub fn read(spans: &[Span], sources: &SourceMap, rules: &[Rule]) -> Comments {
    let marked: Vec<Marked> = spans
        .iter()
        .filter_map(|span| Marked::of(*span, sources))
        .collect();
    let alone: HashSet<(SourceId, u32)> = marked
        .iter()
        .filter(|comment| comment.stands_alone)
        .map(|comment| (comment.source, comment.line))
        .collect();
    let mut comments = Comments::default();
    for comment in &marked {
        let last = sources.get(comment.source).line_count();
        let mut line = comment.line;
        while line < last && alone.contains(&(comment.source, line)) {
            line += 1;
        }
        comments.add(comment, line, rules);
    }
    comments
}

/// A comment that speaks to us.
struct Marked<'s> {
    source: SourceId,
    line: u32,
    /// Nothing else stands on its line.
    stands_alone: bool,
    /// What follows the mark.
    text: &'s [u8],
    span: Span,
}

impl<'s> Marked<'s> {
    fn of(span: Span, sources: &'s SourceMap) -> Option<Self> {
        let text = sources.bytes(span);
        let text = text.trim_start_with(|char| char == '#').trim_start();
        let text = text.strip_prefix(MARK)?;
        let id = sources.id_at(span);
        let source = sources.get(id);
        let before = &source.text[..(span.start - source.base) as usize];
        let line_start = before.rfind_byte(b'\n').map_or(0, |at| at + 1);
        Some(Marked {
            source: id,
            line: source.position(span.start).line,
            stands_alone: before[line_start..].trim().is_empty(),
            text,
            span,
        })
    }
}

impl Comments {
    /// A comment, and the line of which it speaks.
    fn add(&mut self, comment: &Marked<'_>, line: u32, rules: &[Rule]) {
        match parse(comment.text) {
            Err(problem) => {
                let problem = Problem::note(comment.span, problem)
                    .with_help("write `# why403: ignore[rule-id] reason`; the reason is required");
                self.problems.push(problem);
            }
            Ok((ids, reason)) => {
                let known = self.known(ids, comment.span, rules);
                self.silences.extend(known.into_iter().map(|rule| Silence {
                    rule,
                    source: comment.source,
                    line,
                    reason: reason.clone(),
                    span: comment.span,
                    used: false,
                }));
            }
        }
    }

    fn known(&mut self, ids: Vec<String>, span: Span, rules: &[Rule]) -> Vec<String> {
        let (known, unknown): (Vec<_>, Vec<_>) = ids
            .into_iter()
            .partition(|id| rules.iter().any(|rule| rule.id == id));
        self.problems.extend(unknown.into_iter().map(|id| {
            Problem::note(span, format!("there is no rule `{id}` to ignore"))
                .with_help("`why403 rules` lists all rules")
        }));
        known
    }
}

/// The rule ids and the reason of `ignore[a, b] reason`, or what is wrong.
fn parse(text: &[u8]) -> Result<(Vec<String>, String), String> {
    let text = text.to_str_lossy();
    let (ids, reason) = text
        .trim()
        .strip_prefix("ignore[")
        .and_then(|rest| rest.split_once(']'))
        .ok_or("this comment is not understood, so it does nothing")?;
    let ids: Vec<String> = ids
        .split(',')
        .map(|id| id.trim().to_owned())
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        return Err("this comment names no rule, so it does nothing".into());
    }
    let reason = reason
        .trim_start_matches([':', '-', ' ', '\t', '—', '–'])
        .trim();
    if reason.is_empty() {
        return Err("this comment gives no reason, so it does nothing".into());
    }
    Ok((ids, reason.to_owned()))
}

type Applied = (Vec<Finding>, Vec<(Finding, Suppression)>, Vec<Problem>);

/// Parts the findings in those to show and those that a comment silences, and complains of
/// comments that silence nothing.
pub fn apply(
    findings: Vec<Finding>,
    mut comments: Comments,
    sources: &SourceMap,
    switched_off: impl Fn(&str) -> bool,
) -> Applied {
    let mut shown = Vec::with_capacity(findings.len());
    let mut suppressed = Vec::new();
    for finding in findings {
        let source = sources.id_at(finding.primary.span);
        let line = sources.position(finding.primary.span).line;
        let silence = comments.silences.iter_mut().find(|silence| {
            silence.rule == finding.rule && silence.source == source && silence.line == line
        });
        match silence {
            None => shown.push(finding),
            Some(silence) => {
                silence.used = true;
                let suppression = Suppression {
                    reason: silence.reason.clone(),
                    by: SuppressedBy::Comment(silence.span),
                };
                suppressed.push((finding, suppression));
            }
        }
    }
    let mut problems = comments.problems;
    let unused = comments
        .silences
        .iter()
        .filter(|silence| !silence.used && !switched_off(&silence.rule));
    problems.extend(unused.map(|silence| {
        let message = format!(
            "this comment is not needed: `{}` finds nothing on line {}",
            silence.rule, silence.line
        );
        Problem::note(silence.span, message).with_help("delete it")
    }));
    (shown, suppressed, problems)
}
