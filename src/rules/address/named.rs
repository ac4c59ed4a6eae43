//! Whether an egress group plays any part in what was read.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{called, samples};
use crate::config::EgressGroup;
use crate::estate::Estate;
use crate::gates::express::Express;
use crate::gates::nginx::address::Network;
use crate::gates::nginx::model::{GeoRange, Op, Test};
use crate::gates::nginx::{Match, Nginx, is_address};
use crate::probes::lists::{Guarded, guarded};

/// Whether a list, a table or a condition names an address of the group; also where
/// something that we do not have might do so.
pub fn speaks_of(estate: &Estate, group: &EgressGroup) -> bool {
    let mut gates = estate.nginx.iter();
    estate.nginx.is_empty()
        || gates.any(|gate| called::has_open_names(gate) || names(gate, group))
        || estate.express.iter().any(|app| lists(app, group))
        || guarded(estate).iter().any(|one| has(one, group))
}

/// Whether a list of AWS's names an address of the group.
fn has(guarded: &Guarded<'_>, group: &EgressGroup) -> bool {
    let mut nets = guarded.nets.iter();
    nets.any(|named| meets(&named.value, group))
}

/// Whether two networks have an address in common; a range of all addresses speaks of nobody.
fn meets(named: &IpNet, group: &EgressGroup) -> bool {
    let mut nets = group.addresses.iter().map(|entry| entry.value);
    named.prefix_len() > 0 && nets.any(|net| net.contains(named) || named.contains(&net))
}

fn lists(app: &Express, group: &EgressGroup) -> bool {
    let nets = || group.addresses.iter().map(|entry| entry.value);
    app.lists().iter().any(|list| {
        list.clients()
            .any(|client| nets().any(|net| net.contains(&client)))
            || nets().any(|net| samples(net).iter().any(|address| list.has(*address)))
    })
}

fn names(gate: &Nginx, group: &EgressGroup) -> bool {
    let nets = || group.addresses.iter().map(|entry| entry.value);
    let meets = |named: &IpNet| meets(named, group);
    let config = gate.config();
    let mut rules = config.levels.iter().flat_map(|level| &level.access);
    let mut entries = config.geos.values().flat_map(|geo| &geo.entries);
    rules.any(|rule| match rule.network.known() {
        Some(Network::Net { net, .. }) => meets(net),
        Some(Network::All | Network::Unix) => false,
        None => true,
    }) || entries.any(|entry| match &entry.range {
        GeoRange::Net(net) => meets(net),
        GeoRange::Range(first, last) => nets().any(|net| crosses(net, *first, *last)),
    }) || gate
        .named_addresses()
        .iter()
        .any(|address| nets().any(|net| net.contains(address)))
        || has_pattern(gate, group)
}

/// Whether the two ranges have an address in common.
fn crosses(net: IpNet, first: IpAddr, last: IpAddr) -> bool {
    first.is_ipv4() == net.addr().is_ipv4() && first <= net.broadcast() && net.network() <= last
}

/// Whether a pattern by which addresses are told apart takes one of the group's.
fn has_pattern(gate: &Nginx, group: &EgressGroup) -> bool {
    let config = gate.config();
    let maps = config
        .maps
        .values()
        .filter(|map| map.source.variables().any(is_address))
        .flat_map(|map| map.regex.iter().map(|(regex, _)| regex));
    let codes = config.levels.iter().flat_map(|level| &level.codes);
    let tests = codes.filter_map(|code| match &code.op {
        Op::If {
            test: Test::Matches { left, regex, .. },
            ..
        } if left.variables().any(is_address) => Some(regex),
        _ => None,
    });
    let sampled: Vec<String> = group
        .addresses
        .iter()
        .flat_map(|net| samples(net.value))
        .map(|address| address.to_string())
        .collect();
    maps.chain(tests).any(|regex| {
        let mut texts = sampled.iter();
        texts.any(|text| !matches!(regex.exec(text.as_bytes()), Match::No))
    })
}
