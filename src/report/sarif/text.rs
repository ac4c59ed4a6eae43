//! Text for SARIF messages, which have a syntax of their own.

use super::model::Message;
use crate::report::visible::visible;

/// The text as a message that shows just this text.
///
/// In a message, `{0}` is a placeholder and `[text](target)` a link (SARIF §3.11.5, §3.11.6). A
/// configuration may hold either, and must not be able to put a link into an alert.
pub fn message(text: &str) -> Message {
    Message {
        text: without_placeholders(&visible(text)).replace("](", "] ("),
    }
}

/// Doubles the braces of what looks like a placeholder, as in a regex `[0-9]{3}`.
///
/// Other braces stay single: viewers leave them alone, and few of them undo a doubling.
fn without_placeholders(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        let digits = after[1..].bytes().take_while(u8::is_ascii_digit).count();
        shown.push_str(before);
        if digits > 0 && after[1 + digits..].starts_with('}') {
            shown.push_str("{{");
            shown.push_str(&after[1..=digits]);
            shown.push_str("}}");
            rest = &after[digits + 2..];
        } else {
            shown.push('{');
            rest = &after[1..];
        }
    }
    shown.push_str(rest);
    shown
}

/// The same, with a full stop at its end if it has none.
pub fn sentence(text: &str) -> Message {
    message(&stopped(text))
}

pub fn stopped(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_placeholder_nor_link_survives() {
        assert_eq!(
            message("~ ^/[0-9]{3}{} {a{12}} [free](http://x.test) \u{7}{").text,
            "~ ^/[0-9]{{3}}{} {a{{12}}} [free] (http://x.test) <U+0007>{"
        );
    }

    #[test]
    fn a_sentence_ends_once() {
        assert_eq!(sentence("refused ").text, "refused.");
        assert_eq!(sentence("refused.").text, "refused.");
    }
}
