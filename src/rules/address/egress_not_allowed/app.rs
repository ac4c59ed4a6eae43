//! Lists of an Express application, by whatever way its callers come.

use std::net::IpAddr;

use super::{At, Refusal, holds};
use crate::config::EgressGroup;
use crate::estate::Estate;
use crate::gate::{Check, Effect};
use crate::gates::express::{AddressList, Express};
use crate::gates::nginx::SOMEWHERE;
use crate::probes::Sent;
use crate::probes::route::likeliest;
use crate::rules::address::arrival::{Way, refusing, ways};
use crate::rules::address::{called, samples};
use crate::source::Spanned;

/// The addresses of a group that lists of the applications refuse where it is to be let in.
pub fn refusals<'e>(estate: &'e Estate, group: &'e EgressGroup) -> Vec<Refusal<'e>> {
    let mut refusals = Vec::new();
    for app in &estate.express {
        let lists = app.lists();
        if lists.is_empty() || !app.refusals().is_empty() {
            continue;
        }
        for way in ways(estate, app) {
            let calls: Vec<Option<&Spanned<String>>> = match group.calls.as_slice() {
                [] => vec![None],
                calls => {
                    let mut meant = calls.iter().filter(|call| is_meant(estate, &way, call));
                    meant.next().map(Some).into_iter().collect()
                }
            };
            for call in calls {
                for list in &lists {
                    refusals.extend(refused(app, &way, list, group, call));
                }
            }
        }
    }
    refusals
}

/// Whether a URL leads this way.
fn is_meant(estate: &Estate, way: &Way<'_>, call: &Spanned<String>) -> bool {
    match way {
        Way::Nginx(visit, _) => called::doors(estate, &call.value).iter().any(|door| {
            std::ptr::eq(door.visit.gate, visit.gate) && door.visit.door.id == visit.door.id
        }),
        Way::Declared { example, .. } | Way::Direct(example) => {
            called::app_alone(estate).is_some()
                && called::target(&call.value)
                    .is_some_and(|target| example.target.starts_with(target.as_bytes()))
        }
    }
}

fn refused<'e>(
    app: &Express,
    way: &Way<'_>,
    list: &AddressList<'_>,
    group: &'e EgressGroup,
    call: Option<&'e Spanned<String>>,
) -> Vec<Refusal<'e>> {
    let ask = |from: IpAddr| {
        let request = way.arrived(from)?.request;
        let course = likeliest(app, &request)?;
        Some(Sent { request, course })
    };
    let is_refused = |sent: &Sent| refusing(&sent.course) == Some(list.span);
    let is_let_in = |from: &IpAddr| ask(*from).is_some_and(|sent| refusing(&sent.course).is_none());
    // The list stands on this way at all.
    if !ask(SOMEWHERE).is_some_and(|sent| is_refused(&sent)) {
        return Vec::new();
    }
    let sampled = group.addresses.iter().flat_map(|net| samples(net.value));
    let listed = list.clients();
    let admitted = match call {
        None => sampled
            .chain(listed.filter(|from| holds(group, from)))
            .find(is_let_in),
        Some(_) => listed.chain(sampled).find(is_let_in),
    };
    if admitted.is_none() {
        return Vec::new();
    }
    let entries = group.addresses.iter();
    let refusal = |entry: &'e Spanned<ipnet::IpNet>| {
        let mut from = samples(entry.value).into_iter();
        from.find_map(|from| {
            let sent = ask(from).filter(&is_refused)?;
            let by = sent.course.culprit()?.clone();
            Some(Refusal {
                group,
                entry,
                from,
                by,
                call,
                admitted,
                list: None,
                sure: true,
                at: At::App,
                sent,
            })
        })
    };
    let v4_alone = app.app().listens.iter().all(|listen| {
        let host = listen.host.as_deref();
        host.is_some_and(|host| !host.contains(':'))
    });
    let found = entries.filter_map(refusal);
    // Who listens on IPv4 alone is never called from an IPv6 address.
    found
        .filter(|one| one.from.is_ipv4() || !v4_alone || app.app().listens.is_empty())
        .filter(|one| {
            matches!(
                one.by.effect,
                Effect::Refuses {
                    check: Check::Address,
                    ..
                }
            )
        })
        .collect()
}
