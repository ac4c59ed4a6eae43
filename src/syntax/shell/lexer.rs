//! The walk over the bytes.

mod expand;

use super::{At, Command, Part, Style, Word};
use crate::source::Span;

/// How deep `$(…)` is looked into.
const DEEPEST: usize = 12;

/// More commands than these no script has.
const MOST_COMMANDS: usize = 20_000;

struct Lexer<'t> {
    at: At,
    text: &'t [u8],
    /// Where the next byte is.
    place: usize,
    style: Style,
    depth: usize,
    done: Vec<Command>,
    command: Command,
    /// The word that is being read, and where it began.
    word: Option<(usize, Word)>,
    /// Ends of here-documents whose lines come after this one.
    documents: Vec<String>,
    /// The next word is the file of a redirection.
    is_redirected: bool,
}

pub fn commands(at: At, text: &[u8], style: Style) -> Vec<Command> {
    let mut done = Vec::new();
    within(at, text, style, 0, &mut done);
    done
}

fn within(at: At, text: &[u8], style: Style, depth: usize, done: &mut Vec<Command>) {
    let mut lexer = Lexer {
        at,
        text,
        place: 0,
        style,
        depth,
        done: std::mem::take(done),
        command: Command::default(),
        word: None,
        documents: Vec::new(),
        is_redirected: false,
    };
    while lexer.place < text.len() && lexer.done.len() < MOST_COMMANDS {
        lexer.next();
    }
    lexer.end_command();
    *done = lexer.done;
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.place + ahead).copied().unwrap_or(0)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        match self.at {
            At::Base(base) => Span::new(base + start as u32, base + end as u32),
            At::Inside(span) => span,
        }
    }

    fn word(&mut self) -> &mut Word {
        let start = self.place;
        let span = self.span(start, start);
        let (_, word) = self.word.get_or_insert_with(|| {
            let word = Word {
                span,
                parts: Vec::new(),
                is_quoted: false,
            };
            (start, word)
        });
        word
    }

    fn push(&mut self, part: Part) {
        let parts = &mut self.word().parts;
        match (parts.last_mut(), part) {
            (Some(Part::Known(text)), Part::Known(more)) => text.push_str(&more),
            (_, part) => parts.push(part),
        }
    }

    /// Takes bytes as they are.
    fn take(&mut self, count: usize) {
        let end = (self.place + count).min(self.text.len());
        let text = String::from_utf8_lossy(&self.text[self.place..end]).into_owned();
        self.push(Part::Known(text));
        self.place = end;
    }

    fn end_word(&mut self) {
        let Some((start, mut word)) = self.word.take() else {
            return;
        };
        word.span = self.span(start, self.place);
        if std::mem::take(&mut self.is_redirected) {
            return;
        }
        let is_first = self.command == Command::default();
        if is_first && !word.is_quoted && word.plain().is_some_and(|word| is_reserved(&word)) {
            return;
        }
        match assignment(&word).filter(|_| self.command.words.is_empty()) {
            Some(set) => self.command.sets.push(set),
            None => self.command.words.push(word),
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_redirected = false;
        let command = std::mem::take(&mut self.command);
        if command != Command::default() {
            self.done.push(command);
        }
    }

    fn next(&mut self) {
        let byte = self.peek(0);
        match byte {
            b'\\' => self.escape(),
            b'\n' => self.line(),
            b' ' | b'\t' | b'\r' => {
                self.end_word();
                self.place += 1;
            }
            b'#' if self.word.is_none() => self.comment(),
            b';' | b'|' | b'(' | b')' => {
                self.end_command();
                self.place += 1;
            }
            b'&' if self.peek(1) == b'>' => {
                self.end_word();
                self.place += 1;
            }
            b'&' => {
                self.end_command();
                self.place += 1;
            }
            b'<' | b'>' => self.redirect(byte),
            b'\'' => self.single(),
            b'"' => self.double(),
            b'$' | b'`' => self.expand(),
            _ => self.run_of_letters(),
        }
    }

    fn run_of_letters(&mut self) {
        const MARKS: &[u8] = b"\\\n \t\r;|()&<>'\"$`";
        let rest = &self.text[self.place..];
        let end = rest.iter().position(|byte| MARKS.contains(byte));
        self.take(end.unwrap_or(rest.len()).max(1));
    }

    fn escape(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (b'\n', _) => self.place += 2,
            (b'\r', b'\n') => self.place += 3,
            _ => {
                self.place += 1;
                if self.place < self.text.len() {
                    let end = self.place + letter(&self.text[self.place..]);
                    self.take(end - self.place);
                }
            }
        }
    }

    fn comment(&mut self) {
        let rest = &self.text[self.place..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        self.place += end.unwrap_or(rest.len());
    }

    fn line(&mut self) {
        self.end_word();
        self.place += 1;
        let rest = &self.text[self.place..];
        let next = rest
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        if self.style != Style::Folded || next == Some(&b'\n') {
            self.end_command();
        }
        for end in std::mem::take(&mut self.documents) {
            self.skip_document(&end);
        }
    }

    fn skip_document(&mut self, end: &str) {
        while self.place < self.text.len() {
            let rest = &self.text[self.place..];
            let length = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..length.unwrap_or(rest.len())];
            self.place = (self.place + line.len() + 1).min(self.text.len());
            if line.trim_ascii() == end.as_bytes() {
                return;
            }
        }
    }

    fn redirect(&mut self, byte: u8) {
        // `2>` names a file descriptor.
        let is_number = |word: &Word| word.plain().is_some_and(|text| text.parse::<u8>().is_ok());
        if self.word.as_ref().is_some_and(|(_, word)| is_number(word)) {
            self.word = None;
        }
        self.end_word();
        if byte == b'<' && self.peek(1) == b'<' && self.peek(2) != b'<' {
            self.place += 2;
            self.document();
            return;
        }
        while matches!(self.peek(0), b'<' | b'>' | b'&' | b'|' | b'-') {
            self.place += 1;
        }
        // `<(command)` gives a file; what it runs is read as a command of its own.
        self.is_redirected = self.peek(0) != b'(';
    }

    /// `<<EOF`, `<<-'EOF'`.
    fn document(&mut self) {
        let rest = &self.text[self.place..];
        let blanks = rest
            .iter()
            .take_while(|byte| matches!(byte, b'-' | b' ' | b'~'));
        let start = blanks.count();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b";|&<>)".contains(byte);
        let length = rest[start..].iter().position(is_end);
        let end = length.map_or(rest.len(), |length| start + length);
        let name = String::from_utf8_lossy(&rest[start..end]);
        let name = name.trim_matches(['\'', '"', '\\']).to_owned();
        self.place += end;
        if !name.is_empty() {
            self.documents.push(name);
        }
    }

    fn single(&mut self) {
        self.word().is_quoted = true;
        self.place += 1;
        let rest = &self.text[self.place..];
        let end = rest.iter().position(|byte| *byte == b'\'');
        let end = end.unwrap_or(rest.len());
        self.take(end);
        self.place = (self.place + 1).min(self.text.len());
    }

    fn double(&mut self) {
        self.word().is_quoted = true;
        self.place += 1;
        while self.place < self.text.len() {
            match self.peek(0) {
                b'"' => {
                    self.place += 1;
                    return;
                }
                b'\\' => match self.peek(1) {
                    b'\n' => self.place += 2,
                    b'"' | b'\\' | b'$' | b'`' => {
                        self.place += 1;
                        self.take(1);
                    }
                    _ => self.take(1),
                },
                b'$' | b'`' => self.expand(),
                _ => {
                    let rest = &self.text[self.place..];
                    let end = rest.iter().position(|byte| b"\"\\$`".contains(byte));
                    self.take(end.unwrap_or(rest.len()));
                }
            }
        }
    }
}

/// `NAME=value`, as far as it is one.
pub fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Known(first)) = word.parts.first() else {
        return None;
    };
    let (name, rest) = first.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    if name.is_empty()
        || name.starts_with(|char: char| char.is_numeric())
        || !name.chars().all(is_name)
    {
        return None;
    }
    let mut parts = word.parts.clone();
    parts[0] = Part::Known(rest.to_owned());
    if rest.is_empty() && parts.len() > 1 {
        parts.remove(0);
    }
    let value = Word {
        parts,
        ..word.clone()
    };
    Some((name.to_owned(), value))
}

/// Words of the grammar that stand before a command.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "if" | "then" | "elif" | "else" | "do" | "while" | "until" | "!" | "{" | "time"
    )
}

/// How many bytes the first letter of a text has.
fn letter(text: &[u8]) -> usize {
    let more = text.iter().skip(1).take(3);
    1 + more.take_while(|byte| **byte & 0xc0 == 0x80).count()
}
