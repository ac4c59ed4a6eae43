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

/// Whether a text is what an expression says, where it is not documented whether that has to be all
/// of the text and whether case matters; `None` where it depends on that.
pub fn is_meant(expression: &str, text: &str) -> Option<bool> {
    let as_written = is_found(expression, text)?;
    let whole = is_whole(expression, text)?;
    let in_any_case = is_found(&format!("(?i){expression}"), text)?;
    let whole_in_any_case = is_whole(&format!("(?i){expression}"), text)?;
    let readings = [whole, in_any_case, whole_in_any_case];
    readings
        .iter()
        .all(|one| *one == as_written)
        .then_some(as_written)
}

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Byte(u8),
    /// `?`: any character.
    One,
    /// `*`: any characters, or none.
    Many,
}

/// Whether a text is what a pattern says, in which `*` stands for any characters and `?` for one.
pub fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    fits(marks(pattern, false).as_slice(), text)
}

/// The same of a pattern in which `\*` and `\?` stand for themselves.
pub fn is_like_escaped(pattern: &[u8], text: &[u8]) -> bool {
    fits(marks(pattern, true).as_slice(), text)
}

fn marks(pattern: &[u8], escapes: bool) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        marks.push(match byte {
            b'*' => Mark::Many,
            b'?' => Mark::One,
            b'\\' if escapes => {
                let escaped = bytes.next_if(|next| matches!(next, b'*' | b'?' | b'\\'));
                Mark::Byte(escaped.unwrap_or(byte))
            }
            byte => Mark::Byte(byte),
        });
    }
    marks
}

fn fits(marks: &[Mark], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where to go on if the text does not fit: the last `*`, and what it stood for so far.
    let mut many: Option<(usize, usize)> = None;
    while read < text.len() {
        match marks.get(at) {
            Some(Mark::Many) => {
                many = Some((at, read));
                at += 1;
            }
            Some(one) if *one == Mark::One || *one == Mark::Byte(text[read]) => {
                at += 1;
                read += 1;
            }
            _ => match many {
                Some((back, taken)) => {
                    many = Some((back, taken + 1));
                    at = back + 1;
                    read = taken + 1;
                }
                None => return false,
            },
        }
    }
    marks[at..].iter().all(|one| *one == Mark::Many)
}

/// A text that a pattern with `*` and `?` takes.
pub fn sample(pattern: &str) -> String {
    pattern.replace(['*', '?'], "x")
}
