//! `why403.yaml`: what is declared, and each mistake at its line.

use why403::config::{Config, Version, read};
use why403::finding::Severity;
use why403::problem::Problem;
use why403::source::Spanned;

const RULES: &[&str] = &["preflight-denied", "credential-dropped"];

fn good(text: &str) -> Config {
    let (config, problems) = read(0, text.as_bytes(), RULES);
    assert_eq!(problems, []);
    config
}

/// The text at which the only problem of a configuration stands, and the problem.
fn mistake(text: &str) -> (&str, Problem) {
    let (_, mut problems) = read(0, text.as_bytes(), RULES);
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    assert!(problem.fatal);
    let span = problem.span.expect("a place");
    (&text[span.start as usize..span.end as usize], problem)
}

#[test]
fn everything_that_can_be_declared() {
    let config = good(
        "egress:
  office: [203.0.113.7, 2001:db8::/32]
  jobs:
    addresses: [198.51.100.0/24]
    calls: [https://shop.test/api]
tokens:
  web-app: { scopes: [read:orders], roles: [], calls: [GET /orders, 'POST /orders/:id'] }
  job: { roles: [admin] }
rules:
  preflight-denied: off
  credential-dropped: note
nginx: { version: 1.22, prefix: /etc/nginx }
paths:
  /etc/nginx/: deploy/nginx/
endpoints:
  API_URL: https://abc.execute-api.eu-west-1.amazonaws.com/prod
",
    );
    let office: Vec<_> = config.egress[0]
        .addresses
        .iter()
        .map(|a| a.value.to_string())
        .collect();
    assert_eq!(office, ["203.0.113.7/32", "2001:db8::/32"]);
    assert_eq!(config.egress[1].name.value, "jobs");
    assert_eq!(config.egress[1].calls[0].value, "https://shop.test/api");
    let [app, job] = config.tokens.as_slice() else {
        panic!("{:?}", config.tokens);
    };
    let names = |list: &Option<Vec<_>>| {
        let names = list.as_ref().map(|names| names.iter());
        names.map(|names| {
            names
                .map(|name: &Spanned<String>| name.value.clone())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(names(&app.scopes), Some(vec!["read:orders".into()]));
    assert_eq!(names(&app.roles), Some(Vec::new()));
    assert_eq!(app.calls[1].value.to_string(), "POST /orders/:id");
    assert_eq!((names(&job.scopes), job.calls.len()), (None, 0));
    let levels: Vec<_> = config.rules.iter().map(|rule| rule.level).collect();
    assert_eq!(levels, [None, Some(Severity::Note)]);
    assert_eq!(
        config.nginx.version.map(|v| v.value),
        Some(Version::new(1, 22, 0))
    );
    assert_eq!(config.paths[0].to.value, "deploy/nginx/");
    let endpoint = &config.endpoints[0];
    assert_eq!(endpoint.name.value, "API_URL");
    assert_eq!(
        endpoint.url.value,
        "https://abc.execute-api.eu-west-1.amazonaws.com/prod"
    );
}

#[test]
fn an_empty_file_declares_nothing() {
    for text in ["", "# nothing\n", "egress:\nrules:\n"] {
        assert!(good(text).egress.is_empty());
    }
}

#[test]
fn a_slip_of_the_finger_is_answered_with_the_right_word() {
    for (text, place, word) in [
        ("egres: {}\n", "egres", "egress"),
        (
            "rules: { preflight-denid: off }\n",
            "preflight-denid",
            "preflight-denied",
        ),
        ("rules: { preflight-denied: warn }\n", "warn", "warning"),
        ("nginx: { verson: 1.22 }\n", "verson", "version"),
        ("endpoint: {}\n", "endpoint", "endpoints"),
        ("tokens: { a: { scopes: [], role: [] } }\n", "role", "roles"),
    ] {
        let (at, problem) = mistake(text);
        assert_eq!(at, place);
        let help = problem.help.expect("a help");
        assert!(help.contains(word), "{help}");
    }
}

#[test]
fn a_wrong_value_is_reported_at_its_place() {
    for (text, place) in [
        ("egress: { office: [203.0.113.0/33] }\n", "203.0.113.0/33"),
        ("egress: { office: 203.0.113.7 }\n", "203.0.113.7"),
        (
            "egress: { office: { addresses: [10.0.0.1], calls: [shop.test] } }\n",
            "shop.test",
        ),
        ("tokens: { a: { scopes: [read write] } }\n", "read write"),
        ("tokens: { a: { scopes: read } }\n", "read"),
        ("tokens: { a: { calls: [GET /] } }\n", "a"),
        (
            "tokens: { a: { roles: [], calls: [/orders] } }\n",
            "/orders",
        ),
        (
            "tokens: { a: { roles: [], calls: [get /orders] } }\n",
            "get /orders",
        ),
        ("nginx: { version: new }\n", "new"),
        ("nginx: { prefix: etc/nginx }\n", "etc/nginx"),
        ("paths: { /etc/nginx/: /deploy/ }\n", "/deploy/"),
        ("endpoints: { API_URL: abc.test }\n", "abc.test"),
        ("endpoints: { API_URL: https:///a }\n", "https:///a"),
        (
            "endpoints: { API_URL: 'https://a.test/?b' }\n",
            "'https://a.test/?b'",
        ),
        (
            "endpoints: { API_URL: [https://a.test] }\n",
            "[https://a.test]",
        ),
        ("endpoints: { $API_URL: https://a.test }\n", "$API_URL"),
        ("rules: { preflight-denied: [off] }\n", "[off]"),
        ("- egress\n", "- egress"),
        ("nginx: {}\nnginx: {}\n", "nginx"),
    ] {
        assert_eq!(mistake(text).0, place, "{text}");
    }
}

#[test]
fn a_mistake_costs_its_entry_only() {
    let (config, problems) = read(
        0,
        b"egress: { office: [nonsense, 10.0.0.1] }\nnginx: { version: 1.28 }\n",
        RULES,
    );
    assert_eq!(problems.len(), 1);
    assert_eq!(config.egress[0].addresses.len(), 1);
    assert!(config.nginx.version.is_some());
}

#[test]
fn what_is_not_yaml_is_reported() {
    let (_, problems) = read(0, b"egress: [\n", RULES);
    assert!(problems.iter().any(|problem| problem.fatal));
}
