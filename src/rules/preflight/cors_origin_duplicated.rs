use std::net::IpAddr;

use super::exchange::{Exchange, confidence, hides, origin_behind};
use super::lines::ALLOW_ORIGIN;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, Gate, Protocol, ResponseHeader, Upstream};
use crate::gates::nginx::add_header_settings;
use crate::probes::Cors;
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "cors-origin-duplicated";

/// Two Access-Control-Allow-Origin on one answer: a browser refuses both.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

/// The second header, beside the one that nginx adds.
struct Second {
    severity: Severity,
    text: String,
    help: String,
    /// Where it is set, if that stands in what we read.
    span: Option<Span>,
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let announced = &exchange.announced;
    let answers = std::iter::once((&announced.request, &announced.course)).chain(
        exchange
            .answers
            .iter()
            .map(|course| (&exchange.preflight, course)),
    );
    for (request, course) in answers {
        let Some(first) = Cors::of(course).origin() else {
            continue;
        };
        let second = at_one_level(exchange, course)
            .or_else(|| from_own_server(exchange, course))
            .or_else(|| from_app(exchange, course))
            .or_else(|| from_public_host(course));
        if let Some(second) = second {
            return finding(request, course, first, second);
        }
    }
    None
}

fn finding(
    request: &Request,
    course: &Course,
    first: &ResponseHeader,
    second: Second,
) -> Option<Finding> {
    let related = second.span.map(|span| Label {
        span,
        text: "is on the same answer".into(),
    });
    Some(Finding {
        rule: ID,
        severity: second.severity,
        confidence: confidence(course, Confidence::High),
        message: format!(
            "the answer to {} {} carries {ALLOW_ORIGIN} twice ({}), and a browser then refuses it",
            request.method,
            request.url(),
            second.text
        ),
        primary: Label {
            span: first.span?,
            text: "add_header adds to what is there, it replaces nothing".into(),
        },
        related: related.into_iter().collect(),
        intent: Some(Intent {
            text: "pages of other origins are let in".into(),
            span: first.span,
        }),
        help: second.help,
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}

/// Two lines in force on one answer; in two branches of a template only one of them may be.
fn at_one_level(exchange: &Exchange<'_>, course: &Course) -> Option<Second> {
    let [first, second, ..] = Cors::of(course).origins[..] else {
        return None;
    };
    let lines = add_header_settings(exchange.visit.gate.config(), exchange.level_of(course));
    let branch = |header: &ResponseHeader| {
        lines
            .iter()
            .find(|line| Some(line.span) == header.span)
            .map_or(0, |line| line.branch)
    };
    if branch(first) != branch(second) || first.span == second.span {
        return None;
    }
    Some(Second {
        severity: Severity::Error,
        text: "both from nginx".into(),
        help: "keep one; for several origins choose the caller's from a list: `map $http_origin \
               $cors_origin { … }`"
            .into(),
        span: second.span,
    })
}

/// The upstream is an application that sets the header, too.
fn from_app(exchange: &Exchange<'_>, course: &Course) -> Option<Second> {
    let header = origin_behind(&exchange.visit, course)?;
    Some(Second {
        severity: Severity::Error,
        text: "once here and once by the app behind".into(),
        help: hide(),
        span: header.span,
    })
}

/// The upstream is another server of this configuration.
fn from_own_server(exchange: &Exchange<'_>, course: &Course) -> Option<Second> {
    let End::Forwarded { to, request, .. } = &course.end else {
        return None;
    };
    let http = matches!(to.protocol, Protocol::Http | Protocol::Https);
    if !http || to.address.known().is_none() || hides(course, ALLOW_ORIGIN) {
        return None;
    }
    let own = Cors::of(course).origin()?.span;
    for (host, port) in addresses(to, request) {
        if !is_here(&host) || !listens(exchange, port) {
            continue;
        }
        let inner = Request {
            host,
            port,
            ..(**request).clone()
        };
        let courses = exchange.visit.gate.pass(&inner);
        let Some(header) = courses.first().and_then(|inner| Cors::of(inner).origin()) else {
            continue;
        };
        // A door that leads to itself would go round and round.
        if header.span != own {
            return Some(Second {
                severity: Severity::Error,
                text: format!("once here and once by the server on port {port}"),
                help: hide(),
                span: header.span,
            });
        }
    }
    None
}

/// Where the request can go: the servers of the group, or the address itself.
fn addresses(to: &Upstream, request: &Request) -> Vec<(String, u16)> {
    if to.group.is_none() {
        return vec![(request.host.clone(), request.port)];
    }
    to.servers
        .iter()
        .filter_map(|server| match server.rsplit_once(':') {
            Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
            None => Some((server.clone(), 80)),
        })
        .collect()
}

fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn listens(exchange: &Exchange<'_>, port: u16) -> bool {
    let servers = &exchange.visit.gate.config().servers;
    servers
        .iter()
        .flat_map(|server| &server.listens)
        .any(|listen| listen.port == Some(port))
}

fn hide() -> String {
    format!(
        "keep one: drop this line, or take the other off by `proxy_hide_header {ALLOW_ORIGIN};`"
    )
}

/// Hosts that send `Access-Control-Allow-Origin: *` on all that they serve.
const PUBLIC: [&str; 6] = [
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "cdn.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "raw.githubusercontent.com",
];

fn from_public_host(course: &Course) -> Option<Second> {
    let End::Forwarded { to, request, .. } = &course.end else {
        return None;
    };
    if to.group.is_some() || !PUBLIC.contains(&request.host.as_str()) {
        return None;
    }
    if hides(course, ALLOW_ORIGIN) {
        return None;
    }
    Some(Second {
        severity: Severity::Warning,
        text: format!("{} sends its own `*`", request.host),
        help: hide(),
        span: None,
    })
}
