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

/// Whether a text is what a pattern says, in which `*` stands for any characters and `?` for one.
pub fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where to go on if the text does not fit: the last `*`, and what it stood for so far.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(one) if *one == b'?' || *one == text[read] => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((back, taken)) => {
                    star = Some((back, taken + 1));
                    at = back + 1;
                    read = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|one| *one == b'*')
}

/// A text that a pattern with `*` and `?` takes.
pub fn sample(pattern: &str) -> String {
    pattern.replace(['*', '?'], "x")
}
