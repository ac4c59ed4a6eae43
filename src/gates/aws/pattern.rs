//! Regular expressions in what AWS is told. AWS reads them with engines of its own, whose common
//! part is PCRE's, too.

use pcre2::bytes::RegexBuilder;

/// How many internal match calls one match may take (pcre2api, "match limit").
const LIMIT: &str = "(*LIMIT_MATCH=200000)";

/// Whether all of a text fits; `None` for what cannot be read or takes too long.
pub fn is_whole(expression: &str, text: &str) -> Option<bool> {
    is_found(&format!("^(?:{expression})$"), text)
}

/// Whether a part of a text fits.
pub fn is_found(expression: &str, text: &str) -> Option<bool> {
    let pattern = RegexBuilder::new().build(&format!("{LIMIT}{expression}"));
    pattern.ok()?.is_match(text.as_bytes()).ok()
}
