//! How long a snapshot of a large account takes to be read and to be checked:
//! `cargo bench --bench account`. 300 REST APIs with 25 resources and two stages each, and 5,000
//! security groups, in 20 regions.

#[path = "support/process.rs"]
mod process;

use std::fs;
use std::path::Path;

use process::{Used, best_of_three, measure, peak_megabytes};
use serde_json::{Map, Value, json};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::rules::RULES;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNT: &str = "123456789012";
const REGIONS: usize = 20;
const APIS: usize = 300;
const GROUPS: usize = 5_000;

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--child"), Some(path)) = (words.next().as_deref(), words.next()) {
        return child(Path::new(&path));
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let snapshot = folder.path().join("account.json");
    fs::write(&snapshot, account().to_string()).expect("a file to be written");
    println!("                          CPU s  wall s   read  doors  rules  peak MB    MB   doors");
    best_of_three("300 APIs, 5,000 groups", &snapshot);
}

/// Does what `why403 check` does, and prints the figures.
fn child(path: &Path) {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let input = Input::of(path).expect("an input");
    let (estate, reading) = measure(|| Estate::read(&[input], &known).expect("a readable input"));
    let count = || estate.gates().map(|gate| gate.doors().len()).sum::<usize>();
    let (count, doors) = measure(count);
    let (outcome, rules) = measure(|| check(&estate, RULES, &Settings::default()));
    let fatal: Vec<_> = outcome.problems.iter().filter(|one| one.fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
    let stages = [&reading, &doors, &rules];
    let sum = |figure: fn(&Used) -> f64| stages.into_iter().map(figure).sum::<f64>();
    println!(
        "{:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>8.0} {:>5.1} {count:>7}",
        sum(|stage| stage.cpu),
        sum(|stage| stage.seconds),
        reading.cpu,
        doors.cpu,
        rules.cpu,
        peak_megabytes(),
        outcome.statistics.bytes as f64 / 1e6,
    );
}

fn account() -> Value {
    let mut resources = Map::new();
    let mut operations = Vec::new();
    for region in 0..REGIONS {
        for (service, operation) in [
            ("apigateway", "GetRestApis"),
            ("apigateway", "GetDomainNames"),
            ("apigateway", "GetUsagePlans"),
            ("ec2", "DescribeSecurityGroups"),
        ] {
            operations.push(json!({
                "account": ACCOUNT, "region": name(region), "service": service,
                "operation": operation, "state": "fetched",
            }));
        }
    }
    for api in 0..APIS {
        add_api(&mut resources, api);
    }
    for group in 0..GROUPS {
        let id = format!("sg-{group:08x}");
        let ranges: Vec<Value> = (0..10)
            .map(|host| json!({ "CidrIp": format!("203.0.{}.{host}/32", group % 256) }))
            .collect();
        resources.insert(
            address(group, "ec2/security-group", &id),
            json!({
                "GroupId": id, "GroupName": format!("group-{group}"), "VpcId": "vpc-1",
                "IpPermissions": [{
                    "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges,
                }],
            }),
        );
    }
    json!({
        "why403-snapshot": 1,
        "accounts": [{ "account": ACCOUNT, "partition": "aws" }],
        "operations": operations,
        "resources": resources,
    })
}

fn add_api(resources: &mut Map<String, Value>, api: usize) {
    let id = format!("a{api:09}");
    let cors = json!({
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Headers": "'content-type,authorization'",
    });
    let paths = (0..25).map(|path| {
        let authorization = ["NONE", "AWS_IAM", "CUSTOM"][path % 3];
        let method = json!({
            "authorizationType": authorization, "authorizerId": "auth1",
            "methodIntegration": { "type": "AWS_PROXY" },
        });
        json!({
            "id": format!("r{path}"), "path": format!("/path{path}/{{id}}"),
            "resourceMethods": {
                "GET": method, "POST": method,
                "OPTIONS": {
                    "authorizationType": "NONE",
                    "methodIntegration": {
                        "type": "MOCK",
                        "integrationResponses": { "200": { "responseParameters": cors } },
                    },
                },
            },
        })
    });
    let paths: Vec<Value> = paths.collect();
    let mut put = |kind: &str, content: Value| {
        resources.insert(address(api, &format!("apigateway/{kind}"), &id), content);
    };
    put(
        "rest-api",
        json!({
            "id": id, "name": format!("api-{api}"),
            "endpointConfiguration": { "types": ["REGIONAL"] },
            "policy": { "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": { "IpAddress": { "aws:SourceIp": ["203.0.113.0/24"] } },
            }] },
        }),
    );
    put("resources", json!({ "items": paths }));
    put(
        "authorizers",
        json!({ "items": [{
            "id": "auth1", "name": "tokens", "type": "TOKEN",
            "identitySource": "method.request.header.Authorization",
        }] }),
    );
    put("gateway-responses", json!({ "items": [] }));
    put(
        "stages",
        json!({ "item": [{ "stageName": "prod" }, { "stageName": "dev" }] }),
    );
}

fn name(number: usize) -> String {
    format!("eu-west-{}", number % REGIONS + 1)
}

fn address(number: usize, kind: &str, id: &str) -> String {
    format!("aws://{ACCOUNT}/{}/{kind}/{id}", name(number))
}
