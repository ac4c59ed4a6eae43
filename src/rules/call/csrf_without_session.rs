use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::express::Express;
use crate::probes::Sent;
use crate::probes::route::{forms, likeliest, routes, running};
use crate::request::Request;

pub const ID: &str = "csrf-without-session";

/// CSRF protection runs before the session or the cookie parser on which it stands.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        let found = routes(app).filter_map(|(_, example)| judge(app, example));
        findings.extend(found);
    }
}

/// What of a request in full dress fails so.
fn judge(app: &Express, example: &Request) -> Option<Finding> {
    let (_, request) = forms(app, example).pop()?;
    let course = likeliest(app, &request)?;
    let step = course.culprit()?;
    let Effect::Refuses {
        check: Check::Form,
        status: 500,
        detail,
    } = &step.effect
    else {
        return None;
    };
    let what = detail.split_once(" needs ")?.1;
    let (span, needs) = (step.span, what.trim_end_matches(" before it").to_owned());
    let sent = Sent { request, course };
    Some(Finding {
        rule: ID,
        severity: severity(&sent.course),
        confidence: Confidence::High,
        message: format!(
            "{} {} is answered 500 whatever it carries: the CSRF protection needs {needs} before it",
            sent.request.method,
            sent.request.url()
        ),
        primary: Label {
            span,
            text: format!("fails without {needs}"),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "it is there to let in who has the token".into(),
            span: Some(span),
        }),
        help: format!("register {} before it", needs.replacen("a ", "the ", 1)),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

fn severity(course: &Course) -> Severity {
    match course.is_conditional() {
        true => Severity::Note,
        false => Severity::Error,
    }
}
