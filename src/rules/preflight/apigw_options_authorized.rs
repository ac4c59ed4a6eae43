use std::cmp::Reverse;

use super::apigw::{behind, counted, elsewhere, more, own_cors, refusal};
use super::apigw_called::{Met, refused};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect, GateKind};
use crate::gates::aws::apigateway::http::model::RouteKind;
use crate::probes::cloud::{Api, ApiVisit, Meeting};
use crate::source::Span;
use crate::trace::cloud::Sent;

pub const ID: &str = "apigw-options-authorized";

/// A preflight is refused for want of a credential, which browsers never send with one.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    let meetings = visit.meetings().iter();
    let mut refused: Vec<Refused<'_>> = meetings.filter_map(Refused::of).collect();
    refused.sort_by_key(|one| (Reverse(one.severity), one.culprit));
    refused.dedup_by_key(|one| one.culprit);
    findings.extend(finding(visit.api, refused));
}

/// A page in the source calls what asks its preflight for a credential.
pub fn check_call(sent: &Sent<'_>, findings: &mut Vec<Finding>) {
    let help = match sent.gate.name().kind {
        GateKind::FunctionUrl => {
            "give the URL a CORS configuration with AllowOrigins, AllowMethods and AllowHeaders \
             (authorization, x-amz-date): Lambda then answers preflights itself"
        }
        _ => {
            "let OPTIONS ask for nothing: authorization NONE and no API key; in an HTTP API add a \
             CORS configuration, or a route `OPTIONS /{proxy+}` without authorization"
        }
    };
    findings.extend(refused(sent, ID, &Met::Credential, help));
}

struct Refused<'e> {
    meeting: &'e Meeting<'e>,
    culprit: Span,
    severity: Severity,
    intent: Option<Intent>,
}

impl<'e> Refused<'e> {
    fn of(meeting: &'e Meeting<'e>) -> Option<Refused<'e>> {
        let culprit = refusal(&meeting.answer)?.span;
        let (severity, intent) = meant(meeting)?;
        Some(Refused {
            severity: match meeting.answer.is_conditional() {
                true => Severity::Note,
                false => severity,
            },
            culprit,
            intent,
            meeting,
        })
    }
}

/// Whether pages of other origins were meant to call the method.
fn meant(meeting: &Meeting<'_>) -> Option<(Severity, Option<Intent>)> {
    match meeting.entry.api {
        Api::Rest(gate) => {
            let (resource, _) = behind(gate, &meeting.entry);
            if let Some(header) = own_cors(resource) {
                let intent = Intent {
                    text: format!(
                        "the OPTIONS method is there for it: it sets {}",
                        header.name
                    ),
                    span: Some(header.span),
                };
                return Some((Severity::Error, Some(intent)));
            }
            let has_options = resource
                .methods
                .iter()
                .any(|method| method.verb == "OPTIONS");
            match (elsewhere(gate), has_options) {
                (Some(intent), _) => Some((Severity::Warning, Some(intent))),
                // OPTIONS written out, and nothing that speaks of pages.
                (None, true) => Some((Severity::Note, None)),
                (None, false) => None,
            }
        }
        Api::Http(gate) => {
            let cors = gate.api.cors.as_ref()?;
            let text = match &gate.route_of(meeting.entry.door).kind {
                RouteKind::Default => "the API has a CORS configuration",
                // Others may be called by pages, and this route by programs.
                RouteKind::Path(verb, ..) => {
                    let is_caught = verb == "ANY" && cors.refuses(&meeting.preflight).is_none();
                    is_caught.then_some("the CORS configuration allows this very preflight")?
                }
                RouteKind::Message => return None,
            };
            let intent = Intent {
                text: text.into(),
                span: Some(cors.span),
            };
            Some((Severity::Warning, Some(intent)))
        }
    }
}

fn finding(api: Api<'_>, refused: Vec<Refused<'_>>) -> Option<Finding> {
    let places: Vec<Span> = refused.iter().map(|one| one.culprit).collect();
    let first = refused.into_iter().next()?;
    let status = first.meeting.answer.status().unwrap_or(403);
    let is_policy = matches!(
        first.meeting.answer.culprit().map(|step| &step.effect),
        Some(Effect::Refuses {
            check: Check::Grant,
            ..
        })
    );
    let help = match api {
        _ if is_policy => {
            "let the resource policy allow execute-api:Invoke on the OPTIONS methods, too, then \
             deploy the API"
        }
        Api::Rest(_) => {
            "set the authorization of OPTIONS to NONE, without an API key, then deploy the API \
             (SAM: `AddDefaultAuthorizerToCorsPreflight: false`)"
        }
        Api::Http(gate) => match gate.route_of(first.meeting.entry.door).kind {
            RouteKind::Default => "add a route `OPTIONS /{proxy+}` without authorization",
            _ => {
                "add a route for OPTIONS without authorization, or one for each method in place of \
                 ANY"
            }
        },
    };
    Some(Finding {
        rule: ID,
        severity: first.severity,
        confidence: Confidence::High,
        message: format!(
            "the preflight of {} to {} is answered {status}, so no page of another origin can \
             call {}",
            first.meeting.announced.request.method,
            first.meeting.preflight.url(),
            match places.len() {
                1 => "it".to_owned(),
                count => format!("{} like it of {}", counted(count, "method"), api.name()),
            }
        ),
        primary: Label {
            span: first.culprit,
            text: match is_policy {
                true => "does not allow OPTIONS".into(),
                false => "asks a preflight for what browsers never send with one".into(),
            },
        },
        related: more(places.into_iter().skip(1), "and here"),
        intent: first.intent,
        help: help.into(),
        witness: Some(Witness {
            request: first.meeting.preflight.clone(),
            course: first.meeting.answer.clone(),
        }),
    })
}
