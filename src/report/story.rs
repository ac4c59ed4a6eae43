//! The story of one request for a person at a terminal.

use super::course::lines;
use super::fold::Line;
use super::fold::fold;
use super::human;
use super::text::{COLUMN, Terminal, Tone, without_commands, wrap};
use super::visible::visible_line;
use crate::estate::Problem;
use crate::explain::document::{Course, End, Explanation, Header, Hop, Step, Token, Verdict};
use crate::explain::{Story, Told};
use crate::finding::Finding;
use crate::source::SourceMap;

/// The request, its courses hop by hop, the verdict, and how to mend it.
pub fn render(
    story: &Story,
    advice: &[&Finding],
    problems: &[Problem],
    sources: &SourceMap,
    terminal: Terminal,
) -> String {
    let document = &story.document;
    let mut out = String::new();
    for problem in problems {
        out.push_str(&human::problem(problem, sources, terminal));
        out.push('\n');
    }
    out.push_str(&request(document, terminal));
    if !story.granted.is_empty() {
        let granted = format!("supposing that {}", story.granted.join(", and that "));
        out.push('\n');
        out.push_str(&note(&granted, terminal));
    }
    for told in &story.told {
        let course = &document.courses[told.course];
        out.push('\n');
        out.push_str(&when(told, terminal));
        for hop in &course.hops {
            out.push_str(&tell_hop(hop, course.culprit.as_ref(), terminal));
        }
        if let (Some(culprit), Some(step)) = (told.culprit, &course.culprit) {
            out.push_str(&human::snippet(culprit, &step.effect, sources, terminal));
        }
    }
    out.push('\n');
    out.push_str(&verdict(story, terminal));
    for finding in advice {
        let level = format!("{}[{}]", human::word(finding.severity), finding.rule);
        out.push_str(&format!(
            "\n{}\n",
            terminal.paint(human::tone(finding.severity), &level)
        ));
        out.push_str(&terminal.labelled("", 2, &finding.message));
        out.push_str(&terminal.labelled("fix:", COLUMN, &finding.help));
    }
    without_commands(&out)
}

fn request(document: &Explanation, terminal: Terminal) -> String {
    let asked = &document.request;
    let line = visible_line(&format!("{} {}", asked.method, asked.url));
    let mut out = format!("{}\n", terminal.paint(Tone::Strong, &line));
    if let Some(from) = &asked.from {
        out.push_str(&format!("  from {from}\n"));
    }
    if let Some(arn) = &asked.signed_by {
        out.push_str(&format!("  signed by {}\n", visible_line(arn)));
    }
    if let Some(endpoint) = &asked.vpc_endpoint {
        out.push_str(&format!("  through {}\n", visible_line(endpoint)));
    }
    for Header { name, value } in &asked.headers {
        let value = value.as_deref().unwrap_or("not known");
        out.push_str(&terminal.labelled("", 2, &format!("{name}: {value}")));
    }
    if let Some(token) = &asked.token {
        out.push_str(&terminal.labelled("", 2, &self::token(token)));
    }
    out
}

/// `token for alice, by https://issuer.test/; scopes: read; expires 2026-01-31T12:00:00Z`.
fn token(token: &Token) -> String {
    /// Tokens of large organisations name hundreds of groups.
    const MOST_NAMES: usize = 20;
    let list = |names: &[String]| {
        let mut shown = names[..names.len().min(MOST_NAMES)].join(", ");
        match names.len() {
            0 => shown.push_str("none"),
            count if count > MOST_NAMES => {
                shown.push_str(&format!(" and {} more", count - MOST_NAMES));
            }
            _ => {}
        }
        shown
    };
    let mut out = String::from("token");
    let of = [(" for ", &token.subject), (", by ", &token.issuer)];
    for (word, text) in of {
        if let Some(text) = text {
            out.push_str(&format!("{word}{text}"));
        }
    }
    if !token.audience.is_empty() {
        out.push_str(&format!("; audience: {}", list(&token.audience)));
    }
    for (word, names) in [("scopes", &token.scopes), ("roles", &token.roles)] {
        if let Some(names) = names {
            out.push_str(&format!("; {word}: {}", list(names)));
        }
    }
    if let Some(time) = &token.expires {
        let word = if token.expired == Some(true) {
            "expired"
        } else {
            "expires"
        };
        out.push_str(&format!("; {word} {time}"));
    }
    out
}

fn when(told: &Told, terminal: Terminal) -> String {
    let conditions = told.when.join(", and ");
    let text = match (told.otherwise, conditions.as_str()) {
        (false, "") => return String::new(),
        (false, all) => format!("when {all}"),
        (true, "") => "otherwise".to_owned(),
        (true, all) => format!("otherwise, when {all}"),
    };
    note(&text, terminal)
}

fn note(text: &str, terminal: Terminal) -> String {
    let lines = wrap(&visible_line(text), terminal.width);
    let painted = lines.iter().map(|line| terminal.paint(Tone::Note, line));
    painted.map(|line| line + "\n").collect()
}

fn tell_hop(hop: &Hop, culprit: Option<&Step>, terminal: Terminal) -> String {
    let mut title = format!("{} {}", hop.gate, hop.name);
    if let Some(door) = &hop.door {
        title.push_str(&format!(" · {door}"));
    }
    let mut out = String::new();
    for line in wrap(&visible_line(&title), terminal.width) {
        out.push_str(&terminal.paint(Tone::Strong, &line));
        out.push('\n');
    }
    if let Some(because) = &hop.because {
        out.push_str(&terminal.labelled("", 2, &format!("behind it: {because}")));
    }
    // A line may be passed more than once; the last time is the one that decided.
    let decides = hop.steps.iter().rposition(|step| Some(step) == culprit);
    let mut told: Vec<Line> = hop
        .steps
        .iter()
        .enumerate()
        .map(|(number, step)| Line {
            decides: Some(number) == decides,
            place: visible_line(&format!("{}:{}", step.file, step.line)),
            words: step.effect.clone(),
        })
        .collect();
    told.push(Line {
        decides: false,
        place: String::new(),
        words: ending(&hop.end),
    });
    for line in lines(fold(told), 2, terminal) {
        out.push_str(&format!("  {}\n", line.trim_end()));
    }
    if let End::Forwarded { request, .. } = &hop.end {
        for header in &request.headers {
            let value = match &header.value {
                Ok(value) => value.clone(),
                Err(why) => format!("(not known: {why})"),
            };
            out.push_str(&terminal.labelled("", 8, &format!("{}: {value}", header.name)));
        }
    }
    out
}

fn ending(end: &End) -> String {
    match end {
        End::Forwarded {
            to: Some(to),
            request,
            ..
        } => format!("→ {} {} goes on to {to}, with", request.method, request.uri),
        End::Forwarded { unknown, .. } => {
            let why = unknown.as_deref().unwrap_or_default();
            format!("→ goes on; where to is not known: {why}")
        }
        End::Answered {
            status: Some(status),
            ..
        } => format!("← answered with {status}"),
        End::Answered { unknown, .. } => {
            let why = unknown.as_deref().unwrap_or_default();
            format!("← answered; the status is not known: {why}")
        }
        End::Dropped => "no answer: the connection is closed, or left to time out".to_owned(),
        End::Unknown { because } => format!("? not known from here on: {because}"),
    }
}

fn verdict(story: &Story, terminal: Terminal) -> String {
    let document = &story.document;
    let (word, tone) = match document.verdict {
        Verdict::Admitted => ("admitted", Tone::Good),
        Verdict::Denied => ("denied", Tone::Error),
        Verdict::Answered => ("answered", Tone::Warning),
        Verdict::Unknown => ("not known", Tone::Warning),
        Verdict::Depends => ("it depends", Tone::Warning),
    };
    let courses = story.told.iter().map(|told| &document.courses[told.course]);
    let mut reasons: Vec<String> = Vec::new();
    for reason in courses.filter_map(reason) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let mut out = terminal.paint(tone, word);
    match reasons.as_slice() {
        [] if document.courses.is_empty() => {
            out.push_str(": it reaches nothing of what was read");
        }
        [] => {}
        // The verdict has said the first word already.
        [one] => {
            let said = one.strip_prefix(&format!("{word} "));
            out.push_str(&format!(": {}", said.unwrap_or(one)));
        }
        several => {
            for reason in several {
                out.push_str(&format!("\n  {reason}"));
            }
        }
    }
    out.push('\n');
    out
}

/// What a course came to, in one line.
fn reason(course: &Course) -> Option<String> {
    let by = course
        .culprit
        .as_ref()
        .map(|step| visible_line(&format!(", by {}:{}", step.file, step.line)))
        .unwrap_or_default();
    match (course.verdict, course.status) {
        (Verdict::Denied, Some(status)) => Some(format!("denied with {status}{by}")),
        (Verdict::Denied, None) => Some(format!("denied without an answer{by}")),
        (Verdict::Admitted, Some(status)) => Some(format!("answered with {status}")),
        (Verdict::Admitted, None) => match &course.hops.last()?.end {
            End::Forwarded { to, .. } => {
                let to = to.as_deref().unwrap_or("a server that is not known");
                Some(visible_line(&format!("handed over to {to}")))
            }
            _ => None,
        },
        (_, Some(status)) => Some(format!("answered with {status}")),
        (_, None) => match &course.hops.last()?.end {
            End::Unknown { because } => Some(visible_line(because)),
            _ => None,
        },
    }
}
