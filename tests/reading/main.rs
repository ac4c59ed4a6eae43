//! From paths to gates: what is read, what is left alone, and what is said about it.

mod bounds;
mod forms;
mod includes;
mod recognised;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;
use why403::estate::{Estate, Input, Problem, Verdict, recognise};
use why403::gate::Gate;

const SERVER: &str = "server { listen 80; server_name a.test; location / { deny all; } }\n";

/// A project of these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, path: &str, text: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
}

fn check(folder: &TempDir) -> Estate {
    Estate::read(&[Input::Path(folder.path().to_path_buf())], &["some-rule"]).expect("an estate")
}

fn check_file(folder: &TempDir, path: &str) -> Estate {
    Estate::read(&[Input::Path(folder.path().join(path))], &[]).expect("an estate")
}

fn check_stdin(text: &str) -> Estate {
    Estate::read(&[Input::Stdin(text.as_bytes().into())], &[]).expect("an estate")
}

/// The names of the entries.
fn entries(estate: &Estate) -> Vec<String> {
    estate.gates().map(|gate| gate.name().name).collect()
}

/// The places of all `deny` lines that a request can meet, as `file:line`.
fn doors(estate: &Estate) -> Vec<String> {
    let doors = estate.gates().flat_map(Gate::doors);
    doors
        .map(|door| {
            let line = estate.sources.position(door.span).line;
            format!("{}:{line}", estate.sources.at(door.span).name)
        })
        .collect()
}

fn fatal(estate: &Estate) -> Vec<&Problem> {
    estate
        .problems
        .iter()
        .filter(|problem| problem.fatal)
        .collect()
}

/// The problem whose message holds these words, and the text of its place.
fn problem<'e>(estate: &'e Estate, words: &str) -> (&'e Problem, String) {
    let problem = estate
        .problems
        .iter()
        .find(|problem| problem.message.contains(words))
        .unwrap_or_else(|| panic!("no `{words}` in {:?}", estate.problems));
    let text = problem
        .span
        .map(|span| estate.sources.text(span).into_owned());
    (problem, text.unwrap_or_default())
}

#[test]
fn what_does_not_parse_is_never_clean() {
    let folder = project(&[("nginx.conf", "http { server { location / { deny all; }\n")]);
    let estate = check(&folder);
    assert!(!fatal(&estate).is_empty());
    let folder = project(&[(
        "x.conf.erb",
        "<% if a %>\nserver { listen 80; proxy_pass x; \"a\"b\n",
    )]);
    let estate = check_file(&folder, "x.conf.erb");
    let help = fatal(&estate)[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("template"), "{:?}", estate.problems);
}

#[test]
fn nothing_to_analyse_is_a_failure() {
    let estate = check(&project(&[("README.md", "proxy_pass http://a;\n")]));
    assert!(problem(&estate, "nothing to analyse").0.fatal);
    let parameters = "proxy_set_header Host $host;\nproxy_set_header X-Real-IP $remote_addr;\n";
    let estate = check(&project(&[("proxy_params", parameters)]));
    assert!(problem(&estate, "nothing to analyse").0.fatal);
    assert_eq!(estate.analysed.idle, 1);
}

#[test]
fn what_cannot_be_read_does_not_stop_the_rest() {
    let folder = project(&[("nginx.conf", SERVER)]);
    symlink("nowhere", folder.path().join("dangling.conf")).expect("a link");
    let inputs = ["nginx.conf", "dangling.conf", "gone.conf"];
    let inputs = inputs.map(|path| Input::Path(folder.path().join(path)));
    let estate = Estate::read(&inputs, &[]).expect("an estate");
    assert_eq!(fatal(&estate).len(), 2);
    assert_eq!(entries(&estate), ["nginx.conf"]);

    let folder = project(&[("nginx.conf", "http { include d.conf; }"), ("d.conf/x", "")]);
    assert_eq!(
        problem(&check(&folder), "file is not here").1,
        "include d.conf"
    );
}

#[test]
fn a_mistake_in_the_configuration_has_its_line() {
    let folder = project(&[
        ("nginx.conf", SERVER),
        ("why403.yaml", "nginx: {}\nrules:\n  sum-rule: off\n"),
    ]);
    let estate = check(&folder);
    let (mistake, place) = problem(&estate, "unknown rule");
    assert_eq!(place, "sum-rule");
    assert_eq!(
        estate.sources.position(mistake.span.expect("a place")).line,
        3
    );
    assert_eq!(mistake.help.as_deref(), Some("did you mean `some-rule`?"));
}
