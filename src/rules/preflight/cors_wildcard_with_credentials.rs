use bstr::ByteSlice;

use super::cors_only_on_preflight;
use super::exchange::{Exchange, confidence};
use super::lines::{ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_ORIGIN};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, ResponseHeader};
use crate::gates::nginx::directives::{Key, Module};
use crate::probes::{Cors, lists};
use crate::request::Request;
use crate::source::Span;

pub mod route;

pub const ID: &str = "cors-wildcard-with-credentials";

/// `*` beside credentials: a browser refuses every request that carries some.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let announced = &exchange.announced;
    let mut answers = std::iter::once((&announced.request, &announced.course)).chain(
        exchange
            .answers
            .iter()
            .map(|course| (&exchange.preflight, course)),
    );
    let (request, course) = answers.find(|(_, course)| is_contradiction(course))?;
    let cors = Cors::of(course);
    let (origin, credentials) = (cors.origin()?, cors.credentials?);
    let proof = proof(exchange, &cors);
    // One word on a line is enough where this would only be a note.
    if proof.is_none() && cors_only_on_preflight::line(exchange) == origin.span {
        return None;
    }
    finding(request, course, origin, credentials, proof)
}

fn is_contradiction(course: &Course) -> bool {
    let cors = Cors::of(course);
    let value = |header: &ResponseHeader| header.value.known().cloned();
    let star = cors
        .origin()
        .and_then(value)
        .is_some_and(|text| text == "*");
    let credentials = cors.credentials.and_then(value);
    star && credentials.is_some_and(|text| text == "true")
}

fn finding(
    request: &Request,
    course: &Course,
    origin: &ResponseHeader,
    credentials: &ResponseHeader,
    proof: Option<(String, Option<Span>)>,
) -> Option<Finding> {
    let severity = match proof {
        Some(_) => Severity::Warning,
        None => Severity::Note,
    };
    let intent = proof.unwrap_or_else(|| {
        let text = format!("{ALLOW_CREDENTIALS} is set");
        (text, credentials.span)
    });
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(course, Confidence::Medium),
        message: format!(
            "{} allows credentials from any origin by `*`, and a browser then refuses every \
             request that carries some",
            request.url()
        ),
        primary: Label {
            span: origin.span?,
            text: "`*` is no origin to a request with credentials".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: intent.0,
            span: intent.1,
        }),
        help: format!(
            "answer with the caller's own origin, from a list: `map $http_origin $cors_origin {{ \
             … }}` and `add_header {ALLOW_ORIGIN} $cors_origin always;`; or drop {ALLOW_CREDENTIALS}"
        ),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}

/// Evidence that pages do send credentials here.
fn proof(exchange: &Exchange<'_>, cors: &Cors<'_>) -> Option<(String, Option<Span>)> {
    let announced = Cors::of(&exchange.announced.course);
    for list in [cors.headers, announced.headers].into_iter().flatten() {
        if list.value.known().is_some_and(|text| lists(text, "cookie")) {
            let text = format!("{ALLOW_HEADERS} names Cookie, so pages are to send cookies");
            return Some((text, list.span));
        }
    }
    let config = exchange.visit.gate.config();
    let level = exchange.level();
    let cookie = exchange
        .announced
        .course
        .response_headers()
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(b"Set-Cookie"));
    if let Some(cookie) = cookie {
        return Some(("a cookie is set here".into(), cookie.span));
    }
    let reads_cookie = config
        .settings(level, Key::SetHeader(Module::Proxy))
        .iter()
        .find(|line| {
            !line.args[0].raw.eq_ignore_ascii_case(b"Cookie")
                && line.args[1]
                    .variables()
                    .any(|name| name.starts_with_str("cookie_"))
        });
    reads_cookie.map(|line| ("a cookie is read here".into(), Some(line.span)))
}
