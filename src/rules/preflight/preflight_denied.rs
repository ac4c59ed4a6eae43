use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Step};
use crate::probes::{Cors, Sent, Visit, preflight, visits};

pub const ID: &str = "preflight-denied";

/// A preflight is refused where the request that it announces is admitted.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    findings.extend(visits(estate).filter_map(judge));
}

fn judge(visit: Visit<'_>) -> Option<Finding> {
    let announced = visit.admitted(&visit.from_origin(visit.browser_origin()))?;
    let request = preflight(&announced.request, "GET", &["authorization"]);
    let course = visit.send(&request).into_iter().find(Course::refuses)?;
    let culprit = course.culprit()?.clone();
    let (check, status) = refusal(&culprit)?;
    let intent = intent(&announced, &course)?;
    // Only the service knows what it says to a request without a credential; and files need no
    // preflight unless a page adds headers of its own.
    let severity = match check {
        Check::AuthRequest => Severity::Warning,
        Check::Method if course.status() == Some(405) => Severity::Note,
        _ => Severity::Error,
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: if course.is_assumed() {
            Confidence::Low
        } else {
            Confidence::High
        },
        message: format!(
            "the preflight of {} is answered {status}, so no page of another origin can call it",
            announced.request.url()
        ),
        primary: Label {
            span: culprit.span,
            text: format!(
                "answers {status} to OPTIONS: a browser sends a preflight without credentials"
            ),
        },
        related: Vec::new(),
        intent: Some(intent),
        help: help(check),
        witness: Some(Witness { request, course }),
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

/// Headers that only preflights need, on the answer to either of the two requests.
fn intent(announced: &Sent, refused: &Course) -> Option<Intent> {
    let header = [&announced.course, refused]
        .into_iter()
        .find_map(|course| Cors::of(course).expects_preflight())?;
    Some(Intent {
        text: format!("{} is set here, and only preflights need it", header.name),
        span: header.span,
    })
}

fn help(check: Check) -> String {
    match check {
        Check::Method | Check::Address => {
            "admit OPTIONS: add it to limit_except, or answer it before the check with \
             `if ($request_method = OPTIONS) { return 204; }`"
        }
        _ => {
            "answer OPTIONS before the access phase: `if ($request_method = OPTIONS) { return 204; }` \
             in this location, with the CORS headers set `always`"
        }
    }
    .into()
}
