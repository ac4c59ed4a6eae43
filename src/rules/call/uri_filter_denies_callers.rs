use std::collections::{BTreeSet, HashMap};

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, End};
use crate::gates::nginx::model::{Code, Config, Kind, LevelId, Op, Pattern, Test};
use crate::gates::nginx::{Match, Nginx, Regex, uri};
use crate::probes::{Sent, Visit, visits_of};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "uri-filter-denies-callers";

/// What ordinary callers put into a query, beside a plain value of the same parameter.
const QUERIES: &[(&str, &str, &str)] = &[
    (
        "a URL to return to",
        "redirect_uri=/cb",
        "redirect_uri=https://app.example/cb",
    ),
    (
        "a URL to return to",
        "next=/cb",
        "next=http://app.example/cb",
    ),
    (
        "an encoded URL",
        "redirect_uri=%2Fcb",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
    ),
    ("a colon", "q=ab", "q=a:b"),
    (
        "a point in time",
        "since=2026",
        "since=2026-01-31T10:00:00Z",
    ),
    (
        "an e-mail address",
        "user=name.example.com",
        "user=name@example.com",
    ),
    ("an apostrophe", "name=Brien", "name=O'Brien"),
    ("an encoded apostrophe", "name=Brien", "name=O%27Brien"),
    ("quotes", "q=words", "q=%22two+words%22"),
    ("brackets", "filter=x", "filter[]=x"),
    ("encoded brackets", "filter=x", "filter%5Bname%5D=x"),
    ("a blank", "q=words", "q=two%20words"),
    ("a name with an umlaut", "name=Jorg", "name=J%C3%B6rg"),
];

/// The same for the last part of a path. A pair differs in the character alone: a pattern on dots
/// is about files, and no filter.
const SEGMENTS: &[(&str, &str, &str)] = &[
    ("a blank and parentheses", "report.pdf", "report%20(1).pdf"),
    ("a colon", "ab", "a:b"),
    ("an e-mail address", "name.example.com", "name@example.com"),
    ("an apostrophe", "Brien", "O'Brien"),
    ("a name with an umlaut", "Jorg", "J%C3%B6rg"),
    ("a plus sign", "ab", "a+b"),
    ("a percent sign", "100", "100%25"),
];

/// A filter on characters refuses what ordinary callers send.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        let filters = filters(gate.config());
        if filters.is_empty() {
            continue;
        }
        let mut met = BTreeSet::new();
        for visit in visits_of(gate) {
            let server = gate.config().server_of(visit.level());
            let Some(filters) = server.and_then(|server| filters.get(&server.level)) else {
                continue;
            };
            if filters.conditions {
                for (what, plain, ordinary) in QUERIES {
                    let at = |query: &str| with_query(visit.example, query);
                    compare(&visit, what, &at(plain), &at(ordinary), &mut met, findings);
                }
            }
            if let Some(base) = folder(&visit) {
                let path = |name: &str| format!("{base}{name}");
                for (what, plain, ordinary) in SEGMENTS {
                    if !filters.may_refuse(&path(ordinary)) {
                        continue;
                    }
                    let at = |name: &str| with_path(visit.example, path(name));
                    compare(&visit, what, &at(plain), &at(ordinary), &mut met, findings);
                }
            }
        }
    }
}

/// What kinds of filters a server has.
#[derive(Default)]
struct Filters<'c> {
    /// Conditions on what may hold a part of the URL.
    conditions: bool,
    /// Of locations that refuse.
    patterns: Vec<&'c Regex>,
}

impl Filters<'_> {
    /// Whether it is worth while to send this path: most meet no filter.
    fn may_refuse(&self, path: &str) -> bool {
        let Some(target) = uri::parse(path.as_bytes(), true) else {
            return true;
        };
        let matches = |regex: &&Regex| !matches!(regex.exec(&target.path), Match::No);
        self.conditions || self.patterns.iter().any(matches)
    }
}

/// The servers in which a request can meet a filter: an `if` or a location with a regular
/// expression that refuses.
fn filters(config: &Config) -> HashMap<LevelId, Filters<'_>> {
    let mut found: HashMap<LevelId, Filters<'_>> = HashMap::new();
    for id in (0..config.levels.len() as u32).map(LevelId) {
        let level = config.level(id);
        let condition = conditions(&level.codes).any(|(test, _)| is_about_the_url(test));
        let pattern = match &level.kind {
            Kind::Location(Pattern::Regex(regex)) => Some(regex),
            _ => None,
        };
        let pattern = pattern.filter(|_| refuses(&level.codes) || !level.access.is_empty());
        if (condition || pattern.is_some())
            && let Some(server) = config.server_of(id)
        {
            let filters = found.entry(server.level).or_default();
            filters.conditions |= condition;
            filters.patterns.extend(pattern);
        }
    }
    found
}

/// The conditions of a level, also those inside of others.
fn conditions(codes: &[Code]) -> Box<dyn Iterator<Item = (&Test, &[Code])> + '_> {
    Box::new(codes.iter().flat_map(|code| match &code.op {
        Op::If { test, codes, .. } => {
            let here = std::iter::once((test, codes.as_slice()));
            Box::new(here.chain(conditions(codes))) as Box<dyn Iterator<Item = _>>
        }
        _ => Box::new(std::iter::empty()),
    }))
}

fn refuses(codes: &[Code]) -> bool {
    codes
        .iter()
        .any(|code| matches!(code.op, Op::Return { status, .. } if status >= 400))
}

/// Whether a condition looks at the URL, or at a variable that may hold a part of it.
fn is_about_the_url(test: &Test) -> bool {
    const OTHER: [&str; 9] = [
        "request_method",
        "scheme",
        "https",
        "host",
        "remote_addr",
        "server_name",
        "server_port",
        "remote_user",
        "invalid_referer",
    ];
    let value = match test {
        Test::True(value) => value,
        Test::Equal { left, .. } | Test::Matches { left, .. } => left,
        Test::File { .. } | Test::Invalid => return false,
    };
    value.variables().any(|name| {
        let of_a_header = name.starts_with(b"http_") || name.starts_with(b"cookie_");
        !of_a_header && !OTHER.iter().any(|other| name == other.as_bytes())
    })
}

fn is_pattern_of(gate: &Nginx, course: &Course) -> bool {
    let level = course.door().map(|door| gate.config().level(LevelId(door)));
    level.is_some_and(|level| is_pattern(&level.kind))
}

fn is_pattern(kind: &Kind) -> bool {
    matches!(kind, Kind::Location(Pattern::Regex(_)))
}

fn with_query(example: &Request, query: &str) -> Request {
    let mut request = example.clone();
    request.target = format!("{}?{query}", example.path()).into();
    request
}

/// The folder for which a door stands, if it is one.
fn folder(visit: &Visit<'_>) -> Option<String> {
    match &visit.gate.config().level(visit.level()).kind {
        Kind::Server(_) => Some("/".into()),
        Kind::Location(Pattern::Prefix(text) | Pattern::PrefixNoRegex(text)) => {
            let text = text.to_string();
            let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
            (plain && text.ends_with('/')).then_some(text)
        }
        _ => None,
    }
}

fn with_path(example: &Request, path: String) -> Request {
    let mut request = example.clone();
    request.target = path.into();
    request
}

fn compare(
    visit: &Visit<'_>,
    what: &str,
    plain: &Request,
    ordinary: &Request,
    met: &mut BTreeSet<Span>,
    findings: &mut Vec<Finding>,
) {
    // The usual case, and the cheaper question.
    if visit.send(ordinary).iter().any(Course::admits) {
        return;
    }
    let Some(admitted) = visit.admitted(plain) else {
        return;
    };
    let mut request = ordinary.clone();
    request.from = admitted.request.from.clone();
    request.headers = admitted.request.headers.clone();
    let courses = visit.send(&request);
    if courses.iter().any(may_admit) {
        return;
    }
    let by_filter = |course: &Course| filter(visit.gate, course);
    let Some((course, by)) = courses
        .iter()
        .find_map(|course| Some((course.clone(), by_filter(course)?)))
    else {
        return;
    };
    // Not found says that no such thing is served, and is no refusal of a character if names with
    // a dot are not served either.
    let named = with_path(plain, format!("{}.txt", plain.path()));
    let is_about_files = is_pattern_of(visit.gate, &course) && course.status() == Some(404);
    if is_about_files && visit.admitted(&named).is_none() {
        return;
    }
    if met.insert(by) {
        let related = patterns(visit.gate, &course, &admitted.course, by);
        findings.push(finding(what, plain, Sent { request, course }, by, related));
    }
}

/// What is not known at some line may be let in there.
fn may_admit(course: &Course) -> bool {
    course.admits() || matches!(course.end, End::Unknown { span: Some(_), .. })
}

/// The `if` or the location with a regular expression that refuses the request.
fn filter(gate: &Nginx, course: &Course) -> Option<Span> {
    let refuses = match &course.end {
        End::Answered { status, .. } => matches!(status.known(), Some(403 | 404 | 444)),
        End::Dropped { .. } => true,
        _ => false,
    };
    let config = gate.config();
    let level = config.level(LevelId(course.door()?));
    let is_filter = is_pattern(&level.kind) || matches!(level.kind, Kind::If(_));
    // A file that is not there is no refusal.
    let decided = course.culprit().is_none_or(|step| {
        !matches!(
            step.effect,
            Effect::Refuses {
                check: Check::File | Check::Internal,
                ..
            }
        )
    });
    (refuses && is_filter && decided).then_some(level.span)
}

/// Other conditions that this request meets and the plain one does not: where a filter only sets
/// a mark, they hold the pattern.
fn patterns(gate: &Nginx, course: &Course, plain: &Course, by: Span) -> Vec<Label> {
    let entered = |course: &Course| -> Vec<Span> {
        let doors = course.steps.iter().filter_map(|step| match step.effect {
            Effect::Enters { door, .. } => Some(gate.config().level(LevelId(door))),
            _ => None,
        });
        doors
            .filter(|level| matches!(level.kind, Kind::If(_)))
            .map(|level| level.span)
            .collect()
    };
    let usual = entered(plain);
    let mut met = entered(course);
    met.retain(|span| *span != by && !usual.contains(span));
    met.dedup();
    let label = |span| Label {
        span,
        text: "this pattern matches".into(),
    };
    met.into_iter().map(label).collect()
}

fn finding(what: &str, plain: &Request, sent: Sent, by: Span, related: Vec<Label>) -> Finding {
    let answer = match sent.course.status() {
        Some(status) => format!("answered {status}"),
        None => "dropped without an answer".into(),
    };
    Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        message: format!(
            "{what} in {} is taken for an attack: the request is {answer}",
            sent.request.url()
        ),
        primary: Label {
            span: by,
            text: "refuses what ordinary callers send".into(),
        },
        related,
        intent: None,
        help: format!(
            "{} passes; narrow the pattern to what no caller sends, or leave the check to the \
             program behind, which knows its parameters",
            plain.target
        ),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    }
}
