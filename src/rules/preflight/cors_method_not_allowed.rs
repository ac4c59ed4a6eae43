use bstr::ByteSlice;

use super::apigw_called::asked;
use super::crossing::Crossing;
use super::exchange::lowered;
use super::lines::names;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Course;
use crate::gates::nginx::STRANGER;
use crate::probes::Cors;
use crate::probes::cloud::{apis, origin};
use crate::trace::cloud::{Sent, sent};

pub const ID: &str = "cors-method-not-allowed";

/// Methods that need not be in the list (Fetch §2.2.1, CORS-safelisted methods), and the one by
/// which browsers ask.
const NEVER_ASKED_FOR: [&str; 4] = ["GET", "HEAD", "POST", "OPTIONS"];

/// A preflight is answered with a list of methods, and the method of the route is not in it.
pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(crossing));
}

fn judge(crossing: &Crossing<'_>) -> Option<Finding> {
    let request = &crossing.announced.request;
    if NEVER_ASKED_FOR.contains(&request.method.as_str()) {
        return None;
    }
    let readable = crossing.allow_origin()?;
    let course = crossing.answer.as_ref().filter(|course| course.admits())?;
    let cors = Cors::of(course);
    cors.origin()?;
    let list = cors.methods?;
    let value = list.value.known()?;
    let listed: Vec<String> = names(value).map(|name| name.to_string()).collect();
    // The comparison is by bytes (Fetch §4.8, step 7).
    if listed
        .iter()
        .any(|one| *one == request.method || one == "*")
    {
        return None;
    }
    Some(Finding {
        rule: ID,
        severity: severity(&listed, [course, &crossing.announced.course]),
        confidence: Confidence::Medium,
        message: format!(
            "no page of another origin can send {} {}: Access-Control-Allow-Methods does not name \
             {}",
            request.method,
            request.url(),
            request.method
        ),
        primary: Label {
            span: list.span.unwrap_or(crossing.door.span),
            text: format!("allows {value}"),
        },
        related: vec![Label {
            span: crossing.door.span,
            text: format!("takes {}", request.method),
        }],
        intent: Some(Intent {
            text: "pages of other origins may read the answer of this route".into(),
            span: readable.span,
        }),
        help: format!("add {} to the list", request.method),
        witness: Some(Witness {
            request: crossing.preflight.clone(),
            course: course.clone(),
        }),
    })
}

/// A page in the source calls an API of AWS, or the URL of a function, with such a method.
pub fn check_calls(estate: &Estate, findings: &mut Vec<Finding>) {
    let sent = sent(estate);
    findings.extend(sent.iter().filter_map(|sent| judge_call(estate, sent)));
}

fn judge_call(estate: &Estate, sent: &Sent<'_>) -> Option<Finding> {
    if NEVER_ASKED_FOR.contains(&sent.request.method.as_str()) {
        return None;
    }
    let name = sent.gate.name();
    let origin = apis(estate)
        .find(|api| api.gate().name() == name)
        .map_or_else(|| STRANGER.to_owned(), origin);
    let (page, preflight) = asked(sent, &origin)?;
    let course = sent.send(&preflight)?;
    if course.refuses() || course.is_conditional() {
        return None;
    }
    // What answers preflights itself gives its list to those alone that are let in.
    let mut of_reader = preflight.clone();
    of_reader.headers.remove("Access-Control-Request-Method");
    of_reader
        .headers
        .push("Access-Control-Request-Method", "GET");
    let reader = sent.send(&of_reader)?;
    let cors = Cors::of(&reader);
    cors.origin()?;
    let list = cors.methods?;
    let value = list.value.known()?.to_string();
    let is_listed =
        names(value.as_bytes().as_bstr()).any(|one| one == page.method.as_str() || one == "*");
    let call = sent.caller.call.span;
    (!is_listed).then(|| Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} {} allows {value} alone, so the page cannot send it",
            page.method,
            page.url()
        ),
        primary: Label {
            span: call,
            text: format!("a browser asks first whether it may send {}", page.method),
        },
        related: list
            .span
            .map(|span| Label {
                span,
                text: format!("does not name {}", page.method),
            })
            .into_iter()
            .collect(),
        intent: Some(Intent {
            text: "the call stands in the source of a page".into(),
            span: Some(call),
        }),
        help: format!("add {} to the list", page.method),
        witness: Some(Witness {
            request: preflight,
            course,
        }),
    })
}

/// Who allows reading alone may mean it so.
fn severity(listed: &[String], courses: [&Course; 2]) -> Severity {
    let writes = |name: &String| {
        !matches!(
            name.to_ascii_uppercase().as_str(),
            "GET" | "HEAD" | "OPTIONS"
        )
    };
    let severity = match listed.iter().any(writes) {
        true => Severity::Warning,
        false => Severity::Note,
    };
    match courses.into_iter().any(Course::is_conditional) {
        true => lowered(severity),
        false => severity,
    }
}
