use super::exchange::{Exchange, confidence, lowered};
use super::lines::{ALLOW_HEADERS, ALLOW_ORIGIN, names};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, ResponseHeader};
use crate::gates::nginx::directives::{Key, Module};
use crate::probes::{Cors, preflight};
use crate::source::Span;

pub mod route;

pub const ID: &str = "cors-authorization-not-allowed";

/// nginx answers the preflight itself and does not allow the header that the door demands.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

/// Why pages have to send Authorization here.
struct Demand {
    severity: Severity,
    text: &'static str,
    span: Span,
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let demand = demand(exchange)?;
    let request = preflight(&exchange.announced.request, "GET", &["authorization"]);
    let courses = exchange.visit.send(&request);
    let course = courses.iter().find(|course| is_answered(course))?;
    let cors = Cors::of(course);
    let origin = cors.origin()?;
    // With this one a browser may send a password or a cookie that it knows, without the header.
    if cors.allows_header("authorization") || cors.credentials.is_some() {
        return None;
    }
    if cors
        .headers
        .is_some_and(|list| list.value.known().is_none() || names_another(list))
    {
        return None;
    }
    let star = cors.allows_header("*");
    let mut severity = demand.severity;
    if star {
        severity = severity.min(Severity::Warning);
    }
    if course.is_assumed() || exchange.is_conditional(course) {
        severity = lowered(severity);
    }
    let span = cors.headers.and_then(|list| list.span).or(origin.span)?;
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(course, Confidence::Medium),
        message: format!(
            "the preflight of {} does not allow Authorization, so no page of another origin can send it",
            exchange.announced.request.url()
        ),
        primary: Label {
            span,
            text: match (star, cors.headers) {
                (true, _) => "`*` covers all headers but Authorization".into(),
                (false, Some(_)) => "does not name Authorization".into(),
                (false, None) => format!("goes out without {ALLOW_HEADERS} beside it"),
            },
        },
        related: vec![Label {
            span: demand.span,
            text: demand.text.into(),
        }],
        intent: Some(Intent {
            text: format!("the preflight is answered with {ALLOW_ORIGIN}"),
            span: origin.span,
        }),
        help: format!(
            "name it: `add_header {ALLOW_HEADERS} \"Authorization, Content-Type\" always;`"
        ),
        witness: Some(Witness {
            request,
            course: course.clone(),
        }),
    })
}

fn is_answered(course: &Course) -> bool {
    course
        .status()
        .is_some_and(|status| (200..300).contains(&status))
}

/// Another header that carries a credential: then that is how pages prove themselves.
fn names_another(list: &ResponseHeader) -> bool {
    list.value.known().is_some_and(|list| {
        names(list).any(|name| {
            let name = name.to_string().to_ascii_lowercase();
            ["token", "key", "auth", "session", "cookie", "jwt"]
                .iter()
                .any(|word| name.contains(word))
        })
    })
}

fn demand(exchange: &Exchange<'_>) -> Option<Demand> {
    let mut request = exchange.announced.request.clone();
    request.headers.remove("Authorization");
    let courses = exchange.visit.send(&request);
    let refused = courses.iter().find_map(|course| {
        let culprit = course.culprit().filter(|_| course.refuses())?;
        match culprit.effect {
            Effect::Refuses { check, .. } => Some((check, culprit.span)),
            _ => None,
        }
    });
    let needs_credential = exchange.announced.request.headers.has("Authorization");
    match refused {
        Some((Check::BasicAuth, span)) => Some(Demand {
            severity: Severity::Error,
            text: "asks for Authorization",
            span,
        }),
        Some((Check::Condition, span)) if needs_credential => Some(Demand {
            severity: Severity::Error,
            text: "refuses whoever comes without Authorization",
            span,
        }),
        Some((Check::AuthRequest, span)) => Some(Demand {
            severity: Severity::Warning,
            text: "asks a service, which gets no credential from a page but this",
            span,
        }),
        _ => forwarded(exchange),
    }
}

/// A line that passes the client's Authorization on by name.
fn forwarded(exchange: &Exchange<'_>) -> Option<Demand> {
    let config = exchange.visit.gate.config();
    let line = config
        .settings(exchange.level(), Key::SetHeader(Module::Proxy))
        .iter()
        .find(|line| {
            line.args[0].raw.eq_ignore_ascii_case(b"Authorization")
                && line.args[1].raw == "$http_authorization"
        })?;
    Some(Demand {
        severity: Severity::Warning,
        text: "passes the caller's Authorization on by name",
        span: line.span,
    })
}
