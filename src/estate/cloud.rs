//! Finds what tells of AWS accounts among the files: snapshots of our own, and what AWS's commands
//! print.

mod dump;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::{Input, STDIN, express};
use crate::callers::postman;
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
    let mut dumps = dump::Dumps::default();
    for input in inputs {
        match input {
            Input::Snapshot { name, text } => found.snapshot(name, text, sources)?,
            Input::Stdin(text) if snapshot::is_one(text) => {
                found.snapshot(STDIN, text, sources)?;
            }
            Input::Stdin(text) if dump::may_be(text) => {
                dumps.read(STDIN.to_owned(), text.clone(), true, sources)?;
            }
            Input::Stdin(text) if is_document(text) => found.problems.push(unknown(STDIN, text)),
            _ => {}
        }
    }
    for path in files.iter().filter(|path| is_json(path)) {
        let is_given = inputs.iter().any(|input| input.is_file(root, path));
        let may_be = |head: &[u8], _| {
            let may_be = snapshot::may_be(head) || (dump::may_be(head) && !is_of_a_test(path));
            is_given || may_be
        };
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
        match () {
            () if snapshot::is_one(&text) => found.snapshot(&root.name(path), &text, sources)?,
            () if dump::may_be(&text) => dumps.read(root.name(path), text, is_given, sources)?,
            () if is_given && !is_of_others(path, &text) => {
                found.problems.push(unknown(&root.name(path), &text));
            }
            () => {}
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

/// Whether a file that somebody names is a document of JSON, which is never meant for nginx.
pub fn is_one(path: &Path, text: &[u8]) -> bool {
    is_json(path) && (text.trim_ascii().is_empty() || is_document(text))
}

/// Whether a text begins as a document of JSON does, and not as a template.
pub fn is_document(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.trim_ascii_start() {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'"' | b'}', ..]),
        [b'[', ..] => true,
        _ => false,
    }
}

/// Whether another reader takes a file of JSON.
fn is_of_others(path: &Path, text: &[u8]) -> bool {
    path.ends_with("package.json")
        || express::is_manifest(path, text)
        || text.contains_str(postman::MARK)
}

/// Whoever names a file that nobody can read has to hear of it.
fn unknown(name: &str, text: &[u8]) -> Problem {
    let message = match text.trim_ascii() {
        [] => format!("{name}: the file is empty"),
        _ => format!("{name}: neither a snapshot nor what a command of AWS prints"),
    };
    let help = "take a snapshot by `why403 snapshot -o FILE`, or write what a command such as \
                `aws apigateway get-rest-apis` prints to the file";
    Problem::fatal(None, message).with_help(help)
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
                _ => counted(&places),
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

/// `ACCOUNT/REGION` of several: how many.
fn counted(places: &BTreeSet<String>) -> String {
    let accounts = places.iter().filter_map(|place| place.split('/').next());
    match accounts.collect::<BTreeSet<_>>().len() {
        1 => format!("{} regions", places.len()),
        accounts => format!("{} regions of {accounts} accounts", places.len()),
    }
}
