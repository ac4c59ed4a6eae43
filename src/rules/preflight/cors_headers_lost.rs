use super::exchange::{
    Exchange, METHODS, carries, confidence, exchanges, gravest, is_forwarded, is_redirect, jump,
    lowered,
};
use super::lines::{self, ALLOW_ORIGIN};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Effect, End};
use crate::gates::nginx::add_header_settings;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Config, Kind, LevelId, Setting};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "cors-headers-lost";

/// A level's own add_header, or a jump, takes away the Access-Control-Allow-Origin around it.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    findings.extend(gravest(exchanges(estate).flat_map(judge)));
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

fn judge(exchange: Exchange<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for method in METHODS {
        let request = exchange.with_method(method);
        let courses = exchange.visit.send(&request);
        for course in courses.iter().filter(|course| course.admits()) {
            if let Some(loss) = lost(&exchange, course) {
                found.extend(report(&exchange, &request, course, &loss));
            }
        }
    }
    found
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
    // Somebody speaks of it here, and be it to take it off.
    if origin_line(config, level).is_some() {
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
    let (span, text, header, help) = match loss {
        Loss::Replaced { by, header } => (
            by.span,
            "an add_header here drops every one of the levels around it".to_owned(),
            *header,
            "repeat Access-Control-Allow-Origin and the other CORS headers at this level; since \
             nginx 1.29.3 `add_header_inherit merge;` keeps those around it",
        ),
        Loss::LeftBehind { at, header } => (
            *at,
            "leaves this location, and its add_header lines with it".to_owned(),
            *header,
            "set Access-Control-Allow-Origin in the location where this leads, too, or in the \
             server for both",
        ),
    };
    let level = exchange.level_of(course);
    let place = exchange.visit.gate.config().describe(level);
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
            "{} {} is answered by {place} without the {ALLOW_ORIGIN} that is set further out, so \
             no page of another origin can read it",
            request.method,
            request.url()
        ),
        primary: Label { span, text },
        related: vec![Label {
            span: header.span,
            text: "does not get to this answer".into(),
        }],
        intent: Some(Intent {
            text: format!("{ALLOW_ORIGIN} is set for all that is in here"),
            span: Some(header.span),
        }),
        help: help.into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
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
    if is_websocket(config, level) {
        return None;
    }
    if is_for_no_page(request) {
        return Some(Severity::Note);
    }
    Some(match loss {
        // One of the two may not be there.
        Loss::Replaced { by, header } if by.branch != 0 || header.branch != 0 => Severity::Warning,
        Loss::Replaced { .. } if is_constant(course) => Severity::Warning,
        Loss::Replaced { .. } => Severity::Error,
        Loss::LeftBehind { .. } if is_forwarded(course) => Severity::Warning,
        // The page of an application, which browsers open and scripts do not read.
        Loss::LeftBehind { .. } => Severity::Note,
    })
}

/// Browsers do not ask for CORS headers on WebSockets.
fn is_websocket(config: &Config, level: LevelId) -> bool {
    use crate::gates::nginx::directives::Module;
    config
        .settings(level, Key::SetHeader(Module::Proxy))
        .iter()
        .any(|line| line.args[0].raw.eq_ignore_ascii_case(b"Upgrade"))
        && matches!(
            config.level(config.location_of(level)).kind,
            Kind::Location(_)
        )
}

/// A text that stands in the configuration is seldom data for a page.
fn is_constant(course: &Course) -> bool {
    let by = match course.end {
        End::Answered { by, .. } => by,
        _ => return false,
    };
    // Files are answered by the block of their location, a text by the line `return`.
    course
        .steps
        .iter()
        .any(|step| step.span == by && matches!(step.effect, Effect::Answers { .. }))
        && !course
            .steps
            .iter()
            .any(|step| step.span == by && matches!(step.effect, Effect::Enters { .. }))
}

/// What monitors, crawlers and the address bar ask for.
fn is_for_no_page(request: &Request) -> bool {
    let path = request.path().to_string().to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let stem = name.split('.').next().unwrap_or(name).trim_matches('_');
    name.ends_with(".html")
        || [
            "favicon",
            "robots",
            "sitemap",
            "health",
            "healthz",
            "healthcheck",
            "ping",
            "status",
            "nginx_status",
            "stub_status",
            "ready",
            "readyz",
            "live",
            "livez",
            "metrics",
            "heartbeat",
            "canary",
        ]
        .contains(&stem)
}
