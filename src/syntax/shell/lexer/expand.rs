//! What begins with `$`: variables, commands whose output is taken, expressions of workflows.

use super::super::{At, Part, Style};
use super::{DEEPEST, Lexer, within};

impl Lexer<'_> {
    /// What begins with `$`, and what stands between backticks.
    pub(super) fn expand(&mut self) {
        self.word();
        if self.peek(0) == b'`' {
            let rest = &self.text[self.place + 1..];
            let end = rest.iter().position(|byte| *byte == b'`');
            let end = end.unwrap_or(rest.len());
            self.substitute(self.place + 1, self.place + 1 + end);
            self.place = (self.place + end + 2).min(self.text.len());
            return;
        }
        let is_make = self.style == Style::Make;
        match (self.peek(1), self.peek(2)) {
            (b'{', b'{') => self.expression(),
            // `$$X` is `$X` for the shell that make starts.
            (b'$', _) if is_make => {
                self.place += 1;
                self.style = Style::Script;
                self.expand();
                self.style = Style::Make;
            }
            (b'(', _) if is_make => self.braced(b')'),
            (b'(', b'(') => {
                self.skip_parentheses();
                self.push(Part::Open("a number".to_owned()));
            }
            (b'(', _) => {
                let start = self.place + 2;
                self.skip_parentheses();
                self.substitute(start, self.place.saturating_sub(1).max(start));
            }
            (b'{', _) => self.braced(b'}'),
            (b'\'', _) => {
                self.place += 1;
                self.single();
            }
            (byte, _) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let rest = &self.text[self.place + 1..];
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let length = rest.iter().take_while(|byte| is_name(byte)).count();
                let name = String::from_utf8_lossy(&rest[..length]).into_owned();
                self.place += 1 + length;
                self.push(Part::Variable {
                    name,
                    default: None,
                });
            }
            (byte, _) if byte.is_ascii_digit() || b"@*#?!-$".contains(&byte) => {
                self.place += 2;
                self.push(Part::Open("an argument".to_owned()));
            }
            _ => self.take(1),
        }
    }

    /// Moves behind the `)` that belongs to the `$(` here.
    fn skip_parentheses(&mut self) {
        let mut depth = 0;
        let mut quote = 0;
        self.place += 1;
        while self.place < self.text.len() {
            let byte = self.peek(0);
            self.place += 1;
            match byte {
                b'\\' if quote != b'\'' => self.place += 1,
                b'\'' | b'"' if quote == 0 => quote = byte,
                byte if byte == quote => quote = 0,
                _ if quote == b'\'' => {}
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 && byte == b')' {
                break;
            }
        }
        self.place = self.place.min(self.text.len());
    }

    /// The commands whose output stands here.
    fn substitute(&mut self, start: usize, end: usize) {
        if self.depth < DEEPEST {
            let at = match self.at {
                At::Base(base) => At::Base(base + start as u32),
                inside => inside,
            };
            let style = Style::Script;
            within(
                at,
                &self.text[start..end],
                style,
                self.depth + 1,
                &mut self.done,
            );
        }
        self.push(Part::Open("what a command prints".to_owned()));
    }

    /// `${NAME:-default}`, `$(NAME)`.
    fn braced(&mut self, end: u8) {
        let rest = &self.text[self.place + 2..];
        let length = rest.iter().position(|byte| *byte == end);
        let length = length.unwrap_or(rest.len());
        let inner = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.place = (self.place + length + 3).min(self.text.len());
        self.push(variable(&inner));
    }

    /// `${{ vars.NAME }}`.
    fn expression(&mut self) {
        let rest = &self.text[self.place + 3..];
        let length = rest.windows(2).position(|two| two == b"}}");
        let length = length.unwrap_or(rest.len());
        let inner = String::from_utf8_lossy(&rest[..length]).trim().to_owned();
        self.place = (self.place + length + 5).min(self.text.len());
        let is_name = |text: &str| {
            let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-');
            !text.is_empty() && text.chars().all(is_part)
        };
        let spaces = [
            "vars.",
            "env.",
            "secrets.",
            "inputs.",
            "github.event.inputs.",
        ];
        let name = spaces.iter().find_map(|space| inner.strip_prefix(space));
        self.push(match name.filter(|name| is_name(name)) {
            Some(name) => Part::Variable {
                name: name.to_owned(),
                default: None,
            },
            None => Part::Open(inner),
        });
    }
}

/// What stands between the braces of a variable.
fn variable(inner: &str) -> Part {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let end = inner.find(|char| !is_name(char)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let default = [":-", ":=", "-", "="]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark));
    // What is checked, or cut off at the end, is the variable.
    let is_same = rest.is_empty() || [":?", "?", "%"].iter().any(|mark| rest.starts_with(mark));
    match (name.is_empty(), default) {
        (false, Some(default)) if !default.contains(['$', '`']) => Part::Variable {
            name: name.to_owned(),
            default: Some(default.trim_matches(['"', '\'']).to_owned()),
        },
        (false, Some(_)) => Part::Variable {
            name: name.to_owned(),
            default: None,
        },
        (false, None) if is_same => Part::Variable {
            name: name.to_owned(),
            default: None,
        },
        _ => Part::Open(inner.to_owned()),
    }
}
