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
    assert_eq!(told, ["1:11 this program reads `express/v1` manifests ()"]);
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
    let text = reads_back(&project);
    assert!(
        text.contains("\"source\": \"") && text.contains("app.ts:12\""),
        "{text}"
    );
}

#[test]
fn checks_for_some_methods_are_printed_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let source = "
        const app = require('express')();
        app.use((req, res, next) => {
            if (req.method === 'OPTIONS') return res.sendStatus(204);
            if (!req.headers.authorization) return res.sendStatus(401);
            next();
        });
        app.use((req, res, next) => {
            if (['GET', 'HEAD'].includes(req.method)) return next();
            if (!req.get('x-csrf-token')) return res.status(403).end();
            next();
        });
        app.get('/a', (req, res) => res.json({}));
        app.delete('/a', (req, res) => res.json({}));
        app.listen(3000);
    ";
    fs::write(folder.path().join("app.js"), source).unwrap();
    let manifest = parse(&reads_back(folder.path()));
    assert_eq!(manifest["stack"][0]["behaves"]["with"]["endsOptions"], 204);
    assert_eq!(
        manifest["stack"][1]["except"],
        serde_json::json!(["GET", "HEAD"])
    );
}

#[test]
fn what_is_asked_of_a_token_is_printed_and_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let source = "
        const express = require('express');
        const { expressjwt } = require('express-jwt');
        const { auth, requiredScopes } = require('express-oauth2-jwt-bearer');
        const authz = require('express-jwt-authz');
        const guard = require('express-jwt-permissions')({ requestProperty: 'auth' });
        const app = express();
        const only = (...roles) => (req, res, next) => {
            if (!req.user) return res.sendStatus(401);
            if (!roles.includes(req.user.role)) return res.sendStatus(403);
            next();
        };
        const end = (req, res) => res.json({});
        app.delete('/a', auth(), requiredScopes('read:a write:a'), end);
        app.use('/b', expressjwt({ secret: 's', algorithms: ['HS256'] }).unless({ path: ['/b/c'] }));
        app.get('/b', authz(['read:b', 'all'], { customUserKey: 'auth' }), end);
        app.get('/b/c', guard.check([['one', 'two'], ['three']]), end);
        app.get('/b/d', only('admin', 'owner'), end);
        app.get('/e', (req, res, next) => { req.user = lookup(req); next(); }, only('admin'), end);
        app.listen(3000);
    ";
    fs::write(folder.path().join("app.js"), source).unwrap();
    let text = reads_back(folder.path());
    let manifest = parse(&text);
    let asked = |route: usize, layer: usize| &manifest["stack"][route]["chain"][layer]["requires"];
    let all = serde_json::json!({ "scopes": { "allOf": ["read:a", "write:a"], "claim": "scope" } });
    assert_eq!(*asked(0, 1), all, "{text}");
    let any = serde_json::json!({ "scopes": { "anyOf": ["read:b", "all"], "claim": "scope" } });
    assert_eq!(*asked(2, 0), any);
    let roles = serde_json::json!({ "roles": { "anyOf": ["admin", "owner"], "claim": "role" } });
    assert_eq!(*asked(4, 0), roles);
}

#[test]
fn what_a_route_requires_decides_on_the_token() {
    let text = "manifest: express/v1
stack:
  - { route: GET /orders, requires: { auth: required, scopes: { allOf: [read, list] } }, chain: [inline:handler] }
  - { use: ./staff.js#only, at: /staff, requires: { roles: { anyOf: [admin], claim: groups } } }
  - { route: GET /staff, chain: [inline:handler] }
";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.yaml"), text).unwrap();
    let estate = Estate::read(&[Input::of(folder.path()).unwrap()], &[]).unwrap();
    let app = &estate.express[0];
    let ends = |path: &str, claims: Option<&str>| -> Vec<String> {
        let mut request = app.doors()[0].example.clone().unwrap();
        request.target = path.into();
        if let Some(claims) = claims {
            let value = format!("Bearer {}", token(claims));
            request.headers.push("Authorization", value);
        }
        let courses = app.pass(&request);
        courses
            .iter()
            .map(|course| course.end.to_string())
            .collect()
    };
    let through = "the application's own handler answers";
    assert_eq!(ends("/orders", None), ["answers 401"]);
    assert_eq!(ends("/orders", Some(r#"{"scope":"read list"}"#)), [through]);
    assert_eq!(
        ends("/orders", Some(r#"{"scp":["read"]}"#)),
        ["answers 403"]
    );
    // Nothing is said of scopes: another service may know them.
    assert_eq!(ends("/orders", Some("{}")), [through, "answers 403"]);
    assert_eq!(ends("/staff", Some(r#"{"groups":["admin"]}"#)), [through]);
    // The claim is named, so that its absence decides.
    assert_eq!(ends("/staff", Some(r#"{"role":"admin"}"#)), ["answers 403"]);
}

/// A JSON Web Token without a signature.
fn token(claims: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut payload = String::new();
    for chunk in claims.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=chunk.len() {
            payload.push(LETTERS[(bits >> (18 - 6 * at)) as usize & 63] as char);
        }
    }
    format!("e30.{payload}.x")
}

/// Prints the manifest of the one application of a folder, and compares what both do.
fn reads_back(project: &Path) -> String {
    let read = |path: &Path| Estate::read(&[Input::of(path).unwrap()], &[]).unwrap();
    let of_source = read(project);
    let app = &of_source.express[0];
    let text = manifest::render(app.app(), &of_source.sources);
    let schema = jsonschema::validator_for(&schema()).unwrap();
    assert!(schema.is_valid(&parse(&text)), "{text}");

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("middleware.json"), &text).unwrap();
    let again = read(folder.path());
    assert!(again.problems.is_empty(), "{:?}", again.problems);
    let copy = &again.express[0];
    assert_eq!(app.doors().len(), copy.doors().len());
    let mut credentials = vec![None, Some("Bearer x".into()), Some("Basic eDp4".into())];
    for claims in [
        r#"{"scope":"read:a write:a read:b"}"#,
        r#"{"permissions":["two","one"],"role":"owner"}"#,
        r#"{"permissions":["one"],"role":"user","scope":""}"#,
    ] {
        credentials.push(Some(format!("Bearer {}", token(claims))));
    }
    let mut compared = 0;
    for door in app.doors() {
        let Ok(example) = &door.example else { continue };
        for method in [example.method.as_str(), "OPTIONS", "DELETE"] {
            for credential in &credentials {
                let mut request = example.clone();
                request.method = method.into();
                request.headers.push("Origin", "https://app.test");
                if let Some(credential) = credential {
                    request.headers.push("Authorization", credential.as_str());
                }
                let ends = |gate: &dyn Gate| -> Vec<String> {
                    let courses = gate.pass(&request);
                    courses
                        .iter()
                        .map(|course| course.end.to_string())
                        .collect()
                };
                assert_eq!(
                    ends(app),
                    ends(copy),
                    "{method} {} {credential:?}\n{text}",
                    door.name
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} requests were compared");
    text
}
