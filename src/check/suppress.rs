//! Comments that silence a finding: `# why403: ignore[rule-id, other-id] reason`.
//!
//! A comment at the end of a line speaks of that line, one on a line of its own of the next line
//! that is not such a comment. Both nginx and YAML begin a comment with `#`.

use bstr::ByteSlice;

use super::{SuppressedBy, Suppression};
use crate::estate::Problem;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::source::{Source, SourceId, SourceMap, Span};

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

pub fn read(sources: &SourceMap, rules: &[Rule]) -> Comments {
    let mut comments = Comments::default();
    for source in sources.iter() {
        // Most files have none, and a search for seven bytes is all that they cost.
        if source.text.find(MARK).is_some() {
            comments.read_source(source, sources.id_at(source.span()), rules);
        }
    }
    comments
}

impl Comments {
    fn read_source(&mut self, source: &Source, id: SourceId, rules: &[Rule]) {
        // Comments on lines of their own whose line is still to come.
        let mut waiting = Vec::new();
        let mut offset = source.base;
        for (line, raw) in (1..).zip(source.text.split_inclusive(|byte| *byte == b'\n')) {
            let found = comment(raw.trim_end());
            let stands_alone = found.is_some_and(|(start, _)| raw[..start].trim().is_empty());
            if !stands_alone {
                for silence in waiting.drain(..) {
                    self.silences.push(Silence { line, ..silence });
                }
            }
            if let Some((start, text)) = found {
                let start = offset + start as u32;
                let span = Span::new(start, offset + raw.trim_end().len() as u32);
                match parse(text) {
                    Err(problem) => self.problems.push(Problem::note(span, problem).with_help(
                        "write `# why403: ignore[rule-id] reason`; the reason is required",
                    )),
                    Ok((ids, reason)) => {
                        let known = self.known(ids, span, rules);
                        let silences = known.into_iter().map(|rule| Silence {
                            rule,
                            source: id,
                            line,
                            reason: reason.clone(),
                            span,
                            used: false,
                        });
                        if stands_alone {
                            waiting.extend(silences);
                        } else {
                            self.silences.extend(silences);
                        }
                    }
                }
            }
            offset += raw.len() as u32;
        }
        self.silences.append(&mut waiting);
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

/// The comment of a line that speaks to us: where its `#` stands, and what follows the mark.
///
/// A `#` begins a comment only where a word could begin; that it may stand inside of quotes is
/// left aside, since nobody writes the mark there.
fn comment(line: &[u8]) -> Option<(usize, &[u8])> {
    line.find_iter(b"#").find_map(|at| {
        let begins_word = at == 0
            || line[at - 1].is_ascii_whitespace()
            || matches!(line[at - 1], b';' | b'{' | b'}');
        let text = line[at..].trim_start_with(|char| char == '#').trim_start();
        let text = text.strip_prefix(MARK)?;
        begins_word.then_some((at, text))
    })
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
