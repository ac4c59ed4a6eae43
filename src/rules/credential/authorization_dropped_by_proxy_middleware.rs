use super::AUTHORIZATION;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, End, Step};
use crate::gates::express::Express;
use crate::probes::BEARER;
use crate::probes::route::{likeliest, routes, running, through};
use crate::request::{Known, Request};
use crate::source::Span;
use crate::trace;

pub const ID: &str = "authorization-dropped-by-proxy-middleware";

/// An application's own proxy sends a request on without the token that the next one asks for.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        for (_, example) in routes(app) {
            let request = with_token(example);
            let Some(sent) = likeliest(app, &request) else {
                continue;
            };
            let Some(link) = trace::next(estate, &sent) else {
                continue;
            };
            if std::ptr::eq(link.app, app) || arrives(&sent) || !link.app.refusals().is_empty() {
                continue;
            }
            let mut requests = through(link.app, &request, &sent);
            findings.extend(requests.find_map(|request| judge(estate, app, request)));
        }
    }
}

fn judge(estate: &Estate, app: &Express, request: Request) -> Option<Finding> {
    let course = likeliest(app, &request)?;
    let step = touched(&course)?.clone();
    let link = trace::next(estate, &course).filter(|_| !arrives(&course))?;
    let End::Forwarded { request: sent, .. } = &course.end else {
        return None;
    };
    let arrived = trace::arrived(sent, &link);
    let refused = likeliest(link.app, &arrived).filter(is_refused)?;
    // With the token that the client has sent it is let in: nothing else stands in its way.
    let welcome = likeliest(link.app, &with_token(&arrived)).filter(Course::admits)?;
    let asks = refused.culprit()?.span;
    let unsure = [&course, &refused, &welcome]
        .into_iter()
        .any(Course::is_conditional);
    Some(finding(request, course, &step, asks, unsure))
}

fn finding(request: Request, course: Course, step: &Step, asks: Span, unsure: bool) -> Finding {
    let removes = matches!(step.effect, Effect::RemovesHeader { .. });
    Finding {
        rule: ID,
        severity: match unsure {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "the token of {} {} does not get through the proxy, and the app behind refuses the \
             request without it",
            request.method,
            request.url()
        ),
        primary: Label {
            span: step.span,
            text: match removes {
                true => "takes Authorization off the request".into(),
                false => "puts something else in the place of Authorization".into(),
            },
        },
        related: vec![Label {
            span: asks,
            text: "asks for the token".into(),
        }],
        intent: Some(Intent {
            text: "the app behind lets the same request in with its token".into(),
            span: Some(asks),
        }),
        help: "let the proxy leave Authorization as it is, which it does by itself, or have the \
               app behind recognise the caller by what the proxy sends"
            .into(),
        witness: Some(Witness { request, course }),
    }
}

fn with_token(request: &Request) -> Request {
    let mut request = request.clone();
    request.headers.remove(AUTHORIZATION);
    request.headers.push(AUTHORIZATION, BEARER);
    request
}

/// Whether the client's token is on the request that was sent on, or something of which nobody
/// knows that it is not.
fn arrives(course: &Course) -> bool {
    match &course.end {
        End::Forwarded { request, .. } => match request.headers.get(AUTHORIZATION) {
            Some(Known::Is(value)) => value == BEARER,
            Some(Known::Unknown(_)) => true,
            None => false,
        },
        _ => true,
    }
}

/// The last step that changed the header.
fn touched(course: &Course) -> Option<&Step> {
    course.steps.iter().rev().find(|step| {
        matches!(&step.effect,
            Effect::RemovesHeader { name } | Effect::SetsHeader { name, .. }
                if name.eq_ignore_ascii_case(AUTHORIZATION))
    })
}

fn is_refused(course: &Course) -> bool {
    let by_credential = |step: &Step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Credential | Check::Grant,
                ..
            }
        )
    };
    course.refuses() && course.culprit().is_some_and(by_credential)
}
