//! Variables: the request's own, and those that the configuration makes.

use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use super::Run;
use super::access::user_of;
use super::headers::from_upstream;
use crate::config::Version;
use crate::gate::Effect;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::matcher::{Captures, Match};
use crate::gates::nginx::model::*;
use crate::gates::nginx::value::{Part, Value};
use crate::request::{Known, Reason};

/// Longer values are not worked out: with `set $a $a$a;` a value doubles with each line, and what
/// nginx takes from a client is shorter than this.
pub(super) const LONGEST_VALUE: usize = 16 << 10;

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

/// From here on `$http_x` joins repeated headers.
const JOINS_HEADERS_SINCE: Version = Version::new(1, 23, 0);

impl<'c> Run<'c> {
    /// The text of a parameter. One part that cannot be known makes the whole unknown.
    pub(super) fn eval(&mut self, value: &Value) -> Known<BString> {
        if value.template {
            return Known::Unknown(value.unknown());
        }
        let Some(parts) = value.parts() else {
            return Known::Is(value.raw.clone());
        };
        let mut out = BString::default();
        for part in parts {
            match part {
                Part::Literal(text) => out.extend_from_slice(text),
                Part::Capture(number) => out.extend_from_slice(&self.group(*number)),
                Part::Variable(name) => match self.variable(name.as_bstr()) {
                    Known::Is(text) => out.extend_from_slice(&text),
                    unknown => return unknown,
                },
            }
            if out.len() > LONGEST_VALUE {
                return Known::Unknown(too_long());
            }
        }
        Known::Is(out)
    }

    pub(super) fn group(&self, number: usize) -> BString {
        self.state
            .captures
            .groups
            .get(number)
            .cloned()
            .flatten()
            .unwrap_or_default()
    }

    /// Keeps what a regular expression captured; named groups are variables.
    pub(super) fn capture(&mut self, captures: Captures) {
        for (name, text) in &captures.named {
            self.variables.insert(name.clone(), Known::Is(text.clone()));
        }
        self.state.captures = captures;
    }

    /// `set`; nginx has a few variables that write to the request.
    pub(super) fn assign(&mut self, variable: &BString, value: Known<BString>) {
        if *variable == "args"
            && let Known::Is(text) = &value
        {
            self.state.args = text.clone();
            return;
        }
        self.variables.insert(variable.clone(), value);
    }

    /// The value of a variable; an empty text where it has none.
    pub(super) fn variable(&mut self, name: &BStr) -> Known<BString> {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        let config = self.config;
        if let Some(map) = config.maps.get(name) {
            let value = self.table(name, |run| run.map(map));
            if !map.volatile {
                self.variables.insert(name.into(), value.clone());
            }
            return value;
        }
        if let Some(geo) = config.geos.get(name) {
            let value = self.table(name, |run| run.geo(geo));
            self.variables.insert(name.into(), value.clone());
            return value;
        }
        if let Some(value) = self.builtin(name) {
            return value;
        }
        if let Some(reason) = config.opaque_variables.get(name) {
            return Known::Unknown(reason.clone());
        }
        if config.declared.contains_key(name) {
            return Known::Is(BString::default());
        }
        Known::Unknown(Reason::new(match &config.incomplete {
            Some(reason) => format!("${name} may be set in a file that is missing: {reason}"),
            None => format!("${name} is set nowhere in this configuration"),
        }))
    }

    /// The variables of nginx's own modules (ngx_http_core_variables); `None` for another name.
    fn builtin(&mut self, name: &BStr) -> Option<Known<BString>> {
        let state = &self.state;
        let text = |text: &str| Some(Known::Is(BString::from(text)));
        let name = name.to_str().ok()?;
        if let Some(header) = name.strip_prefix("http_") {
            return Some(self.http_variable(header));
        }
        if let Some(argument) = name.strip_prefix("arg_") {
            return Some(Known::Is(argument_of(&state.args, argument)));
        }
        if let Some(cookie) = name.strip_prefix("cookie_") {
            return Some(self.cookie(cookie));
        }
        if name.starts_with("upstream_") || name.starts_with("sent_") {
            return Some(from_upstream(name));
        }
        if name.starts_with("ssl_") {
            return match (name, state.tls) {
                (_, false) => text(""),
                ("ssl_server_name", true) => Some(Known::Is(state.host.clone())),
                _ => unknown(name, "the TLS handshake gives"),
            };
        }
        if name.starts_with("geoip") {
            return unknown(name, "a database gives");
        }
        match name {
            "host" => Some(Known::Is(if state.host.is_empty() {
                self.server_name()
            } else {
                state.host.clone()
            })),
            "uri" | "document_uri" => Some(Known::Is(state.path.clone())),
            "args" | "query_string" => Some(Known::Is(state.args.clone())),
            "is_args" => text(if state.args.is_empty() { "" } else { "?" }),
            "request_uri" => Some(Known::Is(state.unparsed.clone())),
            // Of the client's request, in a subrequest too. An error page changes it to GET.
            "request_method" if state.depth > 0 => text(&self.request.method),
            "request_method" => text(&state.method),
            "scheme" => text(if state.tls { "https" } else { "http" }),
            "https" => text(if state.tls { "on" } else { "" }),
            "server_protocol" => text("HTTP/1.1"),
            "request" => Some(Known::Is(
                format!("{} {} HTTP/1.1", self.request.method, self.request.target).into(),
            )),
            "server_name" => Some(Known::Is(self.server_name())),
            "server_port" => text(&state.port.to_string()),
            "server_addr" => match self.connected_to() {
                Some(address) => text(&address.to_string()),
                None => unknown(name, "the connection gives"),
            },
            "remote_addr" => {
                let value = address_text(&state.address);
                // Kept after its first use, even when real_ip changes the address later.
                self.variables.insert("remote_addr".into(), value.clone());
                Some(value)
            }
            "realip_remote_addr" => Some(address_text(&self.request.from)),
            "remote_user" => Some(self.remote_user()),
            "content_type" => Some(self.http_variable("content_type")),
            "content_length" => Some(self.http_variable("content_length")),
            "proxy_add_x_forwarded_for" => Some(self.forwarded_for()),
            "invalid_referer" => {
                let value = self.invalid_referer();
                // Kept after its first use, even where another location has other referers.
                self.variables.insert(name.into(), value.clone());
                Some(value)
            }
            "document_root" | "realpath_root" => {
                let root = self.root();
                Some(self.absolute_path(root, name))
            }
            "request_filename" => {
                let path = state.path.clone();
                let on_disk = self.on_disk(&path);
                Some(self.absolute_path(on_disk, name))
            }
            "fastcgi_script_name" => Some(Known::Is(self.script_name())),
            "fastcgi_path_info" => text(""),
            "nginx_version" => text(&self.config.version.to_string()),
            "http2"
            | "http3"
            | "proxy_protocol_addr"
            | "proxy_protocol_port"
            | "slice_range"
            | "gzip_ratio"
            | "limit_rate" => text(""),
            "binary_remote_addr"
            | "remote_port"
            | "hostname"
            | "pid"
            | "msec"
            | "time_iso8601"
            | "time_local"
            | "request_id"
            | "connection"
            | "connection_requests"
            | "connection_time"
            | "status"
            | "request_length"
            | "request_time"
            | "bytes_sent"
            | "body_bytes_sent"
            | "request_body"
            | "request_body_file"
            | "request_completion"
            | "pipe"
            | "tcpinfo_rtt"
            | "tcpinfo_rttvar"
            | "tcpinfo_snd_cwnd"
            | "tcpinfo_rcv_space"
            | "server_addr_port"
            | "uid_got"
            | "uid_set"
            | "uid_reset"
            | "secure_link"
            | "secure_link_expires"
            | "spdy"
            | "date_local"
            | "date_gmt"
            | "modern_browser"
            | "ancient_browser"
            | "msie"
            | "connections_active" => unknown(name, "only the running server gives"),
            // Set by proxy_pass itself; outside of one they are empty.
            "proxy_host" | "proxy_port" => text(""),
            _ => None,
        }
    }

    fn absolute_path(&self, path: BString, name: &str) -> Known<BString> {
        if path.starts_with(b"/") {
            return Known::Is(path);
        }
        Known::Unknown(Reason::new(format!(
            "nginx's prefix is not known, and with it ${name}"
        )))
    }

    pub(super) fn server_name(&self) -> BString {
        self.config.servers[self.state.server]
            .names
            .first()
            .map(|name| name.text.clone())
            .unwrap_or_default()
    }

    /// `$http_name`: dashes stand as underscores. Lists are joined; of other repeated headers
    /// the first counted alone before 1.23.0.
    fn http_variable(&self, name: &str) -> Known<BString> {
        let same = |header: &[u8]| {
            header.len() == name.len()
                && header
                    .iter()
                    .zip(name.bytes())
                    .all(|(a, b)| a.to_ascii_lowercase() == b || (*a == b'-' && b == b'_'))
        };
        let values: Vec<&Known<BString>> = self
            .state
            .headers
            .iter()
            .filter(|header| same(&header.name))
            .map(|header| &header.value)
            .collect();
        let separator = match name {
            "cookie" => "; ",
            "x_forwarded_for" => ", ",
            _ if self.config.version >= JOINS_HEADERS_SINCE => ", ",
            _ => {
                return values
                    .first()
                    .map_or(Known::Is(BString::default()), |v| (*v).clone());
            }
        };
        join(&values, separator)
    }

    fn cookie(&self, name: &str) -> Known<BString> {
        for value in self.header_values(b"Cookie") {
            let Known::Is(text) = value else {
                return value.clone();
            };
            for pair in text.split_str(";") {
                let pair = pair.trim_start();
                if let Some((key, value)) = pair.split_once_str("=")
                    && key.eq_ignore_ascii_case(name.as_bytes())
                {
                    return Known::Is(value.into());
                }
            }
        }
        Known::Is(BString::default())
    }

    fn remote_user(&self) -> Known<BString> {
        match self.header_values(b"Authorization").next() {
            Some(Known::Is(text)) => Known::Is(user_of(text).unwrap_or_default()),
            Some(unknown) => unknown.clone(),
            None => Known::Is(BString::default()),
        }
    }

    fn forwarded_for(&self) -> Known<BString> {
        let mut values: Vec<Known<BString>> =
            self.header_values(b"X-Forwarded-For").cloned().collect();
        values.push(address_text(&self.state.address));
        join(&values.iter().collect::<Vec<_>>(), ", ")
    }

    fn script_name(&self) -> BString {
        let mut path = self.state.path.clone();
        if path.ends_with(b"/")
            && let Some(setting) = self.config.setting(self.state.level, Key::FastcgiIndex)
        {
            path.extend_from_slice(&setting.args[0].raw);
        }
        path
    }

    /// A lookup in a map or geo block, unless it goes round in a circle or does not come to an end.
    fn table(
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
    fn map(&mut self, map: &'c Map) -> Known<BString> {
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

    fn geo(&mut self, geo: &Geo) -> Known<BString> {
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

    /// The addresses of a header, over all its lines, in order.
    fn chain(&self, name: &[u8]) -> Vec<BString> {
        self.header_values(name)
            .filter_map(|value| value.known())
            .flat_map(|text| {
                text.split(|byte| matches!(byte, b',' | b' '))
                    .filter(|part| !part.is_empty())
                    .map(BString::from)
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The real_ip module, after the connection is accepted and again at preaccess.
    pub(super) fn take_address(&mut self, level: LevelId) {
        let config = self.config;
        if self.state.depth > 0 {
            return;
        }
        let trusted: Vec<Network> = config
            .settings(level, Key::SetRealIpFrom)
            .iter()
            .filter_map(|setting| address::network(setting.args[0].raw.to_str().ok()?))
            .collect();
        // An address that was taken once is not taken again (realip's context).
        if trusted.is_empty() || self.state.address != self.request.from {
            return;
        }
        let Known::Is(peer) = self.state.address.clone() else {
            return;
        };
        let setting = config.setting(level, Key::RealIpHeader);
        let header = setting.map_or(BString::from("X-Real-IP"), |s| s.args[0].raw.clone());
        if header == "proxy_protocol" {
            return;
        }
        let chain = if header.eq_ignore_ascii_case(b"X-Forwarded-For") {
            self.chain(b"X-Forwarded-For")
        } else {
            let values: Vec<_> = self.header_values(&header).collect();
            match values.first().and_then(|value| value.known()) {
                Some(text) => vec![text.clone()],
                None => Vec::new(),
            }
        };
        let recursive = config.flag(level, Key::RealIpRecursive, false);
        let address = walk_back(address::unmapped(peer), &chain, &trusted, recursive);
        if address == address::unmapped(peer) {
            return;
        }
        let span = setting
            .or(config.setting(level, Key::SetRealIpFrom))
            .map(|setting| setting.span);
        if let Some(span) = span {
            self.step(
                span,
                Effect::TakesAddress {
                    from_header: header.to_string(),
                    address,
                },
            );
        }
        self.state.address = Known::Is(address);
    }

    /// `$invalid_referer`: "1" unless one of `valid_referers` matches.
    fn invalid_referer(&mut self) -> Known<BString> {
        let config = self.config;
        let level = config.location_of(self.state.level);
        let settings = config.settings(level, Key::ValidReferers);
        let valid = Known::Is(BString::default());
        if settings.is_empty() {
            return valid;
        }
        let referer = match self.header_values(b"Referer").next() {
            Some(Known::Is(text)) => Some(text.clone()),
            Some(unknown) => return unknown.clone(),
            None => None,
        };
        let server_names: Vec<BString> = config.servers[self.state.server]
            .names
            .iter()
            .map(|name| name.text.clone())
            .collect();
        let ok = settings
            .iter()
            .flat_map(|setting| &setting.args)
            .any(|arg| referer_matches(arg, referer.as_ref(), &server_names));
        if ok { valid } else { Known::Is("1".into()) }
    }
}

pub(super) fn too_long() -> Reason {
    Reason::new(format!("a value grows beyond {} KB", LONGEST_VALUE >> 10))
}

fn unknown(name: &str, who: &str) -> Option<Known<BString>> {
    Some(Known::Unknown(Reason::new(format!("{who} ${name}"))))
}

fn address_text(address: &Known<IpAddr>) -> Known<BString> {
    address.as_ref().map(|address| address.to_string().into())
}

fn join(values: &[&Known<BString>], separator: &str) -> Known<BString> {
    let mut texts = Vec::new();
    for value in values {
        match value {
            Known::Is(text) => texts.push(text.as_slice()),
            unknown => return (*unknown).clone(),
        }
    }
    Known::Is(texts.join(separator.as_bytes()).into())
}

/// The first argument of that name, not decoded (ngx_http_arg).
fn argument_of(args: &BString, name: &str) -> BString {
    args.split_str("&")
        .filter_map(|pair| pair.split_once_str("="))
        .find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value.into())
        .unwrap_or_default()
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

/// The last address of a chain, or with `recursive` the last one that is not trusted
/// (ngx_http_get_forwarded_addr).
fn walk_back(peer: IpAddr, chain: &[BString], trusted: &[Network], recursive: bool) -> IpAddr {
    let is_trusted = |address: IpAddr| {
        trusted.iter().any(|network| match network {
            Network::All => true,
            Network::Unix => false,
            Network::Net { net, .. } => net.contains(&address),
        })
    };
    let mut address = peer;
    for text in chain.iter().rev() {
        if !is_trusted(address) {
            break;
        }
        let Some(parsed) = parse_forwarded(text) else {
            break;
        };
        address = parsed;
        if !recursive {
            break;
        }
    }
    address
}

/// An address of a forwarded header, with or without a port.
fn parse_forwarded(text: &BString) -> Option<IpAddr> {
    let text = text.to_str().ok()?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// One parameter of `valid_referers` (ngx_http_referer_module).
fn referer_matches(arg: &Value, referer: Option<&BString>, server_names: &[BString]) -> bool {
    let Some(referer) = referer else {
        return arg.raw == "none";
    };
    let stripped = referer
        .strip_prefix(b"http://")
        .or_else(|| referer.strip_prefix(b"https://"));
    match (arg.raw.as_slice(), stripped) {
        (b"none", _) => false,
        (b"blocked", stripped) => stripped.is_none(),
        (_, None) => false,
        (b"server_names", Some(rest)) => server_names.iter().any(|name| host_matches(name, rest)),
        ([b'~', pattern @ ..], Some(rest)) => {
            let regex = crate::gates::nginx::matcher::Regex::new(pattern, true);
            matches!(regex.exec(rest), Match::Yes(_))
        }
        (name, Some(rest)) => host_matches(&name.into(), rest),
    }
}

/// A host name, `*.name` or `name.*`, with an optional path, against a referer without scheme.
fn host_matches(name: &BString, rest: &[u8]) -> bool {
    let end = rest.find_byteset(b"/?:").unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    let path_at = rest.find_byte(b'/').unwrap_or(rest.len());
    let (name, path) = match name.find_byte(b'/') {
        Some(at) => (&name[..at], Some(&name[at..])),
        None => (name.as_slice(), None),
    };
    if path.is_some_and(|path| !rest[path_at..].starts_with(path)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    if let Some(suffix) = name.strip_prefix(b"*.") {
        return host.ends_with(&[b".", suffix].concat());
    }
    if let Some(suffix) = name.strip_prefix(b".") {
        return host == suffix || host.ends_with(&[b".", suffix].concat());
    }
    if let Some(prefix) = name.strip_suffix(b".*") {
        return host.starts_with(&[prefix, b"."].concat());
    }
    host == name
}
