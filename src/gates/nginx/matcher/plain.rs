//! A pattern without what only PCRE knows, for those who look at what it is made of.

use bstr::ByteSlice;
use regex_syntax::hir::Hir;

use super::Regex;

/// What a pattern is made of, without its lookaround: it matches no less.
pub fn hir(regex: &Regex) -> Option<Hir> {
    let pattern = without_lookaround(regex.pattern.to_str().ok()?)?;
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .case_insensitive(false)
        .build()
        .parse(&pattern)
        .ok()
}

/// The pattern without `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)` and PCRE's possessive marks, none of
/// which the sample's grammar knows. What they demand is checked by matching the sample.
fn without_lookaround(pattern: &str) -> Option<String> {
    let bytes = pattern.as_bytes();
    let mut out = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &pattern[at..];
        if ["(?=", "(?!", "(?<=", "(?<!"]
            .iter()
            .any(|open| rest.starts_with(open))
        {
            at += group_length(rest)?;
        } else if let Some(inner) = rest.strip_prefix("(?>") {
            out.push_str("(?:");
            at += rest.len() - inner.len();
        } else if bytes[at] == b'\\' {
            let escaped: String = rest.chars().take(2).collect();
            // An escaped slash is no escape to PCRE and an error to others.
            out.push_str(if escaped == "\\/" { "/" } else { &escaped });
            at += escaped.len();
        } else {
            let character = rest.chars().next()?;
            out.push(character);
            at += character.len_utf8();
            if matches!(character, '*' | '+' | '?' | '}') && pattern[at..].starts_with('+') {
                at += 1;
            }
        }
    }
    Some(out)
}

/// The length of the group that starts here, with its parentheses.
fn group_length(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
