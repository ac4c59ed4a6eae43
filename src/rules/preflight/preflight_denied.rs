use super::audience::is_for_no_page;
use super::exchange::{Exchange, confidence, lowered};
use super::lines::{self, Grade};
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Step};
use crate::gates::nginx::directives::Key;

pub mod route;

pub const ID: &str = "preflight-denied";

/// A preflight is refused where the request that it announces is admitted.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange));
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let course = exchange.answers.iter().find(|course| course.refuses())?;
    let culprit = course.culprit()?;
    let (check, status) = refusal(culprit)?;
    let need = exchange.need.as_ref()?;
    Some(Finding {
        rule: ID,
        severity: severity(exchange, course, culprit, check)?,
        confidence: confidence(course, Confidence::High),
        message: format!(
            "the preflight of {} {}{} is answered {status}, so no page of another origin can send \
             that",
            need.method,
            exchange.announced.request.url(),
            need.header
                .as_ref()
                .map_or(String::new(), |name| format!(" with {name}")),
        ),
        primary: Label {
            span: culprit.span,
            text: format!(
                "answers OPTIONS with {status}: a preflight {}",
                lacks(check)
            ),
        },
        related: Vec::new(),
        intent: Some(need.intent.clone()),
        help: help(check).into(),
        witness: Some(Witness {
            request: exchange.preflight.clone(),
            course: course.clone(),
        }),
    })
}

fn refusal(step: &Step) -> Option<(Check, u16)> {
    match step.effect {
        Effect::Refuses { check, status, .. } => match check {
            Check::Address
            | Check::BasicAuth
            | Check::AuthRequest
            | Check::Method
            | Check::Condition => Some((check, status)),
            _ => None,
        },
        _ => None,
    }
}

fn severity(
    exchange: &Exchange<'_>,
    course: &Course,
    culprit: &Step,
    check: Check,
) -> Option<Severity> {
    let need = exchange.need.as_ref()?;
    let mut severity = match need.grade {
        Grade::Evident => Severity::Error,
        Grade::Likely => Severity::Warning,
        Grade::Possible => Severity::Note,
    };
    // Only the service knows what it says to a request without a credential.
    if check == Check::AuthRequest {
        severity = severity.min(Severity::Warning);
    }
    // Lists of headers are copied, and files are mostly read without any: but nobody copies the
    // name of a credential to a place that serves files.
    if check == Check::Method && course.status() == Some(405) {
        severity = match need.grade {
            _ if !has_files(exchange) => return None,
            Grade::Evident if names_credential(exchange) => Severity::Warning,
            Grade::Possible => return None,
            _ => Severity::Note,
        };
    }
    // Where pages are to send a credential, the place that asks for one is meant.
    let path = exchange.announced.request.path().to_string();
    let asks = matches!(check, Check::BasicAuth | Check::AuthRequest);
    let meant = asks && names_credential(exchange) && !is_for_no_page(&path);
    let elsewhere = !meant && is_further_in(exchange, culprit);
    if exchange.is_conditional(course) || elsewhere || course.is_assumed() {
        severity = lowered(severity);
    }
    Some(severity)
}

fn names_credential(exchange: &Exchange<'_>) -> bool {
    exchange.need.as_ref().is_some_and(|need| {
        need.grade == Grade::Evident && need.header.as_deref() == Some("authorization")
    })
}

/// Whether somebody said where files are: without that nothing is meant to be here.
fn has_files(exchange: &Exchange<'_>) -> bool {
    let config = exchange.visit.gate.config();
    let level = exchange.level();
    [Key::Root, Key::Alias]
        .iter()
        .any(|key| config.setting(level, *key).is_some())
}

/// Whether the check stands further in than the headers: they are for a whole server, and this
/// place may be one that no page needs.
fn is_further_in(exchange: &Exchange<'_>, culprit: &Step) -> bool {
    let config = exchange.visit.gate.config();
    let header = exchange.need.as_ref().and_then(|need| need.intent.span);
    let distance = |span| lines::distance(config, exchange.level(), span);
    match (distance(culprit.span), header.and_then(distance)) {
        (Some(check), Some(header)) => check < header,
        _ => false,
    }
}

fn lacks(check: Check) -> &'static str {
    match check {
        Check::BasicAuth | Check::AuthRequest => "carries no credential",
        _ => "is OPTIONS, whatever it announces",
    }
}

fn help(check: Check) -> &'static str {
    match check {
        Check::Method => {
            "answer OPTIONS before files are looked for: `if ($request_method = OPTIONS) { return \
             204; }` in this location, with the CORS headers outside of the `if`"
        }
        Check::Address => {
            "name OPTIONS in limit_except; the codes of the location do not run for a method that \
             it limits"
        }
        Check::Condition => "let OPTIONS pass this condition, and answer it with 204",
        _ => {
            "answer OPTIONS before the access phase: `if ($request_method = OPTIONS) { return 204; \
             }` in this location, with the CORS headers outside of the `if`"
        }
    }
}
