//! What a gate that answers preflights itself lets pages of other origins do: HTTP APIs
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>) and URLs of
//! functions (<https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>), in the same words.

use bstr::ByteSlice;

use super::fields::{is_true, spanned, texts};
use crate::gate::ResponseHeader;
use crate::request::{Known, Request};
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

#[derive(Debug)]
pub struct Cors {
    pub span: Span,
    pub origins: Vec<Spanned<String>>,
    pub methods: Vec<Spanned<String>>,
    pub headers: Vec<Spanned<String>>,
    pub exposed: Vec<Spanned<String>>,
    pub max_age: Option<Spanned<String>>,
    pub credentials: Option<Span>,
}

impl Cors {
    pub fn read(node: Node<'_>) -> Cors {
        Cors {
            span: node.span(),
            origins: texts(node, "AllowOrigins"),
            methods: texts(node, "AllowMethods"),
            headers: texts(node, "AllowHeaders"),
            exposed: texts(node, "ExposeHeaders"),
            max_age: spanned(node, "MaxAge"),
            credentials: is_true(node, "AllowCredentials"),
        }
    }

    /// What goes on each answer to a page that is let in.
    pub fn on_answer(&self, request: &Request) -> Vec<ResponseHeader> {
        let origin = request.headers.get("Origin");
        let Some(origin) = origin.and_then(|value| value.known()) else {
            return Vec::new();
        };
        let origin = origin.to_str_lossy();
        let Some(allowed) = self.origin(&origin) else {
            return Vec::new();
        };
        let value = match (allowed.value.as_str(), self.credentials) {
            ("*", None) => "*",
            _ => &origin,
        };
        let mut headers = vec![header("Access-Control-Allow-Origin", value, allowed.span)];
        if let Some(span) = self.credentials {
            headers.push(header("Access-Control-Allow-Credentials", "true", span));
        }
        headers.extend(listed("Access-Control-Expose-Headers", &self.exposed));
        headers
    }

    /// What a preflight is answered, which is let in.
    pub fn on_preflight(&self, request: &Request) -> Vec<ResponseHeader> {
        let mut headers = self.on_answer(request);
        headers.extend(listed("Access-Control-Allow-Methods", &self.methods));
        headers.extend(listed("Access-Control-Allow-Headers", &self.headers));
        if let Some(age) = &self.max_age {
            headers.push(header("Access-Control-Max-Age", &age.value, age.span));
        }
        headers
    }

    /// The entry that lets an origin in: the origin, all, or all of a scheme.
    pub fn origin(&self, origin: &str) -> Option<&Spanned<String>> {
        self.origins.iter().find(|allowed| {
            let allowed = allowed.value.as_str();
            match allowed.strip_suffix('*') {
                Some(start) => origin.starts_with(start),
                None => allowed == origin,
            }
        })
    }

    /// Why a preflight gets no headers.
    pub fn refuses(&self, preflight: &Request) -> Option<String> {
        let value = |name: &str| {
            let value = preflight.headers.get(name)?.known()?;
            Some(value.to_str_lossy().into_owned())
        };
        let origin = value("Origin").unwrap_or_default();
        if self.origin(&origin).is_none() {
            return Some(format!("does not allow the origin {origin}"));
        }
        let lists = |list: &[Spanned<String>], word: &str| {
            let mut list = list.iter();
            list.any(|one| one.value == "*" || one.value.eq_ignore_ascii_case(word))
        };
        let method = value("Access-Control-Request-Method").unwrap_or_default();
        if !lists(&self.methods, &method) {
            return Some(format!("does not allow the method {method}"));
        }
        let asked = value("Access-Control-Request-Headers").unwrap_or_default();
        let mut asked = asked
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        asked
            .find(|name| !lists(&self.headers, name))
            .map(|name| format!("does not allow the header {name}"))
    }
}

fn listed(name: &str, values: &[Spanned<String>]) -> Option<ResponseHeader> {
    let first = values.first()?;
    let all: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
    Some(header(name, &all.join(","), first.span))
}

fn header(name: &str, value: &str, span: Span) -> ResponseHeader {
    ResponseHeader {
        name: name.into(),
        value: Known::Is(value.into()),
        always: true,
        span: Some(span),
    }
}
