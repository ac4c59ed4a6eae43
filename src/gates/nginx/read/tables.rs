//! Blocks that make variables and groups: `map`, `geo`, `split_clients`, `upstream`.

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::{Item, Reader};
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives;
use crate::gates::nginx::matcher::Regex;
use crate::gates::nginx::model::*;
use crate::gates::nginx::value::Value;
use crate::request::Reason;
use crate::syntax::nginx::Directive;

impl<'p> Reader<'p> {
    pub(super) fn table(&mut self, d: Directive<'p>) {
        match &*d.name() {
            b"map" => self.map(d),
            b"geo" => self.geo(d),
            b"upstream" => self.upstream(d),
            _ => {
                let Some(variable) = d.arg(1).and_then(|arg| variable_of(&arg.value())) else {
                    return;
                };
                let reason = format!("${variable} is drawn by split_clients");
                self.config
                    .opaque_variables
                    .insert(variable, Reason::new(reason));
            }
        }
    }

    /// The entries of a block, with includes in place, and the first include that is missing.
    fn entries(&mut self, d: Directive<'p>) -> (Vec<Directive<'p>>, Option<Reason>) {
        let mut entries = Vec::new();
        let mut hole = None;
        let children: Vec<_> = d.children().collect();
        self.walk(&children, &mut |_, item| match item {
            Item::Directive(entry) => entries.push(entry),
            Item::Missing(_, reason) => hole = Some(reason),
        });
        (entries, hole)
    }

    fn map(&mut self, d: Directive<'p>) {
        let (Some(source), Some(variable)) =
            (d.arg(0), d.arg(1).and_then(|arg| variable_of(&arg.value())))
        else {
            return;
        };
        let (entries, hole) = self.entries(d);
        let mut map = Map {
            source: Value::read(source),
            exact: Default::default(),
            suffix: Default::default(),
            prefix: Default::default(),
            regex: Vec::new(),
            default: None,
            volatile: false,
            span: d.head_span(),
            hole,
        };
        let hostnames = entries
            .iter()
            .any(|entry| *entry.name() == *b"hostnames" && entry.args().len() == 0);
        for entry in entries {
            self.map_entry(&mut map, entry, hostnames);
        }
        self.config.maps.insert(variable, map);
    }

    fn map_entry(&mut self, map: &mut Map, entry: Directive<'p>, hostnames: bool) {
        let name = entry.name();
        let Some(value) = entry.arg(0).map(Value::read) else {
            map.volatile |= *name == *b"volatile";
            return;
        };
        if *name == *b"default" {
            map.default = Some(value);
            return;
        }
        if let Some(pattern) = name.strip_prefix(b"~") {
            let (pattern, caseless) = match pattern.strip_prefix(b"*") {
                Some(rest) => (rest, true),
                None => (pattern, false),
            };
            let regex = Regex::new(pattern, caseless);
            self.declare_groups(&regex, entry);
            map.regex.push((regex, value));
            return;
        }
        // A backslash hides a special meaning at the start.
        let text = name.strip_prefix(b"\\").unwrap_or(&name);
        let key: BString = text.to_ascii_lowercase().into();
        if hostnames && let Some(rest) = key.strip_prefix(b"*.") {
            let key = [b".", rest].concat();
            map.suffix.entry(key.into()).or_insert(value);
        } else if hostnames && let Some(rest) = key.strip_suffix(b".*") {
            let key = [rest, b"."].concat();
            map.prefix.entry(key.into()).or_insert(value);
        } else if hostnames && key.starts_with(b".") {
            map.exact.entry(key[1..].into()).or_insert(value.clone());
            map.suffix.entry(key).or_insert(value);
        } else {
            map.exact.entry(key).or_insert(value);
        }
    }

    fn geo(&mut self, d: Directive<'p>) {
        let names: Vec<_> = d
            .args()
            .filter_map(|arg| variable_of(&arg.value()))
            .collect();
        let (address, variable) = match names.as_slice() {
            [variable] => (None, variable.clone()),
            [address, variable] => (Some(address.clone()), variable.clone()),
            _ => return,
        };
        let (entries, hole) = self.entries(d);
        let mut geo = Geo {
            address,
            entries: Vec::new(),
            default: None,
            proxies: Vec::new(),
            proxy_recursive: false,
            span: d.head_span(),
            hole,
        };
        for entry in entries {
            self.geo_entry(&mut geo, entry);
        }
        self.config.geos.insert(variable, geo);
    }

    fn geo_entry(&mut self, geo: &mut Geo, entry: Directive<'p>) {
        let name = entry.name();
        let Some(token) = entry.arg(0) else {
            geo.proxy_recursive |= *name == *b"proxy_recursive";
            return;
        };
        let value = Value::read(token);
        let parse = |text: &str| address::network(text);
        match &*name {
            // The default is the entry of all addresses, and the later of two lines counts.
            b"default" => {
                for net in ["0.0.0.0/0", "::/0"] {
                    geo.entries.extend(geo_range(net).map(|range| GeoEntry {
                        range,
                        value: value.clone(),
                    }));
                }
                geo.default = Some(value);
            }
            b"delete" => {
                if let Some(Network::Net { net, .. }) = value.raw.to_str().ok().and_then(parse) {
                    geo.entries.retain(
                        |entry| !matches!(entry.range, GeoRange::Net(other) if other == net),
                    );
                }
            }
            b"proxy" => geo.proxies.extend(value.raw.to_str().ok().and_then(parse)),
            text => {
                if let Some(range) = text.to_str().ok().and_then(geo_range) {
                    geo.entries.push(GeoEntry { range, value });
                }
            }
        }
    }

    fn upstream(&mut self, d: Directive<'p>) {
        let Some(name) = d.arg(0) else { return };
        let mut servers = Vec::new();
        let children: Vec<_> = d.children().collect();
        self.walk(&children, &mut |this, item| match item {
            // It has the name of a block of `http`, and is another one.
            Item::Directive(entry) if *entry.name() == *b"server" => {
                servers.extend(entry.arg(0).map(Value::read));
            }
            Item::Directive(entry) => this.check_place(entry, directives::UPSTREAM),
            Item::Missing(..) => {}
        });
        self.config.upstreams.insert(
            name.value().to_ascii_lowercase().into(),
            UpstreamBlock {
                span: d.head_span(),
                servers,
            },
        );
    }
}

fn geo_range(text: &str) -> Option<GeoRange> {
    if let Some(Network::Net { net, .. }) = address::network(text) {
        return Some(GeoRange::Net(net));
    }
    let (first, last) = text.split_once('-')?;
    Some(GeoRange::Range(
        first.parse::<IpAddr>().ok()?,
        last.parse::<IpAddr>().ok()?,
    ))
}

/// `$name` or `${name}`, lower-cased.
fn variable_of(text: &[u8]) -> Option<BString> {
    let name = text.strip_prefix(b"$")?;
    Some(name.to_ascii_lowercase().into())
}
