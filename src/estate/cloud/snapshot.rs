//! Our own snapshots: one file that holds the documents of an account.

use std::sync::Arc;

use bstr::ByteSlice;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::gates::aws::cloud::{Address, Cloud, Missing, Operation, Place, Resource, State};
use crate::gates::aws::iam;
use crate::problem::Problem;
use crate::source::{SourceMap, Span, TooLarge};
use crate::syntax::document;

/// The first key of a snapshot; the last one, where a tool has sorted them.
const MARK: &[u8] = b"\"why403-snapshot\"";

/// How far it may stand from the beginning or the end.
const EDGE: usize = 256;

/// The version that is read.
pub const VERSION: u64 = 1;

/// Keys whose value is a policy that is written as a text.
const POLICIES: [&str; 4] = [
    "policy",
    "Policy",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
];

#[derive(Deserialize)]
struct Snapshot {
    #[serde(rename = "why403-snapshot")]
    version: u64,
    #[serde(default)]
    accounts: Vec<Account>,
    #[serde(default)]
    operations: Vec<Told>,
    #[serde(default)]
    resources: Map<String, Value>,
}

#[derive(Deserialize)]
struct Account {
    account: String,
    #[serde(default)]
    partition: Option<String>,
}

/// How an operation went, as it is written.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    region: Option<String>,
    service: String,
    operation: String,
    #[serde(default)]
    resource: Option<String>,
    state: String,
    #[serde(default)]
    error: Option<String>,
}

/// Whether what begins like this may be a snapshot.
pub fn may_be(head: &[u8]) -> bool {
    let first = head.trim_ascii_start().strip_prefix(b"{");
    let is_sorted =
        first.is_some_and(|first| first.trim_ascii_start().starts_with(b"\"accounts\""));
    is_sorted || is_one(head)
}

pub fn is_one(text: &[u8]) -> bool {
    let edge = text.len().min(EDGE);
    let edges = [&text[..edge], &text[text.len() - edge..]];
    edges.iter().any(|edge| edge.contains_str(MARK))
}

/// Reads a snapshot into the cloud. Each of its documents becomes a source of its own, printed so
/// that a line holds one thing.
pub fn read(
    name: &str,
    text: &[u8],
    cloud: &mut Cloud,
    sources: &mut SourceMap,
) -> Result<Vec<Problem>, TooLarge> {
    // Some editors put a byte order mark before it.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let snapshot: Snapshot = match serde_json::from_slice(text) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            let at = offset(text, error.line(), error.column());
            // It says the place itself, which is shown.
            let message = error.to_string();
            let message = message
                .rsplit_once(" at line ")
                .map_or(&*message, |(said, _)| said);
            let message = format!("a snapshot that cannot be read: {message}");
            return refused(name, text, at, message, sources);
        }
    };
    if snapshot.version != VERSION {
        let message = format!(
            "a snapshot of version {}, of which this program reads version {VERSION}",
            snapshot.version
        );
        let at = text.find(MARK).unwrap_or(0);
        return refused(name, text, at, message, sources);
    }
    for account in snapshot.accounts {
        let partition = account.partition.unwrap_or_else(|| "aws".to_owned());
        cloud.accounts.insert(account.account, partition);
    }
    let mut problems = Vec::new();
    for told in snapshot.operations {
        match told.operation() {
            Ok(operation) => cloud.tell(operation),
            Err(state) => problems.push(Problem::fatal(
                None,
                format!("{name}: no operation ends as `{state}`"),
            )),
        }
    }
    problems.extend(read_documents(name, snapshot.resources, cloud, sources)?);
    Ok(problems)
}

/// A snapshot of which nothing is read, and where it went wrong.
fn refused(
    name: &str,
    text: &[u8],
    at: usize,
    message: String,
    sources: &mut SourceMap,
) -> Result<Vec<Problem>, TooLarge> {
    let id = sources.add(name, text.into())?;
    let at = sources.get(id).base + at as u32;
    let help = "take it again with this version of why403: `why403 snapshot -o FILE`";
    let problem = Problem::fatal(Span::new(at, at), message);
    Ok(vec![problem.with_help(help)])
}

/// Where a line and a column are, both counted from one.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let before = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1));
    let start: usize = before.map(<[u8]>::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

impl Told {
    fn operation(self) -> Result<Operation, String> {
        let state = match (self.state.as_str(), Missing::parse(&self.state)) {
            ("fetched", _) => State::Fetched,
            (_, Some(missing)) => State::Missing(missing, self.error.unwrap_or_default()),
            (_, None) => return Err(self.state),
        };
        Ok(Operation {
            place: Place {
                account: self.account.map(Arc::from),
                region: self.region.map(Arc::from),
            },
            service: self.service,
            name: self.operation,
            resource: self.resource,
            state,
        })
    }
}

fn read_documents(
    name: &str,
    resources: Map<String, Value>,
    cloud: &mut Cloud,
    sources: &mut SourceMap,
) -> Result<Vec<Problem>, TooLarge> {
    let mut problems = Vec::new();
    let mut known = Vec::with_capacity(resources.len());
    for (address, value) in resources {
        match Address::parse(&address) {
            Some(address) => known.push((address, value)),
            None => problems.push(Problem::note(
                None,
                format!("{name}: {address} is none of the documents that this version reads"),
            )),
        }
    }
    let printed: Vec<(Address, Arc<[u8]>)> = known
        .into_par_iter()
        .map(|(address, mut value)| {
            write_policies_out(&mut value);
            let text = serde_json::to_vec_pretty(&value).unwrap_or_default();
            (address, text.into())
        })
        .collect();
    let mut added = Vec::with_capacity(printed.len());
    for (address, text) in printed {
        let id = sources.add(address.told(), text)?;
        added.push((address, id));
    }
    let parsed: Vec<_> = added
        .into_par_iter()
        .map(|(address, id)| {
            let source = sources.get(id);
            (address, document::parse(source.base, &source.text))
        })
        .collect();
    for (address, parsed) in parsed {
        match parsed {
            Ok(document) => {
                let document = Arc::new(document);
                if let Some(node) = document.root().map(|root| root.id()) {
                    cloud.add(Resource::new(address, document, node));
                }
            }
            Err(error) => problems.push(Problem::fatal(error.span, error.message)),
        }
    }
    Ok(problems)
}

/// Puts the policies that stand in a text in its place, so that each statement has lines of its own.
fn write_policies_out(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(write_policies_out),
        Value::Object(entries) => {
            for (key, value) in entries.iter_mut() {
                let text = value.as_str().filter(|_| POLICIES.contains(&key.as_str()));
                let policy = text.and_then(|text| serde_json::from_str(&iam::decoded(text)).ok());
                match policy {
                    Some(policy @ Value::Object(_)) => *value = policy,
                    _ => write_policies_out(value),
                }
            }
        }
        _ => {}
    }
}
