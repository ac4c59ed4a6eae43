//! Identity sources: what an authorizer looks at, which is also the key under which its answer is
//! kept.

use crate::request::{Known, Reason, Request};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Header(String),
    Query(String),
    /// A stage variable or a value of the context, which is there: `context.routeKey`.
    Given(String),
}

impl Source {
    /// `method.request.header.Authorization`; in HTTP APIs `$request.header.Authorization`, in
    /// WebSocket APIs `route.request.header.Authorization`.
    pub fn parse(text: &str) -> Option<Source> {
        if text.is_empty() {
            return None;
        }
        let rest = text.trim_start_matches('$');
        let rest = ["method.", "route."]
            .iter()
            .find_map(|scope| rest.strip_prefix(scope))
            .unwrap_or(rest);
        let part = |prefix: &str| rest.strip_prefix(prefix).map(str::to_owned);
        Some(
            part("request.header.")
                .map(Source::Header)
                .or_else(|| part("request.querystring.").map(Source::Query))
                .or_else(|| part("request.multivalueheader.").map(Source::Header))
                .or_else(|| part("request.multivaluequerystring.").map(Source::Query))
                .unwrap_or_else(|| Source::Given(rest.to_owned())),
        )
    }

    /// The value that a request has there; empty is as good as none.
    pub fn value(&self, request: &Request) -> Option<Known<String>> {
        match self {
            Source::Given(_) => Some(Known::Unknown(Reason::new("the service gives it"))),
            Source::Header(name) => {
                let Some(value) = request.headers.get(name) else {
                    return signature(name, request);
                };
                let value = value.clone().map(|value| value.to_string());
                (value.known().is_none_or(|value| !value.is_empty())).then_some(value)
            }
            Source::Query(name) => {
                let target = request.target.to_string();
                let (_, query) = target.split_once('?')?;
                let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
                Some(Known::Is(value.to_owned()))
            }
        }
    }

    /// Whether it may differ from method to method for one caller.
    pub fn tells_methods_apart(&self) -> bool {
        match self {
            Source::Given(name) => {
                name.starts_with("context.") && !name.starts_with("context.identity.")
            }
            Source::Header(_) | Source::Query(_) => false,
        }
    }

    /// As a user would look for it.
    pub fn told(&self) -> String {
        match self {
            Source::Header(name) => format!("the header {name}"),
            Source::Query(name) => format!("the query parameter {name}"),
            Source::Given(name) => format!("the value {name}"),
        }
    }
}

/// The header that a signed request has, unless the signature stands in its query.
fn signature(name: &str, request: &Request) -> Option<Known<String>> {
    let is_it = name.eq_ignore_ascii_case("Authorization") && request.signed_by.is_some();
    is_it.then(|| Known::Unknown(Reason::new("it is a signature of AWS (SigV4)")))
}
