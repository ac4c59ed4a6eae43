//! An account of a test, and what becomes of a request to its gates.

use serde_json::{Map, Value, json};
use why403::estate::{Estate, Input};
use why403::gate::{Course, Effect, End};
use why403::request::{Headers, Known, Reason, Request, Scheme};
use why403::trace;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

pub struct Account {
    resources: Map<String, Value>,
}

impl Account {
    pub fn new() -> Account {
        Account {
            resources: Map::new(),
        }
    }

    /// `elbv2/load-balancer`, and the id.
    pub fn with(mut self, kind: &str, id: &str, document: Value) -> Account {
        let region = match kind.starts_with("cloudfront/") {
            true => "global",
            false => REGION,
        };
        let address = format!("aws://{ACCOUNT}/{region}/{kind}/{id}");
        self.resources.insert(address, document);
        self
    }

    pub fn estate(&self) -> Estate {
        let operation = |region: &str, service: &str, name: &str| {
            json!({ "account": ACCOUNT, "region": region, "service": service,
                    "operation": name, "state": "fetched" })
        };
        let snapshot = json!({
            "why403-snapshot": 1,
            "accounts": [{ "account": ACCOUNT, "partition": "aws", "regions": [REGION] }],
            "operations": [
                operation(REGION, "wafv2", "GetWebACL"),
                operation(REGION, "apigateway", "GetDomainNames"),
                operation(REGION, "ec2", "DescribeRouteTables"),
                operation("global", "cloudfront", "GetDistributionConfig"),
            ],
            "resources": self.resources,
        });
        let input = Input::Snapshot {
            name: "account.json".to_owned(),
            text: snapshot.to_string().into_bytes().into(),
        };
        let estate = Estate::read(&[input], &[]).expect("an estate");
        assert!(estate.problems.is_empty(), "{:?}", estate.problems);
        estate
    }

    /// What comes of a request at the gate that bears its host.
    pub fn send(&self, request: &Request) -> Vec<Course> {
        let estate = self.estate();
        let gate = trace::in_cloud(&estate, request).expect("a gate of this name");
        gate.pass(request)
    }

    /// The likeliest outcome, in short: `403 address`, `forwarded web`, `dropped`.
    pub fn outcome(&self, request: &Request) -> String {
        outcome(&self.send(request)[0])
    }
}

pub fn outcome(course: &Course) -> String {
    match &course.end {
        End::Answered { status, .. } => {
            let status = match status {
                Known::Is(status) => status.to_string(),
                Known::Unknown(_) => "unknown status".to_owned(),
            };
            match course.culprit().map(|step| &step.effect) {
                Some(Effect::Refuses { check, .. }) => {
                    format!("{status} {}", format!("{check:?}").to_lowercase())
                }
                _ => status,
            }
        }
        End::Forwarded { to, .. } => match (&to.group, &to.address) {
            (Some(group), _) => format!("forwarded {group}"),
            (None, Known::Is(address)) => format!("forwarded {address}"),
            (None, Known::Unknown(_)) => "forwarded".to_owned(),
        },
        End::Handled { .. } => "handled".to_owned(),
        End::Dropped { .. } => "dropped".to_owned(),
        End::Unknown { because, .. } => format!("unknown: {because}"),
    }
}

/// As it goes on.
pub fn forwarded(course: &Course) -> &Request {
    match &course.end {
        End::Forwarded { request, .. } => request,
        other => panic!("not forwarded: {other:?}"),
    }
}

pub fn request(method: &str, url: &str) -> Request {
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let scheme = match scheme {
        "http" => Scheme::Http,
        _ => Scheme::Https,
    };
    Request {
        method: method.to_owned(),
        scheme,
        host: host.to_owned(),
        port: scheme.default_port(),
        target: format!("/{path}").into(),
        headers: Headers::default(),
        from: Known::Unknown(Reason::new("the test does not say")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

pub trait With {
    fn from(self, address: &str) -> Self;
    fn header(self, name: &str, value: &str) -> Self;
    fn body(self, length: u64) -> Self;
}

impl With for Request {
    fn from(mut self, address: &str) -> Self {
        self.from = Known::Is(address.parse().expect("an address"));
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    fn body(mut self, length: u64) -> Self {
        self.body = length;
        self
    }
}
