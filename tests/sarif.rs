//! SARIF against the standard's schema and Microsoft's validator, which knows the rules that a
//! schema cannot say, and what GitHub asks for on top.

mod outcome;

use std::path::{Path, PathBuf};
use std::process::Command;

use outcome::{Example, example};
use serde_json::{Value, json};
use why403::report::sarif;
use why403::rules::{Question, Rule};

fn rules() -> [Rule; 2] {
    [
        Rule {
            id: "preflight-denied",
            question: Question::Preflight,
            page: include_str!("outcome/preflight-denied.md"),
            checks: &[],
        },
        Rule {
            id: "call-refused",
            question: Question::Call,
            page: include_str!("outcome/call-refused.md"),
            checks: &[],
        },
    ]
}

fn text() -> String {
    let Example { outcome, sources } = example();
    sarif::render_with(&outcome, &sources, &rules())
}

fn log() -> Value {
    serde_json::from_str(&text()).expect("SARIF is JSON")
}

fn run() -> Value {
    log()["runs"][0].clone()
}

/// All that the schema has to say against a log.
fn schema_errors(log: &Value) -> Vec<String> {
    let schema = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    validator
        .iter_errors(log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn it_follows_the_schema() {
    assert_eq!(schema_errors(&log()), Vec::<String>::new());
}

#[test]
fn the_schema_sees_what_is_wrong() {
    let mut log = log();
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] =
        json!("a b");
    log["runs"][0]["columnKind"] = json!("bytes");
    assert_eq!(schema_errors(&log).len(), 2);
}

#[test]
fn the_rule_book_is_in_it() {
    let driver = &run()["tool"]["driver"];
    assert_eq!(driver["name"], "why403");
    assert_eq!(driver["semanticVersion"], env!("CARGO_PKG_VERSION"));
    let rule = &driver["rules"][0];
    assert_eq!(rule["id"], "preflight-denied");
    assert_eq!(rule["name"], "PreflightDenied");
    assert_eq!(rule["shortDescription"]["text"], "A preflight is refused.");
    assert_eq!(
        rule["fullDescription"]["text"],
        "A preflight is refused while the request that it announces would pass."
    );
    let page = rule["help"]["markdown"].as_str().unwrap();
    assert!(page.starts_with("A preflight") && page.ends_with("Let it pass.\n"));
    assert_eq!(
        rule["helpUri"],
        "https://github.com/why403/why403/blob/main/rules/preflight/preflight-denied.md"
    );
    assert_eq!(
        rule["properties"],
        json!({ "tags": ["security", "preflight", "nginx"], "precision": "high",
                "problem.severity": "error", "security-severity": "7.0" })
    );
    assert_eq!(
        driver["rules"][1]["defaultConfiguration"]["level"],
        "warning"
    );
}

#[test]
fn results_name_their_rule_level_and_place() {
    let run = run();
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "preflight-denied");
    assert_eq!(result["ruleIndex"], 0);
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["message"]["text"],
        "the preflight of POST /api is refused.\n\
         Meant to pass: the server sends CORS headers.\n\
         allow the address above this line."
    );
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": { "uri": "caf%C3%A9/a%20b%231.conf", "uriBaseId": "%SRCROOT%", "index": 0 },
            "region": { "startLine": 2, "startColumn": 18, "endLine": 2, "endColumn": 27,
                        "snippet": { "text": "deny all;" } } })
    );
    let levels: Vec<_> = run["results"].as_array().unwrap()[..3]
        .iter()
        .map(|result| &result["level"])
        .collect();
    assert_eq!(levels, ["error", "warning", "note"]);
}

#[test]
fn related_places_have_ids_and_tell_the_intent() {
    let related = &run()["results"][0]["relatedLocations"];
    assert_eq!(related.as_array().unwrap().len(), 2);
    assert_eq!(related[0]["id"], 1);
    assert_eq!(related[0]["message"]["text"], "CORS is meant here.");
    assert_eq!(related[1]["id"], 2);
    assert_eq!(
        related[1]["message"]["text"],
        "Meant to pass: the server sends CORS headers."
    );
}

#[test]
fn the_witness_is_a_flow_over_two_files() {
    let flow = &run()["results"][0]["codeFlows"][0];
    assert_eq!(
        flow["message"]["text"],
        "OPTIONS https://b\u{fc}cher.test/api?x=1, when the sender's address is not in 10.0.0.0/8."
    );
    let steps: Vec<_> = flow["threadFlows"][0]["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["executionOrder"].as_u64().unwrap(),
                step["location"]["physicalLocation"]["artifactLocation"]["uri"]
                    .as_str()
                    .unwrap(),
                step["importance"].as_str().unwrap(),
                step["location"]["message"]["text"].as_str().unwrap(),
            )
        })
        .collect();
    let latin1 = "caf%C3%A9/a%20b%231.conf";
    assert_eq!(
        steps,
        [
            (
                1,
                "deploy/nginx.conf",
                "important",
                "enters server b\u{fc}cher.test."
            ),
            (2, latin1, "unimportant", "asks."),
            (
                3,
                latin1,
                "essential",
                "answers 403: refuses the sender's address."
            ),
        ]
    );
}

#[test]
fn a_section_points_into_the_dump_and_stdin_has_a_legal_uri() {
    let run = run();
    let place = &run["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stdin");
    assert_eq!(place["artifactLocation"].get("uriBaseId"), None);
    assert_eq!(place["region"]["startLine"], 41);
    assert_eq!(place["region"]["endLine"], 42);
    let index = place["artifactLocation"]["index"].as_u64().unwrap() as usize;
    assert_eq!(run["artifacts"][index]["roles"], json!(["standardStream"]));
}

#[test]
fn hostile_text_stays_text() {
    let run = run();
    let result = &run["results"][2];
    assert_eq!(
        result["message"]["text"],
        "refused: 100%<U+000D>\n::error::own<U+001B>[2J,a:b <U+009B>31m<U+202E> \
         [x] (http://evil.test) {{0}}."
    );
    assert_eq!(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "evil%0A%3A%3Aerror%3A%3Ax,y%25.conf"
    );
    let text = text();
    let raw = text.chars().find(|char| char.is_control() && *char != '\n');
    assert_eq!(raw, None);
    assert!(!text.contains("s3cr3t"));
}

#[test]
fn suppressions_say_who_and_why() {
    let run = run();
    let results = run["results"].as_array().unwrap();
    assert!(results[..3].iter().all(|r| r["suppressions"] == json!([])));
    let comment = &results[3]["suppressions"][0];
    assert_eq!(comment["kind"], "inSource");
    assert_eq!(comment["justification"], "wanted");
    assert_eq!(
        comment["location"]["physicalLocation"]["region"]["startLine"],
        2
    );
    assert_eq!(
        results[4]["suppressions"],
        json!([{ "kind": "external", "status": "accepted", "justification": "known before" }])
    );
}

#[test]
fn fingerprints_are_under_our_own_key() {
    for result in run()["results"].as_array().unwrap() {
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert_eq!(prints.keys().collect::<Vec<_>>(), ["why403/v1"]);
        assert_eq!(prints["why403/v1"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn problems_are_notifications() {
    let invocation = &run()["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = &invocation["toolExecutionNotifications"];
    assert_eq!(notifications[0]["level"], "error");
    assert_eq!(
        notifications[0]["message"]["text"],
        "no file matches `/etc/x`.\nmap it under `paths:`."
    );
    assert_eq!(
        notifications[0]["locations"][0]["physicalLocation"]["region"]["startColumn"],
        28
    );
    assert_eq!(notifications[1]["level"], "warning");
    assert_eq!(notifications[1].get("locations"), None);
}

#[test]
fn a_quiet_run_is_legal_too() {
    let text = sarif::render(&Default::default(), &Default::default());
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema_errors(&log), Vec::<String>::new());
    assert_eq!(validate(&text), Vec::<String>::new());
    assert_eq!(log["runs"][0]["results"], json!([]));
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
fn microsofts_validator_has_nothing_to_say() {
    assert_eq!(validate(&text()), Vec::<String>::new());
}

#[test]
fn microsofts_validator_sees_what_is_wrong() {
    let mut log = log();
    let run = &mut log["runs"][0];
    run["results"][0]["ruleIndex"] = json!(7);
    run["tool"]["driver"]["rules"][1]["id"] = json!("preflight-denied");
    let seen = validate(&log.to_string());
    assert!(
        seen.iter().any(|line| line.contains("ruleIndex")),
        "{seen:#?}"
    );
}

/// The validator's own results, as lines.
///
/// Its notes are left out: one of their rules fetches every URL, and the others ask for what we
/// leave out on purpose (file contents, numbered rules, messages that only a table resolves).
fn validate(log: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("why403.sarif");
    let report = folder.path().join("validation.sarif");
    std::fs::write(&path, log).unwrap();
    let output = Command::new(multitool())
        .arg("validate")
        .arg(&path)
        .args(["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"])
        .arg("--output")
        .arg(&report)
        // It needs no locale data, and without this it does not start where libicu is missing.
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output()
        .expect("the SARIF validator starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("Analysis completed successfully"),
        "the SARIF validator failed: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let bytes = std::fs::read(&report).expect("the validator writes its report");
    let text = String::from_utf8(bytes).unwrap();
    let report: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| format!("{} {}", result["ruleId"], result["message"]))
        .collect()
}

/// The program itself, without its launcher in JavaScript: that one hands the arguments to a shell,
/// which ends the command at the `;`.
fn multitool() -> PathBuf {
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        _ => "linux",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/node_modules/@microsoft")
        .join(format!("sarif-multitool-{platform}"))
        .join(format!("Sarif.Multitool{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "the SARIF validator is not installed; run `tests/run`, which installs it"
    );
    path
}
