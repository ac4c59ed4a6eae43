//! In an Express stack: `allowedHeaders` lacks the header that the route asks for.

use super::ID;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Effect;
use crate::probes::Cors;
use crate::probes::route::CSRF;
use crate::rules::preflight::crossing::Crossing;
use crate::rules::preflight::exchange::lowered;
use crate::rules::preflight::lines::ALLOW_HEADERS;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    // A CSRF token may come in the body, or in a header of another name: who calls decides.
    let wanted = crossing.header.as_deref();
    let wanted = wanted.filter(|name| !name.eq_ignore_ascii_case(CSRF))?;
    crossing.allow_origin()?;
    let course = crossing.answer.as_ref().filter(|course| course.admits())?;
    let cors = Cors::of(course);
    cors.origin()?;
    // Without a list nothing is allowed, and that is for others to say.
    let header = cors.headers?;
    let value = header.value.known()?;
    let is_star = value.as_slice() == b"*";
    if cors.allows_header(wanted) || (is_star && wanted != "authorization") {
        return None;
    }
    let asks = crossing.announced.course.steps.iter().find(
        |step| matches!(&step.effect, Effect::Admits { detail, .. } if detail.ends_with("right")),
    );
    let request = &crossing.announced.request;
    // Chromium takes the star for Authorization, too; the standard does not (Fetch §3.3.4).
    let mut severity = if is_star {
        Severity::Warning
    } else {
        Severity::Error
    };
    if course.is_conditional() || crossing.announced.course.is_conditional() {
        severity = lowered(severity);
    }
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "no page of another origin can send {} {} with {wanted}: {ALLOW_HEADERS} does not \
             name it",
            request.method,
            request.url()
        ),
        primary: Label {
            span: header.span.unwrap_or(crossing.door.span),
            text: format!("allows {value}"),
        },
        related: asks
            .map(|step| Label {
                span: step.span,
                text: format!("asks for {wanted}"),
            })
            .into_iter()
            .collect(),
        intent: Some(Intent {
            text: format!("the route asks for {wanted}, and pages may read its answer"),
            span: asks.map(|step| step.span),
        }),
        help: format!(
            "add it to allowedHeaders, or leave allowedHeaders out: then what the \
                       preflight announces is allowed, {wanted} among it"
        ),
        witness: Some(Witness {
            request: crossing.preflight.clone(),
            course: course.clone(),
        }),
    })
}
