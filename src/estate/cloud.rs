//! Finds what tells of AWS accounts among the files: snapshots of our own, and what AWS's commands
//! print.

mod dump;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Input;
use crate::gates::aws::cloud::{Cloud, Missing, Operation, State};
use crate::problem::Problem;
use crate::source::{Root, SourceMap, TooLarge, Unreadable};

/// What was found.
#[derive(Default)]
pub struct Found {
    pub cloud: Cloud,
    pub problems: Vec<Problem>,
}

/// Reads the snapshots and dumps among these files, and the snapshots that are given as they are.
pub fn load(
    root: &Root,
    inputs: &[Input],
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
) -> Result<Found, TooLarge> {
    let mut found = Found::default();
    for input in inputs {
        if let Input::Snapshot { name, text } = input {
            found.snapshot(name, text, sources)?;
        }
    }
    let mut dumps = dump::Dumps::default();
    for path in files.iter().filter(|path| is_json(path)) {
        let is_given = inputs.iter().any(|input| input.is_file(root, path));
        let may_be_dump = |text: &[u8]| dump::may_be(text) && (is_given || !is_of_a_test(path));
        let may_be = |head: &[u8], _| snapshot::may_be(head) || may_be_dump(head);
        let text = match root.read_if(path, may_be) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            // What is too large has been recognised by its beginning.
            Err(reason) if is_given || matches!(reason, Unreadable::TooLarge) => {
                let message = format!("{}: {reason}", root.name(path));
                found.problems.push(Problem::fatal(None, message));
                continue;
            }
            // What it holds is not known, and most such files are of no concern.
            Err(_) => continue,
        };
        if snapshot::is_one(&text) {
            found.snapshot(&root.name(path), &text, sources)?;
        } else if may_be_dump(&text) {
            dumps.read(root.name(path), text, is_given, sources)?;
        }
    }
    found.problems.extend(dumps.finish(&mut found.cloud));
    found.problems.extend(gaps(found.cloud.missed()));
    Ok(found)
}

impl Found {
    fn snapshot(
        &mut self,
        name: &str,
        text: &[u8],
        sources: &mut SourceMap,
    ) -> Result<(), TooLarge> {
        let problems = snapshot::read(name, text, &mut self.cloud, sources)?;
        self.problems.extend(problems);
        Ok(())
    }
}

/// Whether a file tells of an AWS account.
pub fn is_one(path: &Path, text: &[u8]) -> bool {
    is_json(path) && (snapshot::is_one(text) || dump::may_be(text))
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}

/// Answers of AWS that a test plays back say nothing of an account.
fn is_of_a_test(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str().to_string_lossy().to_ascii_lowercase();
        // Whole words: `latest` and `inspector` are none.
        let mut words = part.split(|char: char| !char.is_ascii_alphanumeric());
        words.any(|word| {
            let one = word.strip_suffix('s').unwrap_or(word);
            let is_one = ["test", "testdata", "e2e", "fixture", "mock", "example"].contains(&one);
            is_one || ["sample", "spec", "stub", "testing", "unittest"].contains(&one)
        })
    })
}

/// What could not be seen, one line for each operation.
fn gaps(missed: &[Operation]) -> Vec<Problem> {
    type Key<'o> = (Missing, &'o str, &'o str);
    let mut by_operation: BTreeMap<Key<'_>, (BTreeSet<String>, &str)> = BTreeMap::new();
    for operation in missed {
        if let State::Missing(missing, message) = &operation.state {
            let key = (
                *missing,
                operation.service.as_str(),
                operation.name.as_str(),
            );
            let entry = by_operation
                .entry(key)
                .or_insert((BTreeSet::new(), message));
            entry.0.insert(operation.place.to_string());
        }
    }
    let told = by_operation
        .into_iter()
        .map(|((missing, service, name), (places, message))| {
            let places = match places.len() {
                1 => places.into_iter().next().unwrap_or_default(),
                count => format!("{count} regions"),
            };
            let because = match message {
                "" => String::new(),
                message => format!(": {message}"),
            };
            let text = format!(
                "{service}:{name} was {} in {places}{because}",
                missing.as_str()
            );
            match missing {
                // A region that does not have a service has no gate of it either.
                Missing::Unsupported => Problem::note(None, text),
                _ => Problem::fatal(None, text),
            }
        });
    told.collect()
}
