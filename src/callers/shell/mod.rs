//! Call sites of shells: curl, awscurl and wget in scripts, Dockerfiles, Makefiles, workflows and
//! the scripts of a `package.json`.
//!
//! Commands are taken in their order. A variable is what it was set to, all of it where it is set
//! more than once; one that is never set comes from the environment.

mod curl;
mod files;

use std::collections::HashMap;

use super::model::Call;
use super::text::{Piece, Text};
use crate::syntax::shell::{Command, Part, Word, assignment};

pub use files::{Kind, read};

/// More values of one variable are not told apart.
const MOST_VALUES: usize = 4;

/// More variables of one file are not kept: each command may have its own of them.
const MOST_NAMES: usize = 500;

/// What variables hold.
#[derive(Clone, Default)]
struct Variables {
    values: HashMap<String, Vec<Text>>,
    /// curl is a function or an alias here, which may add anything.
    is_curl_wrapped: bool,
}

impl Variables {
    fn set(&mut self, name: &str, values: Vec<Text>) {
        if self.values.len() >= MOST_NAMES && !self.values.contains_key(name) {
            return;
        }
        let known = self.values.entry(name.to_owned()).or_default();
        for value in values {
            if known.len() <= MOST_VALUES && !known.contains(&value) {
                known.push(value);
            }
        }
    }

    /// Each text that a word may be.
    fn texts(&self, word: &Word) -> Vec<Text> {
        let mut all = vec![Text::default()];
        for part in &word.parts {
            let values = self.part(part);
            let joined = all.iter().flat_map(|text| {
                values
                    .iter()
                    .map(|value| text.clone().joined(value.clone()))
            });
            all = joined.take(MOST_VALUES).collect();
        }
        all
    }

    fn part(&self, part: &Part) -> Vec<Text> {
        match part {
            Part::Known(text) => vec![Text::known(text)],
            Part::Open(name) => vec![Text::hole(name)],
            Part::Variable { name, default } => match self.values.get(name) {
                Some(values) if values.len() <= MOST_VALUES => values.clone(),
                Some(_) => vec![Text::hole(name)],
                None => vec![Text(vec![Piece::Env {
                    name: name.clone(),
                    default: default.clone(),
                }])],
            },
        }
    }

    /// The one text that a word is.
    fn text(&self, word: &Word) -> Text {
        let mut texts = self.texts(word);
        match texts.len() {
            1 => texts.remove(0),
            _ => Text::hole("one of several"),
        }
    }
}

/// The calls of a script, and what it sets.
fn calls(commands: &[Command], variables: &mut Variables) -> Vec<Call> {
    let mut calls = Vec::new();
    for command in commands {
        // `NAME=value command` sets it for this command only.
        let mut own = match command.words.is_empty() || command.sets.is_empty() {
            true => None,
            false => Some(variables.clone()),
        };
        let kept = own.as_mut().unwrap_or(variables);
        for (name, word) in &command.sets {
            // `API="$API/v1"` stands on what it was.
            let values = kept.texts(word);
            kept.set(name, values);
        }
        let first = command.words.first().and_then(Word::plain);
        if let Some("export" | "readonly" | "declare" | "local" | "typeset" | "ENV" | "ARG") =
            first.as_deref()
        {
            for (name, word) in command.words.iter().skip(1).filter_map(assignment) {
                let values = variables.texts(&word);
                variables.set(&name, values);
            }
            continue;
        }
        let plain: Vec<Option<String>> = command.words.iter().map(Word::plain).collect();
        variables.is_curl_wrapped |= match plain.as_slice() {
            // `curl() {`.
            [Some(one)] => one == "curl",
            [Some(first), rest @ ..] if first == "alias" || first == "function" => {
                let is_curl = |word: &String| word == "curl" || word.starts_with("curl=");
                rest.iter().flatten().any(is_curl)
            }
            _ => false,
        };
        calls.extend(curl::calls(
            &command.words,
            own.as_ref().unwrap_or(variables),
        ));
    }
    calls
}

#[cfg(test)]
mod tests;
