use super::cors_headers_lost::is_lost;
use super::exchange::{Exchange, carries, confidence, hides, is_forwarded, is_redirect, lowered};
use super::lines::{self, ALLOW_ORIGIN};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::nginx::add_header_settings;
use crate::probes::Cors;

pub const ID: &str = "cors-only-on-preflight";

/// A preflight is answered with Access-Control-Allow-Origin, the request itself is not.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let answer = exchange.answers.iter().find(|answer| {
        let status = answer.status();
        status.is_some_and(|status| (200..300).contains(&status)) && carries(answer, ALLOW_ORIGIN)
    })?;
    let header = Cors::of(answer).origin()?.span?;
    let course = &exchange.announced.course;
    let config = exchange.visit.gate.config();
    let level = exchange.level();
    let spoken_of = add_header_settings(config, level)
        .iter()
        .any(|line| lines::is(line, ALLOW_ORIGIN));
    let hole = config.hole(level).is_some();
    if spoken_of
        || hole
        || is_redirect(course)
        || exchange.is_conditional(answer)
        || is_lost(exchange, course)
        || exchange.origin_on_some_method()
    {
        return None;
    }
    let may_come_from_behind = is_forwarded(course) && !hides(course, ALLOW_ORIGIN);
    let mut severity = match may_come_from_behind {
        true => Severity::Warning,
        false => Severity::Error,
    };
    if course.is_assumed() {
        severity = lowered(severity);
    }
    let url = exchange.announced.request.url();
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(course, Confidence::Medium),
        message: match may_come_from_behind {
            true => format!(
                "nginx sets {ALLOW_ORIGIN} on the preflight of {url} and not on the request \
                 itself: unless the upstream sets it, no page can read the answer"
            ),
            false => format!(
                "{ALLOW_ORIGIN} is set on the preflight of {url} and not on the request itself, \
                 so no page can read the answer"
            ),
        },
        primary: Label {
            span: header,
            text: "only the preflight gets this".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "the preflight lets pages of other origins in".into(),
            span: Some(header),
        }),
        help: format!(
            "set {ALLOW_ORIGIN} in the location, outside of the `if`: a browser looks for it on \
             both answers"
        ),
        witness: Some(Witness {
            request: exchange.announced.request.clone(),
            course: course.clone(),
        }),
    })
}
