//! Who reads an answer: not every one is for pages of other origins.

use crate::gate::{Course, Effect, End};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::{Config, Kind, LevelId};
use crate::request::Request;

/// Browsers do not ask for CORS headers on WebSockets.
pub fn is_websocket(config: &Config, level: LevelId) -> bool {
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
pub fn is_constant(course: &Course) -> bool {
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

/// The path that was asked for, or that a jump put in its place: `/index.html` for `/`.
pub fn answered_path(request: &Request, course: &Course) -> String {
    let jumped = course
        .steps
        .iter()
        .rev()
        .find_map(|step| match &step.effect {
            Effect::Jumps { to, .. } if to.starts_with(b"/") => Some(to.to_string()),
            _ => None,
        });
    jumped.unwrap_or_else(|| request.path().to_string())
}

/// What monitors, crawlers and the address bar ask for.
pub fn is_for_no_page(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path).to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let stem = name.split('.').next().unwrap_or(name).trim_matches('_');
    name.ends_with(".html") || NO_PAGE_ASKS.contains(&stem)
}

const NO_PAGE_ASKS: [&str; 17] = [
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
];
