use bstr::{BStr, ByteSlice};

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Door, Effect, Gate, ONLY_INTERNAL};
use crate::gates::nginx::address::Network;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Config, Kind, Level, LevelId, Op, Pattern};
use crate::gates::nginx::{Match, Nginx, Regex, uri};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "location-shadowed-by-denial";

/// A location with something to serve, of which a regular expression takes all and refuses it.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        let unreached = gate.doors().iter().filter(|door| {
            let reason = door.example.as_ref().err();
            reason.is_some_and(|reason| reason.0 != ONLY_INTERNAL)
        });
        findings.extend(unreached.filter_map(|door| judge(gate, door)));
    }
}

fn judge(gate: &Nginx, door: &Door) -> Option<Finding> {
    let (config, id) = (gate.config(), LevelId(door.id));
    let level = config.level(id);
    let intent = meant(config, id)?;
    let attempts = gate.attempts(id);
    let denied: Vec<(Request, Course, LevelId)> = attempts
        .iter()
        .filter_map(|request| denied(gate, request))
        .collect();
    // Another server may have taken them.
    let here = |by: LevelId| config.server_index(by) == config.server_index(id);
    let all = denied.len() == attempts.len() && denied.iter().all(|(.., by)| here(*by));
    let (request, course, by) = denied.into_iter().next().filter(|_| all)?;
    let taker = config.level(by);
    let Kind::Location(Pattern::Regex(regex)) = &taker.kind else {
        return None;
    };
    if !takes_all(regex, &level.kind, &attempts) {
        return None;
    }
    let sure = level.branch == 0 && taker.branch == 0 && !course.is_assumed();
    let answer = match course.status() {
        Some(status) => format!("answered {status}"),
        None => "dropped without an answer".into(),
    };
    Some(Finding {
        rule: ID,
        severity: match sure {
            true => Severity::Error,
            false => Severity::Warning,
        },
        confidence: match sure {
            true => Confidence::High,
            false => Confidence::Low,
        },
        message: format!(
            "{} is {answer}: a regular expression takes all that {} is written for",
            request.url(),
            level.name
        ),
        primary: Label {
            span: level.span,
            text: "no request gets here".into(),
        },
        related: vec![Label {
            span: taker.span,
            text: "takes every path of it, and refuses".into(),
        }],
        intent: Some(intent),
        help: help(&level.kind),
        witness: Some(Witness { request, course }),
    })
}

/// What stands in a location to be served; none where the location itself turns somebody away.
fn meant(config: &Config, id: LevelId) -> Option<Intent> {
    let level = config.level(id);
    let refuses = config.access(id).iter().any(|rule| !rule.allow) || returned(level, 400..=999);
    if refuses || level.pattern().is_none_or(|path| path == "/") {
        return None;
    }
    let serves = |key: Key| {
        matches!(
            key,
            Key::Pass(_) | Key::Root | Key::Alias | Key::TryFiles | Key::StubStatus
        )
    };
    let mut settings = level.settings.iter();
    if let Some(line) = settings.find(|line| serves(line.key)) {
        return Some(intent(
            format!("{} is written for it", line.name),
            line.span,
        ));
    }
    if let Some(rule) = level.access.iter().find(|rule| rule.allow) {
        return Some(intent(
            format!("allow {} stands here", rule.text),
            rule.span,
        ));
    }
    let answers = |op: &Op| matches!(op, Op::Return { status, .. } if (200..300).contains(status));
    let code = level.codes.iter().find(|code| answers(&code.op))?;
    Some(intent("an answer is written for it".into(), code.span))
}

fn intent(text: String, span: Span) -> Intent {
    Intent {
        text,
        span: Some(span),
    }
}

/// The way of a request that a location with a regular expression refuses to everybody.
fn denied(gate: &Nginx, request: &Request) -> Option<(Request, Course, LevelId)> {
    let config = gate.config();
    let courses = gate.pass(request);
    let by = taken_by(config, courses.first()?)?;
    let refused = |course: &Course| {
        let is_refusal = course.refuses() || course.status() == Some(404);
        is_refusal && course.status() != Some(401) && taken_by(config, course) == Some(by)
    };
    (refuses_everybody(config.level(by)) && courses.iter().all(refused))
        .then(|| (request.clone(), courses[0].clone(), by))
}

/// The location that a request enters first.
fn taken_by(config: &Config, course: &Course) -> Option<LevelId> {
    let before_jumps = course
        .steps
        .iter()
        .take_while(|step| !matches!(step.effect, Effect::Jumps { .. }));
    before_jumps
        .filter_map(|step| match step.effect {
            Effect::Enters { door, .. } => Some(LevelId(door)),
            _ => None,
        })
        .filter(|id| matches!(config.level(*id).kind, Kind::Location(_)))
        .last()
}

fn refuses_everybody(level: &Level) -> bool {
    let mut access = level.access.iter();
    let all = |network: Option<&Network>| matches!(network, Some(Network::All));
    let denies =
        access.clone().any(|rule| all(rule.network.known())) && access.all(|rule| !rule.allow);
    denies || returned(level, 403..=404) || returned(level, 444..=444)
}

fn returned(level: &Level, statuses: std::ops::RangeInclusive<u16>) -> bool {
    let returns = |op: &Op| matches!(op, Op::Return { status, .. } if statuses.contains(status));
    level.codes.iter().any(|code| returns(&code.op))
}

/// Whether a regular expression takes each path of a location, and not because it was written for
/// it: who spells the path out means to close it.
fn takes_all(regex: &Regex, of: &Kind, attempts: &[Request]) -> bool {
    const MORE: [&str; 6] = ["", "x", "x/y", "x.y", "A-b_c~1", "x/y.z/1"];
    let own = regex.pattern.as_bstr();
    // What it looks around for may stand further on in some path.
    if ["(?=", "(?!", "(?<"]
        .iter()
        .any(|open| own.contains_str(open))
    {
        return false;
    }
    let Kind::Location(pattern) = of else {
        return false;
    };
    let (text, is_open) = match pattern {
        Pattern::Prefix(text) => (text.as_bstr(), true),
        // Of others, a sample says little.
        Pattern::Regex(other) if !other.pattern.contains_str("|") => {
            let text = other.pattern.as_bstr();
            let is_plain = !text.contains_str("[") && !text.contains_str("(?");
            (text, is_plain && !text.ends_with(b"$"))
        }
        _ => return false,
    };
    let matches = |path: &[u8]| matches!(regex.exec(path), Match::Yes(_));
    let taken = |request: &Request| {
        let path = uri::parse(&request.target, true).map(|target| target.path);
        let longer = |more: &&str| {
            let path = path
                .as_ref()
                .map(|path| [path.as_slice(), more.as_bytes()].concat());
            path.is_some_and(|path| matches(&path))
        };
        MORE.iter()
            .take(if is_open { MORE.len() } else { 1 })
            .all(longer)
    };
    !spells(own, text) && attempts.iter().all(taken)
}

/// Whether a pattern names a part of a path.
fn spells(pattern: &BStr, path: &BStr) -> bool {
    let plain = pattern.replace("\\", "").to_ascii_lowercase();
    path.to_ascii_lowercase()
        .split(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_'))
        .any(|part| part.len() > 1 && plain.contains_str(part))
}

fn help(kind: &Kind) -> String {
    match kind {
        Kind::Location(Pattern::Prefix(path)) => {
            format!("write `location ^~ {path}`: no regular expression is tried after it")
        }
        _ => "put this location before the other one: the first regular expression that matches \
              is taken"
            .into(),
    }
}
