//! Requests of a Postman collection, with the authorization that they have from their folders.

use super::header::Header;
use super::model::{Body, Call, Client, Credentials, CredentialsMode, Place};
use super::refusal;
use super::signer::{AUTHORIZATION, Signer, signature};
use super::template::Names;
use super::text::Text;
use super::url::Url;
use crate::request::Known;
use crate::source::Span;
use crate::syntax::document::{self, Node};

/// What a collection says of itself.
pub const MARK: &str = "schema.getpostman.com/json/collection/v2";

/// More items than these are not read.
const MOST_ITEMS: usize = 20_000;

/// What folders give to what is in them.
#[derive(Clone, Default)]
struct Given {
    auth: Option<Header>,
    /// A script that runs before may add headers.
    is_open: bool,
}

/// The requests of a collection whose first byte has the address `base`.
pub fn read(base: u32, text: &[u8]) -> Vec<Call> {
    let Ok(document) = document::parse(base, text) else {
        return Vec::new();
    };
    let Some(root) = document.root() else {
        return Vec::new();
    };
    let names = names(root);
    let mut calls = Vec::new();
    let mut room = MOST_ITEMS;
    let mut open = vec![(root, Given::default())];
    while let Some((node, given)) = open.pop() {
        if room == 0 {
            break;
        }
        room -= 1;
        let given = given.within(node, &names);
        if let Some(request) = node.get("request").filter(|_| !is_test_of_refusal(node)) {
            calls.extend(call(request, &given, &names));
        }
        let items = node.get("item").into_iter().flat_map(Node::items);
        open.extend(items.map(|item| (item, given.clone())));
    }
    calls.sort_by_key(|call| call.span);
    calls
}

fn names(root: Node<'_>) -> Names {
    let variables = root.get("variable").into_iter().flat_map(Node::items);
    let all = variables.filter_map(|one| {
        let name = one.get("key").or(one.get("id"))?.text()?;
        Some((name.to_owned(), one.get("value")?.text()?.to_owned()))
    });
    Names(all.collect())
}

impl Given {
    fn within(&self, node: Node<'_>, names: &Names) -> Given {
        let touches = |line: &str| line.contains("eaders");
        let is_open = scripts(node, "prerequest").any(touches);
        let holder = node.get("request").unwrap_or(node);
        let auth = [holder, node]
            .iter()
            .find_map(|node| node.get("auth").filter(|auth| !auth.is_null()));
        Given {
            auth: match auth {
                Some(auth) => authorization(auth, names),
                None => self.auth.clone(),
            },
            is_open: self.is_open || is_open,
        }
    }
}

/// The lines of the scripts that an item runs before its request, or on the answer.
fn scripts<'d>(node: Node<'d>, when: &'d str) -> impl Iterator<Item = &'d str> {
    let events = node.get("event").into_iter().flat_map(Node::items);
    let of_then =
        events.filter(move |event| event.get("listen").and_then(Node::text) == Some(when));
    of_then.flat_map(|event| {
        let exec = event.get("script").and_then(|script| script.get("exec"));
        let lines = exec.into_iter().flat_map(|exec| exec.items().chain([exec]));
        lines.filter_map(Node::text)
    })
}

fn is_test_of_refusal(item: Node<'_>) -> bool {
    refusal::insists(&scripts(item, "test").collect::<Vec<_>>().join("\n"))
}

/// `"auth": { "type": "awsv4", "awsv4": [{ "key": "region", "value": "…" }] }`.
fn authorization(auth: Node<'_>, names: &Names) -> Option<Header> {
    let kind = auth.get("type")?;
    let part = |name: &str| {
        let parts = auth.get(kind.text()?)?;
        let listed = parts
            .items()
            .find(|one| one.get("key").and_then(Node::text) == Some(name));
        let value = match listed {
            Some(one) => one.get("value")?.text()?,
            None => parts.get(name)?.text()?,
        };
        (!value.is_empty()).then(|| names.text(value))
    };
    let value = match kind.text()? {
        "noauth" => return None,
        "awsv4" => signature(part("region"), part("service")),
        "basic" | "digest" => Text::known("Basic ").joined(Text::hole("credentials")),
        "bearer" | "oauth2" | "jwt" => Text::known("Bearer ").joined(Text::hole("token")),
        "apikey" => {
            let is_query = part("in").and_then(|place| place.plain()).as_deref() == Some("query");
            let name = part("key")?.plain().filter(|_| !is_query)?;
            return Some(Header {
                name,
                value: part("value").unwrap_or(Text::hole("a key")),
                span: kind.span(),
                always: true,
            });
        }
        _ => Text::hole("an authorization"),
    };
    Some(Header {
        name: AUTHORIZATION.to_owned(),
        value,
        span: kind.span(),
        always: true,
    })
}

fn call(request: Node<'_>, given: &Given, names: &Names) -> Option<Call> {
    // The shortest form of a request is its URL.
    if request.text().is_some() {
        return made(
            request.span(),
            "GET",
            url(request, names)?,
            Vec::new(),
            given,
            Body::None,
        );
    }
    let place = request.get("url")?;
    let method = request.get("method").and_then(Node::text).unwrap_or("GET");
    let mut headers = Vec::new();
    for header in request.get("header").into_iter().flat_map(Node::items) {
        let is_off = header.get("disabled").and_then(Node::text) == Some("true");
        let name = header.get("key").and_then(Node::text);
        let value = header.get("value").and_then(Node::text);
        if let (Some(name), Some(value), false) = (name, value, is_off) {
            headers.push(Header {
                name: name.to_owned(),
                value: names.text(value),
                span: header.span(),
                always: true,
            });
        }
    }
    let mode = request.get("body").and_then(|body| body.get("mode"));
    let body = match mode.and_then(Node::text) {
        None | Some("none") => Body::None,
        Some("urlencoded" | "formdata") => Body::Form,
        Some("graphql") => Body::Json,
        Some(_) => Body::Simple,
    };
    made(
        place.span(),
        method,
        url(place, names)?,
        headers,
        given,
        body,
    )
}

fn made(
    span: Span,
    method: &str,
    url: Text,
    mut headers: Vec<Header>,
    given: &Given,
    body: Body,
) -> Option<Call> {
    headers.extend(given.auth.clone());
    let urls = vec![Url::of(&url)];
    Some(Call {
        span,
        through: None,
        client: Client::Postman,
        place: Place::Elsewhere,
        method: Known::Is(method.to_ascii_uppercase()),
        signer: Signer::of(&headers, !given.is_open, &urls, span),
        urls,
        headers,
        headers_complete: !given.is_open,
        credentials: CredentialsMode {
            mode: Known::Is(Credentials::Omit),
            span: None,
        },
        body,
    })
}

/// A URL: a text, or its parts.
fn url(node: Node<'_>, names: &Names) -> Option<Text> {
    if let Some(raw) = node.text().or(node.get("raw").and_then(Node::text)) {
        return Some(with_scheme(names.text(&with_holes(raw))));
    }
    let joined = |name: &str, by: &str| {
        let parts = node.get(name)?;
        let list: Vec<&str> = parts.items().filter_map(Node::text).collect();
        Some(match parts.text() {
            Some(text) => text.to_owned(),
            None => list.join(by),
        })
    };
    let protocol = node.get("protocol").and_then(Node::text);
    let mut whole = protocol.map_or(String::new(), |protocol| format!("{protocol}://"));
    whole += &joined("host", ".")?;
    whole += "/";
    whole += &joined("path", "/").unwrap_or_default();
    Some(with_scheme(names.text(&with_holes(&whole))))
}

/// `/users/:id`, as a placeholder that nobody fills.
fn with_holes(raw: &str) -> String {
    let (path, rest) = raw.split_at(raw.find(['?', '#']).unwrap_or(raw.len()));
    let parts = path.split('/').map(|part| match part.strip_prefix(':') {
        Some(name) if name.starts_with(char::is_alphabetic) => format!("{{{{$path {name}}}}}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/") + rest
}

/// Postman takes a URL without a scheme for HTTP.
fn with_scheme(text: Text) -> Text {
    use super::text::Piece;
    match text.0.first() {
        Some(Piece::Known(known)) if !known.contains("://") => Text::known("http://").joined(text),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
