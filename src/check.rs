//! Run the rules, apply the user's levels, suppressions and baseline, sort.

pub mod baseline;
pub mod fingerprint;
mod gather;
mod suppress;
mod unused;

pub use fingerprint::fingerprint;

use std::cell::OnceCell;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashSet};

use bstr::ByteSlice;
use rayon::prelude::*;

use crate::config::Config;
use crate::estate::{Estate, Problem};
use crate::finding::{Finding, Severity};
use crate::gate::{Door, End, Gate, ONLY_INTERNAL};
use crate::gates::express::Express;
use crate::gates::nginx::Nginx;
use crate::gates::nginx::model::LevelId;
use crate::probes::cloud::{Api, ApiVisit, apis};
use crate::probes::{Shared, Visit, is_spoken_for, places_inside};
use crate::request::Reason;
use crate::rules::{Crossing, Exchange, Judge, Rule, remoteness};
use crate::source::{SourceMap, Span};
use crate::trace::calls::joined;
use crate::trace::cloud::sent;
use baseline::Baseline;

/// All that a check has to say; every format renders this and nothing else.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is shown, sorted by file name, position and rule.
    pub findings: Vec<Finding>,
    /// What was found and is not shown because somebody decided so.
    pub suppressed: Vec<(Finding, Suppression)>,
    /// What could not be done, or was asked for wrongly; sorted like the findings.
    pub problems: Vec<Problem>,
    pub statistics: Statistics,
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub reason: String,
    pub by: SuppressedBy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment `# why403: ignore[rule-id] reason`, at this place.
    Comment(Span),
    /// An entry of the baseline file.
    Baseline,
}

/// What was looked at. Nothing here depends on the clock or on the machine.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Statistics {
    pub sources: usize,
    pub bytes: usize,
    pub gates: usize,
    pub doors: usize,
    pub rules: usize,
    /// Doors to which no rule could send a request.
    pub unprobed: Vec<Unprobed>,
    /// Servers of which no door could be tried, with the reason of the first.
    pub untried_servers: Vec<Unprobed>,
    /// Notes that `--strict` would show.
    pub hidden_notes: usize,
}

/// A door for which no request could be built that really reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprobed {
    pub door: String,
    pub span: Span,
    pub because: Reason,
}

impl Unprobed {
    /// Whether a client's request may reach it all the same.
    pub fn is_open(&self) -> bool {
        self.because.0 != ONLY_INTERNAL
    }
}

/// What the user asked of a check.
#[derive(Default)]
pub struct Settings {
    /// Show notes.
    pub strict: bool,
    /// Findings that were accepted before.
    pub baseline: Option<Baseline>,
}

/// Sends the probes of all rules through the estate.
pub fn check(estate: &Estate, rules: &[Rule], settings: &Settings) -> Outcome {
    let sources = &estate.sources;
    let mut problems = estate.problems.clone();
    problems.extend(unused::egress(estate));
    problems.extend(unused::token_calls(estate));

    let mut findings = find(estate, rules);
    findings.sort_by(|a, b| order(a, b, sources));
    drop_repeated(&mut findings, sources);
    findings.retain_mut(|finding| apply_level(finding, &estate.config));

    // Comments come before the other filters: one that silences a hidden note is not unused.
    let switched_off = |id: &str| level(&estate.config, id) == Some(None);
    let comments = suppress::read(&estate.comments, sources, rules);
    let (mut findings, mut suppressed, complaints) =
        suppress::apply(findings, comments, sources, switched_off);
    gather::gather(&mut findings, sources);
    problems.extend(complaints);

    let total = findings.len();
    let mut findings: Vec<_> = findings
        .into_iter()
        .filter(|finding| settings.strict || finding.severity > Severity::Note)
        .collect();
    let hidden_notes = total - findings.len();

    if let Some(baseline) = &settings.baseline {
        let (new, old, stale) = baseline.split(findings, sources);
        findings = new;
        suppressed.extend(old);
        problems.extend(stale);
    }
    problems.sort_by_key(|problem| problem_order(problem, sources));
    Outcome {
        findings,
        suppressed,
        problems,
        statistics: Statistics {
            hidden_notes,
            ..Statistics::of(estate, rules)
        },
    }
}

fn find(estate: &Estate, rules: &[Rule]) -> Vec<Finding> {
    let wanted: Vec<Judge> = rules
        .iter()
        .filter(|rule| level(&estate.config, rule.id) != Some(None))
        .flat_map(|rule| rule.checks.iter().copied())
        .collect();
    let whole = wanted.par_iter().flat_map_iter(|check| {
        let mut findings = Vec::new();
        if let Judge::Estate(check) = check {
            check(estate, &mut findings);
        }
        findings
    });
    let gates = estate.nginx.par_iter();
    let doors = gates.flat_map(|gate| at_doors(estate, gate, &wanted));
    let apps = estate.express.par_iter();
    let alone = apps.filter(|app| !is_spoken_for(estate, app));
    let routes = alone.flat_map_iter(|app| at_routes(app, &wanted));
    let calls = at_calls(estate, &wanted);
    let apis = at_apis(estate, &wanted);
    let sent = at_clouds(estate, &wanted);
    whole
        .chain(doors)
        .chain(routes)
        .chain(calls)
        .chain(apis)
        .chain(sent)
        .collect()
}

/// What scripts send, each call with the route that it is meant for.
fn at_calls(estate: &Estate, judges: &[Judge]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_wanted = |judge: &Judge| matches!(judge, Judge::Call(_));
    if !judges.iter().any(is_wanted) || estate.callers.calls.is_empty() {
        return findings;
    }
    for call in joined(estate) {
        if is_spoken_for(estate, call.app) {
            continue;
        }
        for judge in judges {
            if let Judge::Call(judge) = judge {
                judge(&call, &mut findings);
            }
        }
    }
    findings
}

fn at_apis(estate: &Estate, judges: &[Judge]) -> Vec<Finding> {
    let all: Vec<Api<'_>> = apis(estate).collect();
    let found = all.into_par_iter().flat_map_iter(|api| {
        let visit = ApiVisit::of(api);
        let mut findings = Vec::new();
        for judge in judges {
            if let Judge::Api(judge) = judge {
                judge(&visit, &mut findings);
            }
        }
        findings
    });
    found.collect()
}

/// What is sent to gates of AWS.
fn at_clouds(estate: &Estate, judges: &[Judge]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if judges.iter().any(|judge| matches!(judge, Judge::Sent(_))) {
        for sent in sent(estate) {
            for judge in judges {
                if let Judge::Sent(judge) = judge {
                    judge(&sent, &mut findings);
                }
            }
        }
    }
    findings
}

fn at_routes(app: &Express, judges: &[Judge]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // What does not start answers nothing.
    let starts = app.refusals().is_empty();
    for door in app.doors().iter().filter(|_| starts) {
        let Some(crossing) = Crossing::at(app, door) else {
            continue;
        };
        for judge in judges {
            if let Judge::Route(judge) = judge {
                judge(&crossing, &mut findings);
            }
        }
    }
    findings
}

/// Door by door, so that what one rule has sent to a door serves the others, and is forgotten
/// before the next.
fn at_doors<'e>(
    estate: &'e Estate,
    gate: &'e Nginx,
    checks: &'e [Judge],
) -> impl ParallelIterator<Item = Finding> + use<'e> {
    let inside = places_inside(gate);
    gate.doors().par_iter().flat_map_iter(move |door| {
        let inside = inside.get(&door.id).cloned().unwrap_or_default();
        let shared = Shared::new(inside, estate);
        let mut findings = Vec::new();
        if let Some(visit) = Visit::at(gate, door) {
            at_door(visit.sharing(&shared), checks, &mut findings);
        }
        findings
    })
}

fn at_door(visit: Visit<'_>, checks: &[Judge], findings: &mut Vec<Finding>) {
    let exchange = OnceCell::new();
    for check in checks {
        match check {
            Judge::Estate(_)
            | Judge::Api(_)
            | Judge::Route(_)
            | Judge::Call(_)
            | Judge::Sent(_) => {}
            Judge::Door(check) => check(&visit, findings),
            Judge::Page(check) => {
                if let Some(exchange) = exchange.get_or_init(|| Exchange::at(visit)) {
                    check(exchange, findings);
                }
            }
        }
    }
}

/// The level that the configuration gives a rule: `Some(None)` switches it off. The last entry
/// for a rule counts.
fn level(config: &Config, id: &str) -> Option<Option<Severity>> {
    config
        .rules
        .iter()
        .rev()
        .find(|entry| entry.rule.value == id)
        .map(|entry| entry.level)
}

fn apply_level(finding: &mut Finding, config: &Config) -> bool {
    match level(config, finding.rule) {
        None => true,
        Some(None) => false,
        Some(Some(severity)) => {
            finding.severity = severity;
            true
        }
    }
}

/// Findings by their places; of those of one rule at one line the gravest is first, and the one
/// whose request callers are likeliest to send.
fn order(one: &Finding, other: &Finding, sources: &SourceMap) -> Ordering {
    let key = |finding: &Finding| {
        let place = place(finding.primary.span, sources);
        (place, finding.rule, Reverse(finding.severity))
    };
    let far = |finding: &Finding| {
        let witness = finding.witness.as_ref();
        witness.map(|witness| remoteness(&witness.request.path().to_str_lossy()))
    };
    key(one)
        .cmp(&key(other))
        .then_with(|| far(one).cmp(&far(other)))
}

fn problem_order(problem: &Problem, sources: &SourceMap) -> (Option<(String, u32)>, String) {
    let place = problem.span.map(|span| {
        let (name, start, _) = place(span, sources);
        (name.to_owned(), start)
    });
    (place, problem.message.clone())
}

/// A span by its file and its offsets there: the same file may have been read more than once.
fn place(span: Span, sources: &SourceMap) -> (&str, u32, u32) {
    let source = sources.at(span);
    (
        &source.name,
        span.start - source.base,
        span.end - source.base,
    )
}

/// Many doors share a line, and a file that is included from several places is analysed in each of
/// them.
fn drop_repeated(findings: &mut Vec<Finding>, sources: &SourceMap) {
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert((finding.rule, place(finding.primary.span, sources))));
}

impl Statistics {
    fn of(estate: &Estate, rules: &[Rule]) -> Self {
        let mut statistics = Statistics {
            sources: estate.sources.iter().count(),
            bytes: estate.sources.iter().map(|source| source.text.len()).sum(),
            rules: rules.len(),
            ..Statistics::default()
        };
        for gate in estate.gates() {
            statistics.gates += 1;
            statistics.doors += gate.doors().len();
            let doors = gate.doors().iter();
            statistics.unprobed.extend(doors.filter_map(unprobed));
        }
        // A file may be read for several gates.
        let mut told = HashSet::new();
        let servers = estate.nginx.iter().flat_map(untried_servers);
        let servers = servers.filter(|server| told.insert(server.span));
        statistics.untried_servers = servers.collect();
        statistics
    }
}

fn untried_servers(gate: &Nginx) -> Vec<Unprobed> {
    let config = gate.config();
    let mut servers: BTreeMap<LevelId, Vec<&Door>> = BTreeMap::new();
    for door in gate.doors() {
        if let Some(server) = config.server_of(LevelId(door.id)) {
            servers.entry(server.level).or_default().push(door);
        }
    }
    let untried = servers.into_iter().filter_map(|(server, doors)| {
        let doors = doors.into_iter();
        let doors = doors.filter(|door| door.id != server.0 || !is_unknown(gate, door));
        let unprobed: Option<Vec<Unprobed>> = doors.map(unprobed).collect();
        let first = unprobed?.into_iter().find(Unprobed::is_open)?;
        Some(Unprobed {
            door: config.level(server).name.to_string(),
            span: config.level(server).span,
            because: first.because,
        })
    });
    untried.collect()
}

/// Whether nothing is known of what a door does with the request that comes to it.
fn is_unknown(gate: &Nginx, door: &Door) -> bool {
    let courses = door.example.as_ref().map(|request| gate.pass(request));
    courses.is_ok_and(|courses| {
        let mut ends = courses.iter().map(|course| &course.end);
        ends.all(|end| matches!(end, End::Unknown { .. }))
    })
}

fn unprobed(door: &Door) -> Option<Unprobed> {
    let because = door.example.as_ref().err()?.clone();
    Some(Unprobed {
        door: door.name.clone(),
        span: door.span,
        because,
    })
}

#[cfg(test)]
mod tests;
