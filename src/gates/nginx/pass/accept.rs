//! What happens before any phase: the request line, the headers that nginx keeps, the server.

use bstr::{BString, ByteSlice};

use super::server::{host_header, is_url_host, port_group, valid_host};
use super::{Flow, Run};
use crate::config::Version;
use crate::gate::{Check, Effect, End};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::uri;
use crate::request::{Header, Known, Reason, Scheme};

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
/// From here on Proxy-Authorization may not be repeated.
const PROXY_AUTHORIZATION_SINCE: Version = Version::new(1, 29, 7);
/// From here on the target of CONNECT is a host and a port: a path is no target of it.
const CONNECT_SINCE: Version = Version::new(1, 29, 3);

impl<'c> Run<'c> {
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
        if self.request.method == "CONNECT"
            && config.version >= CONNECT_SINCE
            && self.request.target.starts_with(b"/")
        {
            return Err(self.reject(400, "a path is no target of CONNECT"));
        }
        // The request line comes first, when only the default server is known; then the
        // headers; then what the method is.
        let asked = self.parse_target()?;
        let host = host_header(self.request);
        let empty = host.is_empty() && self.request.headers.has("Host");
        let strict = config.version >= STRICT_HOST_SINCE;
        let valid = !empty && (!strict || is_url_host(&host));
        let name = match (valid_host(&host).filter(|_| valid), asked) {
            (None, _) => {
                self.keep_headers(&host, true)?;
                return Err(self.reject(400, "the Host header is not a valid name"));
            }
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
                name: config.level(server.level).name.clone(),
            },
        );
        self.state.host = name;
        self.keep_headers(&host, false)?;
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

    /// Drops the headers whose names nginx does not take, and refuses repeated ones. Where the Host
    /// header is refused, nothing after it is read.
    fn keep_headers(&mut self, host: &BString, until_host: bool) -> Result<(), End> {
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
            let proxy = (self.config.version >= PROXY_AUTHORIZATION_SINCE)
                .then_some(&"proxy-authorization");
            let mut unique = UNIQUE.iter().chain(proxy);
            let unique = unique.find(|name| header.name.eq_ignore_ascii_case(name.as_bytes()));
            let repeated = unique.filter(|_| self.header_values(&header.name).next().is_some());
            self.state.headers.push(header.clone());
            if until_host && unique == Some(&"host") {
                return Ok(());
            }
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
}

/// What nginx takes for a method (ngx_http_parse_request_line).
fn is_method(method: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-');
    !method.is_empty() && method.bytes().all(valid)
}
