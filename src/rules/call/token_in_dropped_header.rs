use bstr::{BString, ByteSlice};

use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, ResponseHeader};
use crate::probes::{Cors, Sent, Visit};
use crate::request::{Known, Request};
use crate::rules::Exchange;

pub const ID: &str = "token-in-dropped-header";

const VALUE: &str = "why403-probe";

/// A header that callers are told to send is one that nginx drops for its name.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(promised(exchange));
}

/// Access-Control-Allow-Headers names a header with an underscore or a dot.
fn promised(exchange: &Exchange<'_>) -> Option<Finding> {
    let (visit, sent) = (&exchange.visit, &exchange.announced);
    let answers = std::iter::once(&sent.course).chain(&exchange.answers);
    let allowed = answers
        .into_iter()
        .find_map(|course| Cors::of(course).headers.cloned())?;
    let names = allowed.value.known()?.to_str().ok()?.to_owned();
    names
        .split(',')
        .map(str::trim)
        .filter(|name| is_odd(name))
        .find_map(|name| lost(visit, &sent.request, name, &allowed))
}

/// A field name (RFC 9110 §5.1) that nginx does not take as it comes.
fn is_odd(name: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    name.bytes().all(is_name) && name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}

fn lost(
    visit: &Visit<'_>,
    request: &Request,
    name: &str,
    allowed: &ResponseHeader,
) -> Option<Finding> {
    let dashed = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let arrives = |name: &str| {
        let mut request = request.clone();
        request.headers.push(name, VALUE);
        let courses = visit.send(&request);
        let course = courses.iter().find(|course| course.admits())?.clone();
        let arrived = carries(&course)?;
        Some((arrived, Sent { request, course }))
    };
    let (false, sent) = arrives(name)? else {
        return None;
    };
    let (true, _) = arrives(&dashed)? else {
        return None;
    };
    // What switches it on may stand in a level that is not here.
    let config = visit.gate.config();
    let whole = !config.fragment && config.hole(visit.level()).is_none();
    let switch = match name.contains('_') {
        true => "underscores_in_headers on",
        false => "ignore_invalid_headers off",
    };
    Some(Finding {
        rule: ID,
        severity: match whole {
            true => Severity::Error,
            false => Severity::Warning,
        },
        confidence: match whole {
            true => Confidence::High,
            false => Confidence::Low,
        },
        message: format!(
            "the header {name} is dropped by nginx and does not reach {}",
            sent.request.url()
        ),
        primary: Label {
            span: allowed.span.unwrap_or(visit.door.span),
            text: format!("tells browsers that they may send {name}"),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: format!("Access-Control-Allow-Headers names {name}"),
            span: allowed.span,
        }),
        help: format!("name the header {dashed}, or set `{switch};` in the http block"),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

/// Whether the header arrives where the request is sent on to; `None` if it is not sent on.
fn carries(course: &Course) -> Option<bool> {
    let End::Forwarded { request, .. } = &course.end else {
        return None;
    };
    let is_probe = |value: &Known<BString>| value.known().is_some_and(|value| value == VALUE);
    Some(request.headers.iter().any(|header| is_probe(&header.value)))
}
