//! What is said once, though several rules or lines could say it.

use why403::check::{Outcome, Settings, check};
use why403::estate::{Estate, Input};
use why403::finding::Finding;
use why403::report::human;
use why403::report::text::Terminal;
use why403::rules::RULES;

fn findings(servers: &str) -> Vec<Finding> {
    outcome(servers).1.findings
}

fn outcome(servers: &str) -> (Estate, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("events {{}}\nhttp {{\n{servers}\n}}\n");
    std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let estate = Estate::read(&[Input::of(folder.path()).unwrap()], &known).unwrap();
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    let outcome = check(&estate, RULES, &settings);
    (estate, outcome)
}

#[test]
fn one_note_tells_of_all_lines_that_lead_to_one_host() {
    let location = |n: u32| {
        format!(
            "location /{n}/ {{ proxy_pass https://www.shop-{}.com/; }}",
            n % 2
        )
    };
    let locations: Vec<String> = (0..10).map(location).collect();
    let found = findings(&format!(
        "server {{ listen 80; server_name shop.test; {} }}",
        locations.join("\n")
    ));
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["upstream-sni-missing"; 2]);
    assert_eq!(found[0].related.len(), 2);
    assert!(
        found[0]
            .primary
            .text
            .ends_with("so do 2 more lines than are shown here")
    );
}

#[test]
fn a_wildcard_on_the_preflight_alone_is_told_by_one_rule() {
    let found = findings(
        "server {
            listen 80;
            server_name api.shop.test;
            location / {
                if ($request_method = OPTIONS) {
                    add_header Access-Control-Allow-Origin *;
                    add_header Access-Control-Allow-Credentials true;
                    add_header Access-Control-Allow-Headers X-Requested-With;
                    return 204;
                }
                proxy_pass http://127.0.0.1:3000;
            }
        }",
    );
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["cors-only-on-preflight"]);
}

#[test]
fn the_witness_is_a_request_that_callers_send() {
    let found = findings(
        "server {
            listen 80;
            server_name api.shop.test;
            add_header Access-Control-Allow-Origin https://shop.test;
            location /nginx-status { stub_status; }
            location /orders/ { proxy_pass http://127.0.0.1:3000; }
            location /api/ { proxy_pass http://127.0.0.1:3000; }
        }",
    );
    let witness = |finding: &Finding| finding.witness.as_ref().map(|sent| sent.request.url());
    let urls: Vec<_> = found.iter().map(witness).collect();
    assert_eq!(
        urls,
        [Some("http://api.shop.test/api/x".to_owned())],
        "{found:#?}"
    );
}

#[test]
fn many_variables_take_one_line_of_a_course() {
    let settings: Vec<String> = (0..20).map(|n| format!("set $v{n} {n};")).collect();
    let (estate, outcome) = outcome(&format!(
        "server {{
            listen 80;
            server_name api.shop.test;
            {}
            add_header Access-Control-Allow-Origin https://shop.test always;
            location / {{ add_header X-A a; proxy_pass http://127.0.0.1:3000; }}
        }}",
        settings.join("\n")
    ));
    let terminal = Terminal {
        colour: false,
        width: 80,
    };
    let text = human::render(&outcome, &estate.sources, terminal, false);
    assert!(
        text.contains("sets $v0, $v1, $v2 and 17 more variables"),
        "{text}"
    );
    assert_eq!(text.matches("sets $").count(), 1, "{text}");
}
