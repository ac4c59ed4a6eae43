//! Who reads an answer: not every one is for pages of other origins.

use crate::gate::{Course, Effect, End};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::{Config, Kind, LevelId, Setting};
use crate::request::Request;

/// What a location that speaks of upgrades is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrades {
    /// It does not speak of them.
    No,
    /// The lines for them stand there, as they stand in many a snippet for plain requests.
    Also,
    /// Browsers open WebSockets there, and ask for no CORS headers on them.
    Only,
}

pub fn upgrades(config: &Config, level: LevelId) -> Upgrades {
    let location = config.location_of(level);
    let Kind::Location(pattern) = &config.level(location).kind else {
        return Upgrades::No;
    };
    let key = Key::SetHeader(Module::Proxy);
    let lines = config.settings(level, key);
    if !lines.iter().any(|line| sets(line, "Upgrade")) {
        return Upgrades::No;
    }
    let path = pattern.to_string().to_ascii_lowercase();
    let words = || path.split(|char: char| !char.is_ascii_alphanumeric());
    // Who upgrades whatever comes, and not in the place for all or for an API, means no more.
    let always =
        config.level(location).own(key).iter().any(|line| {
            sets(line, "Connection") && line.args[1].raw.eq_ignore_ascii_case(b"upgrade")
        });
    let is_plain = path == "/" || words().any(|word| ["api", "graphql", "rest"].contains(&word));
    match words().any(is_for_sockets) || (always && !is_plain) {
        true => Upgrades::Only,
        false => Upgrades::Also,
    }
}

fn sets(line: &Setting, name: &str) -> bool {
    line.args[0].raw.eq_ignore_ascii_case(name.as_bytes())
}

/// Whether a word of a path is one of places where WebSockets are opened.
fn is_for_sockets(word: &str) -> bool {
    const WORDS: [&str; 13] = [
        "ws",
        "wss",
        "sockjs",
        "signalr",
        "cable",
        "realtime",
        "live",
        "livereload",
        "stream",
        "streaming",
        "hmr",
        "hubs",
        "mqtt",
    ];
    WORDS.contains(&word) || word.contains("socket") || word.ends_with("hub")
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

/// What monitors, crawlers, certificate authorities and the address bar ask for.
pub fn is_for_no_page(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path).to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let stem = name.split('.').next().unwrap_or(name).replace('-', "_");
    name.ends_with(".html")
        || path.starts_with("/.well-known/acme-challenge")
        || NO_PAGE_ASKS.contains(&stem.trim_matches('_'))
}

const NO_PAGE_ASKS: [&str; 21] = [
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
    "basic_status",
    "server_status",
    "ready",
    "readyz",
    "live",
    "livez",
    "alive",
    "liveness",
    "metrics",
    "heartbeat",
    "canary",
];

/// How far a path is from what callers ask for; of several witnesses the nearest is told of.
pub fn remoteness(path: &str) -> u8 {
    let words = || path.split(|char: char| !char.is_ascii_alphanumeric());
    match () {
        _ if is_for_no_page(path) => 2,
        _ if path == "/" || words().any(|word| word == "api") => 0,
        _ => 1,
    }
}
