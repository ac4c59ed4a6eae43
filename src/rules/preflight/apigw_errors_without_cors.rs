use super::apigw::{behind, own_cors, refusal};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect, Step};
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::apigateway::rest::responses::Type;
use crate::probes::Cors;
use crate::probes::cloud::{Api, ApiVisit};
use crate::source::Span;

pub const ID: &str = "apigw-errors-without-cors";

/// A page may read the answers of the methods, and not the refusals of API Gateway itself.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    if let Api::Rest(gate) = visit.api
        && gate.api.responses.known().is_some()
    {
        findings.extend(first(visit, gate));
    }
}

/// One for each API: what mends it is the same for all of its methods.
fn first(visit: &ApiVisit<'_>, gate: &RestApi) -> Option<Finding> {
    // A page that is admitted with a credential has sent a wrong or an old one at times.
    visit.meetings().iter().find_map(|meeting| {
        let entry = &meeting.entry;
        let (resource, method) = behind(gate, entry);
        let header = own_cors(resource)?;
        let mut request = meeting.announced.request.clone();
        for name in ["Authorization", "x-api-key", "x-amz-date"] {
            request.headers.remove(name);
        }
        request.signed_by = None;
        let course = entry.send(&request)?;
        let step = refusal(&course)?;
        let by_credential = matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Credential | Check::Signature | Check::ApiKey,
                ..
            }
        );
        let is_open = meeting.answer.admits() && Cors::of(&meeting.answer).origin().is_some();
        if !by_credential || !is_open || Cors::of(&course).origin().is_some() {
            return None;
        }
        let status = course.status()?;
        Some(Finding {
            rule: ID,
            severity: Severity::Warning,
            confidence: Confidence::High,
            message: format!(
                "{status} to {} {} comes without Access-Control-Allow-Origin: the page sees a \
                 CORS failure in place of the status",
                request.method,
                request.url()
            ),
            primary: Label {
                span: step.span,
                text: format!("is answered {status} by API Gateway itself"),
            },
            related: gateway_response(gate, step)
                .into_iter()
                .map(|span| Label {
                    span,
                    text: "is set for it, and lacks Access-Control-Allow-Origin".into(),
                })
                .collect(),
            intent: Some(Intent {
                text: format!(
                    "pages of other origins call {} {}",
                    method.verb, resource.path
                ),
                span: Some(header.span),
            }),
            help: "add gateway responses DEFAULT_4XX and DEFAULT_5XX with \
                   `gatewayresponse.header.Access-Control-Allow-Origin`, and to each that is set \
                   on its own, then deploy the API"
                .into(),
            witness: Some(Witness { request, course }),
        })
    })
}

/// The response that was set for this refusal of a request without a credential.
fn gateway_response(gate: &RestApi, step: &Step) -> Option<Span> {
    let kind = match step.effect {
        Effect::Refuses {
            check: Check::Signature,
            ..
        } => Type::MissingAuthenticationToken,
        Effect::Refuses {
            check: Check::ApiKey,
            ..
        } => Type::InvalidApiKey,
        Effect::Refuses { status: 401, .. } => Type::Unauthorized,
        _ => Type::AccessDenied,
    };
    Some(gate.api.response(kind)?.span)
}
