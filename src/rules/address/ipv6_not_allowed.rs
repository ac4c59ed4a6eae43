use std::net::{IpAddr, Ipv6Addr};

use super::samples;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::End;
use crate::gates::aws::network::egress::{Egress, Through};
use crate::probes::Sent;
use crate::probes::cloud::SOMEWHERE;
use crate::probes::lists::{Guarded, Heard, guarded};

pub const ID: &str = "ipv6-not-allowed";

/// An address of the documentation's network (RFC 3849): a caller from somewhere.
const SOMEWHERE_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7));

/// A gate takes IPv6, and its lists name addresses of IPv4 alone.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    if estate.aws.cloud.is_empty() {
        return;
    }
    for guarded in &guarded(estate) {
        findings.extend(judge(estate, guarded));
    }
}

fn judge(estate: &Estate, guarded: &Guarded<'_>) -> Option<Finding> {
    let dualstack = guarded.dualstack?;
    let first = guarded.nets.first()?;
    if guarded.nets.iter().any(|net| net.value.addr().is_ipv6()) {
        return None;
    }
    let caller = caller(estate, guarded);
    let from = match caller {
        Some((_, v6)) => samples(v6.net.value).into_iter().next()?,
        None => SOMEWHERE_V6,
    };
    let sent = refused(guarded, from)?;
    // Whose connection is not answered tries the other family (RFC 8305); who is refused does not.
    let is_dropped = matches!(sent.course.end, End::Dropped { .. });
    let mut related = vec![Label {
        span: dualstack,
        text: "takes IPv6, too".into(),
    }];
    related.extend(caller.map(|(_, v6)| Label {
        span: v6.net.span,
        text: format!("{} calls by IPv6 from here", v6.name),
    }));
    let intent = match caller {
        Some((named, _)) => Intent {
            text: format!("the same subnet's {} is let in", named.net.value.addr()),
            span: Some(named.net.span),
        },
        None => Intent {
            text: "it was made to take IPv6".into(),
            span: Some(dualstack),
        },
    };
    Some(Finding {
        rule: ID,
        severity: match caller.is_some() && !is_dropped {
            true => Severity::Warning,
            false => Severity::Note,
        },
        confidence: match caller {
            Some(_) => Confidence::Medium,
            None => Confidence::Low,
        },
        message: format!(
            "{} takes IPv6, and its lists name addresses of IPv4 alone: from {from} it {}",
            guarded.name,
            match is_dropped {
                true => "gives no answer",
                false => "refuses calls",
            }
        ),
        primary: Label {
            span: first.span,
            text: "no entry is of IPv6".into(),
        },
        related,
        intent: Some(intent),
        help: "list the networks of IPv6 from which the callers come, that of a subnet or of the \
               VPC, or take IPv4 alone"
            .into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

/// A subnet that calls by IPv6, and by IPv4 from an address that the list names.
fn caller<'e>(estate: &'e Estate, guarded: &Guarded<'_>) -> Option<(&'e Egress, &'e Egress)> {
    let egress = &estate.aws.egress;
    let by_v6 = egress.iter().filter(|one| one.through == Through::Ipv6);
    let mut pairs = by_v6.filter_map(|v6| {
        let named = egress.iter().find(|one| {
            one.through == Through::Nat
                && one.is_used()
                && v6.nat.as_ref() == Some(&one.id)
                && guarded.meaning(one.net.value.addr()).is_some()
        })?;
        Some((named, v6))
    });
    pairs.next()
}

/// A door that goes by the list: who is on it is let in, and nobody else.
fn refused(guarded: &Guarded<'_>, from: IpAddr) -> Option<Sent> {
    guarded.doors().find_map(|(_, example)| {
        let mut clients = guarded.clients();
        let lets_in = clients.any(|one| matches!(guarded.ask(example, one), Heard::Admitted(_)));
        let goes_by_list = matches!(guarded.ask(example, SOMEWHERE), Heard::Refused(_));
        match guarded.ask(example, from) {
            Heard::Refused(sent) if lets_in && goes_by_list => Some(sent),
            _ => None,
        }
    })
}
