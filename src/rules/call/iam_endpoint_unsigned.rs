use crate::callers::Signer;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, End, Step};
use crate::probes::Visit;
use crate::request::{Known, Reason, Request};
use crate::trace::cloud::Sent;

pub const ID: &str = "iam-endpoint-unsigned";

/// A call site that surely does not sign calls what admits signed calls alone.
pub fn check(sent: &Sent<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(sent));
}

fn judge(sent: &Sent<'_>) -> Option<Finding> {
    let call = &sent.caller.call;
    if call.signer != Signer::None {
        return None;
    }
    let course = sent.send(&sent.request)?;
    let step = asks_for_signature(&course)?;
    // What refuses a signed call, too, is refused for something else.
    if !sent.send(&sent.signed())?.admits() {
        return None;
    }
    let step = step.span;
    Some(Finding {
        rule: ID,
        severity: match course.is_conditional() {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "{} {} is called without a signature, and only calls signed with SigV4 are let in: it \
             is answered {}",
            sent.request.method,
            sent.request.url(),
            course.status().unwrap_or(403)
        ),
        primary: Label {
            span: call.span,
            text: format!("{} does not sign", call.client.name()),
        },
        related: vec![Label {
            span: step,
            text: "wants a signature".into(),
        }],
        intent: Some(Intent {
            text: "the call stands in the source".into(),
            span: Some(call.span),
        }),
        help: help(&sent.request),
        witness: Some(Witness {
            request: sent.request.clone(),
            course,
        }),
    })
}

/// An nginx that hands requests on to such a gate, as it gets them.
pub fn check_upstream(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge_upstream(visit));
}

fn judge_upstream(visit: &Visit<'_>) -> Option<Finding> {
    let sent = visit.admitted(visit.example)?;
    let (gate, request) = visit.in_cloud(&sent.course)?;
    let End::Forwarded { by, .. } = &sent.course.end else {
        return None;
    };
    // What a header holds that cannot be known may be a signature.
    if request.headers.has("Authorization") || sent.course.is_conditional() {
        return None;
    }
    let course = gate.pass(request).into_iter().next()?;
    let step = asks_for_signature(&course)?.span;
    let mut signed = request.clone();
    signed.signed_by = Some(Known::Unknown(Reason::new("it is a probe")));
    if !gate.pass(&signed).into_iter().next()?.admits() {
        return None;
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!(
            "nginx hands {} on to {} without a signature, and only calls signed with SigV4 are let \
             in: it is answered {}",
            sent.request.url(),
            request.host,
            course.status().unwrap_or(403)
        ),
        primary: Label {
            span: *by,
            text: "nginx does not sign what it sends on".into(),
        },
        related: vec![Label {
            span: step,
            text: "wants a signature".into(),
        }],
        intent: Some(Intent {
            text: format!("requests are sent on to {}", request.host),
            span: Some(*by),
        }),
        help:
            "set the authorization of the method to NONE and admit nginx by its address or by an \
               API key, or put a proxy that signs in between"
                .into(),
        witness: Some(Witness {
            request: request.clone(),
            course,
        }),
    })
}

/// The step that refused for want of a signature.
fn asks_for_signature(course: &Course) -> Option<&Step> {
    let step = course.culprit().filter(|_| course.refuses())?;
    let is_signature = matches!(
        step.effect,
        Effect::Refuses {
            check: Check::Signature,
            ..
        }
    );
    is_signature.then_some(step)
}

fn help(request: &Request) -> String {
    let service = match request.host.contains(".lambda-url.") {
        true => "lambda",
        false => "execute-api",
    };
    format!(
        "sign it for the service {service} (aws4fetch, requests-aws4auth, `curl --aws-sigv4`), \
         with credentials whose policy allows the call"
    )
}
