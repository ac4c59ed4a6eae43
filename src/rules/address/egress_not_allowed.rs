mod app;
mod cloud;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Answer, ask, called, listed_clients, samples, trusted};
use crate::config::EgressGroup;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect, End, Step};
use crate::gates::nginx::SOMEWHERE;
use crate::gates::nginx::model::AccessRule;
use crate::probes::lists::guarded;
use crate::probes::{Sent, Visit, visits};
use crate::request::Request;
use crate::source::{SourceMap, Span, Spanned};

pub const ID: &str = "egress-not-allowed";

/// An address from which declared callers come is refused where they are to be let in.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut refusals = Vec::new();
    let guarded = match estate.config.egress.is_empty() {
        true => Vec::new(),
        false => guarded(estate),
    };
    for group in &estate.config.egress {
        refusals.extend(app::refusals(estate, group));
        refusals.extend(cloud::refusals(estate, &guarded, group));
        if group.calls.is_empty() {
            for visit in visits(estate).filter(|visit| goes_by_address(visit)) {
                refusals.extend(where_listed(&visit, group, &estate.sources));
            }
        }
        for call in &group.calls {
            let doors = called::doors(estate, &call.value);
            // Where none can be, the entry itself is a mistake, which `check` tells.
            let by_app = called::app_alone(estate).is_some();
            if called::in_aws(estate, &call.value) {
                continue;
            }
            if doors.is_empty() && !by_app && called::may_be_answered(estate, &call.value) {
                findings.push(no_door(estate, group, call));
            }
            for door in &doors {
                refusals.extend(where_called(door, group, call));
            }
        }
    }
    // One finding for each line that refuses.
    let mut by_line: BTreeMap<Span, Vec<Refusal<'_>>> = BTreeMap::new();
    for refusal in refusals {
        by_line.entry(refusal.by.span).or_default().push(refusal);
    }
    findings.extend(by_line.into_values().filter_map(finding));
}

struct Refusal<'e> {
    group: &'e EgressGroup,
    entry: &'e Spanned<IpNet>,
    from: IpAddr,
    sent: Sent,
    by: Step,
    call: Option<&'e Spanned<String>>,
    /// An address that is let in at the same door.
    admitted: Option<IpAddr>,
    /// The last `allow` of the list.
    list: Option<Span>,
    /// This very door is meant, not only what it stands in.
    sure: bool,
    at: At,
}

/// Where the list stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Nginx,
    App,
    Cloud,
}

fn goes_by_address(visit: &Visit<'_>) -> bool {
    !visit.gate.config().access(visit.level()).is_empty()
        || !visit.gate.named_addresses().is_empty()
}

/// Without `calls`, a door is meant for a group when it lets one of its addresses in by name.
fn where_listed<'e>(
    visit: &Visit<'e>,
    group: &'e EgressGroup,
    sources: &SourceMap,
) -> Vec<Refusal<'e>> {
    let mut listed = visit.allowed_addresses();
    listed.extend(visit.gate.named_addresses());
    listed.retain(|address| holds(group, address));
    let sampled = group.addresses.iter().flat_map(|net| samples(net.value));
    let Some(admitted) = sampled
        .chain(listed)
        .find(|from| ask(visit, visit.example, *from).admitted().is_some())
    else {
        return Vec::new();
    };
    let mut refusals = refused(visit, visit.example, group, None, Some(admitted));
    // Who listens on IPv4 alone is never called from an IPv6 address.
    let v6 = listens_on_v6(visit, sources);
    refusals.retain(|refusal| v6 || refusal.from.is_ipv4());
    refusals
}

/// With `calls`, the doors that the URLs reach are meant.
fn where_called<'e>(
    door: &called::Called<'e>,
    group: &'e EgressGroup,
    call: &'e Spanned<String>,
) -> Vec<Refusal<'e>> {
    let (visit, request) = (&door.visit, &door.request);
    let mut others = vec![SOMEWHERE];
    others.extend(listed_clients(visit));
    let admitted = others
        .into_iter()
        .find(|from| ask(visit, request, *from).admitted().is_some());
    let mut refusals = refused(visit, request, group, Some(call), admitted);
    // A condition goes by the address only if it lets somebody else in; and what is closed to
    // all below the URL, such as files of the server's own, is closed to them on purpose.
    refusals.retain(|refusal| admitted.is_some() || (door.itself && is_list(&refusal.by)));
    for refusal in &mut refusals {
        refusal.sure = door.itself || admitted.is_some_and(|from| holds(group, &from));
    }
    refusals
}

fn holds(group: &EgressGroup, address: &IpAddr) -> bool {
    group
        .addresses
        .iter()
        .any(|net| net.value.contains(address))
}

fn refused<'e>(
    visit: &Visit<'e>,
    request: &Request,
    group: &'e EgressGroup,
    call: Option<&'e Spanned<String>>,
    admitted: Option<IpAddr>,
) -> Vec<Refusal<'e>> {
    let rules = visit.gate.config().access(visit.level());
    let mut refusals = Vec::new();
    for entry in &group.addresses {
        // One address of an entry is enough to show.
        let refusal = samples(entry.value).into_iter().find_map(|from| {
            let Answer::Refused(sent) = ask(visit, request, from) else {
                return None;
            };
            let by = sent.course.culprit()?.clone();
            Some(Refusal {
                group,
                entry,
                from,
                sent,
                by,
                call,
                admitted,
                list: last_allow(rules),
                sure: true,
                at: At::Nginx,
            })
        });
        refusals.extend(refusal);
    }
    refusals
}

fn is_list(step: &Step) -> bool {
    let Effect::Refuses { check, .. } = step.effect else {
        return false;
    };
    check == Check::Address
}

fn last_allow(rules: &[AccessRule]) -> Option<Span> {
    rules.iter().rfind(|rule| rule.allow).map(|rule| rule.span)
}

fn listens_on_v6(visit: &Visit<'_>, sources: &SourceMap) -> bool {
    let config = visit.gate.config();
    let behind_proxy = trusted(visit.gate, visit.level()).next().is_some();
    behind_proxy
        || config.server_of(visit.level()).is_none_or(|server| {
            let mut listens = server.listens.iter();
            listens.any(|listen| sources.bytes(listen.span).contains(&b'['))
        })
}

fn finding(mut refusals: Vec<Refusal<'_>>) -> Option<Finding> {
    refusals.sort_by_key(|refusal| (refusal.entry.span, !refusal.sure));
    refusals.dedup_by_key(|refusal| refusal.entry.span);
    let related: Vec<Label> = refusals.iter().map(declared).collect();
    let more = match refusals.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let first = refusals.into_iter().next()?;
    let name = &first.group.name.value;
    let assumed = first.sent.course.is_assumed();
    let mut related = related;
    related.extend(
        first
            .list
            .filter(|list| *list != first.by.span)
            .map(|span| Label {
                span,
                text: format!(
                    "the list ends here, without {}",
                    written(&first.entry.value)
                ),
            }),
    );
    let meant = match (first.call, first.admitted) {
        (Some(call), _) => Intent {
            text: format!("why403.yaml says that {name} calls {}", call.value),
            span: Some(call.span),
        },
        (None, Some(admitted)) => Intent {
            text: format!("{admitted}, of {name} as well, is let in here"),
            span: Some(first.group.name.span),
        },
        (None, None) => return None,
    };
    let is_dropped = matches!(first.sent.course.end, End::Dropped { .. });
    Some(Finding {
        rule: ID,
        severity: match (assumed, first.sure) {
            // The address may stand in the file that is missing.
            (true, _) => Severity::Note,
            (false, false) => Severity::Warning,
            (false, true) => Severity::Error,
        },
        confidence: match assumed {
            true => Confidence::Low,
            false => Confidence::High,
        },
        message: format!(
            "{} of the egress group {name}{more} {} {}",
            first.from,
            match is_dropped {
                true => "gets no answer from",
                false => "is refused at",
            },
            first.sent.request.url()
        ),
        primary: Label {
            span: first.by.span,
            text: match first.at {
                At::Cloud => format!("does not let {} in", first.from),
                _ => format!("refuses {}", first.from),
            },
        },
        related,
        intent: Some(meant),
        help: match is_list(&first.by) {
            _ if first.at == At::Cloud => format!(
                "let {} in here as well, or take the address out of why403.yaml",
                written(&first.entry.value)
            ),
            _ if first.at == At::App => format!(
                "put {} on this list, or take the address out of why403.yaml",
                written(&first.entry.value)
            ),
            true => format!(
                "put `allow {};` above this line, or take the address out of why403.yaml",
                written(&first.entry.value)
            ),
            false => format!(
                "let {} through the table or condition that decides here",
                written(&first.entry.value)
            ),
        },
        witness: Some(Witness {
            request: first.sent.request,
            course: first.sent.course,
        }),
    })
}

fn declared(refusal: &Refusal<'_>) -> Label {
    Label {
        span: refusal.entry.span,
        text: format!("{} calls from here", refusal.group.name.value),
    }
}

/// A single address without its mask.
fn written(net: &IpNet) -> String {
    match net.prefix_len() == net.max_prefix_len() {
        true => net.addr().to_string(),
        false => net.to_string(),
    }
}

/// Nothing is said about a URL for which no server was read: better to say so.
fn no_door(estate: &Estate, group: &EgressGroup, call: &Spanned<String>) -> Finding {
    let open = estate.nginx.iter().any(called::has_open_names);
    Finding {
        rule: ID,
        severity: match open {
            true => Severity::Note,
            false => Severity::Warning,
        },
        confidence: Confidence::Medium,
        message: format!(
            "no door could be asked for {}, so whether it lets {} in was not checked",
            call.value, group.name.value
        ),
        primary: Label {
            span: call.span,
            text: "leads to no door that was tried".into(),
        },
        related: Vec::new(),
        witness: None,
        intent: None,
        help: "correct the host, or check the folder that holds its server, too".into(),
    }
}
