//! Text for a terminal: colours, wrapping, and nothing that could be taken for a command.

use super::visible::visible_line;

/// The column in which the words after `request:`, `course:`, … begin.
pub(super) const COLUMN: usize = 12;

/// How the terminal is to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub colour: bool,
    pub width: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Error,
    Warning,
    Note,
    Good,
    Strong,
    Faint,
}

impl Terminal {
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Error => "1;31",
            Tone::Warning => "1;33",
            Tone::Note => "1;36",
            Tone::Good => "1;32",
            Tone::Strong => "1",
            Tone::Faint => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A text under a label that stands in a column of its own:
    ///
    /// ```text
    ///   request:  curl http://shop.test/
    ///             -H 'Origin: https://app.test'
    /// ```
    pub fn labelled(self, label: &str, column: usize, text: &str) -> String {
        let lines = wrap(&visible_line(text), self.width.saturating_sub(column));
        self.block(label, column, &lines)
    }

    /// Lines under a label, which are taken as they are.
    pub fn block(self, label: &str, column: usize, lines: &[String]) -> String {
        let mut out = String::new();
        for (number, line) in lines.iter().enumerate() {
            if number == 0 {
                let gap = column.saturating_sub(label.chars().count() + 2);
                out.push_str("  ");
                out.push_str(&self.paint(Tone::Note, label));
                out.push_str(&" ".repeat(gap));
            } else {
                out.push_str(&" ".repeat(column));
            }
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

/// Breaks a text at spaces. A word longer than the width stays whole: half a path is no path.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines.push(line);
    lines
}

/// Spoils what a build server would take for a command: `::error::` at the start of a line,
/// `##[…` and `##vso[` anywhere. Logs are full of them otherwise, for a configuration may hold
/// them in a comment.
pub fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        if line[start..].starts_with("::") {
            out.push_str(&line[..start]);
            out.push_str("<U+003A>");
            out.push_str(&line[start + 1..]);
        } else {
            out.push_str(line);
        }
    }
    out.replace("##[", "#<U+0023>[")
        .replace("##vso[", "#<U+0023>vso[")
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A word as a shell takes it for one.
pub fn shell_word(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@%+=,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_keeps_long_words() {
        assert_eq!(
            wrap("a bb  ccc dddddddd e", 5),
            ["a bb", "ccc", "dddddddd", "e"]
        );
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn commands_are_spoiled() {
        assert_eq!(
            without_commands("a ::b\n  ::error::x\n::add-mask::y\n# ##[group]z ##vso[t]"),
            "a ::b\n  <U+003A>:error::x\n<U+003A>:add-mask::y\n# #<U+0023>[group]z #<U+0023>vso[t]"
        );
    }

    #[test]
    fn shell_words_are_quoted() {
        assert_eq!(shell_word("http://a/b"), "http://a/b");
        assert_eq!(shell_word("it's $x"), r"'it'\''s $x'");
        assert_eq!(shell_word(""), "''");
    }
}
