use bstr::ByteSlice;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, ResponseHeader};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Kind, Setting};
use crate::probes::{Cors, Sent, Visit, preflight, visits};
use crate::request::{Headers, Request};
use crate::source::Span;

pub const ID: &str = "token-in-dropped-header";

const VALUE: &str = "why403-probe";

/// A header that callers are told to send is one that nginx drops for its name.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for visit in visits(estate) {
        findings.extend(promised(&visit));
        findings.extend(late_setting(&visit));
    }
}

/// Access-Control-Allow-Headers names a header with an underscore or a dot.
fn promised(visit: &Visit<'_>) -> Option<Finding> {
    let request = visit.from_origin(visit.browser_origin());
    let sent = visit.admitted(&request)?;
    let asked = preflight(&sent.request, "GET", &["authorization"]);
    let mut courses = vec![sent.course.clone()];
    courses.extend(visit.send(&asked));
    let allowed = courses
        .iter()
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
        let course = visit.send(&request).into_iter().find(Course::admits)?;
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
    let is_probe = |value: &crate::request::Known<bstr::BString>| {
        value.known().is_some_and(|value| value == VALUE)
    };
    Some(request.headers.iter().any(|header| is_probe(&header.value)))
}

/// Lines before Host follow the default server's setting: the server is not known yet.
fn late_setting(visit: &Visit<'_>) -> Option<Finding> {
    let config = visit.gate.config();
    let server = config.server_of(visit.level())?;
    let setting = own_switch(config.level(server.level).own(Key::UnderscoresInHeaders))?;
    let sent = visit.admitted(visit.example)?;
    let arrives = |before: bool| {
        let mut request = sent.request.clone();
        let host = request.host_header();
        let mut lines = Headers::default();
        if before {
            lines.push("X_WHY403", VALUE);
        }
        lines.push("Host", host);
        request.headers.remove("Host");
        lines.0.extend(std::mem::take(&mut request.headers).0);
        request.headers = lines;
        if !before {
            request.headers.push("X_WHY403", VALUE);
        }
        let course = visit.send(&request).into_iter().find(Course::admits)?;
        Some((carries(&course)?, Sent { request, course }))
    };
    let ((true, _), (false, sent)) = (arrives(false)?, arrives(true)?) else {
        return None;
    };
    Some(fragile(setting, default_server(visit), sent))
}

fn own_switch(settings: &[Setting]) -> Option<&Setting> {
    settings
        .iter()
        .find(|setting| setting.args[0].raw.eq_ignore_ascii_case(b"on"))
}

/// The line of the server that is asked first on the same port.
fn default_server(visit: &Visit<'_>) -> Option<Span> {
    let config = visit.gate.config();
    let index = match config.level(config.server_of(visit.level())?.level).kind {
        Kind::Server(index) => index,
        _ => return None,
    };
    let mut ports = config.ports.iter();
    let group = ports.find(|group| group.servers.contains(&index) && group.default != index)?;
    Some(config.level(config.servers[group.default].level).span)
}

fn fragile(setting: &Setting, default: Option<Span>, sent: Sent) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Note,
        confidence: Confidence::Medium,
        message: "a header with an underscore is dropped when it comes before Host".into(),
        primary: Label {
            span: setting.span,
            text: "holds for the lines after Host only".into(),
        },
        related: default
            .into_iter()
            .map(|span| Label {
                span,
                text: "the default server decides about those before".into(),
            })
            .collect(),
        intent: None,
        help: "set it in the http block or in the default server of this port, too".into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    }
}
