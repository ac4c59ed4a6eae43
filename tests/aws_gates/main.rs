//! What the gates of AWS do to requests, each expectation with the page of AWS that says so.

mod function_url;
mod network;

use std::sync::Arc;

use serde_json::{Value as Json, json};
use why403::estate::{Estate, Input};
use why403::gate::{Course, End, Gate};
use why403::request::{Headers, Known, Reason, Request, Scheme};

pub const ACCOUNT: &str = "123456789012";

/// An account of these documents, by `REGION/SERVICE/TYPE/ID` each; of these kinds all are here.
pub fn account(documents: &[(&str, Json)], whole: &[(&str, &str)]) -> Estate {
    let resources = documents
        .iter()
        .map(|(address, document)| (format!("aws://{ACCOUNT}/{address}"), document.clone()));
    let operations = whole.iter().map(|(service, operation)| {
        json!({
            "account": ACCOUNT, "region": "eu-west-1", "service": service, "operation": operation,
            "state": "fetched",
        })
    });
    let snapshot = json!({
        "why403-snapshot": 1,
        "accounts": [{"account": ACCOUNT, "partition": "aws", "regions": ["eu-west-1"]}],
        "operations": operations.collect::<Vec<_>>(),
        "resources": resources.collect::<serde_json::Map<_, _>>(),
    });
    let input = Input::Snapshot {
        name: "account".to_owned(),
        text: Arc::from(snapshot.to_string().into_bytes()),
    };
    let estate = Estate::read(&[input], &[]).expect("little enough");
    let fatal = estate.problems.iter().find(|problem| problem.fatal);
    assert!(fatal.is_none(), "{fatal:?}");
    estate
}

pub fn request(method: &str, host: &str, headers: &[(&str, &str)]) -> Request {
    let mut all = Headers::default();
    for (name, value) in headers {
        all.push(*name, *value);
    }
    Request {
        method: method.to_owned(),
        scheme: Scheme::Https,
        host: host.to_owned(),
        port: 443,
        target: "/".into(),
        headers: all,
        from: Known::Unknown(Reason::new("nobody said")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

/// What comes of a request, the likeliest first: `200`, `403 because …`, `dropped`, `handled`.
pub fn told(gate: &dyn Gate, request: &Request) -> Vec<String> {
    let courses = gate.pass(request);
    courses.iter().map(one).collect()
}

fn one(course: &Course) -> String {
    let because = match course.culprit().map(|step| &step.effect) {
        Some(why403::gate::Effect::Refuses { detail, .. }) => format!(" because {detail}"),
        _ => String::new(),
    };
    match &course.end {
        End::Answered { status, .. } => match status {
            Known::Is(status) => format!("{status}{because}"),
            Known::Unknown(reason) => format!("? because {reason}"),
        },
        End::Handled { .. } => "handled".to_owned(),
        End::Forwarded { .. } => "forwarded".to_owned(),
        End::Dropped { .. } => format!("dropped{because}"),
        End::Unknown { because, .. } => format!("unknown because {because}"),
    }
}
