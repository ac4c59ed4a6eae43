//! The fetch itself, and what is said of it.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Audit, Done, Exit, Output, Refusal, Snapshot};
use crate::aws::fetch;
use crate::aws::progress::Progress;
use crate::aws::snapshot::{self, Entry, State};
use crate::estate::Input;
use crate::report::visible::visible_line;
use crate::source::LARGEST;

/// How audits name what they read.
const NAME: &str = "AWS";

pub fn to_file(args: &Snapshot) -> Result<Done, Refusal> {
    let Some(path) = &args.output else {
        return Err(Refusal::NoOutput);
    };
    snapshot::may_write(path, args.force)?;
    let snapshot = fetch(&args.account.settings(), Progress::on_stderr())?;
    let text = snapshot.to_text();
    snapshot::write(path, &text, args.force)?;
    let exit = match snapshot.has_gaps() {
        true => Exit::Incomplete,
        false => Exit::Clean,
    };
    let mut said = told(path, &snapshot);
    if text.len() as u64 > LARGEST {
        let most = LARGEST >> 20;
        said.push_str(&format!(
            "\nit is larger than {most} MB, which is more than `why403 check` reads: take one for \
             each region, or name fewer services\n"
        ));
    }
    Ok(Done { text: said, exit })
}

pub fn and_check(args: &Audit, output: &Output) -> Result<Done, Refusal> {
    let snapshot = fetch(&args.account.settings(), Progress::on_stderr())?;
    let input = Input::Snapshot {
        name: NAME.to_owned(),
        text: snapshot.to_text().into(),
    };
    super::super::run_check(&args.check, vec![input], output)
}

fn told(path: &Path, snapshot: &snapshot::Snapshot) -> String {
    let mut text = String::new();
    for account in &snapshot.accounts {
        let regions = match account.regions.len() {
            0 => "no region".to_owned(),
            count if count > 3 => format!("{count} regions"),
            _ => account.regions.join(", "),
        };
        text.push_str(&format!("account {}, {regions}\n", account.account));
    }
    let documents = snapshot.resources.len();
    let path = visible_line(&path.display().to_string());
    text.push_str(&format!("{documents} documents written to {path}\n"));
    let gaps = gaps(&snapshot.operations);
    if !gaps.is_empty() {
        text.push_str("\nnot seen:\n");
    }
    for gap in gaps {
        text.push_str(&format!("  {}\n", visible_line(&gap)));
    }
    text
}

/// One line for each operation that failed in one way, wherever it did.
fn gaps(operations: &[Entry]) -> Vec<String> {
    let mut places: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
    for entry in operations {
        let (asked, outcome) = (&entry.asked, &entry.outcome);
        if outcome.state != State::Fetched {
            let key = (outcome.state, asked.service, asked.operation);
            places.entry(key).or_default().push(entry);
        }
    }
    let lines = places
        .into_iter()
        .map(|((state, service, operation), entries)| {
            let first = entries[0];
            let error = first.outcome.error.as_deref().unwrap_or_default();
            let place = match entries.len() {
                1 => first.asked.region.clone(),
                count => format!("{} and {} more", first.asked.region, count - 1),
            };
            format!("{service}:{operation} in {place} {}: {error}", state.told())
        });
    lines.collect()
}
