use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gates::aws::apigateway::rest::model::EndpointKind;
use crate::gates::aws::around::Endpoint;
use crate::probes::cloud::{Api, apis};

pub const ID: &str = "private-dns-captures-public-api";

/// A VPC endpoint takes the names of all APIs of the region, and answers those of the public ones
/// with 403.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for endpoint in estate.aws.around.endpoints() {
        let is_for_apis = endpoint.service.ends_with(".execute-api");
        if let Some(switch) = endpoint.private_dns.filter(|_| is_for_apis) {
            findings.extend(judge(estate, endpoint, switch));
        }
    }
}

fn judge(estate: &Estate, endpoint: &Endpoint, switch: crate::source::Span) -> Option<Finding> {
    let region = endpoint.service.split('.').nth(2)?;
    let public = apis(estate).filter(|api| match api {
        Api::Rest(gate) => {
            gate.api.endpoint.kind != EndpointKind::Private
                && gate.api.names.disabled.is_none()
                && gate.api.place.region.as_deref() == Some(region)
        }
        Api::Http(gate) => {
            gate.api.names.disabled.is_none() && gate.api.place.region.as_deref() == Some(region)
        }
    });
    let public: Vec<Api<'_>> = public.collect();
    let entry = public.first()?.entries().next()?;
    let mut request = entry.example.clone();
    request.vpc_endpoint = Some(endpoint.id.clone());
    let course = entry.send(&request).filter(|course| course.refuses())?;
    let others = match public.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let vpc = endpoint.vpc.as_deref().unwrap_or("its VPC");
    Some(Finding {
        rule: ID,
        severity: Severity::Note,
        confidence: Confidence::Medium,
        message: format!(
            "in {vpc} the hosts of public APIs ({}{others}) lead to the VPC endpoint {}, which \
             answers 403",
            public.first()?.name(),
            endpoint.id
        ),
        primary: Label {
            span: switch,
            text: format!("takes all of execute-api.{region}.amazonaws.com"),
        },
        related: Vec::new(),
        intent: None,
        help: "call public APIs from this VPC by a custom domain, or switch private DNS off and \
               call private ones by ID-VPCE.execute-api"
            .into(),
        witness: Some(Witness { request, course }),
    })
}
