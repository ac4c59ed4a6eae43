use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect, GateKind};
use crate::gates::aws::apigateway::RestApi;
use crate::probes::Sent;
use crate::probes::cloud::{Api, ApiVisit, Entry};
use crate::source::Span;
use crate::trace::cloud::Sent as SentCall;

pub const ID: &str = "route-not-deployed";

/// A method stands in the API, and the deployment of a stage does not have it.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    let Api::Rest(gate) = visit.api else {
        return;
    };
    let stages = gate.api.stages.known().map_or(&[][..], Vec::as_slice);
    for stage in stages {
        let Some(deployed) = &stage.deployed else {
            continue;
        };
        let own = visit
            .api
            .entries()
            .filter(|entry| gate.way(entry.door).stage == stage.name);
        let missing: Vec<Entry<'_>> = own
            .filter(|entry| {
                let verb = &gate.method(entry.door).verb;
                // A preflight is the business of other rules.
                verb != "OPTIONS" && !stage.serves(gate.path(entry.door), verb)
            })
            .collect();
        // Who deploys to one stage after the other has them differ for a while.
        let is_elsewhere = |entry: &Entry<'_>| {
            let mut others = stages.iter().filter(|other| other.name != stage.name);
            let (path, verb) = (gate.path(entry.door), &gate.method(entry.door).verb);
            others.any(|other| other.deployed.is_some() && other.serves(path, verb))
        };
        let (behind, nowhere): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_elsewhere);
        for (severity, missing) in [(Severity::Warning, nowhere), (Severity::Note, behind)] {
            let found = finding(gate, &stage.name, deployed.span, &missing);
            findings.extend(found.map(|finding| Finding {
                severity,
                ..finding
            }));
        }
    }
}

fn finding(gate: &RestApi, stage: &str, deployed: Span, missing: &[Entry<'_>]) -> Option<Finding> {
    let first = missing.first()?;
    let method = gate.method(first.door);
    let course = first
        .send(first.example)
        .filter(|course| course.refuses())?;
    let sent = Sent {
        request: first.example.clone(),
        course,
    };
    let others = match missing.len() {
        1 => String::new(),
        2 => " (and one more method)".to_owned(),
        count => format!(" (and {} more methods)", count - 1),
    };
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!(
            "{} {}{others} of {} is not in the deployment of the stage {stage}, and is answered \
             403 Missing Authentication Token",
            method.verb,
            gate.path(first.door),
            gate.api.name
        ),
        primary: Label {
            span: method.span,
            text: format!("is not deployed to {stage}"),
        },
        related: vec![Label {
            span: deployed,
            text: "what the stage serves".into(),
        }],
        intent: Some(Intent {
            text: "the method stands in the API".into(),
            span: Some(method.span),
        }),
        help: format!("deploy the API to {stage}: `aws apigateway create-deployment`"),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

/// A call site names a path, a method or a stage that the API does not have.
pub fn check_call(sent: &SentCall<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge_call(sent));
}

fn judge_call(sent: &SentCall<'_>) -> Option<Finding> {
    if sent.gate.name().kind != GateKind::ApiGateway {
        return None;
    }
    let course = sent.send(&sent.request)?;
    let step = course.culprit()?;
    let Effect::Refuses {
        check: Check::Route,
        status,
        detail,
    } = &step.effect
    else {
        return None;
    };
    // Of a path with a hole only the parts that are written are known.
    if sent.has_holes || course.is_conditional() {
        return None;
    }
    let span = step.span;
    let call = sent.caller.call.span;
    let (status, detail) = (*status, detail.clone());
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{} {} is answered {status} by {}: {detail}",
            sent.request.method,
            sent.request.url(),
            sent.gate.name().name
        ),
        primary: Label {
            span: call,
            text: detail,
        },
        related: vec![Label {
            span,
            text: "what there is".into(),
        }],
        intent: Some(Intent {
            text: "the call stands in the source".into(),
            span: Some(call),
        }),
        help: "correct the URL (stage and path, in lower and upper case as the API has them), or \
               add the method and deploy the API"
            .into(),
        witness: Some(Witness {
            request: sent.request.clone(),
            course,
        }),
    })
}
