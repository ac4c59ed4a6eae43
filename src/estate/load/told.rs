//! What is said of the reading itself: includes that lead nowhere, files that are left out, mistakes.

use super::{Loaded, Loader};
use crate::config::Config;
use crate::gates::nginx::include::Search;
use crate::problem::Problem;
use crate::syntax::nginx::Tree;

/// More mistakes than these say nothing new of a file.
const MOST_ERRORS: usize = 3;

/// How many includes that lead nowhere are named beside the first.
const MOST_MISSING: usize = 4;

/// How many files that are left out are named beside the first.
const MOST_DISMISSED: usize = 4;

impl Loader<'_> {
    pub(super) fn report_unused(&mut self, config: &Config, search: &Search<'_>) {
        let used = search.used_maps();
        for (at, map) in config.paths.iter().enumerate() {
            if !used.contains(&at) {
                let message = format!(
                    "no include of a path below `{}` leads to a file in `{}`",
                    map.from.value, map.to.value
                );
                let help = "correct the entry, or take it out";
                self.problems
                    .push(Problem::fatal(map.from.span, message).with_help(help));
            }
        }
    }

    /// One note for all includes that share a reason: a folder of vhosts may have hundreds.
    pub(super) fn report_missing(&mut self) {
        for (mut message, mut places) in std::mem::take(&mut self.missing) {
            places.sort_unstable();
            if places.len() > 1 {
                let named = places.iter().skip(1).take(MOST_MISSING);
                let named: Vec<String> = named.map(|span| self.sources.place(*span)).collect();
                message.push_str("; the same goes for ");
                message.push_str(&named.join(", "));
            }
            if let more @ 1.. = places.len().saturating_sub(MOST_MISSING + 1) {
                message.push_str(&format!(" and {more} more"));
            }
            let help = "say under `paths` in why403.yaml where the project keeps what the server \
                        has elsewhere; what stands there is taken to change nothing";
            let note = Problem::note(places.first().copied(), message).with_help(help);
            self.problems.push(note);
        }
    }

    /// One note for all: a folder of templates may hold hundreds.
    pub(super) fn report_dismissed(&mut self) {
        let mut files: Vec<&Loaded> = self.dismissed.values().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let Some(first) = files.first() else {
            return;
        };
        let place = first.file.tree.errors.first().map(|error| error.span);
        let others: Vec<&str> = files[1..]
            .iter()
            .map(|one| one.file.name.as_str())
            .collect();
        let message = match others.as_slice() {
            [] => "this file reads like nginx's but does not parse, so it is left out".to_owned(),
            named if named.len() <= MOST_DISMISSED => format!(
                "this file reads like nginx's but does not parse, so it is left out; and so are {}",
                named.join(", ")
            ),
            many => format!(
                "this file reads like nginx's but does not parse, so it is left out; and so are \
                 {} and {} more",
                many[..MOST_DISMISSED].join(", "),
                many.len() - MOST_DISMISSED
            ),
        };
        let help = "name a file on the command line to have it analysed";
        let note = Problem::note(place, message).with_help(help);
        self.problems.push(note);
    }
}

pub(super) fn mistakes(tree: &Tree) -> impl Iterator<Item = Problem> {
    let help = if tree.is_template {
        Some("this is a template; pass the rendered file")
    } else {
        None
    };
    let untold = tree.errors.len().saturating_sub(MOST_ERRORS);
    let errors = tree.errors.iter().take(MOST_ERRORS).enumerate();
    errors.map(move |(number, error)| {
        let more = match untold {
            1.. if number + 1 == MOST_ERRORS => format!(" (and {untold} more in this file)"),
            _ => String::new(),
        };
        Problem {
            help: help.map(str::to_owned),
            ..Problem::fatal(error.span, format!("{}{more}", error.message))
        }
    })
}
