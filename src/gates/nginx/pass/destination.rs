//! Where a request is handed on to: the address, the group of servers, the name in the handshake.

use bstr::{BString, ByteSlice};

use super::Run;
use crate::gate::{Protocol, Upstream};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::value::Value;
use crate::request::Known;

/// Where a `proxy_pass` points (ngx_http_proxy_eval).
pub(super) struct Address {
    pub tls: bool,
    /// Host without port; `None` for a UNIX-domain socket.
    pub host: Option<String>,
    pub port: Option<u16>,
    /// `host:port` as `$proxy_host` gives it.
    pub proxy_host: String,
    /// The path part of the URL, if it has one.
    pub path: Option<BString>,
    pub shown: String,
}

impl<'c> Run<'c> {
    pub(super) fn address(&self, module: Module, text: &BString) -> Option<Address> {
        let (scheme, rest) = match text.split_once_str("://") {
            Some((scheme, rest)) => (scheme.to_str_lossy().to_ascii_lowercase(), rest),
            None => (String::new(), text.as_slice()),
        };
        let tls = matches!(scheme.as_str(), "https" | "grpcs");
        if module == Module::Proxy && !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        if let Some(socket) = rest.strip_prefix(b"unix:") {
            let (path, uri) = match socket.split_once_str(":") {
                Some((path, uri)) => (path, (!uri.is_empty()).then(|| uri.into())),
                None => (socket, None),
            };
            let path = path.as_bstr();
            return Some(Address {
                tls,
                host: None,
                port: None,
                proxy_host: "localhost".into(),
                path: uri,
                shown: format!("{}unix:{path}", prefix(module, tls)),
            });
        }
        let at = rest.find_byteset(b"/?").unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let authority = authority.to_str().ok()?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !authority.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (authority, None),
        };
        if host.is_empty() {
            return None;
        }
        let default = if tls { 443 } else { 80 };
        let proxy_host = match port {
            Some(port) if port != default => authority.to_owned(),
            _ => host.to_owned(),
        };
        Some(Address {
            tls,
            host: Some(host.to_ascii_lowercase()),
            port: port.or((module == Module::Proxy || module == Module::Grpc).then_some(default)),
            proxy_host,
            path: (!path.is_empty()).then(|| path.into()),
            shown: format!("{}{authority}", prefix(module, tls)),
        })
    }

    pub(super) fn upstream(
        &mut self,
        module: Module,
        target: &Value,
        address: &Known<Address>,
    ) -> Upstream {
        let config = self.config;
        let (tls, group) = match address {
            Known::Is(address) => {
                let host = address.host.clone().unwrap_or_default();
                let group = config
                    .upstreams
                    .contains_key(host.as_bytes().as_bstr())
                    .then_some(host);
                (address.tls, group)
            }
            Known::Unknown(_) => (target.raw.starts_with(b"https://"), None),
        };
        let servers = group
            .as_ref()
            .and_then(|group| config.upstreams.get(group.as_bytes().as_bstr()))
            .map(|block| block.servers.iter().map(|s| s.raw.to_string()).collect())
            .unwrap_or_default();
        Upstream {
            protocol: protocol(module, tls),
            address: address.as_ref().map(|address| address.shown.clone()),
            group,
            servers,
            sni: if tls { self.sni(module) } else { None },
        }
    }

    /// The name in the TLS handshake: none unless `proxy_ssl_server_name` is on, and none for an
    /// address (ngx_http_upstream_ssl_name).
    fn sni(&mut self, module: Module) -> Option<Known<String>> {
        let config = self.config;
        let level = self.state.level;
        if !config.flag(level, Key::SslServerName(module), false) {
            return None;
        }
        let name = match config.setting(level, Key::SslName(module)) {
            Some(setting) => self.eval(&setting.args[0]),
            None => self.variable("proxy_host".into()),
        };
        let name = name.map(|name| {
            let text = name.to_string();
            let end = match text.rfind(':') {
                Some(at) if !text.ends_with(']') => at,
                _ => text.len(),
            };
            text[..end].to_owned()
        });
        match &name {
            Known::Is(text) if text.is_empty() || text.parse::<std::net::IpAddr>().is_ok() => None,
            _ => Some(name),
        }
    }
}

fn prefix(module: Module, tls: bool) -> &'static str {
    match (module, tls) {
        (Module::Proxy, false) => "http://",
        (Module::Proxy, true) => "https://",
        (Module::Grpc, false) => "grpc://",
        (Module::Grpc, true) => "grpcs://",
        (Module::Fastcgi, _) => "fastcgi://",
        (Module::Uwsgi, _) => "uwsgi://",
        (Module::Scgi, _) => "scgi://",
        (Module::Memcached, _) => "memcached://",
    }
}

fn protocol(module: Module, tls: bool) -> Protocol {
    match (module, tls) {
        (Module::Proxy, false) => Protocol::Http,
        (Module::Proxy, true) => Protocol::Https,
        (Module::Grpc, false) => Protocol::Grpc,
        (Module::Grpc, true) => Protocol::Grpcs,
        (Module::Fastcgi, _) => Protocol::Fastcgi,
        (Module::Uwsgi, _) => Protocol::Uwsgi,
        (Module::Scgi, _) => Protocol::Scgi,
        (Module::Memcached, _) => Protocol::Memcached,
    }
}
