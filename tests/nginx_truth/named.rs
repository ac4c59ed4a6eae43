//! The named cases: each a file in `cases/`, with what nginx was seen to do.

use std::fs;
use std::path::{Path, PathBuf};

use crate::analyzer;
use crate::case::{Case, Exchange};
use crate::compare::{Outcome, compare};
use crate::expect::{describe, holds};
use crate::server::{Lab, Observation};
use crate::unknown;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nginx_truth/cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder of named cases")
        .map(|entry| entry.expect("a named case").path())
        .collect();
    files.sort();
    files
}

/// Runs one case and gives a text for each problem that `judge` finds in what was seen.
fn problems(
    lab: &Lab,
    path: &Path,
    judge: &dyn Fn(&Exchange, &Observation) -> Option<String>,
) -> Vec<String> {
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
    case.exchanges
        .iter()
        .filter_map(|exchange| {
            let problem = match nginx.observe(exchange) {
                Ok(seen) => judge(exchange, &seen)?,
                Err(error) => error.to_string(),
            };
            Some(format!("{name}: {}: {problem}", exchange.title))
        })
        .collect()
}

/// Runs all named cases.
fn run(judge: impl Fn(&Lab, &Exchange, &Observation) -> Option<String>) {
    let lab = Lab::open().expect("a folder and ports");
    let files = files();
    assert!(!files.is_empty(), "no named cases");
    let problems: Vec<_> = files
        .iter()
        .flat_map(|path| problems(&lab, path, &|exchange, seen| judge(&lab, exchange, seen)))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The harness is proven by facts that were measured before it was written.
#[test]
fn named_cases_are_as_recorded() {
    run(|lab, exchange, seen| {
        let broken: Vec<_> = exchange
            .expects
            .iter()
            .filter(|line| !holds(&lab.fill(line), seen))
            .map(|line| format!("expected `{line}`\n"))
            .collect();
        if broken.is_empty() && !exchange.expects.is_empty() {
            return None;
        }
        Some(format!("{}but saw {}", broken.concat(), describe(seen)))
    });
}

#[test]
fn named_cases_agree() {
    run(|lab, exchange, seen| {
        let analyzer = match analyzer::read(lab.folder()) {
            Ok(analyzer) => analyzer,
            Err(problem) => return Some(format!("the analyzer cannot read it: {problem}")),
        };
        match compare(lab, &analyzer, exchange, seen) {
            Outcome::Agree(open) => {
                let open = open
                    .into_iter()
                    .find(|reason| !unknown::is_allowed(reason))?;
                Some(format!("the analyzer does not know: {open}"))
            }
            Outcome::Unknown(reason) if unknown::is_allowed(&reason) => None,
            Outcome::Unknown(reason) => Some(format!("the analyzer does not know: {reason}")),
            Outcome::Differ(difference) => Some(format!(
                "{}: the analyzer says {}, nginx does {}",
                difference.kind, difference.expected, difference.seen
            )),
        }
    });
}
