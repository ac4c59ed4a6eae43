//! The addresses of clients that a configuration tells apart by a table or a condition.

use std::net::IpAddr;

use bstr::{BStr, ByteSlice};

use super::address;
use super::model::*;

/// Addresses of which the configuration speaks in a table or a condition.
pub fn named(config: &Config) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for geo in config.geos.values() {
        found.extend(geo.entries.iter().map(|entry| match entry.range {
            GeoRange::Net(net) => address::member(net),
            GeoRange::Range(first, _) => first,
        }));
    }
    let keys = config
        .maps
        .values()
        .filter(|map| map.source.variables().any(is_address))
        .flat_map(|map| map.exact.keys());
    found.extend(keys.filter_map(|key| key.to_str().ok()?.parse::<IpAddr>().ok()));
    for code in config.levels.iter().flat_map(|level| &level.codes) {
        if let Op::If {
            test: Test::Equal { left, right, .. },
            ..
        } = &code.op
            && left.variables().any(is_address)
        {
            let text = right.raw.to_str().ok();
            found.extend(text.and_then(|text| text.parse::<IpAddr>().ok()));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a variable holds the address of the client.
pub fn is_address(variable: &BStr) -> bool {
    variable == "remote_addr"
}
