use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect};
use crate::trace::cloud::Sent;

pub const ID: &str = "api-key-not-sent";

/// A call site that surely sends no API key calls a method that asks for one.
pub fn check(sent: &Sent<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(sent));
}

fn judge(sent: &Sent<'_>) -> Option<Finding> {
    let call = &sent.caller.call;
    if !call.headers_complete || call.header("x-api-key").is_some() {
        return None;
    }
    // Other credentials may be missing as well: the signature stands for all of them.
    let with_key = |mut request: crate::request::Request| {
        request.headers.push("x-api-key", "why403-probe");
        request
    };
    let asks = |request: &crate::request::Request| {
        let course = sent.send(request)?;
        let step = course.culprit().filter(|_| course.refuses())?;
        let is_key = matches!(
            step.effect,
            Effect::Refuses {
                check: Check::ApiKey,
                ..
            }
        );
        let span = step.span;
        is_key.then_some((course, span))
    };
    let (course, span) = asks(&sent.request)?;
    if !sent.send(&with_key(sent.request.clone()))?.admits() {
        return None;
    }
    Some(Finding {
        rule: ID,
        severity: match course.is_conditional() {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "{} {} is called without an API key, and the method asks for one: it is answered 403",
            sent.request.method,
            sent.request.url()
        ),
        primary: Label {
            span: call.span,
            text: "sends no x-api-key".into(),
        },
        related: vec![Label {
            span,
            text: "asks for an API key".into(),
        }],
        intent: Some(Intent {
            text: "the call stands in the source".into(),
            span: Some(call.span),
        }),
        help: "send the header x-api-key with a key of the API's usage plan".into(),
        witness: Some(Witness {
            request: sent.request.clone(),
            course,
        }),
    })
}
