use bstr::ByteSlice;

use super::crossing::Crossing;
use super::exchange::lowered;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Course;
use crate::probes::Cors;

pub const ID: &str = "cors-preflight-without-credentials";

/// The request may carry credentials, and its preflight is answered by a layer that does not allow
/// any.
pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let course = crossing.answer.as_ref().filter(|course| course.admits())?;
    let announced = &crossing.announced;
    let wanted = Cors::of(&announced.course).credentials?;
    let answered = Cors::of(course).origin()?;
    // What neither may carry is another mistake, which is said elsewhere.
    if !allows(&announced.course) || allows(course) || !crossing.needs_preflight() {
        return None;
    }
    let severity = match course.is_conditional() || announced.course.is_conditional() {
        true => lowered(Severity::Error),
        false => Severity::Error,
    };
    let is_any = answered.value.known().is_some_and(|value| value == "*");
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} {} does not allow the credentials that the answer to the request \
             itself allows",
            announced.request.method,
            announced.request.url()
        ),
        primary: Label {
            span: answered.span?,
            text: match is_any {
                true => "answers the preflight with `*`, for which no credentials are sent",
                false => "answers the preflight without Access-Control-Allow-Credentials",
            }
            .into(),
        },
        related: wanted
            .span
            .into_iter()
            .map(|span| Label {
                span,
                text: "is never asked about a preflight".into(),
            })
            .collect(),
        intent: Some(Intent {
            text: "credentials are allowed on the answer to the request itself".into(),
            span: wanted.span,
        }),
        help: "keep one cors for these routes: the first of them ends every OPTIONS".into(),
        witness: Some(Witness {
            request: crossing.preflight.clone(),
            course: course.clone(),
        }),
    })
}

/// Whether a browser sends credentials for this answer (Fetch §4.9, CORS check).
fn allows(course: &Course) -> bool {
    let cors = Cors::of(course);
    let is = |header: Option<&crate::gate::ResponseHeader>, text: &str| {
        header.is_some_and(|header| {
            header
                .value
                .known()
                .is_none_or(|value| value.trim() == text.as_bytes())
        })
    };
    let origin = cors.origin();
    is(cors.credentials, "true")
        && origin.is_some_and(|origin| origin.value.known().is_none_or(|value| value != "*"))
}
