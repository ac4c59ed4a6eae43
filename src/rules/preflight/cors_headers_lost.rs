use std::collections::HashSet;

use super::audience::{Upgrades, answered_path, is_constant, is_for_no_page, upgrades};
use super::exchange::{
    Exchange, METHODS, carries, confidence, is_forwarded, is_redirect, jump, lowered, origin_behind,
};
use super::lines::{self, ALLOW_ORIGIN};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Effect};
use crate::gates::nginx::add_header_settings;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Config, LevelId, Setting};
use crate::probes::preflight;
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "cors-headers-lost";

/// A level's own add_header, or a jump, takes away the Access-Control-Allow-Origin around it.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

/// What took a header away.
enum Loss<'c> {
    /// The first `add_header` of an inner level: nginx inherits all of them or none.
    Replaced {
        by: &'c Setting,
        header: &'c Setting,
    },
    /// A jump to a location that has others, or none.
    LeftBehind { at: Span, header: &'c Setting },
}

fn judge(exchange: &Exchange<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for method in METHODS {
        let request = exchange.with_method(method);
        found.extend(look(exchange, &request, None));
    }
    let (visit, page) = (&exchange.visit, &exchange.announced.request);
    let mut seen = HashSet::new();
    for (level, request) in visit.gate.into_conditions(visit.level(), page) {
        if !seen.contains(&level) {
            let more = look(exchange, &request, Some(level));
            if !more.is_empty() {
                seen.insert(level);
            }
            found.extend(more);
        }
    }
    found
}

/// What the answers to a request lost: all of them, or those from one level.
fn look(exchange: &Exchange<'_>, request: &Request, only: Option<LevelId>) -> Vec<Finding> {
    let courses = exchange.visit.send(request);
    let asked = |course: &&Course| {
        course.admits() && only.is_none_or(|level| exchange.level_of(course) == level)
    };
    courses
        .iter()
        .filter(asked)
        .filter_map(|course| report(exchange, request, course, &lost(exchange, course)?))
        .collect()
}

/// The header that the answer on this course should have had.
pub fn is_lost(exchange: &Exchange<'_>, course: &Course) -> bool {
    lost(exchange, course).is_some()
}

fn lost<'e>(exchange: &Exchange<'e>, course: &Course) -> Option<Loss<'e>> {
    if carries(course, ALLOW_ORIGIN) || is_redirect(course) || is_error_page(course) {
        return None;
    }
    let config = exchange.visit.gate.config();
    let level = exchange.level_of(course);
    // Somebody speaks of it here, and be it to take it off, or the app behind sets it.
    if origin_line(config, level).is_some() || origin_behind(&exchange.visit, course).is_some() {
        return None;
    }
    let mut replaced = None;
    for at in config.enclosing(level) {
        let own = config.level(at).own(Key::AddHeader);
        if let Some(header) = own.iter().find(|line| lines::is(line, ALLOW_ORIGIN)) {
            return replaced.map(|by| Loss::Replaced { by, header });
        }
        // A missing include may bring it.
        if !config.level(at).holes.is_empty() {
            return None;
        }
        replaced = replaced.or(own.first());
    }
    let (from, at) = jump(course)?;
    // The index of a directory is a page for the address bar.
    let is_index = |line: &Setting| line.span == at;
    if config.level(from).span == at || config.setting(from, Key::Index).is_some_and(is_index) {
        return None;
    }
    let header = origin_line(config, from)?;
    Some(Loss::LeftBehind { at, header })
}

/// Errors are another rule's: cors-missing-on-errors. Other statuses serve as jumps.
fn is_error_page(course: &Course) -> bool {
    course.steps.iter().any(|step| match step.effect {
        Effect::Refuses { status, .. } => {
            matches!(status, 400 | 401 | 403 | 407 | 413 | 429) || status >= 500
        }
        _ => false,
    })
}

fn origin_line(config: &Config, level: LevelId) -> Option<&Setting> {
    add_header_settings(config, level)
        .into_iter()
        .find(|line| lines::is(line, ALLOW_ORIGIN))
}

fn report(
    exchange: &Exchange<'_>,
    request: &Request,
    course: &Course,
    loss: &Loss<'_>,
) -> Option<Finding> {
    let level = exchange.level_of(course);
    let place = &exchange.visit.gate.config().level(level).name;
    let told = tell(loss, is_forwarded(course));
    let mut severity = severity(exchange, request, course, loss)?;
    if exchange.is_conditional(course) || course.is_assumed() {
        severity = lowered(severity);
    }
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(
            course,
            match loss {
                Loss::Replaced { .. } => Confidence::High,
                Loss::LeftBehind { .. } => Confidence::Medium,
            },
        ),
        message: format!(
            "{} {} is answered by {place} without {}",
            request.method,
            request.url(),
            told.lost
        ),
        primary: Label {
            span: told.span,
            text: told.text.into(),
        },
        related: vec![Label {
            span: told.header,
            text: "does not get to this answer".into(),
        }],
        intent: Some(Intent {
            text: told.intent,
            span: Some(told.header),
        }),
        help: told.help.into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}

/// A loss in words, and its two lines.
struct Told {
    span: Span,
    text: &'static str,
    header: Span,
    lost: String,
    intent: String,
    help: &'static str,
}

fn tell(loss: &Loss<'_>, forwarded: bool) -> Told {
    match loss {
        Loss::Replaced { by, header } => Told {
            span: by.span,
            text: "an add_header here drops every one of the levels around it",
            header: header.span,
            lost: format!(
                "the {ALLOW_ORIGIN} that is set further out, so no page of another origin can \
                 read it"
            ),
            intent: format!("{ALLOW_ORIGIN} is set for all that is in here"),
            help: "repeat Access-Control-Allow-Origin and the other CORS headers at this level; \
                   since nginx 1.29.3 `add_header_inherit merge;` keeps those around it",
        },
        Loss::LeftBehind { at, header } => Told {
            span: *at,
            text: "leaves this location, and its add_header lines with it",
            header: header.span,
            lost: format!(
                "the {ALLOW_ORIGIN} of the location where it came in, so no page of another \
                 origin can read it{}",
                match forwarded {
                    true => " unless the upstream sets its own",
                    false => "",
                }
            ),
            intent: format!("{ALLOW_ORIGIN} is set where this request comes in"),
            help: "set Access-Control-Allow-Origin in the location where this leads, too, or in \
                   the server for both",
        },
    }
}

/// `None` where a page of another origin has nothing to read.
fn severity(
    exchange: &Exchange<'_>,
    request: &Request,
    course: &Course,
    loss: &Loss<'_>,
) -> Option<Severity> {
    let config = exchange.visit.gate.config();
    let level = exchange.level_of(course);
    let upgrades = upgrades(config, level);
    if upgrades == Upgrades::Only {
        return None;
    }
    if is_for_no_page(&answered_path(request, course)) || is_closed(exchange) {
        return Some(Severity::Note);
    }
    let severity = match loss {
        // One of the two may not be there.
        Loss::Replaced { by, header } if by.branch != 0 || header.branch != 0 => Severity::Warning,
        Loss::Replaced { .. } if is_constant(course) => Severity::Note,
        Loss::Replaced { .. } => Severity::Error,
        Loss::LeftBehind { .. } if is_forwarded(course) => Severity::Warning,
        // The page of an application, which browsers open and scripts do not read.
        Loss::LeftBehind { .. } => Severity::Note,
    };
    Some(match upgrades {
        Upgrades::No => severity,
        _ => lowered(severity),
    })
}

/// Whether the door asks for a credential that no page can send, since the preflight of it is
/// refused: the header is missing, but it is not what keeps the page out.
fn is_closed(exchange: &Exchange<'_>) -> bool {
    let request = &exchange.announced.request;
    let announcement = preflight(request, &request.method, &["authorization"]);
    request.headers.has("Authorization")
        && exchange
            .visit
            .send(&announcement)
            .iter()
            .all(Course::refuses)
}
