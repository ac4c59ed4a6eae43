//! From nginx to the application behind it: by which words of a project that is known.

use std::fs;
use std::path::Path;

use why403::estate::{Estate, Input};
use why403::explain::ask::{self, Question};
use why403::explain::explain;

const APP: &str = "const app = require('express')();\n\
                   app.get('/orders', (req, res) => res.sendStatus(200));\n";

/// The files of a project; the application listens on what the environment says, if on nothing
/// else.
fn project(upstream: &str, listens: &str, files: &[(&str, &str)]) -> Vec<(String, String)> {
    let nginx = format!(
        "server {{ listen 80; server_name shop.test; location / {{ proxy_pass {upstream}; }} }}\n"
    );
    let app = format!("{APP}app.listen({listens});\n");
    let mut all = vec![
        ("nginx/shop.conf".to_owned(), nginx),
        ("services/orders/app.js".to_owned(), app),
    ];
    let others = files.iter();
    all.extend(others.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    all
}

fn estate(folder: &Path, files: &[(String, String)]) -> Estate {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Estate::read(&[Input::Path(folder.to_owned())], &[]).unwrap()
}

/// How the application is known to stand behind, in the words of `explain`.
fn because(files: &[(String, String)]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let estate = estate(folder.path(), files);
    assert_eq!(estate.problems, []);
    let request = ask::request(&Question {
        url: "http://shop.test/orders",
        from: Some([198, 51, 100, 7].into()),
        ..Question::default()
    });
    let document = explain(&estate, &request.unwrap(), false).document;
    assert_eq!(document.courses.len(), 1);
    let mut hops = document.courses.into_iter().flat_map(|course| course.hops);
    hops.find_map(|hop| hop.because)
}

#[test]
fn by_the_port_on_this_machine() {
    assert_eq!(
        because(&project("http://127.0.0.1:3000", "3000", &[])).as_deref(),
        Some("it listens on that port (services/orders/app.js:3)")
    );
    assert_eq!(
        because(&project("http://127.0.0.1:4000", "3000", &[])),
        None
    );
}

#[test]
fn by_the_name_of_its_folder() {
    assert_eq!(
        because(&project("http://orders:3000", "3000", &[])).as_deref(),
        Some("its folder has that name, and it listens on that port (services/orders/app.js:3)")
    );
    assert_eq!(because(&project("http://grafana:3000", "3000", &[])), None);
}

const COMPOSE: &str = "services:\n  \
                         api:\n    \
                           build: { context: ./services/orders }\n    \
                           hostname: api.internal\n    \
                           environment: [ 'PORT=${API_PORT:-8080}' ]\n    \
                           ports: [ '127.0.0.1:9000:8080' ]\n  \
                         web:\n    \
                           image: nginx\n";

#[test]
fn by_the_service_of_a_compose_file() {
    let compose = [("compose.yaml", COMPOSE)];
    for upstream in ["http://api:8080", "http://API.internal:8080"] {
        let line = if upstream.contains("internal") { 4 } else { 2 };
        assert_eq!(
            because(&project(upstream, "process.env.PORT", &compose)),
            Some(format!(
                "it is the service of that name (compose.yaml:{line})"
            ))
        );
    }
    assert_eq!(
        because(&project(
            "http://127.0.0.1:9000",
            "process.env.PORT",
            &compose
        ))
        .as_deref(),
        Some("a service is reached at that port (compose.yaml:2)")
    );
    // Another port of the service, and another service.
    for upstream in ["http://api:8081", "http://web:8080"] {
        assert_eq!(
            because(&project(upstream, "process.env.PORT", &compose)),
            None
        );
    }
}

#[test]
fn by_what_a_dockerfile_exposes() {
    let docker = [("services/orders/Dockerfile", "FROM node\nEXPOSE 8080/tcp\n")];
    assert_eq!(
        because(&project("http://orders:8080", "process.env.PORT", &docker)).as_deref(),
        Some("its folder has that name, and it exposes that port (services/orders/Dockerfile:2)")
    );
}

#[test]
fn by_an_entry_of_the_configuration() {
    let declared = "paths:\n  https://orders.internal: services/orders\n";
    let files = [("why403.yaml", declared)];
    assert_eq!(
        because(&project(
            "https://orders.internal",
            "process.env.PORT",
            &files
        ))
        .as_deref(),
        Some("why403.yaml says so (why403.yaml:2)")
    );
}

#[test]
fn not_where_two_may_be_meant() {
    let other = [("billing/app.js", "require('express')().listen(3000);\n")];
    assert_eq!(
        because(&project("http://127.0.0.1:3000", "3000", &other)),
        None
    );
}

#[test]
fn an_entry_that_leads_nowhere_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let declared = "paths:\n  https://orders.internal: services/bills\n";
    let files = project(
        "https://orders.internal",
        "3000",
        &[("why403.yaml", declared)],
    );
    let estate = estate(folder.path(), &files);
    let [problem] = estate.problems.as_slice() else {
        panic!("{:?}", estate.problems);
    };
    assert!(problem.fatal);
    assert_eq!(
        problem.message,
        "no Express application was found in `services/bills`"
    );
    assert_eq!(estate.sources.text(problem.span.unwrap()), "services/bills");
}
