//! The policy that `why403 snapshot --print-policy` prints allows what the code calls, and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use why403::aws::operation::{OPERATIONS, Operation, Service};
use why403::aws::policy::{Wanted, action, policy};
use why403::gates::aws::kinds::KINDS;

/// The file of each service, and those whose operations are called elsewhere.
const FILES: [(&str, Service); 9] = [
    ("services/apigateway.rs", Service::ApiGateway),
    ("services/apigatewayv2.rs", Service::ApiGatewayV2),
    ("services/cloudfront.rs", Service::CloudFront),
    ("services/ec2.rs", Service::Ec2),
    ("services/elb.rs", Service::Elb),
    ("services/iam.rs", Service::Iam),
    ("services/lambda.rs", Service::Lambda),
    ("services/waf.rs", Service::Waf),
    ("session.rs", Service::Sts),
];

fn everything() -> Wanted<'static> {
    Wanted {
        services: &[],
        api_keys: true,
        ..Wanted::default()
    }
}

/// `get_web_acl` and `GetWebACL` are one.
fn flat(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}

/// The operations of the SDK that a file calls: `client.get_routes()`.
fn called(path: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/aws")
        .join(path);
    let code: String = fs::read_to_string(path)
        .unwrap()
        .split_whitespace()
        .collect();
    let mut names = BTreeSet::new();
    for client in ["client.", "Client::new(&config)."] {
        for (at, _) in code.match_indices(client) {
            let rest = &code[at + client.len()..];
            let name = &rest[..rest.find('(').unwrap()];
            if name != "clone" {
                names.insert(flat(name));
            }
        }
    }
    // Through a provider of credentials.
    if code.contains("AssumeRoleProvider::builder") {
        names.insert(flat("AssumeRole"));
    }
    names
}

#[test]
fn the_table_names_what_the_code_calls() {
    for (file, service) in FILES {
        let of_service = OPERATIONS
            .iter()
            .filter(|operation| operation.service == service);
        let listed: BTreeSet<String> = of_service.map(|operation| flat(operation.name)).collect();
        assert_eq!(called(file), listed, "{file}");
    }
}

#[test]
fn every_document_that_is_read_is_fetched() {
    let read: BTreeSet<(&str, &str)> = KINDS.iter().map(|kind| (kind.service, kind.name)).collect();
    let mut fetched: BTreeSet<(&str, &str)> = OPERATIONS
        .iter()
        .filter(|operation| !operation.brings.is_empty())
        .map(|operation| (operation.service.name(), operation.brings))
        .collect();
    fetched.extend(["group", "policy", "role", "user"].map(|kind| ("iam", kind)));
    assert_eq!(fetched, read);
    // So that a refusal of the operation explains the missing document.
    for kind in KINDS {
        let is_its = |operation: &&&Operation| {
            operation.service.name() == kind.service && operation.name == kind.operation
        };
        assert!(OPERATIONS.iter().any(|one| is_its(&one)), "{kind:?}");
    }
}

/// Statement by statement: actions, and resources.
fn allowed(wanted: &Wanted) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let document = policy(wanted);
    let statements = document["Statement"].as_array().unwrap().iter();
    let texts = |value: &serde_json::Value| match value.as_array() {
        Some(all) => all
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect(),
        None => vec![value.as_str().unwrap().to_owned()],
    };
    let entry = |statement: &serde_json::Value| {
        assert_eq!(statement["Effect"], "Allow");
        let sid = statement["Sid"].as_str().unwrap().to_owned();
        (
            sid,
            (texts(&statement["Action"]), texts(&statement["Resource"])),
        )
    };
    statements.map(entry).collect()
}

#[test]
fn the_policy_allows_exactly_these_actions() {
    let mut actions: Vec<String> = Vec::new();
    for (sid, (allowed, resources)) in allowed(&everything()) {
        let is_gateway = allowed == ["apigateway:GET"];
        assert_eq!(is_gateway, resources != ["*"], "{sid}");
        actions.extend(allowed);
    }
    let only_once: BTreeSet<String> = actions.iter().cloned().collect();
    let called = OPERATIONS
        .iter()
        .filter(|operation| operation.service != Service::Sts);
    let called: BTreeSet<String> = called.map(|operation| action(operation)).collect();
    assert_eq!(only_once, called);
    for action in only_once {
        let (_, verb) = action.split_once(':').unwrap();
        let reads = ["Get", "GET", "List", "Describe"];
        assert!(
            reads.iter().any(|start| verb.starts_with(start)),
            "{action} may write"
        );
        assert!(!action.contains('*'), "{action} allows more than one");
    }
}

#[test]
fn what_shows_keys_and_what_leads_to_other_accounts_is_allowed_only_if_asked_for() {
    let services = [Service::ApiGateway];
    let plain = Wanted {
        services: &services,
        ..Wanted::default()
    };
    let of_gateways = "arn:aws:apigateway:*::/";
    let (actions, resources) = &allowed(&plain)["ApiGatewayRead"];
    assert_eq!(actions, &["apigateway:GET"]);
    let paths: Vec<&str> = resources
        .iter()
        .map(|one| one.strip_prefix(of_gateways).unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "domainnames",
            "domainnames/*",
            "restapis",
            "restapis/*",
            "usageplans"
        ]
    );
    assert_eq!(allowed(&plain).len(), 1);

    let roles = ["arn:aws:iam::111111111111:role/audit".to_owned()];
    let more = Wanted {
        api_keys: true,
        roles: &roles,
        ..plain
    };
    let allowed = allowed(&more);
    assert_eq!(
        allowed["OptInSecretsBearing"].1,
        ["apikeys", "usageplans/*/keys"].map(|path| format!("{of_gateways}{path}"))
    );
    assert_eq!(
        allowed["HopToMembers"],
        (vec!["sts:AssumeRole".to_owned()], roles.to_vec())
    );
}

#[test]
fn who_reads_all_regions_may_list_them() {
    let services = [Service::Lambda];
    let wanted = Wanted {
        services: &services,
        all_regions: true,
        ..Wanted::default()
    };
    assert_eq!(allowed(&wanted)["NetworkRead"].0, ["ec2:DescribeRegions"]);
}

#[test]
fn the_policy_fits_into_one_managed_policy() {
    let text = policy(&everything()).to_string();
    assert!(text.len() <= 6144, "{}", text.len());
}

/// A policy of one partition is none in another.
#[test]
fn the_policy_names_the_partition() {
    let of = |roles: &[&str], regions: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let (roles, regions): (Vec<String>, Vec<String>) = (owned(roles), owned(regions));
        let wanted = Wanted {
            roles: &roles,
            regions: &regions,
            ..everything()
        };
        let resource = policy(&wanted)["Statement"][0]["Resource"][0].to_string();
        resource.split(':').nth(1).unwrap().to_owned()
    };
    assert_eq!(of(&[], &["eu-west-1"]), "aws");
    assert_eq!(of(&[], &["cn-north-1"]), "aws-cn");
    assert_eq!(of(&[], &["us-gov-west-1"]), "aws-us-gov");
    assert_eq!(
        of(&["arn:aws-cn:iam::123456789012:role/audit"], &[]),
        "aws-cn"
    );
}
