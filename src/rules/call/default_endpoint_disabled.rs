use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, End, GateKind, GateName};
use crate::probes::Visit;
use crate::probes::front::{Front, arriving, fronts};
use crate::request::Request;
use crate::source::Span;
use crate::trace::cloud::Sent;

pub const ID: &str = "default-endpoint-disabled";

/// A call goes to the host that API Gateway gives, and that is switched off.
pub fn check(sent: &Sent<'_>, findings: &mut Vec<Finding>) {
    let Some(course) = sent.send(&sent.request) else {
        return;
    };
    if let Some(switch) = switched_off(&sent.gate.name(), &course) {
        let span = sent.caller.call.span;
        let meant = Meant {
            span,
            text: "calls the API by its own host",
            intent: "the call stands in the source",
        };
        let (name, request) = (sent.gate.name(), sent.request.clone());
        findings.push(finding(&name, switch, &meant, request, course));
    }
}

/// An nginx hands requests on to such a host.
pub fn check_upstream(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge_upstream(visit));
}

fn judge_upstream(visit: &Visit<'_>) -> Option<Finding> {
    let sent = visit.admitted(visit.example)?;
    let (gate, request) = visit.in_cloud(&sent.course)?;
    let End::Forwarded { by, .. } = &sent.course.end else {
        return None;
    };
    let course = gate.pass(request).into_iter().next()?;
    let switch = switched_off(&gate.name(), &course)?;
    let meant = Meant {
        span: *by,
        text: "sends the request on to the API's own host",
        intent: "nginx sends requests on to it",
    };
    Some(finding(
        &gate.name(),
        switch,
        &meant,
        request.clone(),
        course,
    ))
}

/// A distribution has such a host for its origin.
pub fn check_fronts(estate: &Estate, findings: &mut Vec<Finding>) {
    findings.extend(fronts(estate).filter_map(|front| judge_front(estate, &front)));
}

fn judge_front(estate: &Estate, front: &Front<'_>) -> Option<Finding> {
    let gate = front.api(estate)?.gate();
    let sent = front.send(front.example)?;
    let request = arriving(&sent)?;
    let course = gate.pass(request).into_iter().next()?;
    let switch = switched_off(&gate.name(), &course)?;
    let meant = Meant {
        span: front.origin.domain.span,
        text: "is the API's own host",
        intent: "a distribution sends requests on to it",
    };
    let request = request.clone();
    Some(finding(&gate.name(), switch, &meant, request, course))
}

struct Meant {
    span: Span,
    text: &'static str,
    intent: &'static str,
}

/// Where it was switched off.
fn switched_off(name: &GateName, course: &Course) -> Option<Span> {
    if name.kind != GateKind::ApiGateway {
        return None;
    }
    let step = course.culprit().filter(|_| course.refuses())?;
    let is_switch = matches!(
        step.effect,
        Effect::Refuses {
            check: Check::Host,
            ..
        }
    );
    is_switch.then_some(step.span)
}

fn finding(
    name: &GateName,
    switch: Span,
    meant: &Meant,
    request: Request,
    course: Course,
) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{} {} is answered 403: the default endpoint of {} is switched off",
            request.method,
            request.url(),
            name.name
        ),
        primary: Label {
            span: meant.span,
            text: meant.text.into(),
        },
        related: vec![Label {
            span: switch,
            text: "switches that host off".into(),
        }],
        intent: Some(Intent {
            text: meant.intent.into(),
            span: Some(meant.span),
        }),
        help: "call the API by its custom domain, or set disableExecuteApiEndpoint to false".into(),
        witness: Some(Witness { request, course }),
    }
}
