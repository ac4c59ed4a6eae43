//! What is said once, though several rules or lines could say it.

use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::finding::Finding;
use why403::rules::RULES;

fn findings(servers: &str) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("events {{}}\nhttp {{\n{servers}\n}}\n");
    std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let estate = Estate::read(&[Input::of(folder.path()).unwrap()], &known).unwrap();
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    check(&estate, RULES, &settings).findings
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
