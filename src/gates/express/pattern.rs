//! Regular expressions of JavaScript, run by PCRE: of what stands in paths and options both mean
//! the same.

use std::ops::Range;

use pcre2::bytes::{Regex, RegexBuilder};

use crate::request::Reason;

/// How many internal match calls one match may take (pcre2api, "match limit").
const MATCH_LIMIT: u32 = 200_000;

#[derive(Clone, Debug)]
pub struct Pattern(Box<Regex>);

impl Pattern {
    /// Of a pattern and flags as JavaScript writes them.
    pub fn new(pattern: &str, flags: &str) -> Result<Pattern, Reason> {
        // `[^]` is any character, and a slash needs its backslash only between slashes.
        let written = pattern.replace("[^]", "[\\s\\S]").replace("\\/", "/");
        RegexBuilder::new()
            .caseless(flags.contains('i'))
            .dotall(flags.contains('s'))
            .multi_line(flags.contains('m'))
            .build(&format!("(*LIMIT_MATCH={MATCH_LIMIT}){written}"))
            .map(|regex| Pattern(Box::new(regex)))
            .map_err(|error| {
                Reason::new(format!("the pattern /{pattern}/ cannot be read: {error}"))
            })
    }

    /// Where the first match is; not where it cuts a letter in two.
    pub fn find(&self, text: &str) -> Result<Option<Range<usize>>, Reason> {
        let found = self.0.find(text.as_bytes()).map_err(|error| {
            Reason::new(format!("matching its pattern takes too long: {error}"))
        })?;
        let found = found.map(|found| found.start()..found.end());
        Ok(found.filter(|found| text.get(found.clone()).is_some()))
    }

    /// How long the first match is, in bytes.
    pub fn length(&self, text: &str) -> Result<Option<usize>, Reason> {
        Ok(self.find(text)?.map(|found| found.len()))
    }

    /// Whether it matches; what takes too long does not.
    pub fn is_match(&self, text: &str) -> bool {
        matches!(self.length(text), Ok(Some(_)))
    }
}
