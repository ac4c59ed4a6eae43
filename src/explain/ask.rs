//! The user's request, from the words of the command line.

use std::net::IpAddr;

use bstr::BString;

use crate::gates::aws::iam::Caller;
use crate::request::{Headers, Known, Reason, Request, Scheme};

/// What was typed.
#[derive(Debug, Default)]
pub struct Question<'a> {
    pub method: Option<&'a str>,
    pub url: &'a str,
    /// Each as `Name: value`.
    pub headers: &'a [String],
    pub from: Option<IpAddr>,
    pub body: u64,
    pub sent_at: Option<u64>,
    /// The ARN of who signs it.
    pub signed_by: Option<&'a str>,
    /// The VPC endpoint that it goes through.
    pub vpc_endpoint: Option<&'a str>,
}

/// Why it is no request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("`{0}` has the scheme `{1}`; only http, https, ws and wss can be explained")]
    Scheme(String, String),
    #[error("`{0}` names no host; write it whole, like http://shop.test/orders")]
    NoHost(String),
    #[error("`{0}` has a port that is no number below 65536")]
    Port(String),
    #[error("the URL holds a password; give it as -H 'Authorization: Basic …'")]
    Password,
    #[error("`{0}` holds a blank or a control character; write it as %20")]
    Blank(String),
    #[error("`{0}` is no header; write it as 'Name: value'")]
    Header(String),
    #[error(
        "`{0}` is no ARN of a user, a role or a session; one is arn:aws:iam::123456789012:role/NAME"
    )]
    Caller(String),
}

/// Whether a word is a method rather than a URL: `GET`, `PROPFIND`, but not `localhost`.
pub fn is_method(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

pub fn request(question: &Question) -> Result<Request, Misfit> {
    let (scheme, host, port, target) = url(question.url)?;
    let mut headers = Headers::default();
    for line in question.headers {
        let (name, value) = header(line).ok_or_else(|| Misfit::Header(line.clone()))?;
        headers.push(name, value);
    }
    if let Some(arn) = question.signed_by {
        if Caller::from_arn(arn).is_none() {
            return Err(Misfit::Caller(arn.to_owned()));
        }
        if !headers.has("Authorization") {
            headers.push("Authorization", "AWS4-HMAC-SHA256 Credential=…");
        }
    }
    let from = match question.from {
        Some(address) => Known::Is(address),
        None => Known::Unknown(Reason::new("the sender's address was not given (--from)")),
    };
    Ok(Request {
        method: question.method.unwrap_or("GET").to_owned(),
        scheme,
        host,
        port,
        target,
        from,
        body: question.body,
        sent_at: question.sent_at,
        signed_by: match question.signed_by {
            Some(arn) => Some(Known::Is(arn.to_owned())),
            None => signed_by(&headers),
        },
        vpc_endpoint: question.vpc_endpoint.map(str::to_owned),
        headers,
    })
}

/// Whose signature it is, only AWS can tell from the access key.
fn signed_by(headers: &Headers) -> Option<Known<String>> {
    let value = headers.get("Authorization")?.known()?;
    let is_signed = value.starts_with(b"AWS4-HMAC-SHA256");
    is_signed.then(|| Known::Unknown(Reason::new("whose access key it is is not said (--as)")))
}

fn url(text: &str) -> Result<(Scheme, String, u16, BString), Misfit> {
    if text.contains(|char: char| char.is_whitespace() || char.is_control()) {
        return Err(Misfit::Blank(text.escape_default().to_string()));
    }
    let (scheme, rest) = match text.split_once("://") {
        None => (Scheme::Http, text),
        Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
            // A WebSocket begins as a GET request (RFC 6455 §4.1).
            "http" | "ws" => (Scheme::Http, rest),
            "https" | "wss" => (Scheme::Https, rest),
            _ => return Err(Misfit::Scheme(text.to_owned(), scheme.to_owned())),
        },
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err(Misfit::Password);
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err(Misfit::NoHost(text.to_owned()));
    }
    let port = match port {
        None | Some("") => scheme.default_port(),
        Some(port) => port.parse().map_err(|_| Misfit::Port(text.to_owned()))?,
    };
    let slash = if target.starts_with('/') { "" } else { "/" };
    let target = escape(&format!("{slash}{target}"));
    Ok((scheme, host.to_ascii_lowercase(), port, target))
}

/// Host and port; the colons of an IPv6 address stand in brackets (RFC 3986 §3.2.2).
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let bracket = authority.rfind(']').unwrap_or(0);
    match authority[bracket..].rfind(':') {
        Some(colon) => {
            let colon = bracket + colon;
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        None => (authority, None),
    }
}

/// What a browser does with letters outside of ASCII: their bytes, percent-encoded.
fn escape(target: &str) -> BString {
    let mut out = Vec::with_capacity(target.len());
    for byte in target.bytes() {
        if byte.is_ascii() {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").bytes());
        }
    }
    out.into()
}

/// A field line (RFC 9112 §5): no blank before the colon, blanks around the value do not count.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    let is_value = !value.contains(|char: char| char.is_control() && char != '\t');
    (is_name && is_value).then_some((name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(url: &str) -> Result<Request, Misfit> {
        request(&Question {
            url,
            ..Question::default()
        })
    }

    #[test]
    fn urls_are_read_as_a_client_reads_them() {
        for (url, whole, port) in [
            ("shop.test", "http://shop.test/", 80),
            (
                "HTTPS://Shop.test:8443/a?b=1#c",
                "https://shop.test:8443/a?b=1",
                8443,
            ),
            ("http://[::1]:81?x", "http://[::1]:81/?x", 81),
            ("http://a:/é", "http://a/%C3%A9", 80),
            ("wss://a/prod?token=x", "https://a/prod?token=x", 443),
        ] {
            let request = ask(url).unwrap();
            assert_eq!((request.url().as_str(), request.port), (whole, port));
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert!(matches!(ask("ftp://a/"), Err(Misfit::Scheme(..))));
        assert!(matches!(ask("/orders"), Err(Misfit::NoHost(_))));
        assert!(matches!(ask("http://a:x/"), Err(Misfit::Port(_))));
        assert!(matches!(ask("http://u:p@a/"), Err(Misfit::Password)));
        assert!(matches!(ask("http://a/b c"), Err(Misfit::Blank(_))));
        for line in ["Name", ": x", "A B: x", "A : x", "A: x\ny"] {
            let headers = [line.to_owned()];
            let question = Question {
                url: "a.test",
                headers: &headers,
                ..Question::default()
            };
            assert_eq!(request(&question), Err(Misfit::Header(line.to_owned())));
        }
    }

    #[test]
    fn a_method_is_written_in_capitals() {
        assert!(is_method("GET") && is_method("M-SEARCH"));
        assert!(!is_method("localhost") && !is_method("http://A") && !is_method(""));
    }
}
