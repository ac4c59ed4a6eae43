use super::exchange::{Exchange, carries, confidence, is_forwarded, lowered};
use super::lines::{self, ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_ORIGIN};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, ResponseHeader};
use crate::gates::nginx::add_header_settings;
use crate::probes::{Cors, Sent};
use crate::source::Span;

pub mod route;

pub const ID: &str = "cors-missing-on-errors";

/// A page can read the success of a request and not its failure.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

/// Why errors matter to the pages that call here.
struct Reason {
    severity: Severity,
    text: String,
    span: Option<Span>,
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let cors = Cors::of(&exchange.announced.course);
    let header = cors.origin()?;
    let refused = refusal(exchange);
    match (header.always, refused) {
        (false, refused) => without_always(exchange, header, refused),
        (true, Some(refused)) => lost_on_the_way(exchange, header, refused),
        (true, None) => None,
    }
}

/// The same request without its credential, refused by nginx itself and without the header.
fn refusal(exchange: &Exchange<'_>) -> Option<Sent> {
    let mut request = exchange.announced.request.clone();
    let needs_credential = request.headers.has("Authorization");
    request.headers.remove("Authorization");
    let courses = exchange.visit.send(&request);
    let course = courses.iter().find(|course| {
        let refused = course.steps.iter().any(|step| match step.effect {
            Effect::Refuses {
                check,
                status: 401 | 403,
                ..
            } => match check {
                Check::BasicAuth | Check::AuthRequest => true,
                Check::Condition => needs_credential,
                _ => false,
            },
            _ => false,
        });
        refused && !course.admits() && !carries(course, ALLOW_ORIGIN)
    })?;
    Some(Sent {
        request,
        course: course.clone(),
    })
}

fn without_always(
    exchange: &Exchange<'_>,
    header: &ResponseHeader,
    refused: Option<Sent>,
) -> Option<Finding> {
    let reason = reason(exchange)?;
    if refused.is_none() && !is_forwarded(&exchange.announced.course) {
        return None;
    }
    let span = header.span?;
    let url = exchange.announced.request.url();
    let related = refused
        .as_ref()
        .and_then(|sent| sent.course.culprit())
        .map(|culprit| Label {
            span: culprit.span,
            text: "refuses whoever comes without a credential".into(),
        })
        .into_iter()
        .collect();
    let sent = refused.unwrap_or_else(|| exchange.announced.clone());
    let mut severity = reason.severity;
    if sent.course.is_assumed() || exchange.is_conditional(&sent.course) {
        severity = lowered(severity);
    }
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(&sent.course, Confidence::Medium),
        message: match sent.course.status().filter(|status| *status >= 400) {
            Some(status) => format!(
                "the {status} of {url} goes out without {ALLOW_ORIGIN}, so a page sees a CORS \
                 error and never the {status}"
            ),
            None => format!(
                "when the upstream of {url} answers an error, it goes out without {ALLOW_ORIGIN}, \
                 and the page sees a CORS error instead"
            ),
        },
        primary: Label {
            span,
            text: "without `always` this goes out with 200, 201, 204, 206 and redirects only"
                .into(),
        },
        related,
        intent: Some(Intent {
            text: reason.text,
            span: reason.span,
        }),
        help: "write `always` at the end of this line and of the other CORS headers".into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

/// `always` says that errors matter; an error page then leaves the level where it stands.
fn lost_on_the_way(
    exchange: &Exchange<'_>,
    header: &ResponseHeader,
    refused: Sent,
) -> Option<Finding> {
    let config = exchange.visit.gate.config();
    let level = exchange.level_of(&refused.course);
    let jumped = refused
        .course
        .steps
        .iter()
        .rev()
        .find(|step| matches!(step.effect, Effect::Jumps { .. }))?;
    if config.hole(level).is_some() || refused.course.status().is_none_or(|status| status < 400) {
        return None;
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: confidence(&refused.course, Confidence::High),
        message: format!(
            "the {} of {} is answered by an error page without {ALLOW_ORIGIN}, so a page sees a \
             CORS error instead",
            refused.course.status().unwrap_or_default(),
            exchange.announced.request.url()
        ),
        primary: Label {
            span: jumped.span,
            text: "leaves the location, and its add_header lines with it".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: format!("{ALLOW_ORIGIN} is set `always`, so on errors, too"),
            span: header.span,
        }),
        help: "repeat the CORS headers, with `always`, in the location of the error page".into(),
        witness: Some(Witness {
            request: refused.request,
            course: refused.course,
        }),
    })
}

fn reason(exchange: &Exchange<'_>) -> Option<Reason> {
    let warning = |(text, span)| Reason {
        severity: Severity::Warning,
        text,
        span,
    };
    let course = &exchange.announced.course;
    let credential = std::iter::once(course)
        .chain(&exchange.answers)
        .find_map(credential);
    if let Some(found) = credential {
        return Some(warning(found));
    }
    // Who loads a file does not read errors.
    if !is_forwarded(course) {
        return None;
    }
    sibling(exchange).map(warning).or(Some(Reason {
        severity: Severity::Note,
        text: "pages of other origins are let in".into(),
        span: Cors::of(course).origin().and_then(|header| header.span),
    }))
}

/// Pages may send credentials: then 401 and 403 are answers to reckon with.
fn credential(course: &Course) -> Option<(String, Option<Span>)> {
    let cors = Cors::of(course);
    if let Some(header) = cors.headers.filter(|_| cors.allows_header("authorization")) {
        let text = format!("{ALLOW_HEADERS} names Authorization, and who sends it may get 401");
        return Some((text, header.span));
    }
    // With `*` no browser lets a request with credentials pass, so no page sends one.
    let star = |header: &ResponseHeader| header.value.known().is_some_and(|text| text == "*");
    let header = cors
        .credentials
        .filter(|_| !cors.origin().is_some_and(star))?;
    let text = format!("{ALLOW_CREDENTIALS} is set, and who sends credentials may get 401");
    Some((text, header.span))
}

/// Another header of the same level goes out with errors, too.
fn sibling(exchange: &Exchange<'_>) -> Option<(String, Option<Span>)> {
    let config = exchange.visit.gate.config();
    add_header_settings(config, exchange.level())
        .into_iter()
        .find(|line| line.args.len() > 2 && !lines::is(line, ALLOW_ORIGIN) && !is_security(line))
        .map(|line| {
            let text = format!("{} beside it has `always`", line.args[0].raw);
            (text, Some(line.span))
        })
}

/// Headers that people set `always` out of habit, for browsers and not for callers.
fn is_security(line: &crate::gates::nginx::model::Setting) -> bool {
    let name = line.args[0].raw.to_ascii_lowercase();
    [
        "strict-transport-security",
        "x-frame-options",
        "x-content-type-options",
        "x-xss-protection",
        "referrer-policy",
        "permissions-policy",
        "feature-policy",
        "content-security-policy",
        "content-security-policy-report-only",
        "x-robots-tag",
        "cross-origin-resource-policy",
        "cross-origin-opener-policy",
        "cross-origin-embedder-policy",
    ]
    .iter()
    .any(|known| known.as_bytes() == name)
}
