//! Findings for a person at a terminal. miette draws the snippets; it is known here alone.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::course;
use super::excerpt::{Excerpt, Mark, excerpts};
use super::text::{COLUMN, Terminal, Tone, count, without_commands, wrap};
use super::visible::visible_line;
use crate::check::{Outcome, Statistics};
use crate::estate::Problem;
use crate::finding::{Finding, Severity};
use crate::source::{SourceMap, Span};

/// The findings, the problems and a line that sums up.
pub fn render(
    outcome: &Outcome,
    sources: &SourceMap,
    terminal: Terminal,
    statistics: bool,
) -> String {
    let printer = Printer { sources, terminal };
    let mut out = String::new();
    for finding in &outcome.findings {
        out.push_str(&printer.finding(finding));
        out.push('\n');
    }
    for problem in &outcome.problems {
        out.push_str(&printer.problem(problem));
        out.push('\n');
    }
    if statistics {
        out.push_str(&printer.statistics(outcome));
        out.push('\n');
    }
    out.push_str(&printer.untried(&outcome.statistics));
    out.push_str(&printer.summary(outcome));
    without_commands(&out)
}

/// What went wrong, with its place if it has one.
pub(super) fn problem(problem: &Problem, sources: &SourceMap, terminal: Terminal) -> String {
    Printer { sources, terminal }.problem(problem)
}

/// A snippet of one place, for the story of a request.
pub(super) fn snippet(span: Span, text: &str, sources: &SourceMap, terminal: Terminal) -> String {
    let mark = Mark {
        span,
        text,
        primary: true,
    };
    Printer { sources, terminal }.snippets(&[mark], Severity::Error)
}

/// How many servers are named of which nothing was tried.
const MOST_UNTRIED: usize = 3;

struct Printer<'a> {
    sources: &'a SourceMap,
    terminal: Terminal,
}

impl Printer<'_> {
    fn finding(&self, finding: &Finding) -> String {
        let level = word(finding.severity);
        let mut out = self.header(
            &format!("{level}[{}]", finding.rule),
            tone(finding.severity),
            &finding.message,
        );
        let primary = [(&finding.primary, true)];
        let related = finding.related.iter().map(|label| (label, false));
        let marks: Vec<Mark> = primary
            .into_iter()
            .chain(related)
            .map(|(label, primary)| Mark {
                span: label.span,
                text: &label.text,
                primary,
            })
            .collect();
        out.push_str(&self.snippets(&marks, finding.severity));
        if let Some(witness) = &finding.witness {
            out.push_str(&course::witness(witness, self.sources, self.terminal));
        }
        if let Some(intent) = &finding.intent {
            let place = intent.span.map(|span| course::place(span, self.sources));
            let text = match place {
                Some(place) => format!("{} ({place})", intent.text),
                None => intent.text.clone(),
            };
            out.push_str(&self.terminal.labelled("meant:", COLUMN, &text));
        }
        if !finding.help.is_empty() {
            out.push_str(&self.terminal.labelled("fix:", COLUMN, &finding.help));
        }
        out
    }

    fn problem(&self, problem: &Problem) -> String {
        let (level, severity) = match problem.fatal {
            true => ("error", Severity::Error),
            false => ("warning", Severity::Warning),
        };
        let mut out = self.header(level, tone(severity), &problem.message);
        if let Some(span) = problem.span {
            let mark = Mark {
                span,
                text: "",
                primary: true,
            };
            out.push_str(&self.snippets(&[mark], severity));
        }
        if let Some(help) = &problem.help {
            out.push_str(&self.terminal.labelled("help:", COLUMN, help));
        }
        out
    }

    /// `level: message`, in which the message hangs by two spaces.
    fn header(&self, level: &str, tone: Tone, message: &str) -> String {
        // The level has no spaces, so the first line begins with all of it.
        let text = format!("{level}: {}", visible_line(message));
        let mut out = String::new();
        for line in wrap(&text, self.terminal.width.saturating_sub(2)) {
            match line.strip_prefix(level) {
                Some(rest) if out.is_empty() => {
                    out.push_str(&self.terminal.paint(tone, level));
                    out.push_str(&self.terminal.paint(Tone::Strong, rest));
                }
                _ => {
                    out.push_str("  ");
                    out.push_str(&self.terminal.paint(Tone::Strong, &line));
                }
            }
            out.push('\n');
        }
        out
    }

    fn snippets(&self, marks: &[Mark], severity: Severity) -> String {
        let snippets = Snippets(excerpts(marks, self.sources, self.terminal.width));
        let mut theme = match self.terminal.colour {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let strong = match severity {
            Severity::Error => theme.styles.error,
            Severity::Warning => theme.styles.warning,
            Severity::Note => theme.styles.advice,
        };
        // miette deals its colours in the order of the labels.
        theme.styles.highlights = snippets
            .0
            .iter()
            .flat_map(|excerpt| &excerpt.places)
            .map(|place| match place.primary {
                true => strong,
                false => theme.styles.help,
            })
            .collect();
        let mut out = String::new();
        let drawn = GraphicalReportHandler::new_themed(theme)
            .with_width(self.terminal.width)
            .with_links(false)
            .without_syntax_highlighting()
            .render_report(&mut out, &snippets);
        if drawn.is_err() {
            return String::new();
        }
        // miette puts the message on a line of its own; ours stands in the header.
        out.split_once('\n')
            .map_or(String::new(), |(_, snippets)| snippets.to_owned())
    }

    /// That nothing was found in a server says nothing where nothing was tried.
    fn untried(&self, statistics: &Statistics) -> String {
        let servers = &statistics.untried_servers;
        let mut out = String::new();
        for server in servers.iter().take(MOST_UNTRIED) {
            let place = course::place(server.span, self.sources);
            let text = format!("{} ({place}): {}", server.door, server.because);
            out.push_str(&self.terminal.labelled("untried:", COLUMN, &text));
        }
        if let more @ 1.. = servers.len().saturating_sub(MOST_UNTRIED) {
            let text = format!("{more} more, --statistics lists their doors");
            out.push_str(&self.terminal.labelled("untried:", COLUMN, &text));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }

    fn summary(&self, outcome: &Outcome) -> String {
        let of = |severity| {
            let found = outcome.findings.iter();
            found.filter(|finding| finding.severity == severity).count()
        };
        let statistics = &outcome.statistics;
        let mut parts = Vec::new();
        for (severity, noun) in [
            (Severity::Error, "error"),
            (Severity::Warning, "warning"),
            (Severity::Note, "note"),
        ] {
            if of(severity) > 0 {
                parts.push(
                    self.terminal
                        .paint(tone(severity), &count(of(severity), noun)),
                );
            }
        }
        let fatal = outcome
            .problems
            .iter()
            .filter(|problem| problem.fatal)
            .count();
        if parts.is_empty() {
            let tone = if fatal == 0 { Tone::Good } else { Tone::Strong };
            parts.push(self.terminal.paint(tone, "no findings"));
        }
        let mut line = format!(
            "{} in {}",
            parts.join(", "),
            count(statistics.sources, "file")
        );
        if statistics.gates == 0 && outcome.findings.is_empty() {
            line = "nothing was analysed".to_owned();
        }
        let mut asides = Vec::new();
        if !outcome.suppressed.is_empty() {
            asides.push(format!("{} suppressed", outcome.suppressed.len()));
        }
        if statistics.hidden_notes > 0 {
            let notes = count(statistics.hidden_notes, "note");
            asides.push(format!("{notes} hidden, --strict shows them"));
        }
        let untried = statistics.unprobed.iter().filter(|door| door.is_open());
        let untried = untried.count();
        if untried > 0 {
            let doors = count(untried, "door");
            asides.push(format!(
                "{doors} could not be tried, --statistics lists them"
            ));
        }
        if !asides.is_empty() {
            line.push_str(&format!(" ({})", asides.join("; ")));
        }
        if fatal > 0 {
            line.push_str("; part of the job could not be done");
        }
        line.push('\n');
        line
    }

    fn statistics(&self, outcome: &Outcome) -> String {
        let Statistics {
            sources,
            bytes,
            gates,
            doors,
            rules,
            unprobed,
            ..
        } = &outcome.statistics;
        let mut out = format!(
            "{}, {bytes} bytes; {} with {}; {}\n",
            count(*sources, "file"),
            count(*gates, "gate"),
            count(*doors, "door"),
            count(*rules, "rule"),
        );
        let mut rules: Vec<&str> = outcome
            .findings
            .iter()
            .map(|finding| finding.rule)
            .collect();
        rules.sort_unstable();
        for same in rules.chunk_by(|a, b| a == b) {
            out.push_str(&format!("  {:>5}  {}\n", same.len(), same[0]));
        }
        if !unprobed.is_empty() {
            let doors = count(unprobed.len(), "door");
            out.push_str(&format!("{doors} to which no request could be built:\n"));
        }
        for door in unprobed {
            let text = format!(
                "{} {}: {}",
                course::place(door.span, self.sources),
                door.door,
                door.because
            );
            out.push_str(&self.terminal.labelled("", 4, &text));
        }
        out
    }
}

pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

pub(super) fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Error,
        Severity::Warning => Tone::Warning,
        Severity::Note => Tone::Note,
    }
}

/// What miette draws: labels in one space of offsets, over excerpts of several files.
#[derive(Debug)]
struct Snippets(Vec<Excerpt>);

impl fmt::Display for Snippets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("-")
    }
}

impl std::error::Error for Snippets {}

impl Diagnostic for Snippets {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let places = self.0.iter().flat_map(|excerpt| &excerpt.places);
        Some(Box::new(places.map(|place| {
            let text = Some(place.text.clone()).filter(|text| !text.is_empty());
            let span = (place.start, place.end - place.start);
            match place.primary {
                true => LabeledSpan::new_primary_with_span(text, span),
                false => LabeledSpan::new_with_span(text, span),
            }
        })))
    }
}

impl SourceCode for Snippets {
    /// The whole excerpt that the span lies in: it was cut to what is to be seen. A span that
    /// crosses files is refused, and so miette draws the files apart.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let excerpt = self
            .0
            .iter()
            .find(|excerpt| {
                excerpt.base <= span.offset() && end <= excerpt.base + excerpt.text.len()
            })
            .ok_or(MietteError::OutOfBounds)?;
        // miette asks for the place to name with the span of a label, else for lines to draw.
        let named = excerpt
            .places
            .iter()
            .find(|place| (place.start, place.end) == (span.offset(), end));
        let (line, column) = match (before, named) {
            (0, Some(place)) => (place.line, place.column),
            _ => (excerpt.first_line, 1),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            excerpt.text.as_bytes(),
            (excerpt.base, excerpt.text.len()).into(),
            line as usize - 1,
            column as usize - 1,
            excerpt.text.lines().count(),
        )))
    }
}
