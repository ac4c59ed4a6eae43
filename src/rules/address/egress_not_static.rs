use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::aws::network::egress::{Egress, Stays};
use crate::probes::Sent;
use crate::probes::cloud::SOMEWHERE;
use crate::probes::lists::{EXACT, Guarded, Heard, guarded};

pub const ID: &str = "egress-not-static";

/// A list names an address of this account that may become another one, or get others beside it.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let egress = estate.aws.egress.iter();
    let passing: BTreeMap<IpAddr, &Egress> = egress
        .filter(|egress| egress.stays != Stays::Always && egress.is_used())
        .map(|egress| (egress.net.value.addr(), egress))
        .collect();
    if passing.is_empty() {
        return;
    }
    for guarded in &guarded(estate) {
        let exact = guarded.nets.iter().filter(|net| is_exact(net.value));
        let mut named: Vec<IpAddr> = exact
            .flat_map(|net| passing.range(net.value.network()..=net.value.broadcast()))
            .map(|(address, _)| *address)
            .collect();
        named.sort();
        named.dedup();
        findings.extend(named.iter().filter_map(|one| judge(guarded, passing[one])));
    }
}

fn is_exact(net: IpNet) -> bool {
    matches!(net, IpNet::V4(net) if net.prefix_len() >= EXACT)
}

fn judge(guarded: &Guarded<'_>, egress: &Egress) -> Option<Finding> {
    let address = egress.net.value.addr();
    let net = guarded.meaning(address)?;
    let sent = after(guarded, egress)?;
    let (message, label, help) = match egress.stays {
        Stays::WithOthers => (
            format!(
                "{} lets in {address} of {}, which takes further addresses by itself: calls from \
                 those are refused",
                guarded.name, egress.name
            ),
            format!("{} may get others beside it", egress.id),
            "give the regional NAT gateway addresses of your own and switch off that it grows \
             (AutoScalingIps, AutoProvisionZones), or list the pool from which it takes them",
        ),
        _ => (
            format!(
                "{} lets in {address}, which {} has only until it is stopped: after that its calls \
                 are refused",
                guarded.name, egress.name
            ),
            format!("AWS lends it to {}", egress.id),
            "give the instance an Elastic IP address and list that one",
        ),
    };
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: match egress.stays {
            Stays::WithOthers => Confidence::Medium,
            _ => Confidence::High,
        },
        message,
        primary: Label {
            span: net.span,
            text: format!("names {address}"),
        },
        related: vec![Label {
            span: egress.net.span,
            text: label,
        }],
        intent: Some(Intent {
            text: format!("the list is to let {} in", egress.name),
            span: Some(net.span),
        }),
        help: help.into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

/// The call from the address that it will have: any other.
fn after(guarded: &Guarded<'_>, egress: &Egress) -> Option<Sent> {
    guarded.doors().find_map(|(_, example)| {
        let now = guarded.ask(example, egress.net.value.addr());
        if !matches!(now, Heard::Admitted(_)) {
            return None;
        }
        match guarded.ask(example, SOMEWHERE) {
            Heard::Refused(sent) if !sent.course.is_conditional() => Some(sent),
            _ => None,
        }
    })
}
