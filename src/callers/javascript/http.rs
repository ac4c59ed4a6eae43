//! Requests that are objects: Node.js's `http.request(options)`, `new Request(url, init)`, and what
//! signers make.

use std::rc::Rc;

use super::draft::{Draft, options};
use super::scope::Scope;
use super::value::{Entry, Found, Object, Val};
use super::{Client, Reader};
use crate::callers::text::{Piece, Text};
use crate::callers::url::{Base, Url};
use crate::source::Span;

impl Reader<'_> {
    /// `http.request(options)`, `https.get(url, options)`.
    pub fn node_http(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        package: &str,
        name: &str,
        args: &[Val],
    ) -> Option<Val> {
        let scheme = match package.trim_start_matches("node:") {
            scheme @ ("http" | "https") if matches!(name, "request" | "get") => scheme,
            _ => return None,
        };
        let instance = self.plain(scope.module, Client::NodeHttp);
        let is_callback = |val: &Val| matches!(val, Val::Function(_));
        let mut args = args.iter().filter(|val| !is_callback(val));
        let first = args.next().cloned().unwrap_or(Val::Undefined);
        let (url, settings) = match options(&first) {
            Some(settings) if first.as_object().is_some() => {
                (request_url(&settings, scheme), Some(settings))
            }
            _ => (first, args.next().and_then(options)),
        };
        let mut draft = Draft::new(instance, "GET", url.clone());
        match settings {
            Some(settings) => {
                // Its port and path are parts of the URL.
                draft.read(&settings);
                draft.url = url;
                if !matches!(settings.get("auth"), Found::Missing) {
                    draft.method("auth", &[], span);
                }
            }
            None if matches!(draft.url, Val::Unknown { .. }) => draft.open(),
            None => {}
        }
        for callback in args.clone().filter(|val| is_callback(val)) {
            self.call_back(callback);
        }
        Some(self.note(draft, span))
    }

    /// `new Request(input, init)`, or what another one takes like it.
    pub fn request_object(&mut self, input: &Val, init: Option<&Val>) -> Val {
        let mut request = Object::default();
        match input {
            input if input.as_object().is_some() => request.spread(input),
            input => request.put(Entry {
                name: "url".into(),
                value: input.clone(),
                span: Span::new(0, 0),
                is_sure: true,
            }),
        }
        if let Some(init) = init {
            request.spread(init);
        }
        Val::object(request)
    }
}

/// Where a request goes whose parts stand in an object.
pub fn request_url(request: &Object, scheme: &str) -> Val {
    let part = |names: &[&str]| {
        let found = names.iter().find_map(|name| request.value(name));
        found.filter(|val| !val.is_nothing())
    };
    if let Some(url) = part(&["url", "href"]) {
        return url;
    }
    let Some(host) = part(&["hostname", "host", "endpoint"]) else {
        return Val::unknown("a host");
    };
    let mut whole = host.to_text();
    if !whole.beginning().contains("://") {
        let protocol = part(&["protocol"]).and_then(|val| val.to_text().plain());
        let protocol = protocol
            .as_deref()
            .map_or(scheme, |one| one.trim_end_matches(':'));
        whole = Text::known(format!("{protocol}://")).joined(whole);
    }
    if let Some(port) = part(&["port"]) {
        whole = whole.joined(Text::known(":")).joined(port.to_text());
    }
    let path = part(&["path", "pathname"]).map_or(Text::known("/"), |path| path.to_text());
    match path.0.first() {
        Some(Piece::Known(text)) if text.starts_with('/') => Val::Text(whole.joined(path)),
        _ => Val::Text(whole.joined(Text::known("/")).joined(path)),
    }
}

/// A part of a URL: `new URL(…).hostname`.
pub fn part_of_url(text: &Text, name: &str) -> Option<Val> {
    let url = Url::of(text);
    let Base::Host { host, port, .. } = &url.base else {
        return None;
    };
    let default = [Some(80), Some(443)].contains(port);
    Some(match name {
        "hostname" => Val::Text(host.clone()),
        "host" => match port {
            Some(port) if !default => {
                Val::Text(host.clone().joined(Text::known(format!(":{port}"))))
            }
            _ => Val::Text(host.clone()),
        },
        "href" => Val::Text(text.clone()),
        "pathname" | "path" => {
            let path = url.path.0.iter().map_while(|piece| match piece {
                Piece::Known(text) if text.contains('?') => None,
                piece => Some(piece.clone()),
            });
            let mut path = Text(path.collect());
            if let Some(Piece::Known(text)) = url.path.0.get(path.0.len()) {
                let text = text.split('?').next().unwrap_or_default();
                path = path.joined(Text::known(text));
            }
            Val::Text(path)
        }
        "protocol" => {
            let scheme = text.beginning();
            Val::text(
                scheme
                    .split_once("//")
                    .map_or("https:", |(scheme, _)| scheme),
            )
        }
        _ => return None,
    })
}
