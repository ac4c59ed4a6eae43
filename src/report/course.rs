//! A witness in words: the request as a command to try, and its course step by step.

use super::fold::{Line, fold};
use super::text::{COLUMN, Terminal, Tone, shell_word, wrap};
use super::visible::visible_line;
use crate::finding::Witness;
use crate::gate::{Effect, End, Step};
use crate::redact;
use crate::request::{Known, Request};
use crate::source::{SourceMap, Span};

/// More variables than these that are set one after the other are told in one line.
const MOST_SETTINGS: usize = 4;

/// `file:line`, as it can be clicked on.
pub fn place(span: Span, sources: &SourceMap) -> String {
    visible_line(&sources.place(span))
}

pub fn witness(witness: &Witness, sources: &SourceMap, terminal: Terminal) -> String {
    let room = terminal.width.saturating_sub(COLUMN);
    let mut out = terminal.block("request:", COLUMN, &curl(&witness.request, room));
    let course = &witness.course;
    if let Known::Is(address) = &witness.request.from {
        out.push_str(&terminal.labelled("from:", COLUMN, &address.to_string()));
    }
    let when: Vec<String> = course.when(sources);
    if !when.is_empty() {
        out.push_str(&terminal.labelled("when:", COLUMN, &visible_line(&when.join(", and "))));
    }
    let culprit = course.culprit().map(|step| step.span);
    let is_setting = |step: &Step| matches!(step.effect, Effect::Sets { .. });
    let steps = course
        .steps
        .chunk_by(|one, other| is_setting(one) && is_setting(other))
        .flat_map(|steps| match steps.len() > MOST_SETTINGS {
            true => vec![settings(steps, sources)],
            false => steps
                .iter()
                .map(|step| line(step, culprit, sources))
                .collect(),
        })
        .chain(ending(
            &course.end,
            &course.steps.last().map(|step| &step.effect),
        ));
    let steps = lines(fold(steps.collect()), COLUMN - 2, terminal);
    out.push_str(&terminal.block("course:", COLUMN - 2, &steps));
    out
}

fn line(step: &Step, culprit: Option<Span>, sources: &SourceMap) -> Line {
    Line {
        decides: Some(step.span) == culprit && ends_it(&step.effect),
        place: place(step.span, sources),
        words: redact::effect(&step.effect).to_string(),
    }
}

/// A server may set variables by the dozen, and few of them matter to one request.
fn settings(steps: &[Step], sources: &SourceMap) -> Line {
    const NAMED: usize = 3;
    let names = steps.iter().filter_map(|step| match &step.effect {
        Effect::Sets { variable, .. } => Some(format!("${}", variable.trim_start_matches('$'))),
        _ => None,
    });
    let names: Vec<String> = names.take(NAMED).collect();
    Line {
        decides: false,
        place: place(steps[0].span, sources),
        words: format!(
            "sets {} and {} more variables",
            names.join(", "),
            steps.len() - NAMED
        ),
    }
}

/// The lines of a course in two columns, the deciding one marked.
pub fn lines(steps: Vec<Line>, indent: usize, terminal: Terminal) -> Vec<String> {
    // A long path takes a line of its own rather than squeeze the words.
    let longest = terminal.width / 3;
    let column = steps
        .iter()
        .map(|step| step.place.chars().count())
        .filter(|length| *length <= longest)
        .max()
        .unwrap_or(0);
    let room = terminal.width.saturating_sub(indent + column + 4).max(24);
    let mut out = Vec::new();
    for step in steps {
        let (mark, tone) = match step.decides {
            true => (terminal.paint(Tone::Error, "✗"), Tone::Strong),
            false => (" ".to_owned(), Tone::Faint),
        };
        let gap = column.saturating_sub(step.place.chars().count());
        let mut place = terminal.paint(tone, &step.place);
        place.push_str(&" ".repeat(gap));
        let mut words = wrap(&visible_line(&step.words), room).into_iter();
        if step.place.chars().count() > column {
            out.push(format!("{mark} {place}"));
        } else if let Some(first) = words.next() {
            out.push(format!("{mark} {place}  {first}"));
        }
        let rest = " ".repeat(column + 4);
        out.extend(words.map(|line| format!("{rest}{line}")));
    }
    out
}

fn ends_it(effect: &Effect) -> bool {
    matches!(effect, Effect::Refuses { .. } | Effect::Answers { .. })
}

/// How it ends, where the last step does not say so already.
fn ending(end: &End, last: &Option<&Effect>) -> Option<Line> {
    let said = matches!(
        (end, last),
        (
            End::Answered { .. },
            Some(Effect::Answers { .. } | Effect::Refuses { .. })
        ) | (End::Forwarded { .. }, Some(Effect::Forwards { .. }))
    );
    (!said).then(|| Line {
        decides: matches!(end, End::Dropped { .. }),
        place: String::new(),
        words: end.to_string(),
    })
}

/// A command that sends the request, broken as a shell allows it.
fn curl(request: &Request, room: usize) -> Vec<String> {
    let mut words = vec!["curl".to_owned()];
    match request.method.as_str() {
        "GET" => {}
        "HEAD" => words.push("-I".to_owned()),
        method => words.push(format!("-X {}", shell_word(&visible_line(method)))),
    }
    words.push(shell_word(&visible_line(&redact::url(&request.url()))));
    for header in request.headers.iter() {
        let value = match &header.value {
            Known::Is(value) => redact::value(&header.name.to_string(), value).to_string(),
            Known::Unknown(_) => "…".to_owned(),
        };
        let line = visible_line(&format!("{}: {value}", header.name));
        words.push(format!("-H {}", shell_word(&line)));
    }
    if request.body > 0 {
        let body = format!("head -c {} /dev/zero | tr '\\0' x", request.body);
        words.push(format!("--data-binary \"$({body})\""));
    }
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            // Two for the ` \` that a broken line ends with.
            Some(line) if line.chars().count() + word.chars().count() + 3 <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(line) => {
                line.push_str(" \\");
                lines.push(format!("  {word}"));
            }
            None => lines.push(word),
        }
    }
    lines
}
