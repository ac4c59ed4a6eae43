//! The formats for programs, but for SARIF: JSON and GitHub's workflow commands.

mod outcome;

use outcome::{Example, example};
use serde_json::{Value, json};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::report::text::Terminal;
use why403::report::{github, human, json as json_format, sarif};
use why403::rules::RULES;

fn document() -> Value {
    let Example { outcome, sources } = example();
    let text = json_format::render(&outcome, &sources);
    serde_json::from_str(&text).expect("the output is one JSON document")
}

#[test]
fn json_follows_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/check.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document())
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn the_schema_refuses_a_broken_document() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/check.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (pointer, wrong) in [
        ("/version", json!(2)),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/location/line", json!(0)),
        ("/findings/0/witness/request/headers/0", json!(["Origin"])),
        ("/suppressed/0/suppression", json!(null)),
        ("/problems/0/location", json!({ "file": "x" })),
    ] {
        let mut broken = document();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        assert!(!validator.is_valid(&broken), "{pointer} may be anything");
    }
}

#[test]
fn json_tells_place_witness_and_intent() {
    let document = document();
    let finding = &document["findings"][0];
    assert_eq!(finding["rule"], "preflight-denied");
    assert_eq!(
        finding["location"],
        json!({ "file": "caf\u{e9}/a b#1.conf", "line": 2, "column": 18, "end_line": 2,
                "end_column": 27, "text": "refuses every address" })
    );
    assert_eq!(
        finding["witness"]["request"],
        json!({ "method": "OPTIONS", "url": "https://b\u{fc}cher.test/api?x=1", "from": null,
                "unknown": "nobody said",
                "headers": [["Origin", "https://app.test"],
                            ["Authorization", "Bearer <redacted>"],
                            ["Cookie", "<redacted>"],
                            ["X-Trace", null, { "unknown": "set by Lua" }]] })
    );
    assert_eq!(
        finding["witness"]["when"],
        json!(["the sender's address is not in 10.0.0.0/8"])
    );
    assert_eq!(finding["witness"]["steps"][0]["file"], "deploy/nginx.conf");
    assert_eq!(finding["witness"]["steps"][2]["text"], "deny all;");
    assert_eq!(finding["witness"]["status"], 403);
    assert_eq!(finding["intent"]["location"]["line"], 3);
}

#[test]
fn json_points_into_the_dump() {
    let location = &document()["findings"][1]["location"];
    assert_eq!(
        *location,
        json!({ "file": "<stdin>", "line": 41, "column": 23, "end_line": 42, "end_column": 12,
                "section": "/etc/nginx/conf.d/x.conf", "text": "refuses every address" })
    );
}

#[test]
fn json_tells_suppressions_problems_and_statistics() {
    let document = document();
    assert_eq!(document["suppressed"][0]["suppression"]["by"], "comment");
    assert_eq!(
        document["suppressed"][0]["suppression"]["location"]["line"],
        2
    );
    assert_eq!(
        document["suppressed"][1]["suppression"],
        json!({ "by": "baseline", "reason": "known before", "location": null })
    );
    assert_eq!(document["problems"][0]["fatal"], true);
    assert_eq!(document["problems"][1]["location"], json!(null));
    let hostile = document["problems"][1]["message"].as_str().unwrap();
    assert_eq!(hostile, format!("not read: {}", outcome::HOSTILE));
    assert_eq!(
        document["statistics"]["unprobed"][0]["location"]["line"],
        41
    );
}

#[test]
fn nothing_in_an_input_reaches_a_terminal_as_a_control_character() {
    let Example { outcome, sources } = example();
    for text in [
        json_format::render(&outcome, &sources),
        github::render(&outcome, &sources),
    ] {
        let raw = text
            .chars()
            .find(|char| (char.is_control() && *char != '\n') || *char == '\u{202e}');
        assert_eq!(raw, None);
        assert!(!text.contains("s3cr3t"));
    }
}

#[test]
fn each_github_line_is_one_command_of_ours() {
    let Example { outcome, sources } = example();
    let text = github::render(&outcome, &sources);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "::error file=caf\u{e9}/a b#1.conf,line=2,endLine=2,col=18,endColumn=27,\
             title=preflight-denied::the preflight of POST /api is refused%0A\
             meant to pass: the server sends CORS headers%0Ahelp: allow the address above this line",
            "::warning file=<stdin>,line=41,endLine=42,title=call-refused::GET / is refused.%0A\
             meant to pass: why403.yaml says so%0Ahelp: allow the address above this line",
            "::notice file=evil%0A%3A%3Aerror%3A%3Ax%2Cy%25.conf,line=1,endLine=1,col=1,endColumn=12,\
             title=call-refused::refused: 100%25<U+000D>%0A::error::own<U+001B>[2J,a:b \
             <U+009B>31m<U+202E> [x](http://evil.test) {0}",
            "::error file=deploy/nginx.conf,line=2,endLine=2,col=28,endColumn=35,\
             title=why403::no file matches `/etc/x`%0Ahelp: map it under `paths:`",
            "::warning title=why403::not read: 100%25<U+000D>%0A::error::own<U+001B>[2J,a:b \
             <U+009B>31m<U+202E> [x](http://evil.test) {0}",
        ]
    );
}

/// A token that is written out in a configuration stands in no output, wherever its line is shown.
#[test]
fn no_format_repeats_a_credential_of_the_configuration() {
    const SECRET: &str = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0";
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "events {{}}
http {{ server {{ listen 80; server_name api.shop.test;
    location / {{
        add_header Access-Control-Allow-Origin https://shop.test;
        add_header Access-Control-Allow-Headers Authorization;
        set $token \"Bearer {SECRET}\";
        proxy_set_header X-Api-Key '{SECRET}'; # proxy_set_header Authorization \"Basic {SECRET}\";
        proxy_set_header Authorization
            \"Bearer {SECRET}\";
        proxy_pass http://127.0.0.1:3000;
    }}
    location /b/ {{
        proxy_set_header Authorization \"Bearer {SECRET}\";
        proxy_pass http://127.0.0.1:3000;
    }}
    location /c/ {{ proxy_set_header Authorization $http_authorization; proxy_pass http://127.0.0.1:3000; }}
}} }}
"
    );
    std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let estate = Estate::read(&[Input::of(folder.path()).unwrap()], &known).unwrap();
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    let outcome = check(&estate, RULES, &settings);
    let sources = &estate.sources;
    let paper = Terminal {
        colour: false,
        width: 120,
    };
    let rules: Vec<&str> = outcome.findings.iter().map(|one| one.rule).collect();
    assert!(rules.contains(&"authorization-overwritten"), "{rules:?}");
    for output in [
        human::render(&outcome, sources, paper, true),
        json_format::render(&outcome, sources),
        sarif::render(&outcome, sources),
        github::render(&outcome, sources),
    ] {
        assert!(!output.contains(SECRET), "{output}");
        assert!(!output.contains(&SECRET[5..]), "{output}");
    }
    let shown = human::render(&outcome, sources, paper, true);
    assert!(shown.contains("\"Bearer ****"), "{shown}");
}
