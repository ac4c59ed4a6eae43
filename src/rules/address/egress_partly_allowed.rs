use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use super::ask;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::aws::network::egress::{Egress, Through, Workload, workloads};
use crate::gates::nginx::address::Network;
use crate::gates::nginx::model::AccessRule;
use crate::probes::lists::{EXACT, Guarded, Heard, guarded};
use crate::probes::{Sent, visits};
use crate::request::Known;
use crate::source::Span;

pub const ID: &str = "egress-partly-allowed";

/// A list names some of the addresses from which a network calls, and refuses the others.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let networks = networks(estate);
    if networks.is_empty() {
        return;
    }
    let workloads = workloads(&estate.aws.cloud, &estate.aws.egress);
    let mut judge = |list: &List<'_>| {
        let found = networks.iter();
        findings.extend(found.filter_map(|(vpc, own)| judge(list, vpc, own, &workloads)));
    };
    for guarded in &guarded(estate) {
        judge(&List {
            name: guarded.name.clone(),
            naming: &|address| Some(guarded.meaning(address)?.span),
            refused: &|named, lost| refused(guarded, named, lost),
        });
    }
    // What a list stands in is told once, and not for each door within.
    let mut seen = HashSet::new();
    for visit in visits(estate) {
        let rules = visit.gate.config().access(visit.level());
        if rules.first().is_some_and(|rule| seen.insert(rule.span)) {
            judge(&List {
                name: format!("the list of {}", visit.door.name),
                naming: &|address| naming(rules, address),
                refused: &|named, lost| {
                    ask(&visit, visit.example, named).admitted()?;
                    let sent = ask(&visit, visit.example, lost).refused()?;
                    (!sent.course.is_conditional()).then_some(sent)
                },
            });
        }
    }
}

/// A list of addresses, wherever it stands.
struct List<'l> {
    name: String,
    /// The entry that names an address.
    naming: &'l dyn Fn(IpAddr) -> Option<Span>,
    /// How the second address is refused where the first is let in.
    refused: &'l dyn Fn(IpAddr, IpAddr) -> Option<Sent>,
}

/// The `allow` of an nginx that means an address.
fn naming(rules: &[AccessRule], address: IpAddr) -> Option<Span> {
    let names = |rule: &&AccessRule| match &rule.network {
        Known::Is(Network::Net { net, .. }) => net.prefix_len() >= EXACT && net.contains(&address),
        _ => false,
    };
    let mut allowed = rules.iter().filter(|rule| rule.allow);
    allowed.find(names).map(|rule| rule.span)
}

/// The addresses of all NAT gateways in use, by the network that they are in. What `why403.yaml`
/// declares is another rule's.
fn networks(estate: &Estate) -> BTreeMap<String, Vec<&Egress>> {
    let mut networks: BTreeMap<String, Vec<&Egress>> = BTreeMap::new();
    let declared = |address: IpAddr| {
        let mut groups = estate.config.egress.iter();
        groups.any(|group| {
            group
                .addresses
                .iter()
                .any(|net| net.value.contains(&address))
        })
    };
    for egress in &estate.aws.egress {
        let is_own = egress.through == Through::Nat && egress.is_used();
        if let Some(vpc) = egress.vpc.as_ref().filter(|_| is_own)
            && !declared(egress.net.value.addr())
        {
            networks.entry(vpc.clone()).or_default().push(egress);
        }
    }
    networks.retain(|_, own| own.len() > 1);
    networks
}

/// Why an address is to be let in as well as another one.
struct Reason {
    severity: Severity,
    confidence: Confidence,
    intent: Intent,
}

fn judge(list: &List<'_>, vpc: &str, own: &[&Egress], workloads: &[Workload]) -> Option<Finding> {
    let is_named = |egress: &&&Egress| (list.naming)(egress.net.value.addr()).is_some();
    let (named, missing): (Vec<&Egress>, Vec<&Egress>) =
        own.iter().copied().partition(|egress| is_named(&egress));
    let first = *named.first()?;
    // The strongest reason, then the first address.
    let (reason, lost) = missing
        .iter()
        .map(|lost| (reason(&named, lost, missing.len(), workloads), *lost))
        .min_by_key(|(reason, _)| Reverse(reason.severity))?;
    let (known, other) = (first.net.value.addr(), lost.net.value.addr());
    let sent = (list.refused)(known, other)?;
    let entry = (list.naming)(known)?;
    let mut related = vec![Label {
        span: lost.net.span,
        text: format!("{} calls from {other}", lost.name),
    }];
    related.extend(lost.tables.first().map(|span| Label {
        span: *span,
        text: format!("sends what goes out to {}", lost.id),
    }));
    Some(Finding {
        rule: ID,
        severity: reason.severity,
        confidence: reason.confidence,
        message: format!(
            "{} lets in {} of the {} addresses from which {vpc} calls: from {other} calls fail, \
             and from {known} they do not",
            list.name,
            named.len(),
            own.len(),
        ),
        primary: Label {
            span: entry,
            text: format!("names {known}, and nothing here names {other}"),
        },
        related,
        intent: Some(reason.intent),
        help: "list the addresses of all NAT gateways of the network, those of each zone and the \
               secondary ones"
            .into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

fn reason(named: &[&Egress], lost: &Egress, missing: usize, workloads: &[Workload]) -> Reason {
    let beside = |one: &Egress| named.iter().any(|other| other.net.value == one.net.value);
    if let Some(other) = named.iter().find(|other| other.id == lost.id) {
        return Reason {
            severity: Severity::Warning,
            confidence: Confidence::High,
            intent: Intent {
                text: format!("{} calls from both, as it comes", lost.name),
                span: Some(other.net.span),
            },
        };
    }
    let calls = |one: &&Workload| {
        let mut egress = one.egress.iter();
        egress.any(beside) && one.egress.iter().any(|own| own.net.value == lost.net.value)
    };
    if let Some(one) = workloads.iter().find(calls) {
        return Reason {
            severity: Severity::Warning,
            confidence: Confidence::High,
            intent: Intent {
                text: format!("the function {} calls from both", one.name),
                span: Some(one.span),
            },
        };
    }
    // One of two may be meant for callers of its own, and so may a second one of a zone.
    let is_second = |one: &Egress| one.zone.is_some() && one.zone == lost.zone;
    let most = named.len() > missing && !named.iter().any(|one| is_second(one));
    Reason {
        severity: match most {
            true => Severity::Warning,
            false => Severity::Note,
        },
        confidence: match most {
            true => Confidence::Medium,
            false => Confidence::Low,
        },
        intent: Intent {
            text: "others of the same network are on the list".into(),
            span: Some(named[0].net.span),
        },
    }
}

/// A door at which one is let in and the other not.
fn refused(guarded: &Guarded<'_>, named: IpAddr, lost: IpAddr) -> Option<Sent> {
    guarded.doors().find_map(|(_, example)| {
        if !matches!(guarded.ask(example, named), Heard::Admitted(_)) {
            return None;
        }
        match guarded.ask(example, lost) {
            Heard::Refused(sent) if !sent.course.is_conditional() => Some(sent),
            _ => None,
        }
    })
}
