use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::aws::apigateway::rest::model::EndpointKind;
use crate::probes::cloud::{Api, ApiVisit};
use crate::request::Known;

pub const ID: &str = "private-api-without-policy";

/// A private API has no resource policy, and so nobody may call it.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(visit.api));
}

fn judge(api: Api<'_>) -> Option<Finding> {
    let Api::Rest(gate) = api else {
        return None;
    };
    let is_private = gate.api.endpoint.kind == EndpointKind::Private;
    if !is_private || !matches!(gate.api.policy, Known::Is(None)) {
        return None;
    }
    let stage = gate.api.stages.known()?.first()?;
    let (request, course) = api.entries().find_map(|entry| {
        let refused = |(_, course): &(_, crate::gate::Course)| course.refuses();
        let is_kept_out = entry.admitted(entry.example).is_none();
        entry.attempts().find(refused).filter(|_| is_kept_out)
    })?;
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "the private API {} has no resource policy, so every call of it is answered 403",
            gate.api.name
        ),
        primary: Label {
            span: gate.api.endpoint.span,
            text: "admits nobody without a resource policy".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: format!("it is deployed to the stage {}", stage.name),
            span: Some(stage.span),
        }),
        help: "attach a resource policy that allows execute-api:Invoke to your VPC endpoint \
               (aws:SourceVpce) or VPC (aws:SourceVpc), then deploy the API"
            .into(),
        witness: Some(Witness { request, course }),
    })
}
