//! Which server takes a request, and which location of it.

use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use super::{Flow, Run};
use crate::config::Version;
use crate::gate::{Check, Effect, End, Knowledge};
use crate::gates::nginx::address::unmapped;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::matcher::{Captures, Match};
use crate::gates::nginx::model::*;
use crate::gates::nginx::uri;
use crate::request::{Header, Known, Reason, Request, Scheme};
use crate::source::Span;

/// Headers of which nginx takes one only (ngx_http_process_unique_header_line).
const UNIQUE: &[&str] = &[
    "host",
    "authorization",
    "content-length",
    "expect",
    "if-modified-since",
    "if-unmodified-since",
    "if-match",
    "if-none-match",
];

/// From here on a Host header may have only the characters of a URL's host.
const STRICT_HOST_SINCE: Version = Version::new(1, 29, 4);
/// From here on Proxy-Authorization may not be repeated, and CONNECT has a module of its own.
const TUNNEL_SINCE: Version = Version::new(1, 31, 0);

enum Located {
    /// Nothing at this level matched.
    Nothing,
    /// A prefix matched; regular expressions may still take over.
    Prefix,
    /// The search is over.
    Final,
    /// The path lacks the slash at the end of a proxied location's.
    MissingSlash(LevelId),
    Unknown(Reason, Span),
}

impl<'c> Run<'c> {
    /// What happens before any phase: the headers that nginx keeps, the server, the path.
    pub(super) fn accept(&mut self) -> Result<(), End> {
        let Some(group) = port_group(self.config, self.request) else {
            return Err(self.unknown(
                Reason::new(format!(
                    "no server of this configuration listens on port {}",
                    self.request.port
                )),
                None,
            ));
        };
        let config = self.config;
        self.state.server = group.default;
        self.state.level = self.server_level();
        self.state.dual = group.dual;
        self.state.tls = self.request.scheme == Scheme::Https || group.tls;

        if !is_method(&self.request.method) {
            return Err(self.reject(400, "the method is not valid"));
        }
        // The request line comes first, when only the default server is known; then the
        // headers; then what the method is.
        let asked = self.parse_target()?;
        let host = host_header(self.request);
        let empty = host.is_empty() && self.request.headers.has("Host");
        let strict = config.version >= STRICT_HOST_SINCE;
        let valid = !empty && (!strict || is_url_host(&host));
        let name = match (valid_host(&host).filter(|_| valid), asked) {
            (None, _) => return Err(self.reject(400, "the Host header is not a valid name")),
            (Some(_), Some(asked)) => asked,
            (Some(name), None) => name,
        };
        self.state.server = self.server_named(group, name.as_bstr());
        self.state.level = self.server_level();
        let server = &config.servers[self.state.server];
        self.step(
            config.level(server.level).span,
            Effect::Enters {
                door: server.level.0,
                name: config.describe(server.level),
            },
        );
        self.state.host = name;
        self.keep_headers(&host)?;
        if matches!(self.request.method.as_str(), "TRACE" | "CONNECT") {
            return Err(self.reject(405, "nginx takes neither TRACE nor CONNECT"));
        }
        Ok(())
    }

    /// Reads the path, and gives the host of an absolute target: it outranks the Host header.
    fn parse_target(&mut self) -> Result<Option<BString>, End> {
        let merge = self
            .config
            .flag(self.server_level(), Key::MergeSlashes, true);
        let absolute = uri::absolute(&self.request.target);
        let raw = match &absolute {
            Some(absolute) => absolute.target.clone(),
            None => self.request.target.clone(),
        };
        let parsed = match absolute.is_some() && raw.starts_with(b"?") {
            true => {
                // There is no path that could be sent on as it is.
                self.state.valid_unparsed = false;
                uri::parse(&[b"/", raw.as_slice()].concat(), merge)
            }
            false => uri::parse(&raw, merge),
        };
        let Some(target) = parsed else {
            return Err(self.reject(400, "the path is not valid"));
        };
        self.state.path = target.path;
        self.state.args = target.args;
        self.state.quoted = target.quoted;
        self.state.unparsed = raw;
        match absolute.map(|absolute| valid_host(&absolute.host)) {
            Some(None) => Err(self.reject(400, "the host of the target is not a valid name")),
            host => Ok(host.flatten()),
        }
    }

    /// An answer from before the phases: with the settings of the server that is known so far.
    fn reject(&mut self, status: u16, why: &str) -> End {
        let by = self.config.level(self.state.level).span;
        self.step(
            by,
            Effect::Refuses {
                check: Check::Form,
                status,
                detail: why.into(),
            },
        );
        match self.finalize(status, None, by) {
            Flow::End(end) => end,
            Flow::Internal { path, args } => match self.internal_redirect(path, args) {
                Ok(stage) => self.serve(stage),
                Err(end) => end,
            },
            Flow::Named { name } => match self.named_location(&name) {
                Ok(stage) => self.serve(stage),
                Err(end) => end,
            },
            _ => self.answered(status, None, by),
        }
    }

    /// The address that the client connects to, if its URL names one.
    pub(super) fn connected_to(&self) -> Option<IpAddr> {
        connected_to(self.request)
    }

    fn server_named(&mut self, group: &'c PortGroup, host: &BStr) -> usize {
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

    /// Drops the headers whose names nginx does not take, and refuses repeated ones.
    fn keep_headers(&mut self, host: &BString) -> Result<(), End> {
        let level = self.server_level();
        let underscores = self.config.flag(level, Key::UnderscoresInHeaders, false);
        let ignore_invalid = self.config.flag(level, Key::IgnoreInvalidHeaders, true);
        let request = self.request;
        if !request.headers.has("Host") && !host.is_empty() {
            self.state.headers.push(Header {
                name: "Host".into(),
                value: Known::Is(host.clone()),
            });
        }
        for header in request.headers.iter() {
            let odd = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_');
            let invalid = header.name.iter().any(odd);
            let underscored = header.name.contains(&b'_') && !underscores;
            if (invalid || underscored) && ignore_invalid {
                let span = self.config.level(level).span;
                let name = header.name.to_string();
                self.step(span, Effect::RemovesHeader { name });
                continue;
            }
            let lower = header.name.to_ascii_lowercase();
            let tunnel = (self.config.version >= TUNNEL_SINCE).then_some(&"proxy-authorization");
            let mut unique = UNIQUE.iter().chain(tunnel);
            let unique = unique.find(|name| name.as_bytes() == lower);
            let repeated = unique.filter(|_| self.header_values(&lower).next().is_some());
            self.state.headers.push(header.clone());
            if let Some(name) = repeated {
                // What stands after it is not read any more.
                return Err(self.reject(400, &format!("the {name} header is repeated")));
            }
        }
        if request.body > 0 && !request.headers.has("Content-Length") {
            self.state.headers.push(Header {
                name: "Content-Length".into(),
                value: Known::Is(request.body.to_string().into()),
            });
        }
        Ok(())
    }

    /// The location phase, with what ngx_http_core_find_config_phase checks after it.
    pub(super) fn find_location(&mut self) -> Flow {
        let config = self.config;
        let server = self.server_level();
        self.state.level = server;
        let located = self.search(server);
        if let Located::Unknown(reason, span) = located {
            return Flow::End(self.unknown(reason, Some(span)));
        }
        let slash = match located {
            Located::MissingSlash(level) => {
                self.state.level = level;
                true
            }
            _ => false,
        };
        let level = self.state.level;
        self.state.handler = None;
        self.take_handler(level);
        if level != server {
            self.step(
                config.level(level).span,
                Effect::Enters {
                    door: level.0,
                    name: config.describe(level),
                },
            );
        }
        if !self.state.internal
            && let Some(setting) = self.internal_setting(level)
        {
            return self.refuse(
                setting,
                Check::Internal,
                404,
                "only internal redirects may enter it".into(),
            );
        }
        self.limit_methods(level);
        if let Some(flow) = self.body_size() {
            return flow;
        }
        if slash {
            return self.add_slash(level);
        }
        Flow::Next
    }

    /// Enters the `limit_except` block of a location, if the method falls under it.
    pub(super) fn limit_methods(&mut self, level: LevelId) {
        let config = self.config;
        if let Some(limit) = &config.level(level).limit_except
            && limits(limit, &self.state.method)
        {
            self.state.level = limit.level;
            // A file that nginx makes itself is not taken over, an upstream is.
            let handler = self.state.handler.take();
            self.state.handler = handler.filter(|level| self.passes(*level));
            self.take_handler(limit.level);
            self.step(
                config.level(limit.level).span,
                Effect::Enters {
                    door: limit.level.0,
                    name: format!("limit_except for {}", self.state.method),
                },
            );
        }
    }

    /// `internal` holds for nested locations too.
    fn internal_setting(&self, level: LevelId) -> Option<Span> {
        self.config
            .setting(level, Key::Internal)
            .map(|setting| setting.span)
    }

    fn body_size(&mut self) -> Option<Flow> {
        if self.state.body_discarded {
            return None;
        }
        let length = match self.header_values(b"Content-Length").next() {
            Some(Known::Is(text)) => text.to_str().ok()?.parse::<u64>().ok()?,
            _ => return None,
        };
        let setting = self
            .config
            .setting(self.state.level, Key::ClientMaxBodySize);
        let limit = match setting {
            Some(setting) => size(&setting.args[0].raw)?,
            None => 1 << 20,
        };
        if limit == 0 || length <= limit {
            return None;
        }
        let by = setting.map_or(self.config.level(self.state.level).span, |s| s.span);
        Some(self.refuse(
            by,
            Check::Size,
            413,
            format!("a body of {length} bytes is over the limit of {limit}"),
        ))
    }

    fn add_slash(&mut self, level: LevelId) -> Flow {
        let by = self.config.level(level).span;
        let mut location = uri::escape(self.config.level(level).pattern().unwrap_or_default());
        if !self.state.args.is_empty() {
            location.push(b'?');
            location.extend_from_slice(&self.state.args);
        }
        self.step(by, Effect::Answers { status: 301 });
        Flow::Finalize {
            status: 301,
            location: Some(Known::Is(location)),
            by,
        }
    }

    /// ngx_http_core_find_location: prefixes first, the nested ones of the match, then the
    /// regular expressions of this level, unless the prefix forbids them.
    fn search(&mut self, outer: LevelId) -> Located {
        let config = self.config;
        let locations = &config.level(outer).locations;
        let mut found = self.search_static(locations);
        let mut no_regex = false;
        if let Located::Prefix = found {
            let level = self.state.level;
            no_regex = matches!(
                config.level(level).kind,
                Kind::Location(Pattern::PrefixNoRegex(_))
            );
            found = match self.search(level) {
                // The prefix itself stays the match.
                Located::Nothing => Located::Prefix,
                nested => nested,
            };
        }
        match found {
            Located::Nothing | Located::Prefix if !no_regex => {}
            found => return found,
        }
        for &level in &locations.regex {
            let Kind::Location(Pattern::Regex(regex)) = &config.level(level).kind else {
                continue;
            };
            match regex.exec(&self.state.path) {
                Match::Yes(captures) => {
                    self.capture(captures);
                    self.state.level = level;
                    return match self.search(level) {
                        unknown @ Located::Unknown(..) => unknown,
                        slash @ Located::MissingSlash(_) => slash,
                        _ => Located::Final,
                    };
                }
                Match::No => {}
                Match::Unknown(reason) => {
                    return Located::Unknown(reason, config.level(level).span);
                }
            }
        }
        found
    }

    /// ngx_http_core_find_static_location.
    fn search_static(&mut self, locations: &Locations) -> Located {
        let path = self.state.path.clone();
        if let Some(level) = locations.exact.get(&path) {
            self.state.level = *level;
            return Located::Final;
        }
        if !locations.prefix.contains_key(&path)
            && let Some(level) = self.without_slash(locations, &path)
        {
            return Located::MissingSlash(level);
        }
        match longest_prefix(locations, &path) {
            Some(level) => {
                self.state.level = level;
                Located::Prefix
            }
            None => Located::Nothing,
        }
    }

    /// A location that hands over to a program and is the path with a slash added.
    fn without_slash(&self, locations: &Locations, path: &BString) -> Option<LevelId> {
        let mut slashed = path.clone();
        slashed.push(b'/');
        // Where both `= /x/` and `/x/` stand, the exact one redirects if either of them proxies.
        let exact = locations.exact.get(&slashed).copied();
        let prefix = locations.prefix.get(&slashed).copied();
        let proxies = |level: &LevelId| self.passes(*level);
        [exact, prefix]
            .into_iter()
            .flatten()
            .any(|level| proxies(&level))
            .then(|| exact.or(prefix))
            .flatten()
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
fn host_header(request: &Request) -> BString {
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
fn port_group<'c>(config: &'c Config, request: &Request) -> Option<&'c PortGroup> {
    let ports = &config.ports;
    let wanted = connected_to(request);
    let on_port = |group: &&PortGroup| group.port.is_none_or(|port| port == request.port);
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

/// The longest prefix location of a path: the greatest key that is not above the path is it, or
/// shares with the path all that the answer can have.
fn longest_prefix(locations: &Locations, path: &BString) -> Option<LevelId> {
    let mut bound = path.clone();
    loop {
        let (text, level) = locations.prefix.range(..=bound.clone()).next_back()?;
        if path.starts_with(text) {
            return Some(*level);
        }
        let shared = text
            .iter()
            .zip(path.iter())
            .take_while(|(a, b)| a == b)
            .count();
        bound.truncate(shared);
    }
}

/// Whether a `limit_except` block applies: to all methods that it does not name. GET stands
/// for HEAD too.
fn limits(limit: &LimitExcept, method: &str) -> bool {
    let named = |name: &str| limit.methods.iter().any(|one| *one == name);
    !(named(method) || (method == "HEAD" && named("GET")))
}

/// What nginx takes for a method (ngx_http_parse_request_line).
fn is_method(method: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-');
    !method.is_empty() && method.bytes().all(valid)
}

/// The host of a Host header as nginx compares it (ngx_http_validate_host): lower-case, without
/// port and final dot. `None` is answered with 400.
fn valid_host(host: &BString) -> Option<BString> {
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
    if name.is_empty() && !host.is_empty() || name.iter().any(bad) || name.contains_str("..") {
        return None;
    }
    Some(name.into())
}

/// Whether a Host header has only what a URL's host and port may have (RFC 3986 §3.2.2).
fn is_url_host(host: &[u8]) -> bool {
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

/// `10m`, `1G`, `512`: bytes.
fn size(text: &[u8]) -> Option<u64> {
    let text = text.to_str().ok()?;
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1 << 10),
        b'm' | b'M' => (&text[..text.len() - 1], 1 << 20),
        b'g' | b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}
