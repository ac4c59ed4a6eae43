//! `map` and `geo`: variables that are looked up in a table.

use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use super::Run;
use super::sender::walk_back;
use crate::gates::nginx::address;
use crate::gates::nginx::matcher::Match;
use crate::gates::nginx::model::*;
use crate::gates::nginx::value::Value;
use crate::request::{Known, Reason};

/// How deep maps may rest on maps; nginx gives up at the same depth (NGX_HTTP_VARIABLE_DEPTH).
const DEEPEST_TABLE: u32 = 100;
/// How many maps one request may look up. Each `volatile` map that names another one twice
/// doubles the work, which nginx does and we do not.
const MOST_TABLES: u32 = 20_000;

/// The lookups in `map` and `geo` blocks, which may rest on each other and on themselves.
#[derive(Default)]
pub(super) struct Tables {
    depth: u32,
    looked_up: u32,
}

impl<'c> Run<'c> {
    /// A lookup in a map or geo block, unless it goes round in a circle or does not come to an end.
    pub(super) fn table(
        &mut self,
        name: &BStr,
        look_up: impl FnOnce(&mut Self) -> Known<BString>,
    ) -> Known<BString> {
        self.tables.looked_up += 1;
        if self.tables.depth >= DEEPEST_TABLE || self.tables.looked_up > MOST_TABLES {
            return Known::Unknown(Reason::new(format!(
                "${name} rests on too many other maps, or on itself"
            )));
        }
        self.tables.depth += 1;
        let value = look_up(self);
        self.tables.depth -= 1;
        value
    }

    /// ngx_http_map_find: exact without case, wildcards, regular expressions in order.
    pub(super) fn map(&mut self, map: &'c Map) -> Known<BString> {
        let subject = match self.eval(&map.source) {
            Known::Is(subject) => subject,
            unknown => return unknown,
        };
        let mut key = BString::from(subject.to_ascii_lowercase());
        let hostnames = !map.suffix.is_empty() || !map.prefix.is_empty();
        if hostnames && key.ends_with(b".") {
            key.pop();
        }
        if let Some(value) = map.exact.get(&key) {
            return self.eval(value);
        }
        if let Some(value) = wildcard(map, &key) {
            return self.eval(value);
        }
        // An empty text is never tried on a regular expression.
        let patterns = if subject.is_empty() {
            &[][..]
        } else {
            &map.regex
        };
        for (regex, value) in patterns {
            match regex.exec(&subject) {
                Match::Yes(captures) => {
                    self.capture(captures);
                    return self.eval(value);
                }
                Match::No => {}
                Match::Unknown(reason) => return Known::Unknown(reason),
            }
        }
        if let Some(reason) = &map.hole {
            return Known::Unknown(reason.clone());
        }
        match &map.default {
            Some(value) => self.eval(value),
            None => Known::Is(BString::default()),
        }
    }

    pub(super) fn geo(&mut self, geo: &Geo) -> Known<BString> {
        let address = match &geo.address {
            Some(variable) => match self.variable(variable.as_bstr()) {
                Known::Is(text) => text
                    .to_str()
                    .ok()
                    .and_then(|text| text.parse().ok())
                    // An address that is none counts as 255.255.255.255.
                    .unwrap_or(IpAddr::from([255, 255, 255, 255])),
                unknown => return unknown,
            },
            None => match self.state.address.clone() {
                Known::Is(address) => address,
                Known::Unknown(reason) => return Known::Unknown(reason),
            },
        };
        let address = self.behind_proxies(address::unmapped(address), geo);
        let best = geo
            .entries
            .iter()
            .filter_map(|entry| Some((covers(&entry.range, address)?, entry)))
            .max_by_key(|(bits, _)| *bits);
        if let Some((_, entry)) = best {
            return self.eval(&entry.value);
        }
        if let Some(reason) = &geo.hole {
            return Known::Unknown(reason.clone());
        }
        match &geo.default {
            Some(value) => self.eval(value),
            None => Known::Is(BString::default()),
        }
    }

    /// `proxy` in a geo block: behind one, the address of X-Forwarded-For counts.
    fn behind_proxies(&self, address: IpAddr, geo: &Geo) -> IpAddr {
        if geo.proxies.is_empty() {
            return address;
        }
        let chain = self.chain(b"X-Forwarded-For");
        walk_back(address, &chain, &geo.proxies, geo.proxy_recursive)
    }
}

/// The longest `*.x`, then the longest `x.*`.
fn wildcard<'m>(map: &'m Map, key: &BString) -> Option<&'m Value> {
    for at in key.find_iter(".") {
        if let Some(value) = map.suffix.get(&BString::from(&key[at..])) {
            return Some(value);
        }
    }
    for at in key.rfind_iter(".") {
        if let Some(value) = map.prefix.get(&BString::from(&key[..=at])) {
            return Some(value);
        }
    }
    None
}

/// How narrow a range is that covers the address; `None` if it does not.
fn covers(range: &GeoRange, address: IpAddr) -> Option<u8> {
    match range {
        GeoRange::Net(net) => net.contains(&address).then(|| net.prefix_len()),
        GeoRange::Range(first, last) => (*first <= address && address <= *last).then_some(128),
    }
}
