use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::aws::apigateway::RestApi;
use crate::probes::Sent;
use crate::probes::cloud::{Api, Entry, apis};
use crate::source::Span;

pub const ID: &str = "route-not-deployed";

/// A method stands in the API, and the deployment of a stage does not have it.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for api in apis(estate) {
        let Api::Rest(gate) = api else {
            continue;
        };
        for stage in gate.api.stages.known().into_iter().flatten() {
            let Some(deployed) = &stage.deployed else {
                continue;
            };
            let missing: Vec<Entry<'_>> = api
                .entries()
                .filter(|entry| gate.way(entry.door).stage == stage.name)
                .filter(|entry| {
                    let verb = &gate.method(entry.door).verb;
                    // A preflight is the business of other rules.
                    verb != "OPTIONS" && !stage.serves(gate.path(entry.door), verb)
                })
                .collect();
            findings.extend(finding(gate, &stage.name, deployed.span, &missing));
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
