//! What is behind a method or a route, where that is a URL.

use bstr::{BString, ByteSlice};

use super::route::Pattern;
use crate::gate::{Effect, End, ResponseEdits};
use crate::gates::aws::run::{Run, server};
use crate::request::{Known, Reason, Request, Scheme};
use crate::source::Span;

/// The URL of an integration.
pub struct Address {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    /// `None` for what is no URL, or has a host of which parts are not known.
    pub fn parse(uri: &str) -> Option<Address> {
        let (scheme, rest) = match uri.split_once("://")? {
            ("http", rest) => (Scheme::Http, rest),
            ("https", rest) => (Scheme::Https, rest),
            _ => return None,
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A stage variable or an unknown part may be anything.
        if authority.contains(['$', '{']) {
            return None;
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, scheme.default_port()),
        };
        Some(Address {
            scheme,
            host: host.to_owned(),
            port,
            path: format!("/{path}"),
        })
    }

    /// Its path, with what a request has for the parts in braces; `None` where one is left that the
    /// request does not have.
    pub fn filled(&self, pattern: &Pattern, path: &str) -> Option<String> {
        let mut filled = self.path.clone();
        for (name, value) in pattern.values(path) {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        (!filled.contains('{')).then_some(filled)
    }
}

/// Sends a request on, with its query, to a path of this address. The Host header is that of the
/// address.
pub fn forward(
    run: &mut Run<'_>,
    (address, path): (Address, String),
    (by, span): (Span, Span),
    response: ResponseEdits,
) -> End {
    let Address {
        scheme, host, port, ..
    } = address;
    let to = server(scheme, &host, port);
    let name = format!("{}://{host}:{port}", scheme.as_str());
    run.step(span, Effect::Forwards { to: name });
    let mut target = BString::from(path);
    if let Some((_, query)) = run.request.target.split_once_str("?") {
        let has_own = target.contains(&b'?');
        target.push(if has_own { b'&' } else { b'?' });
        target.extend_from_slice(query);
    }
    let mut request = Request {
        scheme,
        host,
        port,
        target,
        from: Known::Unknown(Reason::new("API Gateway's own address is not known")),
        signed_by: None,
        vpc_endpoint: None,
        ..run.request.clone()
    };
    request.headers.remove("Host");
    End::Forwarded {
        to: Box::new(to),
        request: Box::new(request),
        response,
        by,
    }
}
