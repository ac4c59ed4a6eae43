//! Regular expressions, as nginx runs them: PCRE over bytes.
//!
//! The `pcre2` crate is nginx's own engine. A match limit stands in front of every pattern, so
//! that no configuration can hang us; nginx itself has PCRE2's default of ten million.

mod needles;
mod plain;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use bstr::{BString, ByteSlice};
use pcre2::bytes::{Regex as Pcre, RegexBuilder};

use crate::request::Reason;
use needles::Needles;
pub use plain::hir;

/// How many internal match calls one match may take (pcre2api, "match limit").
const MATCH_LIMIT: u32 = 200_000;

#[derive(Debug)]
pub struct Regex {
    pub pattern: BString,
    pub caseless: bool,
    made: Arc<Made>,
}

/// What is made of a pattern when it is first asked for.
#[derive(Debug, Default)]
struct Made {
    compiled: OnceLock<Result<Pcre, String>>,
    /// One of these stands in whatever matches.
    needles: OnceLock<Needles>,
    /// Texts that are likely to match.
    samples: OnceLock<Vec<BString>>,
}

/// The patterns of a configuration: most of them stand there many times, and are made once.
#[derive(Default)]
pub struct Patterns(HashMap<(BString, bool), Arc<Made>>);

impl Patterns {
    pub fn regex(&mut self, pattern: impl Into<BString>, caseless: bool) -> Regex {
        let pattern = pattern.into();
        let made = self.0.entry((pattern.clone(), caseless)).or_default();
        Regex {
            made: made.clone(),
            pattern,
            caseless,
        }
    }
}

/// What a match captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// `$0`, `$1`, …
    pub groups: Vec<Option<BString>>,
    /// Named groups, which nginx makes variables of.
    pub named: Vec<(BString, BString)>,
}

#[derive(Debug)]
pub enum Match {
    No,
    Yes(Captures),
    Unknown(Reason),
}

impl Regex {
    pub fn new(pattern: impl Into<BString>, caseless: bool) -> Self {
        Regex {
            pattern: pattern.into(),
            caseless,
            made: Arc::default(),
        }
    }

    /// Texts that are likely to match, worked out by `make` when they are first asked for.
    pub fn samples(&self, make: impl FnOnce(&Regex) -> Vec<BString>) -> &[BString] {
        self.made.samples.get_or_init(|| make(self))
    }

    fn compiled(&self) -> &Result<Pcre, String> {
        self.made.compiled.get_or_init(|| {
            let pattern = self
                .pattern
                .to_str()
                .map_err(|_| "the pattern is not UTF-8".to_owned())?;
            RegexBuilder::new()
                .caseless(self.caseless)
                .build(&format!("(*LIMIT_MATCH={MATCH_LIMIT}){pattern}"))
                .map_err(|error| error.to_string())
        })
    }

    /// Why PCRE does not take the pattern, if it does not.
    pub fn error(&self) -> Option<&str> {
        self.compiled().as_ref().err().map(String::as_str)
    }

    /// The names of its groups, lower-cased as nginx's variable names are.
    pub fn names(&self) -> Vec<BString> {
        match self.compiled() {
            Ok(regex) => regex
                .capture_names()
                .iter()
                .flatten()
                .map(|name| name.to_ascii_lowercase().into())
                .collect(),
            Err(_) => Vec::new(),
        }
    }

    pub fn exec(&self, subject: &[u8]) -> Match {
        let needles = self.made.needles.get_or_init(|| needles::of(self));
        if !needles.may_match(subject) {
            return Match::No;
        }
        let regex = match self.compiled() {
            Ok(regex) => regex,
            Err(error) => {
                return Match::Unknown(Reason::new(format!(
                    "the pattern {} does not compile: {error}",
                    self.pattern
                )));
            }
        };
        // Not `is_match` first: it keeps some 20 kB with each pattern that was ever tried.
        match regex.captures(subject) {
            Ok(None) => Match::No,
            Ok(Some(found)) => {
                let group = |at: usize| found.get(at).map(|m| BString::from(m.as_bytes()));
                Match::Yes(Captures {
                    groups: (0..found.len()).map(group).collect(),
                    named: regex
                        .capture_names()
                        .iter()
                        .enumerate()
                        .filter_map(|(at, name)| {
                            let name = name.as_ref()?.to_ascii_lowercase();
                            Some((name.into(), group(at).unwrap_or_default()))
                        })
                        .collect(),
                })
            }
            Err(error) => Match::Unknown(Reason::new(format!(
                "matching {} takes too long: {error}",
                self.pattern
            ))),
        }
    }
}
