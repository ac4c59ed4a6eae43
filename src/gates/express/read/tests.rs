//! Stacks in the order in which the programs themselves were seen to run them, and input of every
//! kind.

use super::super::model::*;
use super::{gateway, loopback, meddleware};
use crate::problem::Problem;
use crate::syntax::document::{self, Document, without_comments};

fn parsed(text: &str) -> Document {
    document::parse(0, &without_comments(text.as_bytes())).unwrap()
}

/// The names of a stack, `[…]` around what stands in a router.
fn names(stack: &[Item]) -> String {
    let told = stack.iter().map(|item| match &item.what {
        What::Use { layer, .. } => layer.name.clone(),
        What::Router { router, .. } => format!("[{}]", names(&router.stack)),
        What::Route { chain, .. } => {
            let chain: Vec<_> = chain.iter().map(|layer| layer.name.as_str()).collect();
            chain.join(" ")
        }
        What::Opaque(_) => "?".into(),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn read(told: (Option<App>, Vec<Problem>)) -> (String, Vec<String>) {
    let problems = told.1.into_iter().map(|problem| problem.message).collect();
    (names(&told.0.unwrap().stack), problems)
}

fn of_loopback(text: &str) -> (String, Vec<String>) {
    let document = parsed(text);
    assert!(loopback::is_one(&document));
    read(loopback::read(&document, "middleware.json"))
}

fn of_meddleware(text: &str) -> (String, Vec<String>) {
    let document = parsed(text);
    assert!(meddleware::is_one(&document));
    read(meddleware::read(&document, "config.json", false))
}

#[test]
fn loopback_runs_phases_in_its_order_and_entries_in_that_of_the_file() {
    // As loopback 3.28 with loopback-boot 2 was seen to run it.
    let text = r#"{
        "initial:before": {"./a": {}}, "initial": {"./b": {}}, "auth": {"./c": {}},
        "mine": {"./d": {}},
        "parse": {"./e": [{"enabled": false}, {"enabled": "false"}, {"path": "/x"}]},
        "routes:after": {"./f": {}}, "routes": {"./g": {}}, "routes:before": {"./h": {}},
        "final": {"./i": {}}}"#;
    let (stack, problems) = of_loopback(text);
    assert_eq!(
        stack,
        "./a, ./b, ./c, ./d, ./e, ./e, ./h, [the application's routes], ./g, ./f, ./i"
    );
    assert_eq!(
        problems,
        [
            "`enabled` is a text, so ./e runs: only `false` itself stops it",
            "LoopBack does not read `path`: ./e runs for every path",
        ]
    );
}

#[test]
fn loopback_does_not_start_with_phases_out_of_order() {
    let (_, problems) = of_loopback(r#"{"final": {"./a": {}}, "routes": {"./b": {}}}"#);
    assert_eq!(
        problems,
        ["LoopBack does not start: the phase routes comes before final, and stands after it"]
    );
}

#[test]
fn meddleware_sorts_by_number_and_takes_what_is_none_for_nearly_nothing() {
    // As meddleware 4 was seen to run it.
    let text = r#"{"middleware": {
        "one": {"priority": 1, "module": {"name": "x"}},
        "none": {"module": {"name": "x"}},
        "text": {"priority": "5", "module": {"name": "x"}},
        "zero": {"priority": 0, "module": {"name": "x"}},
        "below": {"priority": -1, "module": {"name": "x"}},
        "off": {"enabled": false, "module": {"name": "x"}},
        "word": {"enabled": "false", "priority": 2, "module": {"name": "x"}},
        "null": {"enabled": null, "module": {"name": "x"}}}}"#;
    let (stack, problems) = of_meddleware(text);
    assert_eq!(
        stack,
        "below, zero, none, text, one, word, [the application's routes]"
    );
    assert_eq!(
        problems,
        [
            "the priority of text is no number, so it runs after 0 and before 1",
            "`enabled` is a text, which counts as true: word runs",
        ]
    );
}

#[test]
fn kraken_keeps_its_own_entries_where_a_project_changes_one() {
    let text = r#"{"middleware": {
        "appsec": {"enabled": false, "priority": 110}, // another guard
        "router": {"module": {"arguments": [{"directory": "path:./c"}]}}}}"#;
    let (stack, problems) = of_meddleware(text);
    assert_eq!(
        stack,
        "shutdown, favicon, static, logger, json, urlencoded, multipart, cookieParser, session, \
         [router]"
    );
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn a_gateway_runs_the_policies_of_the_pipeline_in_their_order() {
    let text = "
apiEndpoints:
  a: { host: '*', paths: [/a, '${PATH_OF_A}'], methods: 'GET, post' }
  b: [{ host: b.test }, { path: /b2 }]
  lone: {}
policies: [cors, jwt, proxy]
pipelines:
  first: { apiEndpoints: [a, nowhere], policies: [cors:, { jwt: [{ action: {} }] }, proxy: ] }
  second:
    apiEndpoints: [b]
    policies:
      - rate-limit: { condition: { name: never } }
      - cors:
          - { condition: { name: method, methods: GET }, action: {} }
          - { condition: { name: expression }, action: {} }
";
    let document = parsed(text);
    assert!(gateway::is_one(&document));
    let (stack, problems) = read(gateway::read(&document, "gateway.config.yml"));
    assert_eq!(stack, "[cors jwt proxy, cors cors, ], [cors cors]");
    assert_eq!(
        problems,
        [
            "there is no endpoint `nowhere`",
            "Express Gateway does not start: `policies` does not name the policy rate-limit",
        ]
    );
}

/// For which methods the layers of the first route or use run.
fn runs_for(app: &App) -> Vec<&RunsFor> {
    match &app.stack[0].what {
        What::Use { layer, .. } => vec![&layer.runs_for],
        What::Router { router, .. } => match &router.stack[0].what {
            What::Route { chain, .. } => chain.iter().map(|layer| &layer.runs_for).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[test]
fn what_runs_for_some_methods_does_not_run_for_others() {
    let text = r#"{"initial": {"express-jwt": {"methods": ["get"]}}, "final": {}}"#;
    let app = loopback::read(&parsed(text), "x").0.unwrap();
    assert_eq!(runs_for(&app), [&RunsFor::These(vec!["GET".into()])]);
    // A text is not read, so it runs for all.
    let text = r#"{"initial": {"express-jwt": {"methods": "GET"}}, "final": {}}"#;
    let app = loopback::read(&parsed(text), "x").0.unwrap();
    assert_eq!(runs_for(&app), [&RunsFor::All]);

    let text = "
apiEndpoints: { a: {} }
policies: [jwt]
pipelines:
  p:
    apiEndpoints: [a]
    policies:
      - jwt: { condition: { name: not, condition: { name: method, methods: [OPTIONS] } } }
      - jwt: { condition: { name: method, methods: POST } }
      - jwt: { condition: { name: always } }
      - jwt: { condition: { name: not, condition: { name: always } } }
";
    let app = gateway::read(&parsed(text), "x").0.unwrap();
    let names = |name: &str| vec![name.to_owned()];
    assert_eq!(
        runs_for(&app),
        [
            &RunsFor::Others(names("OPTIONS")),
            &RunsFor::These(names("POST")),
            &RunsFor::All,
        ]
    );
    assert!(!RunsFor::Others(names("OPTIONS")).has("OPTIONS"));
}

#[test]
fn what_has_the_name_only_is_none_of_them() {
    let others = [
        "[]",
        "{}",
        "1",
        "null",
        "{\"middleware\": 1}",
        "{\"middleware\": [1, {}]}",
        "{\"initial\": {}, \"final\": 1}",
        "{\"initial\": {\"a\": \"b\"}, \"final\": {}}",
        "{\"routes\": [], \"files\": []}",
        "{\"middleware\": {\"load\": {\"order\": []}}}",
        "{\"pipelines\": 1, \"apiEndpoints\": 2}",
        "{\"middleware\": {\"session\": {\"module\": \"m\"}}}",
    ];
    for text in others {
        let document = parsed(text);
        assert!(!loopback::is_one(&document), "{text}");
        assert!(!meddleware::is_one(&document), "{text}");
        assert!(!gateway::is_one(&document), "{text}");
    }
}

#[test]
fn values_of_any_kind_in_any_place_are_read_without_harm() {
    let values = [
        "null",
        "1",
        "\"x\"",
        "[]",
        "[[], 1]",
        "{}",
        "{\"a\": {}}",
        "\"${X}\"",
        "\"${\"",
    ];
    for value in values {
        for key in ["params", "paths", "methods", "enabled", "path", "verbs"] {
            let text = format!(r#"{{"initial": {{"cors": {{"{key}": {value}}}}}, "final": {{}}}}"#);
            loopback::read(&parsed(&text), "x");
        }
        for key in ["priority", "enabled", "route", "module", "parallel"] {
            let text = format!(r#"{{"middleware": {{"router": {{"{key}": {value}}}}}}}"#);
            meddleware::read(&parsed(&text), "x", true);
        }
        for key in [
            "host",
            "hostRegex",
            "paths",
            "pathRegex",
            "methods",
            "scopes",
        ] {
            let text = format!(
                r#"{{"apiEndpoints": {{"a": {{"{key}": {value}}}}}, "pipelines": {{"p": {{
                    "apiEndpoints": ["a"], "policies": [{{"cors": {value}}}, {value},
                    {{"proxy": [{{"action": {value}, "condition": {value}}}]}}]}}}},
                    "policies": {value}, "http": {value}, "serviceEndpoints": {value}}}"#
            );
            gateway::read(&parsed(&text), "x");
        }
    }
}
