//! The account with planted defects, as somebody sees it who may not see all: nothing is found in it
//! that is not there, and what was not seen is told.

use std::collections::BTreeSet;
use std::process::Output;
use std::thread;

use serde_json::Value;
use why403::aws::operation::{OPERATIONS, Operation};

use crate::emulator::{Kind, why403};
use crate::planted::{Account, REGIONS};
use crate::proxy;

/// As requests are signed for them, which is as permissions are given.
const SERVICES: [&str; 7] = [
    "apigateway",
    "cloudfront",
    "ec2",
    "elasticloadbalancing",
    "iam",
    "lambda",
    "wafv2",
];

/// Which rule finds something, where.
type Found = BTreeSet<(String, String)>;

fn report(output: &Output) -> Value {
    let error = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", error()))
}

fn found(report: &Value) -> Found {
    let findings = report["findings"].as_array().unwrap().iter();
    let found = findings.map(|finding| {
        let rule = finding["rule"].as_str().unwrap().to_owned();
        (rule, finding["location"].to_string())
    });
    found.collect()
}

/// What is wrong with a report of which a part is not seen.
fn judge(what: &str, output: &Output, all: &Found, told: &[&str]) -> Vec<String> {
    let report = report(output);
    let here = found(&report);
    let mut wrong: Vec<String> = here
        .difference(all)
        .map(|(rule, at)| format!("{what}: {rule} is not there: {at}"))
        .collect();
    if output.status.code() != Some(2) {
        wrong.push(format!("{what}: it ends with {:?}", output.status.code()));
    }
    let problems = report["problems"].to_string();
    let silent = told.iter().filter(|text| !problems.contains(**text));
    wrong.extend(silent.map(|text| format!("{what}: {text:?} is not told: {problems}")));
    wrong
}

#[test]
fn what_is_denied_is_told_and_makes_nothing_look_wrong() {
    let account = Account::plant(Kind::Ministack);
    let (folder, answers) = (account.folder.path(), proxy::Answers::default());
    let through = |denied| proxy::start(&account.emulator.endpoint, &answers, denied);
    let fetched = ["--region", REGIONS, "--with-api-keys"];
    let audit = [&["audit", "--format", "json", "--strict"], &fetched[..]].concat();

    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("aws.json");
    let write = [&["snapshot", "-o", file.to_str().unwrap()], &fetched[..]].concat();
    // All at once: it is not the machine that they wait for, but the rates that AWS allows.
    let (written, audits) = thread::scope(|scope| {
        let endpoint = through(None);
        let written = scope.spawn(move || why403(&endpoint, folder, &write));
        let audits = SERVICES.map(|service| {
            let (endpoint, audit) = (through(Some(service)), &audit);
            scope.spawn(move || why403(&endpoint, folder, audit))
        });
        let audits = audits.map(|run| run.join().unwrap());
        (written.join().unwrap(), audits)
    });
    assert!(written.status.success(), "{written:?}");
    let snapshot: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let check = |snapshot: &Value| {
        let path = folder.join("aws.json");
        std::fs::write(&path, snapshot.to_string()).unwrap();
        let output = account
            .emulator
            .why403(folder, &["check", "--format", "json", "--strict"]);
        std::fs::remove_file(path).unwrap();
        output
    };
    let all = found(&report(&check(&snapshot)));
    assert!(all.len() > 20, "{all:#?}");

    let mut wrong = Vec::new();
    for (service, output) in SERVICES.iter().zip(&audits) {
        wrong.extend(judge(service, output, &all, &[" was denied "]));
    }
    for operation in OPERATIONS {
        if let Some(denied) = without(&snapshot, operation) {
            let name = operation.name;
            let output = check(&denied);
            let told = format!("{}:{name} was denied", operation.service.name());
            wrong.extend(judge(name, &output, &all, &[&told]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The snapshot of somebody who may not call this; `None` if nothing was there to be seen.
fn without(snapshot: &Value, denied: &Operation) -> Option<Value> {
    let mut snapshot = snapshot.clone();
    let service = denied.service.name();
    let mut is_any = false;
    for entry in snapshot["operations"].as_array_mut().unwrap() {
        if entry["service"] == service && entry["operation"] == denied.name && entry["count"] != 0 {
            is_any = true;
            let entry = entry.as_object_mut().unwrap();
            entry.remove("count");
            entry.insert("state".into(), "denied".into());
            entry.insert("error".into(), "AccessDenied: no".into());
        }
    }
    let kinds: &[&str] = match (denied.name, denied.brings) {
        ("GetAccountAuthorizationDetails", _) => &["user", "role", "group", "policy"],
        // Whatever is asked next is not asked then: as when all of the service is denied.
        (_, "") => return None,
        (_, kind) => &[kind],
    };
    let resources = snapshot["resources"].as_object_mut().unwrap();
    resources.retain(|address, _| {
        let mut parts = address.split('/').skip(4);
        let (of, kind) = (parts.next(), parts.next().unwrap());
        of != Some(service) || !kinds.contains(&kind)
    });
    is_any.then_some(snapshot)
}
