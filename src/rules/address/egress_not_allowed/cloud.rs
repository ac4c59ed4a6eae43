//! Lists of AWS: resource policies, web ACLs, security groups, network ACLs.

use std::net::IpAddr;

use super::{At, Refusal, holds};
use crate::config::EgressGroup;
use crate::estate::Estate;
use crate::gate::{Effect, Step};
use crate::probes::Sent;
use crate::probes::lists::{Guarded, Heard, decided};
use crate::request::Request;
use crate::rules::address::{called, samples};
use crate::source::Spanned;
use crate::trace::in_cloud;

/// The addresses of a group that such lists refuse where it is to be let in.
pub fn refusals<'e>(
    estate: &'e Estate,
    all: &[Guarded<'e>],
    group: &'e EgressGroup,
) -> Vec<Refusal<'e>> {
    let mut refusals = Vec::new();
    for guarded in all.iter().filter(|_| group.calls.is_empty()) {
        let own = guarded.nets.iter().map(|net| net.value.addr());
        let sampled = group.addresses.iter().flat_map(|net| samples(net.value));
        let named: Vec<IpAddr> = own
            .filter(|from| holds(group, from))
            .chain(sampled)
            .filter(|from| guarded.naming(*from).is_some())
            .collect();
        let doors = guarded.doors().map(|(_, example)| example);
        for example in doors.filter(|_| !named.is_empty()) {
            let lets_in = |from: &&IpAddr| is_let_in(guarded, example, **from);
            let Some(admitted) = named.iter().find(lets_in) else {
                continue;
            };
            let found = refused(guarded, example, group, None, *admitted);
            if !found.is_empty() {
                refusals.extend(found);
                break;
            }
        }
    }
    for call in &group.calls {
        for guarded in all {
            let Some(request) = request(estate, guarded, &call.value) else {
                continue;
            };
            if let Some(admitted) = guarded.admitted(&request) {
                refusals.extend(refused(guarded, &request, group, Some(call), admitted));
            }
        }
    }
    refusals
}

/// A request for a URL that leads to a gate.
fn request(estate: &Estate, guarded: &Guarded<'_>, url: &str) -> Option<Request> {
    let request = called::request(url)?;
    let gate = in_cloud(estate, &request)?;
    std::ptr::addr_eq(gate, guarded.gate).then_some(request)
}

fn is_let_in(guarded: &Guarded<'_>, template: &Request, from: IpAddr) -> bool {
    matches!(guarded.ask(template, from), Heard::Admitted(_))
}

fn refused<'e>(
    guarded: &Guarded<'e>,
    template: &Request,
    group: &'e EgressGroup,
    call: Option<&'e Spanned<String>>,
    admitted: IpAddr,
) -> Vec<Refusal<'e>> {
    let refusal = |entry: &'e Spanned<ipnet::IpNet>| {
        let mut from = samples(entry.value).into_iter();
        from.find_map(|from| {
            // Who takes IPv4 alone is never called from an IPv6 address.
            if from.is_ipv6() && guarded.dualstack.is_none() {
                return None;
            }
            let Heard::Refused(sent) = guarded.ask(template, from) else {
                return None;
            };
            Some(Refusal {
                by: by(&sent, guarded)?,
                group,
                entry,
                from,
                call,
                admitted: Some(admitted),
                list: None,
                sure: !sent.course.is_conditional(),
                at: At::Cloud,
                sent,
            })
        })
    };
    group.addresses.iter().filter_map(refusal).collect()
}

/// What decided: of a policy the last line of its list, where it ends.
fn by(sent: &Sent, guarded: &Guarded<'_>) -> Option<Step> {
    let span = decided(&sent.course)?;
    let within = guarded.nets.iter().map(|net| net.span);
    let last = within.filter(|net| span.contains(*net)).max();
    Some(Step {
        span: last.unwrap_or(span),
        effect: Effect::Note(String::new()),
    })
}
