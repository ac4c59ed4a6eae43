//! Variables: the request's own, and those that the configuration makes.

use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use super::Run;
use super::access::user_of;
use super::headers::from_upstream;
use crate::config::Version;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::matcher::Captures;
use crate::gates::nginx::value::{Part, Value};
use crate::request::{Known, Reason};

/// Longer values are not worked out: with `set $a $a$a;` a value doubles with each line, and what
/// nginx takes from a client is shorter than this.
pub(super) const LONGEST_VALUE: usize = 16 << 10;

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
