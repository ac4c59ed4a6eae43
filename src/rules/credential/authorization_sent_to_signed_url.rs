use bstr::ByteSlice;

use super::services::{Service, hides_s3_headers, service};
use super::{AUTHORIZATION, Handed, clearing, judge_with};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Effect, Unsure};
use crate::gates::nginx::directives::Key;
use crate::probes::{BASIC, Cors, Visit};
use crate::request::{Known, Request};

pub const ID: &str = "authorization-sent-to-signed-url";

/// The client's Authorization goes to a store whose URLs carry their own signature, or need none.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_with(
        BASIC,
        visit,
        findings,
        |visit, handed| store(visit, handed).is_some(),
        judge,
    );
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    match handed.request.headers.get(AUTHORIZATION) {
        Some(Known::Is(value)) if value == BASIC => {}
        _ => return None,
    }
    let (store, intent) = store(visit, handed)?;
    let (severity, who) = sender(visit, handed)?;
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "{who} travels on to {store}, which answers 400 or 403 to a credential that is not \
             its own"
        ),
        primary: Label {
            span: handed.by,
            text: "sends the client's Authorization on".into(),
        },
        related: Vec::new(),
        intent: Some(intent),
        help: format!(
            "write `{}` in this location, and repeat there what it inherits of that kind",
            clearing(handed.module())
        ),
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

/// The store, and what says that it is one.
fn store(visit: &Visit<'_>, handed: &Handed<'_>) -> Option<(&'static str, Intent)> {
    let config = visit.gate.config();
    let literal = handed.hosts().iter().find_map(|host| service(host));
    let signed = is_signed(&handed.request.target);
    let store = match literal {
        Some(Service::S3 | Service::S3Bucket) => Some("Amazon S3"),
        Some(Service::GoogleStorage) if signed => Some("Google Cloud Storage"),
        Some(Service::AzureBlob) if signed => Some("Azure Blob Storage"),
        _ => None,
    };
    if let Some(store) = store {
        let text = format!("{store} is asked for a file");
        let span = Some(handed.by);
        return Some((store, Intent { text, span }));
    }
    let span = hides_s3_headers(config, handed.level, handed.module())?;
    let intent = Intent {
        text: "a header that only S3 sends is hidden here, so S3 is to answer".into(),
        span: Some(span),
    };
    Some(("S3", intent))
}

/// Whether the query carries a signature of S3, Google or Azure.
fn is_signed(target: &[u8]) -> bool {
    let has = |name: &str| {
        target.split_str("?").nth(1).is_some_and(|query| {
            query.split_str("&").any(|pair| {
                pair.strip_prefix(name.as_bytes())
                    .is_some_and(|rest| rest.starts_with(b"="))
            })
        })
    };
    has("X-Amz-Signature") || has("X-Goog-Signature") || has("Signature") || has("sig")
}

/// Who sends an Authorization header here; nobody is known to, where files are simply public.
fn sender(visit: &Visit<'_>, handed: &Handed<'_>) -> Option<(Severity, &'static str)> {
    let asked = handed.course.steps.iter().any(|step| {
        matches!(
            step.effect,
            Effect::Admits {
                check: Check::BasicAuth,
                ..
            }
        )
    });
    if asked {
        return Some((Severity::Error, "the password that auth_basic asks for"));
    }
    let config = visit.gate.config();
    let inside = config.setting(handed.level, Key::Internal).is_some();
    let after_upstream = handed.course.conditions.iter().any(|condition| {
        condition.holds && matches!(condition.what, Unsure::UpstreamAnswers { .. })
    });
    if inside || after_upstream {
        return Some((
            Severity::Warning,
            "the Authorization header of a client that has one",
        ));
    }
    Cors::of(handed.course)
        .allows_header(AUTHORIZATION)
        .then_some((Severity::Warning, "the token that a browser may send"))
}
