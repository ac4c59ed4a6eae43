//! Which server takes a request.

use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use super::Run;
use crate::gate::Knowledge;
use crate::gates::nginx::address::unmapped;
use crate::gates::nginx::matcher::{Captures, Match};
use crate::gates::nginx::model::*;
use crate::request::Request;

impl<'c> Run<'c> {
    /// The address that the client connects to, if its URL names one.
    pub(super) fn connected_to(&self) -> Option<IpAddr> {
        connected_to(self.request)
    }

    pub(super) fn server_named(&mut self, group: &'c PortGroup, host: &BStr) -> usize {
        match named_server(self.config, group, host) {
            Some((server, captures)) => {
                if let Some(captures) = captures {
                    self.capture(captures);
                }
                server
            }
            None => group.default,
        }
    }
}

/// How well a configuration knows the host and port that a request is sent to.
pub(in crate::gates::nginx) fn knows(config: &Config, request: &Request) -> Knowledge {
    let Some(group) = port_group(config, request) else {
        return Knowledge::Nothing;
    };
    let host = valid_host(&host_header(request)).unwrap_or_default();
    match named_server(config, group, host.as_bstr()) {
        Some(_) => Knowledge::Named,
        None => Knowledge::Default,
    }
}

/// The Host header. A URL without a host stands for HTTP/1.0 without that header.
pub(super) fn host_header(request: &Request) -> BString {
    match request.host.is_empty() && !request.headers.has("Host") {
        true => BString::default(),
        false => request.host_header(),
    }
}

fn connected_to(request: &Request) -> Option<IpAddr> {
    let host = request.host.trim_start_matches('[');
    host.trim_end_matches(']').parse().ok()
}

/// The address and port that the request comes in by.
pub(super) fn port_group<'c>(config: &'c Config, request: &Request) -> Option<&'c PortGroup> {
    let ports = &config.ports;
    let stand_in = ports
        .iter()
        .find(|group| group.is_stand_in && group.port == Some(request.port));
    if stand_in.is_some() {
        return stand_in;
    }
    let wanted = connected_to(request);
    let on_port = |group: &&PortGroup| group.port.is_none_or(|port| port == request.port);
    let mut candidates = ports.iter().filter(on_port);
    let first = candidates.next()?;
    if candidates.next().is_none() && (first.address.is_none() || wanted.is_none()) {
        return Some(first);
    }
    let candidates: Vec<&PortGroup> = ports.iter().filter(on_port).collect();
    // A specific address shadows the wildcard one of its port.
    if let Some(address) = wanted
        && let Some(group) = candidates
            .iter()
            .find(|group| group.address.map(unmapped) == Some(unmapped(address)))
    {
        return Some(group);
    }
    let name = valid_host(&host_header(request)).unwrap_or_default();
    let named = |group: &&&PortGroup| {
        group.exact.contains_key(&name) && (wanted.is_none() || group.address.is_none())
    };
    candidates
        .iter()
        .find(named)
        .or_else(|| candidates.iter().find(|group| group.address.is_none()))
        .or_else(|| candidates.first().filter(|_| wanted.is_none()))
        .copied()
}

/// Exact, then the longest `*.x`, then the longest `x.*`, then the first regular expression
/// (ngx_http_find_virtual_server); `None` leaves it to the default server.
fn named_server(
    config: &Config,
    group: &PortGroup,
    host: &BStr,
) -> Option<(usize, Option<Captures>)> {
    if let Some(server) = group.exact.get(&BString::from(host)) {
        return Some((*server, None));
    }
    for at in host.find_iter(".") {
        if let Some(server) = group.suffix.get(&BString::from(&host[at..])) {
            return Some((*server, None));
        }
    }
    for at in host.rfind_iter(".") {
        if let Some(server) = group.prefix.get(&BString::from(&host[..=at])) {
            return Some((*server, None));
        }
    }
    group.regex.iter().find_map(|(server, name)| {
        let NameKind::Regex(regex) = &config.servers[*server].names[*name].kind else {
            return None;
        };
        match regex.exec(host) {
            Match::Yes(captures) => Some((*server, Some(captures))),
            Match::No | Match::Unknown(_) => None,
        }
    })
}

/// The host of a Host header as nginx compares it (ngx_http_validate_host): lower-case, without
/// port and final dot. `None` is answered with 400.
pub(super) fn valid_host(host: &BString) -> Option<BString> {
    let mut name = host.to_ascii_lowercase();
    if name.first() == Some(&b'[') {
        let end = name.find_byte(b']')? + 1;
        name.truncate(end);
    } else if let Some(at) = name.find_byte(b':') {
        name.truncate(at);
    }
    if name.last() == Some(&b'.') {
        name.pop();
    }
    let bad = |byte: &u8| *byte == 0 || *byte == b'/' || *byte == b'\\';
    if name.is_empty() && !host.is_empty()
        || name.iter().any(bad)
        || name.windows(2).any(|pair| pair == b"..")
    {
        return None;
    }
    Some(name.into())
}

/// Whether a Host header has only what a URL's host and port may have (RFC 3986 §3.2.2).
pub(super) fn is_url_host(host: &[u8]) -> bool {
    let (name, port) = match host.rfind_byte(b':') {
        Some(at) if !host.ends_with(b"]") => (&host[..at], &host[at + 1..]),
        _ => (host, &b""[..]),
    };
    let literal = name
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"));
    let allowed: &[u8] = match literal {
        Some(_) => b"-._~:!$&'()*+,;=",
        None => b"-._~!$&'()*+,;=%",
    };
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || allowed.contains(byte);
    literal.unwrap_or(name).iter().all(valid) && port.iter().all(u8::is_ascii_digit)
}
