use super::cors_headers_lost::is_lost;
use super::exchange::{
    Exchange, METHODS, carries, confidence, hides, is_forwarded, is_redirect, lowered,
    origin_behind,
};
use super::lines::{self, ALLOW_METHODS, ALLOW_ORIGIN};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Course;
use crate::gates::nginx::add_header_settings;
use crate::probes::{Cors, lists};
use crate::request::Request;
use crate::source::Span;

pub mod route;

pub const ID: &str = "cors-only-on-preflight";

/// A preflight is answered with Access-Control-Allow-Origin, the request itself is not.
pub fn check(exchange: &Exchange<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(exchange).or_else(|| forgotten(exchange)));
}

/// The line of which this rule speaks at a door.
pub fn line(exchange: &Exchange<'_>) -> Option<Span> {
    let finding = judge(exchange).or_else(|| forgotten(exchange))?;
    Some(finding.primary.span)
}

/// The answer to a preflight that lets the page in.
fn welcome<'e>(exchange: &'e Exchange<'_>) -> Option<&'e Course> {
    exchange.answers.iter().find(|answer| {
        let status = answer.status();
        status.is_some_and(|status| (200..300).contains(&status)) && carries(answer, ALLOW_ORIGIN)
    })
}

fn judge(exchange: &Exchange<'_>) -> Option<Finding> {
    let answer = welcome(exchange)?;
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
        || origin_behind(&exchange.visit, course).is_some()
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

/// Some methods get the header, and another one that the preflight allows does not.
fn forgotten(exchange: &Exchange<'_>) -> Option<Finding> {
    let answer = welcome(exchange)?;
    if exchange.is_conditional(answer) {
        return None;
    }
    let methods = Cors::of(answer).methods?;
    let allowed = methods.value.known()?;
    let allows = |method: &&str| lists(allowed, method);
    let given = METHODS.into_iter().filter(allows).find_map(|method| {
        let courses = exchange.visit.send(&exchange.with_method(method));
        let header = courses.iter().find_map(|course| Cors::of(course).origin());
        header.and_then(|header| header.span)
    })?;
    let bare: Vec<(&str, Request, Course)> = METHODS
        .into_iter()
        .filter(allows)
        .filter_map(|method| bare(exchange, method))
        .collect();
    let (first, request, course) = bare.first()?.clone();
    let names: Vec<&str> = bare.iter().map(|(name, ..)| *name).collect();
    let names = names.join(", ");
    let may_come_from_behind = is_forwarded(&course) && !hides(&course, ALLOW_ORIGIN);
    let severity = match may_come_from_behind || course.is_assumed() {
        true => Severity::Warning,
        false => Severity::Error,
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: confidence(&course, Confidence::Medium),
        message: format!(
            "the preflight of {} allows {names}, and {first} is answered without {ALLOW_ORIGIN}, \
             which other methods get, so no page can read the answer",
            request.url()
        ),
        primary: Label {
            span: given,
            text: format!("does not get to {names}"),
        },
        related: vec![Label {
            span: methods.span?,
            text: format!("allows {names}"),
        }],
        intent: Some(Intent {
            text: format!("{ALLOW_METHODS} of the preflight names {first}"),
            span: methods.span,
        }),
        help: format!(
            "set {ALLOW_ORIGIN} in the location, outside of the `if`, or take what is not served \
             out of {ALLOW_METHODS}"
        ),
        witness: Some(Witness { request, course }),
    })
}

/// A method that is admitted and whose answer nobody gave the header on any way.
fn bare<'m>(exchange: &Exchange<'_>, method: &'m str) -> Option<(&'m str, Request, Course)> {
    let request = exchange.with_method(method);
    let config = exchange.visit.gate.config();
    let courses = exchange.visit.send(&request);
    let is_bare = |course: &Course| {
        let level = exchange.level_of(course);
        let lines = add_header_settings(config, level);
        let spoken_of = lines.iter().any(|line| lines::is(line, ALLOW_ORIGIN));
        !carries(course, ALLOW_ORIGIN)
            && !spoken_of
            && config.hole(level).is_none()
            && !is_redirect(course)
            && !exchange.is_conditional(course)
            && !is_lost(exchange, course)
    };
    let mut admitted = courses.iter().filter(|course| course.admits()).peekable();
    let first = (*admitted.peek()?).clone();
    admitted.all(is_bare).then_some((method, request, first))
}
