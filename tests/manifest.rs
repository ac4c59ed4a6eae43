//! The manifest's schema and its reader agree, and a mistake is told at its place.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use why403::estate::{Estate, Input};
use why403::gate::Gate;
use why403::report::manifest;
use why403::rules::RULES;
use why403::syntax::document::{self, Kind, Node, Style};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/express.v1.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A document as JSON has it.
fn json(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Scalar(text, Style::Plain) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.into()))
        }
        Kind::Scalar(text, _) => Value::String(text.into()),
        Kind::Sequence(items) => Value::Array(items.map(json).collect()),
        Kind::Mapping(entries) => {
            let entries = entries.map(|(key, value)| (key.text().unwrap().to_owned(), json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn parse(text: &str) -> Value {
    json(document::parse(0, text.as_bytes()).unwrap().root().unwrap())
}

#[test]
fn every_manifest_of_the_rule_book_fits_the_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut seen = 0;
    for rule in RULES {
        let page = rule.meta().unwrap();
        let cases = page.bad.iter().chain(&page.good);
        for file in cases.flat_map(|case| &case.files) {
            if file.text.starts_with("manifest:") {
                let errors: Vec<String> = schema
                    .iter_errors(&parse(file.text))
                    .map(|error| error.to_string())
                    .collect();
                assert!(errors.is_empty(), "{}: {errors:?}\n{}", rule.id, file.text);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} manifests were found");
}

/// What the program complains of, as `line:column message (help)`.
fn complaints(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.yaml"), text).unwrap();
    let estate = Estate::read(&[Input::of(folder.path()).unwrap()], &[]).unwrap();
    let told = estate.problems.iter().map(|problem| {
        let place = problem.span.map_or(String::new(), |span| {
            let at = estate.sources.at(span).position(span.start);
            format!("{}:{} ", at.line, at.column)
        });
        let help = problem.help.as_deref().unwrap_or("");
        format!("{place}{} ({help})", problem.message)
    });
    told.collect()
}

#[test]
fn a_mistake_is_told_at_its_place_with_the_nearest_right_word() {
    let text = "manifest: express/v1\n\
                stak: []\n\
                stack:\n\
                \x20 - { use: cors, wiht: {} }\n\
                \x20 - inline:beaver\n\
                \x20 - { route: GET /a, chain: [inline:handler] }\n";
    assert_eq!(
        complaints(text),
        [
            "2:1 a manifest has no key `stak` (did you mean `stack`?)",
            "4:18 a layer has no key `wiht` (did you mean `with`?)",
            "5:5 `inline:beaver` is no kind of middleware (did you mean `inline:bearer`?)",
        ]
    );
    let schema = jsonschema::validator_for(&schema()).unwrap();
    assert!(!schema.is_valid(&parse(text)));
}

#[test]
fn what_stands_for_itself_and_what_is_nested_too_deep_ends() {
    let circle = "manifest: express/v1\n\
                  middleware: { a: { use: b }, b: { use: a } }\n\
                  stack: [a]\n";
    assert_eq!(complaints(circle), ["2:40 `a` stands for itself ()"]);

    let mut deep = String::from("manifest: express/v1\nstack: ");
    let levels = 2_000;
    deep.push_str(&"[{ router: { stack: ".repeat(levels));
    deep.push_str("[]");
    deep.push_str(&" } }]".repeat(levels));
    assert!(!complaints(&deep).is_empty());
}

#[test]
fn another_version_and_a_document_that_is_none_are_told() {
    let told = complaints("manifest: express/v2\nstack: []\n");
    assert_eq!(told[1], "1:11 this program reads `express/v1` manifests ()");
    let told = complaints("manifest: express/v1\nstack: [\n");
    assert!(!told.is_empty());
    let told = complaints("manifest: express/v1\nstack: cors\n");
    assert_eq!(
        told,
        ["2:8 a stack is a list, in the order of registration ()"]
    );
}

#[test]
fn what_is_written_of_a_source_reads_back_with_the_same_verdicts() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shopfront");
    let read = |path: &Path| Estate::read(&[Input::of(path).unwrap()], &[]).unwrap();
    let of_source = read(&project);
    let app = &of_source.express[0];
    let text = manifest::render(app.app(), &of_source.sources);
    assert!(
        text.contains("\"source\": \"") && text.contains("app.ts:12\""),
        "{text}"
    );
    let schema = jsonschema::validator_for(&schema()).unwrap();
    assert!(schema.is_valid(&parse(&text)), "{text}");

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("middleware.json"), &text).unwrap();
    let again = read(folder.path());
    assert!(again.problems.is_empty(), "{:?}", again.problems);
    let copy = &again.express[0];
    assert_eq!(app.doors().len(), copy.doors().len());
    let mut compared = 0;
    for door in app.doors() {
        let Ok(example) = &door.example else { continue };
        for method in [example.method.as_str(), "OPTIONS", "DELETE"] {
            for credential in [None, Some("Bearer x"), Some("Basic eDp4")] {
                let mut request = example.clone();
                request.method = method.into();
                request.headers.push("Origin", "https://app.test");
                if let Some(credential) = credential {
                    request.headers.push("Authorization", credential);
                }
                let ends = |gate: &dyn Gate| -> Vec<String> {
                    let courses = gate.pass(&request);
                    courses
                        .iter()
                        .map(|course| course.end.to_string())
                        .collect()
                };
                assert_eq!(ends(app), ends(copy), "{method} {}", door.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} requests were compared");
}
