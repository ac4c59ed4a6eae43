use super::exchange::{Exchange, carries, confidence, exchanges, gravest, is_forwarded, lowered};
use super::lines::{self, ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_ORIGIN};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, ResponseHeader};
use crate::gates::nginx::add_header_settings;
use crate::probes::{Cors, Sent, lists};
use crate::source::Span;

pub const ID: &str = "cors-missing-on-errors";

/// A page can read the success of a request and not its failure.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    findings.extend(gravest(exchanges(estate).filter_map(judge)));
}

/// Why errors matter to the pages that call here.
struct Reason {
    severity: Severity,
    text: String,
    span: Option<Span>,
}

fn judge(exchange: Exchange<'_>) -> Option<Finding> {
    let cors = Cors::of(&exchange.announced.course);
    let header = cors.origin()?;
    let refused = refusal(&exchange);
    match (header.always, refused) {
        (false, refused) => without_always(&exchange, header, refused),
        (true, Some(refused)) => lost_on_the_way(&exchange, header, refused),
        (true, None) => None,
    }
}

/// The same request without its credential, refused by nginx itself and without the header.
fn refusal(exchange: &Exchange<'_>) -> Option<Sent> {
    let mut request = exchange.announced.request.clone();
    request.headers.remove("Authorization");
    let course = exchange.visit.send(&request).into_iter().find(|course| {
        let refused = course.steps.iter().any(|step| match step.effect {
            Effect::Refuses { check, status, .. } => {
                matches!(status, 401 | 403)
                    && matches!(
                        check,
                        Check::BasicAuth | Check::AuthRequest | Check::Condition
                    )
            }
            _ => false,
        });
        refused && !course.admits() && !carries(course, ALLOW_ORIGIN)
    })?;
    Some(Sent { request, course })
}

fn without_always(
    exchange: &Exchange<'_>,
    header: &ResponseHeader,
    refused: Option<Sent>,
) -> Option<Finding> {
    let reason = reason(exchange, refused.as_ref())?;
    let span = header.span?;
    let url = exchange.announced.request.url();
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
        related: Vec::new(),
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

fn reason(exchange: &Exchange<'_>, refused: Option<&Sent>) -> Option<Reason> {
    let course = &exchange.announced.course;
    if let Some(culprit) = refused.and_then(|sent| sent.course.culprit()) {
        return Some(Reason {
            severity: Severity::Warning,
            text: "pages of other origins are let in, and this refuses them without a credential"
                .into(),
            span: Some(culprit.span),
        });
    }
    if !is_forwarded(course) {
        return None;
    }
    let warning = |text: &str, span| Reason {
        severity: Severity::Warning,
        text: text.into(),
        span,
    };
    Some(
        credential(course)
            .or_else(|| sibling(exchange))
            .map(|(text, span)| warning(&text, span))
            .unwrap_or(Reason {
                severity: Severity::Note,
                text: "pages of other origins are let in".into(),
                span: Cors::of(course).origin().and_then(|header| header.span),
            }),
    )
}

/// Requests with credentials get 401 and 403 as answers.
fn credential(course: &Course) -> Option<(String, Option<Span>)> {
    let cors = Cors::of(course);
    if let Some(header) = cors.headers
        && header
            .value
            .known()
            .is_some_and(|list| lists(list, "authorization"))
    {
        let text = format!("{ALLOW_HEADERS} names Authorization, and who sends it may get 401");
        return Some((text, header.span));
    }
    let header = cors.credentials?;
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
