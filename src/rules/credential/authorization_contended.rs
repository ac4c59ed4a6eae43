use bstr::ByteSlice;

use super::{AUTHORIZATION, Handed, challenge, is_clients_own, sets};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Step};
use crate::gates::nginx::model::{Code, Op, Test};
use crate::probes::{BASIC, BEARER, Cors, Visit};
use crate::request::{Known, Request};

pub const ID: &str = "authorization-contended";

/// nginx wants a password in the header in which the upstream wants a token.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(visit));
}

fn judge(visit: &Visit<'_>) -> Option<Finding> {
    let without = visit.send(visit.example);
    without.iter().find_map(refusal)?;
    let request = visit.with_credential(BEARER);
    let courses = visit.send(&request);
    // Where some address passes without a password there is a way for tokens.
    if courses.iter().any(Course::admits) || passes_by_address(visit, &request) {
        return None;
    }
    let (course, culprit) = courses
        .iter()
        .find_map(|course| Some((course, refusal(course)?.span)))?;
    let with_password = visit.send(&visit.with_credential(BASIC));
    let (severity, intent) = with_password
        .iter()
        .find_map(|passed| intent(visit, passed))?;
    let course = course.clone();
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "{} with a Bearer token is answered 401: auth_basic takes the Authorization header \
             that the upstream reads",
            request.url()
        ),
        primary: Label {
            span: culprit,
            text: "wants `Basic` in Authorization, and a request has one Authorization".into(),
        },
        related: Vec::new(),
        intent: Some(intent),
        help: "let one of the two use another place: `auth_basic off;` for the paths that take \
               tokens, or an address list with `satisfy any;`, or a token header of its own"
            .into(),
        witness: Some(Witness { request, course }),
    })
}

fn passes_by_address(visit: &Visit<'_>, request: &Request) -> bool {
    visit.allowed_addresses().into_iter().any(|from| {
        let request = Request {
            from: Known::Is(from),
            ..request.clone()
        };
        visit.send(&request).iter().any(Course::admits)
    })
}

fn refusal(course: &Course) -> Option<&Step> {
    let culprit = course.culprit()?;
    let by_password = matches!(
        culprit.effect,
        Effect::Refuses {
            check: Check::BasicAuth,
            status: 401,
            ..
        }
    );
    by_password.then_some(culprit)
}

/// What says that tokens are to pass here. Access-Control-Allow-Headers alone does not: a page may
/// send the password itself.
fn intent(visit: &Visit<'_>, passed: &Course) -> Option<(Severity, Intent)> {
    let handed = Handed::of(passed)?;
    if let Some(asks) = challenge(passed) {
        return Some((Severity::Error, asks));
    }
    let config = visit.gate.config();
    let tested = config
        .enclosing(handed.level)
        .find_map(|level| tests_bearer(&config.level(level).codes));
    if let Some(code) = tested {
        let intent = Intent {
            text: "a condition looks for Bearer in Authorization here".into(),
            span: Some(code.span),
        };
        return Some((Severity::Error, intent));
    }
    let announced = Cors::of(passed).allows_header(AUTHORIZATION);
    let line = sets(config, handed.level, handed.module(), AUTHORIZATION)
        .find(|line| announced && is_clients_own(&line.args[1]))?;
    let intent = Intent {
        text: "browsers may send Authorization, and it is handed to the upstream here".into(),
        span: Some(line.span),
    };
    Some((Severity::Warning, intent))
}

/// `if ($http_authorization ~ Bearer)`.
fn tests_bearer(codes: &[Code]) -> Option<&Code> {
    codes.iter().find(|code| {
        let Op::If {
            test:
                Test::Matches {
                    left,
                    regex,
                    negated: false,
                },
            ..
        } = &code.op
        else {
            return false;
        };
        let pattern = regex.pattern.to_ascii_lowercase();
        left.raw == "$http_authorization" && pattern.contains_str("bearer")
    })
}
