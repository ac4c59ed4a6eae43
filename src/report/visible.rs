//! Text from a configuration, made safe to show.

use std::borrow::Cow;
use std::fmt::Write;

/// Replaces every character that a terminal, a log viewer or a reader's eye could be led astray
/// by: control characters (escape sequences begin with one) and those that reorder or hide text.
///
/// Line feeds and tabs stay; a carriage return does not, since it overwrites a line.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(misleads) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if misleads(char) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "<U+{:04X}>", char as u32);
        } else {
            shown.push(char);
        }
    }
    Cow::Owned(shown)
}

/// The same for what has to stay on one line: line feeds and tabs become spaces.
pub fn visible_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

/// Whether a character is one that [`visible`] replaces.
pub fn misleads(char: char) -> bool {
    match char {
        '\n' | '\t' => false,
        // Marks and overrides of the bidirectional algorithm (UAX #9), the line separators that
        // some viewers obey, the byte order mark and the tag characters.
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => true,
        '\u{feff}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => char.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(
            visible("é → \tlocation ~ \\.php$\n"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn what_misleads_is_spelled_out() {
        assert_eq!(visible("\x1b[2J\r\u{7}"), "<U+001B>[2J<U+000D><U+0007>");
        assert_eq!(visible("a\u{202e}b\u{9b}0m"), "a<U+202E>b<U+009B>0m");
        assert_eq!(visible_line("a\n\tb\r\nc"), "a  b<U+000D> c");
    }
}
