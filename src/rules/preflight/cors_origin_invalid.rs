use bstr::{BString, ByteSlice};

use super::exchange::{Exchange, MAX_ORIGINS, confidence};
use super::lines::ALLOW_ORIGIN;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, ResponseHeader};
use crate::probes::{Cors, Sent};

pub mod route;

pub const ID: &str = "cors-origin-invalid";

/// An Access-Control-Allow-Origin that equals no origin that a browser sends.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

fn judge(exchange: &Exchange<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for sent in answers(exchange) {
        for header in &Cors::of(&sent.course).origins {
            found.extend(finding(&sent, header));
        }
    }
    found
}

/// What is to be said of a header on an answer, if it is no origin.
fn finding(sent: &Sent, header: &ResponseHeader) -> Option<Finding> {
    let (value, span) = (header.value.known()?, header.span?);
    let fault = fault(value)?;
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: confidence(&sent.course, Confidence::High),
        message: format!(
            "{ALLOW_ORIGIN} of {} is `{value}`, which is no origin, so no page can read the answer",
            sent.request.url()
        ),
        primary: Label {
            span,
            text: fault.text.into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "an origin is named here".into(),
            span: Some(span),
        }),
        help: fault.help.into(),
        witness: Some(Witness {
            request: sent.request.clone(),
            course: sent.course.clone(),
        }),
    })
}

/// The answers to the page, to its preflight, and to pages of each origin that is named.
fn answers(exchange: &Exchange<'_>) -> Vec<Sent> {
    let mut sent = vec![exchange.announced.clone()];
    let mut add = |request: &crate::request::Request, courses: &[Course]| {
        sent.extend(courses.iter().map(|course| Sent {
            request: request.clone(),
            course: course.clone(),
        }));
    };
    add(&exchange.preflight, &exchange.answers);
    for origin in exchange
        .visit
        .gate
        .origins_of(exchange.visit.level())
        .take(MAX_ORIGINS)
    {
        let mut request = exchange.announced.request.clone();
        request.headers.remove("Origin");
        request.headers.push("Origin", origin.as_str());
        let courses = exchange.visit.send(&request);
        add(&request, &courses);
    }
    sent
}

struct Fault {
    text: &'static str,
    help: &'static str,
}

/// What is wrong with a value. Right are `*`, `null` and a scheme with a host, and a port that is
/// not the scheme's own (RFC 6454 §6.2).
fn fault(value: &BString) -> Option<Fault> {
    let list = "one origin is all that it takes; choose it with `map $http_origin $cors_origin`";
    let exact = "write it as a browser does in Origin: `https://shop.example`, nothing behind the \
                 host but a port";
    let value = value.trim();
    if value == b"*" || value == b"null" || value.is_empty() {
        return None;
    }
    let fault = |text, help| Some(Fault { text, help });
    if value.find_byteset(b", ;|").is_some() {
        return fault("is a list, and a browser compares it as a whole", list);
    }
    if value.find_byteset(b"'\"").is_some() {
        return fault("the quotes are part of the value", exact);
    }
    if value.contains(&b'*') {
        return fault("is a pattern, and browsers know none but a sole `*`", list);
    }
    if is_placeholder(value) {
        return None;
    }
    let Some((scheme, rest)) = value.split_once_str("://") else {
        return fault("has no scheme, and an Origin always has one", exact);
    };
    if !is_scheme(scheme) {
        return fault("has no scheme that a browser knows", exact);
    }
    if rest.contains(&b'/') {
        return fault("has a path, and an Origin has none, not even `/`", exact);
    }
    if rest.is_empty() {
        return fault("has no host", exact);
    }
    if rest.iter().any(u8::is_ascii_uppercase) {
        return fault(
            "has upper-case letters, and an Origin's host has none",
            exact,
        );
    }
    let own_port = match scheme {
        b"https" => rest.ends_with(b":443"),
        b"http" => rest.ends_with(b":80"),
        _ => false,
    };
    if own_port {
        return fault(
            "names the scheme's own port, which an Origin leaves out",
            exact,
        );
    }
    None
}

/// `CORS_ORIGIN`, `%ORIGIN%`, `<your-site>`: somebody's own script fills it in.
fn is_placeholder(value: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    value.iter().all(name)
        || value.find_byteset(b"<>%@#[]{}").is_some() && !value.contains(&b'.')
        || value.contains_str("__")
}

fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_lowercase)
        && text
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn origins_and_what_is_taken_for_one() {
        for right in [
            "*",
            "null",
            "https://shop.example",
            "http://localhost:3000",
            "http://[::1]:8080",
            "luna://com.webos.service.config",
            "chrome-extension://abc",
        ] {
            assert!(fault(&right.into()).is_none(), "{right}");
        }
        for wrong in [
            "shop.example",
            "//shop.example",
            "https://a.example, https://b.example",
            "https://a.example https://b.example",
            "https://shop.example/",
            "https://*.shop.example",
            "'*'",
            "https://",
            "https://Shop.example",
            "https://shop.example:443",
        ] {
            assert!(fault(&wrong.into()).is_some(), "{wrong}");
        }
    }
}
