use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Effect, Knowledge};
use crate::gates::aws::cloudfront::CloudFront;
use crate::probes::cloud::Api;
use crate::probes::front::{Front, arriving, fronts};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "cloudfront-forwards-host";

/// A distribution hands the viewer's Host header on to an origin that only knows its own name.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for front in fronts(estate) {
        findings.extend(judge(estate, &front));
    }
}

fn judge(estate: &Estate, front: &Front<'_>) -> Option<Finding> {
    let service = service(&front.origin.domain.value)?;
    let course = front.send(front.example)?;
    let arrival = arriving(&course)?;
    let Some(Known::Is(host)) = arrival.headers.get("Host") else {
        return None;
    };
    let host = host.to_string();
    if host.eq_ignore_ascii_case(&front.origin.domain.value) {
        return None;
    }
    let span = said(&course)?;
    let sure = is_foreign(estate, front, service, arrival)?;
    Some(Finding {
        rule: ID,
        severity: match (sure, course.is_conditional()) {
            (true, false) => Severity::Error,
            (true, true) => Severity::Warning,
            (false, _) => Severity::Note,
        },
        confidence: Confidence::High,
        message: format!(
            "requests for {} reach {} with the Host header {host}, which is none of its names: it \
             answers 403",
            front.example.url(),
            service.of(&front.origin.domain.value)
        ),
        primary: Label {
            span,
            text: "hands the Host header of viewers on".into(),
        },
        related: vec![Label {
            span: front.origin.domain.span,
            text: "only takes requests for this name".into(),
        }],
        intent: Some(Intent {
            text: format!("the {} is there to lead to it", front.behavior.name()),
            span: Some(front.behavior.span),
        }),
        help: "use the origin request policy AllViewerExceptHostHeader \
               (b689b0a8-53d0-40ab-baf2-68738e2966ac), and leave Host out of the cache policy"
            .into(),
        witness: Some(Witness {
            request: front.example.clone(),
            course,
        }),
    })
}

/// What knows itself by its Host header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    ApiGateway,
    FunctionUrl,
}

fn service(domain: &str) -> Option<Service> {
    let domain = domain.to_ascii_lowercase();
    match () {
        _ if domain.contains(".execute-api.") => Some(Service::ApiGateway),
        _ if domain.contains(".lambda-url.") => Some(Service::FunctionUrl),
        _ => None,
    }
}

impl Service {
    fn of(self, domain: &str) -> String {
        let first = domain.split('.').next().unwrap_or(domain);
        match self {
            Service::ApiGateway => format!("the API {first}"),
            Service::FunctionUrl => format!("the function URL {first}"),
        }
    }
}

/// Whether the origin refuses the Host header: surely, or as far as one can tell without its
/// documents; `None` where it is a name of the origin.
fn is_foreign(
    estate: &Estate,
    front: &Front<'_>,
    service: Service,
    arrival: &Request,
) -> Option<bool> {
    // Function URLs have no other names.
    if service == Service::FunctionUrl || is_own_name(front.gate, arrival) {
        return Some(true);
    }
    let Some(api) = front.api(estate) else {
        // The API may have a custom domain of this name.
        return Some(false);
    };
    let mut by_host = arrival.clone();
    by_host.host = arrival.host_header().to_string();
    let domains = match api {
        Api::Rest(gate) => &gate.api.names.domains,
        Api::Http(gate) => &gate.api.names.domains,
    };
    let is_named = api.gate().knows(&by_host) == Knowledge::Named;
    (!is_named).then_some(domains.known().is_some())
}

/// `d111111abcdef8.cloudfront.net` is nobody else's name.
fn is_own_name(gate: &CloudFront, arrival: &Request) -> bool {
    arrival
        .host_header()
        .eq_ignore_ascii_case(gate.own.host.as_bytes())
}

fn said(course: &Course) -> Option<Span> {
    let mut steps = course.steps.iter();
    let step = steps
        .find(|step| matches!(&step.effect, Effect::SetsHeader { name, .. } if name == "Host"))?;
    Some(step.span)
}
