//! What must not stand in a log: credentials in headers and in URLs.
//!
//! The kind of a credential stays, for it often is the mistake: `Bearer <redacted>`.

mod mask;

pub use mask::masked;

use bstr::{BString, ByteSlice};

use crate::gate::Effect;
use crate::request::Known;
use crate::request::token::Claims;

pub const REDACTED: &str = "<redacted>";

/// Headers that carry a credential, in lower case.
const HEADERS: [&str; 12] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "apikey",
    "x-auth-token",
    "x-amz-security-token",
    "x-csrf-token",
    "x-xsrf-token",
    "x-access-token",
    // By which a distribution proves itself to its origin.
    "x-origin-verify",
];

/// Words that give away a parameter that carries a credential.
const PARAMETERS: [&str; 9] = [
    "token",
    "key",
    "secret",
    "password",
    "passwd",
    "signature",
    "sig",
    "auth",
    "credential",
];

pub fn is_secret(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    let tells = |word: &str| PARAMETERS.contains(&word) && word != "key";
    HEADERS.contains(&name.as_str()) || name.split(['-', '_']).any(tells)
}

/// The value of a header, without its secret if it has one.
pub fn value(header: &str, value: &[u8]) -> BString {
    if !is_secret(header) || value.is_empty() {
        return value.into();
    }
    let authorizes = header.to_ascii_lowercase().ends_with("authorization");
    let value = value.trim();
    match value.split_once_str(" ") {
        // A scheme is a short word (RFC 9110 §11.1); anything else may be the secret itself.
        Some((scheme, _)) if authorizes && scheme.len() <= 20 && is_token(scheme) => {
            [scheme, b" ", REDACTED.as_bytes()].concat().into()
        }
        _ => REDACTED.into(),
    }
}

fn is_token(word: &[u8]) -> bool {
    word.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A text without the JSON Web Tokens in it; or, for who wants to see credentials, without their
/// signatures: without these they open nothing.
pub fn tokens(text: &str, show_claims: bool) -> String {
    let of_token = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(of_token) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|char| !of_token(char)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        match word.rsplit_once('.') {
            Some((claims, _)) if Claims::of_token(word.as_bytes()).is_ok() => {
                out.push_str(if show_claims { claims } else { "" });
                out.push_str(if show_claims { "." } else { "" });
                out.push_str(REDACTED);
            }
            _ => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A URL or path, without the secrets among its parameters.
pub fn url(text: &str) -> String {
    let Some((path, query)) = text.split_once('?') else {
        return text.to_owned();
    };
    let parameters: Vec<String> = query.split('&').map(parameter).collect();
    format!("{path}?{}", parameters.join("&"))
}

fn parameter(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) if !value.is_empty() && names_a_secret(name) => {
            format!("{name}={REDACTED}")
        }
        _ => text.to_owned(),
    }
}

/// Whether one of the words of a name is one of those: `api_key` is, `monkey` is not.
fn names_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split(|char: char| !char.is_ascii_alphanumeric())
        .any(|word| PARAMETERS.contains(&word))
        || ["apikey", "accesskey", "accesstoken", "idtoken", "jwt"].contains(&lower.as_str())
}

/// An effect, without the secret that it may tell of.
pub fn effect(effect: &Effect) -> Effect {
    match effect {
        Effect::SetsHeader {
            name,
            value: Known::Is(secret),
        } => Effect::SetsHeader {
            name: name.clone(),
            value: Known::Is(value(name, secret)),
        },
        Effect::Sets {
            variable,
            value: Known::Is(secret),
        } if starts_with_scheme(secret) => Effect::Sets {
            variable: variable.clone(),
            value: Known::Is(value("Authorization", secret)),
        },
        Effect::Rewrites { to } => Effect::Rewrites { to: path(to) },
        Effect::Jumps { to, because } => Effect::Jumps {
            to: path(to),
            because: because.clone(),
        },
        Effect::Forwards { to } => Effect::Forwards { to: url(to) },
        other => other.clone(),
    }
}

/// Whether a text is a credential by its own first word.
fn starts_with_scheme(text: &[u8]) -> bool {
    let starts = |scheme: &[u8]| {
        let start = text.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts(b"Bearer ") || starts(b"Basic ")
}

fn path(text: &BString) -> BString {
    url(&text.to_str_lossy()).into()
}

/// The line that made an effect, without the secret that it sets.
pub fn text(line: &str, made: &Effect) -> String {
    let line = match made {
        Effect::SetsHeader {
            name,
            value: Known::Is(secret),
        } if is_secret(name) && !secret.is_empty() => {
            let shown = value(name, secret).to_string();
            line.replace(&*secret.to_str_lossy(), &shown)
        }
        _ => line.to_owned(),
    };
    mask::masked_line(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_credential_stays() {
        assert_eq!(
            value("AUTHORIZATION", b"Bearer abc.def"),
            "Bearer <redacted>"
        );
        assert_eq!(
            value("Proxy-Authorization", b"Basic abc"),
            "Basic <redacted>"
        );
        assert_eq!(value("Authorization", b"abc.def"), "<redacted>");
        assert_eq!(value("Cookie", b"session abc"), "<redacted>");
        assert_eq!(value("Authorization", b""), "");
        assert_eq!(value("Accept", b"text/html"), "text/html");
    }

    #[test]
    fn parameters_lose_their_secrets() {
        assert_eq!(
            url("http://a/?api_key=1&monkey=2&token=&Access-Token=3&flag"),
            "http://a/?api_key=<redacted>&monkey=2&token=&Access-Token=<redacted>&flag"
        );
        assert_eq!(url("/token=1"), "/token=1");
    }

    #[test]
    fn a_token_is_nowhere_shown_whole() {
        let text = "/x?t=e30.e30.c2ln&h=www.shop.test, e30.e30.";
        assert_eq!(
            tokens(text, false),
            "/x?t=<redacted>&h=www.shop.test, <redacted>"
        );
        assert_eq!(
            tokens("Bearer e30.e30.c2ln", true),
            "Bearer e30.e30.<redacted>"
        );
    }

    #[test]
    fn a_line_loses_the_secret_that_it_sets() {
        let made = Effect::SetsHeader {
            name: "Authorization".into(),
            value: Known::Is("Basic c2VjcmV0".into()),
        };
        let line = "proxy_set_header Authorization \"Basic c2VjcmV0\";";
        assert_eq!(
            text(line, &made),
            "proxy_set_header Authorization \"Basic <redacted>\";"
        );
        assert!(effect(&made).to_string().ends_with("Basic <redacted>"));
    }
}
