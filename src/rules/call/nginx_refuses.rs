use std::collections::{BTreeMap, BTreeSet};

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::gates::nginx::Nginx;
use crate::gates::nginx::directives::{self, Contexts, spec};
use crate::gates::nginx::remark::RemarkKind;
use crate::source::{SourceMap, Span};

pub const ID: &str = "nginx-refuses";

/// A line with which nginx does not start.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        let mut groups: BTreeMap<(Span, bool), Vec<Refused<'_>>> = BTreeMap::new();
        for remark in gate.remarks() {
            if let RemarkKind::Refused(message) = &remark.kind {
                let misplaced = remark.included.is_some() && message.ends_with(MISPLACED);
                // A file in a wrong place is one mistake, however many of its lines it spoils.
                let place = match misplaced {
                    true => estate.sources.at(remark.span).span(),
                    false => remark.span,
                };
                let refused = Refused {
                    span: remark.span,
                    message,
                    included: remark.included,
                };
                let group = groups.entry((place, misplaced)).or_default();
                group.push(refused);
            }
        }
        findings.extend(groups.values().filter_map(|group| one(gate, group)));
        findings.extend(default_servers(gate, &estate.sources));
    }
}

/// How nginx ends what it says of a directive in a wrong place.
const MISPLACED: &str = "\" directive is not allowed here";

/// How many includes of one file are shown.
const MOST_INCLUDES: usize = 3;

struct Refused<'g> {
    span: Span,
    message: &'g str,
    included: Option<Span>,
}

/// One finding for what is one mistake; the first line is where nginx stops.
fn one(gate: &Nginx, group: &[Refused<'_>]) -> Option<Finding> {
    let first = group.first()?;
    let lines: BTreeSet<Span> = group.iter().map(|one| one.span).collect();
    let includes: BTreeSet<Span> = group.iter().filter_map(|one| one.included).collect();
    let message = match lines.len() {
        1 => first.message.to_owned(),
        more => format!("{} (and {} more of this file)", first.message, more - 1),
    };
    let related = includes.into_iter().take(MOST_INCLUDES).map(|span| Label {
        span,
        text: "included here".into(),
    });
    let mut finding = refused(gate, first.span, message, related.collect());
    finding.help = help(first.message);
    if !finding.related.is_empty() {
        finding.primary.text = "`nginx -t` refuses this line where it is included".into();
    }
    Some(finding)
}

fn refused(gate: &Nginx, span: Span, message: String, related: Vec<Label>) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: match gate.config().template {
            true => Confidence::Medium,
            false => Confidence::High,
        },
        help: help(&message),
        message: format!("nginx does not start: {message}"),
        primary: Label {
            span,
            text: "`nginx -t` refuses this line".into(),
        },
        related,
        witness: None,
        intent: None,
    }
}

/// Two servers that both want to be the default of one address.
fn default_servers(gate: &Nginx, sources: &SourceMap) -> Vec<Finding> {
    let config = gate.config();
    if config.template {
        return Vec::new();
    }
    let mut first: BTreeMap<String, (usize, Span)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (at, server) in config.servers.iter().enumerate() {
        for listen in server.listens.iter().filter(|listen| listen.default) {
            let Some(socket) = socket(&sources.text(listen.span)) else {
                continue;
            };
            let (earlier, span) = *first.entry(socket.clone()).or_insert((at, listen.span));
            // Files of one folder may be alternatives, of which one is taken.
            let same_file = sources.id_at(span) == sources.id_at(listen.span);
            if earlier != at && same_file {
                let related = vec![Label {
                    span,
                    text: "the first one".into(),
                }];
                let message = format!("a duplicate default server for {socket}");
                findings.push(refused(gate, listen.span, message, related));
            }
        }
    }
    findings
}

/// The address and port of a `listen` line as nginx names them.
fn socket(line: &str) -> Option<String> {
    let address = line.split_ascii_whitespace().nth(1)?.trim_end_matches(';');
    if address.contains('$') {
        return None;
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !address.ends_with(']') => (host, port),
        _ if address.parse::<u16>().is_ok() => ("*", address),
        _ => (address, "80"),
    };
    let host = if host == "*" { "0.0.0.0" } else { host };
    Some(format!("{host}:{port}"))
}

fn help(message: &str) -> String {
    let misplaced = message
        .strip_suffix(MISPLACED)
        .and_then(|rest| spec(rest.strip_prefix('"')?.as_bytes()));
    match misplaced {
        Some(spec) => format!("`{}` may stand in {}", spec.name, places(spec.contexts)),
        None if message.contains("cannot have URI part") => {
            "leave out what follows the host and port, and change the path with `rewrite`".into()
        }
        None => "correct the line and run `nginx -t`".into(),
    }
}

fn places(contexts: Contexts) -> String {
    let all = [
        (directives::MAIN, "the main level"),
        (directives::HTTP, "http"),
        (directives::SERVER, "server"),
        (directives::LOCATION, "location"),
        (directives::SERVER_IF, "if in server"),
        (directives::LOCATION_IF, "if in location"),
        (directives::LIMIT_EXCEPT, "limit_except"),
    ];
    let names: Vec<&str> = all
        .iter()
        .filter(|(context, _)| contexts & context != 0)
        .map(|(_, name)| *name)
        .collect();
    names.join(", ")
}
