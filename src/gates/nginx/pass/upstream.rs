//! Handing a request on: with which path and headers, and what happens to the answer.

use std::borrow::Cow;

use bstr::{BString, ByteSlice};

use super::destination::Address;
use super::headers::is_plain_success;
use super::{Flow, Run};
use crate::config::Version;
use crate::gate::{Check, Effect, End, Hidden, ResponseEdits, Unsure};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::*;
use crate::gates::nginx::uri;
use crate::gates::nginx::value::Value;
use crate::request::{Header, Headers, Known, Reason, Request, Scheme};
use crate::source::Span;

/// From here on the upstream connection is HTTP/1.1 by default and has no Connection header.
const KEEPALIVE_SINCE: Version = Version::new(1, 29, 7);
/// From here on a request without a Host header of its own gets the upstream's.
const HOST_ALWAYS_SINCE: Version = Version::new(1, 31, 4);
/// From here on Proxy-Connection is kept back.
const PROXY_CONNECTION_SINCE: Version = Version::new(1, 31, 0);

impl<'c> Run<'c> {
    pub(super) fn forward(&mut self, module: Module, setting: &'c Setting) -> Flow {
        let target = &setting.args[0];
        let text = self.eval(target);
        let address = match &text {
            Known::Is(text) => match self.address(module, text) {
                Some(address) => Known::Is(address),
                None => {
                    let detail = format!("{text} is not an upstream's address");
                    return self.refuse(setting.span, Check::Form, 500, detail);
                }
            },
            Known::Unknown(reason) => Known::Unknown(reason.clone()),
        };
        let known = address.known();
        if let Some(address) = known {
            self.variables.insert(
                "proxy_host".into(),
                Known::Is(address.proxy_host.clone().into()),
            );
            let port = address.port.map_or(String::new(), |port| port.to_string());
            self.variables
                .insert("proxy_port".into(), Known::Is(port.into()));
        } else if let Known::Unknown(reason) = &text {
            self.variables
                .insert("proxy_host".into(), Known::Unknown(reason.clone()));
        }
        let request = match module {
            Module::Proxy | Module::Grpc => self.http_request(module, setting, known),
            Module::Memcached => self.bare_request(),
            Module::Fastcgi | Module::Uwsgi | Module::Scgi => self.cgi_request(module),
        };
        let to = self.upstream(module, target, &address);
        let shown = match &to.address {
            Known::Is(shown) => shown.clone(),
            Known::Unknown(_) => target.raw.to_string(),
        };
        self.upstream = shown.clone();
        if let Some(flow) = self.intercepted(module) {
            return flow;
        }
        self.step(setting.span, Effect::Forwards { to: shown });
        let response = self.response_edits(module);
        Flow::End(End::Forwarded {
            to: Box::new(to),
            request: Box::new(request),
            response,
            by: setting.span,
        })
    }

    /// ngx_http_proxy_create_request.
    fn http_request(
        &mut self,
        module: Module,
        setting: &Setting,
        address: Option<&Address>,
    ) -> Request {
        let target = self.target(module, setting, address);
        let headers = self.http_headers(module);
        let method = self
            .config
            .setting(self.state.level, Key::Method)
            .filter(|_| module == Module::Proxy)
            .map(|setting| self.text(&setting.args[0]))
            .unwrap_or_else(|| self.state.method.clone());
        Request {
            method,
            scheme: match address {
                Some(address) if address.tls => Scheme::Https,
                _ => Scheme::Http,
            },
            host: address
                .and_then(|address| address.host.clone())
                .unwrap_or_else(|| "localhost".into()),
            port: address.and_then(|address| address.port).unwrap_or(80),
            target,
            headers: Headers(headers),
            from: Known::Unknown(Reason::new("nginx's own address is not known")),
            sent_at: self.request.sent_at,
            signed_by: self.request.signed_by.clone(),
            vpc_endpoint: None,
            body: self.request.body,
        }
    }

    fn text(&mut self, value: &Value) -> String {
        match self.eval(value) {
            Known::Is(text) => text.to_string(),
            Known::Unknown(_) => value.raw.to_string(),
        }
    }

    /// The request target that the upstream gets.
    fn target(&mut self, module: Module, setting: &Setting, address: Option<&Address>) -> BString {
        let path = address.and_then(|address| address.path.clone());
        let path = path.filter(|_| module == Module::Proxy);
        if let Some(path) = &path
            && setting.args[0].has_variables()
        {
            // Used as it is; ngx_http_proxy_eval puts the slash that is missing before a `?`.
            let mut target = path.clone();
            if target.first() == Some(&b'?') {
                target.insert(0, b'/');
            }
            return target;
        }
        if path.is_none() && self.state.valid_unparsed {
            return self.state.unparsed.clone();
        }
        let level = self.config.location_of(self.state.level);
        let prefix = match &self.config.level(level).kind {
            Kind::Location(
                Pattern::Prefix(text) | Pattern::PrefixNoRegex(text) | Pattern::Exact(text),
            ) => text.len(),
            _ => 0,
        };
        let (mut target, skip) = match path {
            Some(path) if self.state.valid_location => (path, prefix),
            _ => (BString::default(), 0),
        };
        let rest = &self.state.path[skip.min(self.state.path.len())..];
        if self.state.quoted || self.state.internal {
            target.extend_from_slice(&uri::escape(rest));
        } else {
            target.extend_from_slice(rest);
        }
        if !self.state.args.is_empty() {
            target.push(b'?');
            target.extend_from_slice(&self.state.args);
        }
        target
    }

    fn http_headers(&mut self, module: Module) -> Vec<Header> {
        let config = self.config;
        let level = self.state.level;
        let settings = config.settings(level, Key::SetHeader(module));
        let mut named: Vec<&[u8]> = Vec::new();
        let mut headers = Vec::new();
        for setting in settings {
            let name = &setting.args[0].raw;
            named.push(name);
            let value = self.eval(&setting.args[1]);
            if value.known().is_some_and(|text| text.is_empty()) {
                self.removes(setting.span, name);
                continue;
            }
            headers.push(self.sets(setting.span, name.clone(), value));
        }
        for (name, value) in self.default_headers(module) {
            if is_among(&named, name.as_bytes()) {
                continue;
            }
            named.push(name.as_bytes());
            let value = match value.strip_prefix('$') {
                Some(variable) => self.variable(variable.into()),
                None => Known::Is(value.into()),
            };
            if value.known().is_none_or(|text| !text.is_empty()) {
                headers.push(Header {
                    name: name.into(),
                    value,
                });
            }
        }
        let speaks_11 = module == Module::Grpc || self.speaks_http_11();
        let has_host = || {
            headers
                .iter()
                .any(|header| header.name.eq_ignore_ascii_case(b"host"))
        };
        // An empty Host will not do for HTTP/1.1, nor an empty `:authority` for gRPC: the upstream's own name stands in for it.
        if config.version >= HOST_ALWAYS_SINCE && speaks_11 && !has_host() {
            let value = self.variable("proxy_host".into());
            headers.insert(
                0,
                Header {
                    name: "Host".into(),
                    value,
                },
            );
        }
        if let Some(off) = self.request_headers_off(module) {
            for header in &self.state.headers.clone() {
                if !is_among(&named, &header.name) {
                    self.removes(off, &header.name);
                }
            }
            return headers;
        }
        let kept = self.state.headers.iter();
        headers.extend(
            kept.filter(|header| !is_among(&named, &header.name))
                .cloned(),
        );
        headers
    }

    /// `proxy_http_version`, whose default has changed.
    fn speaks_http_11(&self) -> bool {
        match self.config.setting(self.state.level, Key::HttpVersion) {
            Some(setting) => setting.args[0].raw == "1.1",
            None => self.config.version >= KEEPALIVE_SINCE,
        }
    }

    pub(super) fn request_headers_off(&self, module: Module) -> Option<Span> {
        let setting = self
            .config
            .setting(self.state.level, Key::PassRequestHeaders(module))?;
        setting.args[0]
            .raw
            .eq_ignore_ascii_case(b"off")
            .then_some(setting.span)
    }

    /// A header that the configuration sends, and the step that tells of it.
    pub(super) fn sets(&mut self, span: Span, name: BString, value: Known<BString>) -> Header {
        self.step(
            span,
            Effect::SetsHeader {
                name: name.to_string(),
                value: value.clone(),
            },
        );
        Header { name, value }
    }

    pub(super) fn removes(&mut self, span: Span, name: &BString) {
        if self.header_values(name).next().is_some() {
            self.step(
                span,
                Effect::RemovesHeader {
                    name: name.to_string(),
                },
            );
        }
    }

    /// What nginx sets where the configuration does not (ngx_http_proxy_headers,
    /// ngx_http_grpc_headers).
    fn default_headers(&self, module: Module) -> Vec<(&'static str, &'static str)> {
        let connection = if self.config.version >= KEEPALIVE_SINCE {
            ""
        } else {
            "close"
        };
        let length = match self.state.body_discarded {
            true => "0",
            false => "$content_length",
        };
        if module == Module::Grpc {
            return vec![
                ("Content-Length", length),
                ("TE", ""),
                ("Host", "$proxy_host"),
                ("Connection", ""),
                ("Transfer-Encoding", ""),
                ("Keep-Alive", ""),
                ("Expect", ""),
                ("Upgrade", ""),
            ];
        }
        let mut headers = vec![
            ("Host", "$proxy_host"),
            ("Connection", connection),
            ("Content-Length", length),
            ("Transfer-Encoding", ""),
            ("TE", ""),
            ("Keep-Alive", ""),
            ("Expect", ""),
            ("Upgrade", ""),
        ];
        if self.config.version >= PROXY_CONNECTION_SINCE {
            headers.push(("Proxy-Connection", ""));
        }
        headers
    }

    fn bare_request(&mut self) -> Request {
        Request {
            target: self.state.path.clone(),
            headers: Headers::default(),
            ..self.request.clone()
        }
    }

    /// `proxy_intercept_errors`: an answer that an error page names does not reach the client.
    fn intercepted(&mut self, module: Module) -> Option<Flow> {
        let config = self.config;
        let level = self.state.level;
        if !config.flag(level, Key::InterceptErrors(module), false) {
            return None;
        }
        let pages = config.settings(level, Key::ErrorPage);
        let mut asked: Vec<u16> = Vec::new();
        for setting in pages {
            for code in &setting.args[..setting.args.len() - 1] {
                let Some(status) = code.raw.to_str().ok().and_then(|code| code.parse().ok()) else {
                    continue;
                };
                if status < 300 || asked.contains(&status) {
                    continue;
                }
                asked.push(status);
                let to = self.upstream.clone();
                let answers = Unsure::UpstreamAnswers { to, status };
                if self.oracle.decide(answers, Some(setting.span), false) {
                    return Some(Flow::Finalize {
                        status,
                        location: None,
                        by: setting.span,
                    });
                }
            }
        }
        None
    }

    fn response_edits(&mut self, module: Module) -> ResponseEdits {
        let config = self.config;
        let level = self.state.level;
        let mut add = self.challenges();
        let mut removed = Vec::new();
        let status = self.state.error_status;
        self.more_headers(status, &mut add, &mut removed);
        add.extend(
            self.added_headers()
                .into_iter()
                .filter(|header| header.always || status.is_none_or(is_plain_success)),
        );
        let passed = config.settings(level, Key::PassHeader(module));
        let mut hide: Vec<Hidden> = default_hidden(module)
            .iter()
            .map(|name| Hidden {
                name: Cow::Borrowed(*name),
                span: None,
            })
            .collect();
        hide.extend(
            config
                .settings(level, Key::HideHeader(module))
                .iter()
                .map(|setting| Hidden {
                    name: setting.args[0].raw.to_string().into(),
                    span: Some(setting.span),
                }),
        );
        hide.retain(|hidden| {
            !passed.iter().any(|pass| {
                pass.args[0]
                    .raw
                    .eq_ignore_ascii_case(hidden.name.as_bytes())
            })
        });
        hide.extend(removed.into_iter().map(|(name, span)| Hidden {
            name: name.to_string().into(),
            span: Some(span),
        }));
        ResponseEdits {
            add,
            hide,
            status,
            yields: false,
        }
    }
}

/// Whether a list has a header's name, in whatever case.
fn is_among(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Headers of the upstream's answer that nginx keeps to itself.
fn default_hidden(module: Module) -> &'static [&'static str] {
    match module {
        Module::Proxy => &[
            "Date",
            "Server",
            "X-Pad",
            "X-Accel-Expires",
            "X-Accel-Redirect",
            "X-Accel-Limit-Rate",
            "X-Accel-Buffering",
            "X-Accel-Charset",
        ],
        Module::Fastcgi => &[
            "Status",
            "X-Accel-Expires",
            "X-Accel-Redirect",
            "X-Accel-Limit-Rate",
            "X-Accel-Buffering",
            "X-Accel-Charset",
        ],
        Module::Memcached => &[],
        _ => &[
            "X-Accel-Expires",
            "X-Accel-Redirect",
            "X-Accel-Limit-Rate",
            "X-Accel-Buffering",
            "X-Accel-Charset",
        ],
    }
}
