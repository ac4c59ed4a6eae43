//! Handing a request on to a FastCGI, uwsgi or SCGI program.

use bstr::{BString, ByteSlice};

use super::Run;
use crate::config::Version;
use crate::gates::nginx::directives::{Key, Module};
use crate::request::{Header, Headers, Known, Request};

/// From here on programs get HTTP_HOST from nginx, not from the client's header.
const HOST_PARAMETER_SINCE: Version = Version::new(1, 29, 5);

impl<'c> Run<'c> {
    /// FastCGI, uwsgi and SCGI: parameters instead of headers. A request header arrives as
    /// `HTTP_NAME` without any parameter line (ngx_http_fastcgi_create_request).
    pub(super) fn cgi_request(&mut self, module: Module) -> Request {
        let config = self.config;
        let settings = config.settings(self.state.level, Key::SetHeader(module));
        let mut named: Vec<BString> = Vec::new();
        let mut headers = Vec::new();
        let mut method = self.state.method.clone();
        let mut target = self.state.unparsed.clone();
        for setting in settings {
            let name = &setting.args[0].raw;
            let value = self.eval(&setting.args[1]);
            let empty = value.known().is_some_and(|text| text.is_empty());
            if setting.args.len() > 2 && empty {
                // Nothing is sent, and the client's header of that name neither.
                named.push(name.clone());
                continue;
            }
            match (name.as_slice(), &value) {
                (b"REQUEST_METHOD", Known::Is(text)) => method = text.to_string(),
                (b"REQUEST_URI", Known::Is(text)) => target = text.clone(),
                _ => {}
            }
            let Some(header) = name.strip_prefix(b"HTTP_") else {
                continue;
            };
            named.push(name.clone());
            let name = BString::from(header.replace("_", "-"));
            // A constant empty string sends nothing; an empty variable sends an empty parameter.
            if setting.args[1]
                .literal()
                .is_some_and(|text| text.is_empty())
            {
                self.removes(setting.span, &name);
                continue;
            }
            headers.push(self.sets(setting.span, name, value));
        }
        // Since it is set by nginx itself, it is sent though no header of the client is.
        if config.version >= HOST_PARAMETER_SINCE && !named.iter().any(|name| name == "HTTP_HOST") {
            named.push("HTTP_HOST".into());
            let value = self
                .variable("host".into())
                .map(|host| self.with_port(host));
            let name = "Host".into();
            headers.push(Header { name, value });
        }
        match self.request_headers_off(module) {
            Some(off) => {
                for header in &self.state.headers.clone() {
                    self.removes(off, &header.name);
                }
            }
            None => headers.extend(
                self.state
                    .headers
                    .iter()
                    .filter(|header| !named.contains(&parameter(&header.name)))
                    .cloned(),
            ),
        }
        Request {
            method,
            target,
            headers: Headers(headers),
            ..self.request.clone()
        }
    }

    /// `$host$is_request_port$request_port`: the port only if the client named one.
    fn with_port(&self, host: BString) -> BString {
        let asked = match self.header_values(b"Host").next() {
            Some(Known::Is(asked)) => asked.clone(),
            _ => return host,
        };
        match asked.rfind_byte(b':') {
            Some(at) if !asked.ends_with(b"]") => [host.as_slice(), &asked[at..]].concat().into(),
            _ => host,
        }
    }
}

/// The name under which a CGI-like program gets a header.
fn parameter(name: &BString) -> BString {
    let upper = name.to_ascii_uppercase().replace("-", "_");
    [b"HTTP_", upper.as_slice()].concat().into()
}
