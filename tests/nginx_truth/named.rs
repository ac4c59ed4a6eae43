//! The named cases: each a file in `cases/`, with what nginx was seen to do.

use std::fs;
use std::path::{Path, PathBuf};

use crate::analyzer;
use crate::case::Case;
use crate::compare::{Outcome, compare};
use crate::expect::{describe, holds};
use crate::server::Lab;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nginx_truth/cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder of named cases")
        .map(|entry| entry.expect("a named case").path())
        .collect();
    files.sort();
    files
}

/// What is wrong with one case, a text for each problem.
fn problems(lab: &Lab, path: &Path) -> Vec<String> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(path).expect("a named case is text");
    let case = match Case::parse(&text) {
        Ok(case) => case,
        Err(problem) => return vec![format!("{name}: {problem}")],
    };
    let nginx = match lab.start(&case.config) {
        Ok(nginx) => nginx,
        Err(refused) => return vec![format!("{name}: nginx refuses it: {}", refused.0)],
    };
    let analyzer = match analyzer::read(&lab.folder().join("nginx.conf")) {
        Ok(analyzer) => analyzer,
        Err(problem) => return vec![format!("{name}: the analyzer: {problem}")],
    };
    let mut problems = Vec::new();
    for exchange in &case.exchanges {
        let seen = match nginx.observe(exchange) {
            Ok(seen) => seen,
            Err(error) => {
                problems.push(format!("{name}: {}: {error}", exchange.title));
                continue;
            }
        };
        let broken: Vec<_> = exchange
            .expects
            .iter()
            .filter(|line| !holds(&lab.fill(line), &seen))
            .map(|line| format!("expected `{line}`\n"))
            .collect();
        if !broken.is_empty() || exchange.expects.is_empty() {
            problems.push(format!(
                "{name}: {}: {}but saw {}",
                exchange.title,
                broken.concat(),
                describe(&seen)
            ));
        }
        let problem = match compare(lab, &analyzer, exchange, &seen) {
            Outcome::Agree => continue,
            Outcome::Unknown(reason) => format!("the analyzer does not know: {reason}"),
            Outcome::Differ(difference) => format!("the analyzer differs: {difference:?}"),
        };
        problems.push(format!("{name}: {}: {problem}", exchange.title));
    }
    problems
}

#[test]
fn named_cases_are_as_recorded_and_agree() {
    let lab = Lab::open().expect("a folder and ports");
    let files = files();
    assert!(!files.is_empty(), "no named cases");
    let problems: Vec<_> = files.iter().flat_map(|path| problems(&lab, path)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
