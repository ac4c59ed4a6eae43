//! Bytes to statements, as ngx_conf_read_token reads them.
//!
//! A statement is a run of words up to its `;`, `{`, `}` or the end of the file. What nginx would
//! stop at is noted, and read on from where a person would say that the mistake ends.

use bstr::ByteSlice;
use nom::bytes::complete::{take_till, take_while};
use nom::{IResult, Parser};

use super::condition::Conditions;
use super::template::{Construct, Family, Mark, Marks, Place, Role, braced_name};
use super::{Quote, SyntaxError, Word};
use crate::source::Span;

/// nginx reads through a buffer of this size, and a token must fit into it.
const BUFFER: usize = 4096;
/// A file with more mistakes is no configuration; the rest of them would help nobody.
const MOST_ERRORS: usize = 100;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What ended a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Semicolon,
    Open,
    Close,
    End,
}

pub(super) struct Lexer<'a> {
    pub text: &'a [u8],
    /// The next byte to read.
    pub at: usize,
    pub words: Vec<Word>,
    pub comments: Vec<Span>,
    pub errors: Vec<SyntaxError>,
    pub is_template: bool,
    /// The template branch in which the statement began.
    pub branch: u32,
    base: u32,
    marks: Marks<'a>,
    conditions: Conditions,
    /// How many conditions were open when the statement began.
    conditions_before: usize,
    /// An `else` whose end was not found: the conditions are not to be trusted from there on.
    lost_the_thread: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(base: u32, text: &'a [u8]) -> Self {
        let mut lexer = Lexer {
            text,
            at: 0,
            // A word of a configuration takes ten bytes or so with what surrounds it.
            words: Vec::with_capacity(text.len() / 10),
            comments: Vec::new(),
            errors: Vec::new(),
            is_template: false,
            branch: 0,
            base,
            marks: Marks::new(text),
            conditions: Conditions::default(),
            conditions_before: 0,
            lost_the_thread: false,
        };
        if text.starts_with(BYTE_ORDER_MARK) {
            let span = lexer.span(0, BYTE_ORDER_MARK.len());
            let message = "the file starts with a UTF-8 byte order mark, which nginx takes for \
                           a part of the first directive's name (unknown directive)";
            lexer.error(span, message.to_owned());
            lexer.at = BYTE_ORDER_MARK.len();
        }
        lexer
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    pub(super) fn error(&mut self, span: Span, message: String) {
        self.error_within(span, message, None);
    }

    pub(super) fn error_within(&mut self, span: Span, message: String, opened: Option<Span>) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(SyntaxError {
                span,
                message,
                opened,
            });
        }
    }

    /// Reads one statement; its words are those that are new in `words`.
    pub(super) fn statement(&mut self) -> Stop {
        let first = self.words.len();
        loop {
            self.at = self.text.len() - blanks(&self.text[self.at..]).len();
            let begun = self.words.len() > first;
            let Some(&byte) = self.text.get(self.at) else {
                if begun {
                    let message = "unexpected end of file, expecting \";\" or \"}\"";
                    self.error(self.span(self.at, self.at), message.to_owned());
                }
                return Stop::End;
            };
            if !begun {
                if matches!(byte, b'{' | b'<' | b'@' | b'$') && self.skip_standalone_mark() {
                    continue;
                }
                self.branch = self.conditions.branch();
                self.conditions_before = self.conditions.depth();
            }
            match byte {
                b';' if begun => {
                    self.at += 1;
                    return Stop::Semicolon;
                }
                b';' => {
                    self.unexpected(self.at);
                    self.at += 1;
                }
                b'{' if self.marks.at(self.at, Place::Argument).is_none() => {
                    if !begun {
                        self.unexpected(self.at);
                    }
                    self.at += 1;
                    return Stop::Open;
                }
                b'}' => {
                    if begun {
                        self.unexpected(self.at);
                    }
                    self.at += 1;
                    return Stop::Close;
                }
                b'#' => self.comment(),
                b'"' | b'\'' => self.quoted(byte),
                _ => self.unquoted(),
            }
        }
    }

    fn unexpected(&mut self, at: usize) {
        let byte = &self.text[at..at + 1];
        let message = format!("unexpected \"{}\"", printable(byte));
        self.error(self.span(at, at + 1), message);
    }

    fn comment(&mut self) {
        let start = self.at;
        let mut marked = false;
        let mut end = start;
        loop {
            end += until(&self.text[end..], |byte| {
                matches!(byte, b'\n' | b'{' | b'<')
            });
            match self.text.get(end) {
                Some(b'\n') | None => break,
                Some(_) => match self.marks.at(end, Place::Comment) {
                    Some(mark) => {
                        marked = true;
                        end = self.enter(mark);
                    }
                    None => end += 1,
                },
            }
        }
        if !marked {
            // nginx reads the newline, too, before it lets go of the comment.
            self.check_length(start, end);
        }
        let text = self.text[start..end].trim_end_with(|c| c == '\r');
        let span = self.span(start, start + text.len());
        self.comments.push(span);
        self.at = end;
    }

    fn unquoted(&mut self) {
        let start = self.at;
        let (mut escaped, mut marked, mut visible) = (false, false, false);
        let mut end = start;
        loop {
            let plain = until(&self.text[end..], |byte| UNQUOTED[byte as usize]);
            end += plain;
            visible |= plain > 0;
            match self.text.get(end) {
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';') => break,
                Some(b'\\') => {
                    escaped = true;
                    visible = true;
                    end = self.text.len().min(end + 2);
                }
                Some(byte) => match self.marks.at(end, Place::Argument) {
                    Some(mark) => {
                        marked = true;
                        visible |= mark.role == Role::Value;
                        end = self.enter(mark);
                    }
                    None if *byte == b'{' => break,
                    None => {
                        let is_variable = *byte == b'$';
                        visible = true;
                        end += 1;
                        if is_variable {
                            end = self.skip_braces_of_variable(end);
                        }
                    }
                },
            }
        }
        self.at = end;
        if !visible {
            return;
        }
        if !marked {
            let blank = self.text.get(end).is_some_and(|byte| BLANK[*byte as usize]);
            self.check_length(start, end + usize::from(blank));
        }
        self.word(start, end, Quote::None, escaped, marked);
    }

    /// After `$`, any number of `{` is part of the token, unless a template mark begins there.
    fn skip_braces_of_variable(&mut self, mut at: usize) -> usize {
        while self.text.get(at) == Some(&b'{') && self.marks.at(at, Place::Argument).is_none() {
            at += 1;
        }
        at
    }

    fn quoted(&mut self, quote: u8) {
        let start = self.at;
        let conditions = self.conditions.depth();
        let (mut escaped, mut marked) = (false, false);
        let mut end = start + 1;
        loop {
            end += until(&self.text[end..], |byte| {
                byte == quote || matches!(byte, b'\\' | b'{' | b'<' | b'@')
            });
            match self.text.get(end) {
                None => return self.recover_from_quote(start, conditions, None),
                Some(byte) if *byte == quote => break,
                Some(b'\\') => {
                    escaped = true;
                    end = self.text.len().min(end + 2);
                }
                Some(_) => match self.marks.at(end, Place::Quoted(quote)) {
                    Some(mark) => {
                        marked = true;
                        end = self.enter(mark);
                    }
                    None => end += 1,
                },
            }
        }
        let close = end;
        self.at = close + 1;
        while let Some(mark) = self.marks.at(self.at, Place::Argument) {
            marked = true;
            self.at = self.enter(mark);
        }
        let too_long = !marked && self.check_quoted_length(start, close);
        match self.text.get(self.at) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => {}
            Some(_) if self.text[start..close].contains(&b'\n') => {
                let unexpected = (!too_long).then_some(self.at);
                return self.recover_from_quote(start, conditions, Some(unexpected));
            }
            // The loop over words says it.
            Some(b'}') => {}
            Some(b'#') => {
                self.unexpected(self.at);
                self.word(start, close + 1, quote_kind(quote), escaped, marked);
                return self.unquoted();
            }
            Some(_) => self.unexpected(self.at),
        }
        self.word(start, close + 1, quote_kind(quote), escaped, marked);
    }

    /// A quote that has no partner, or found the opening quote of a later line: it was meant to
    /// end on its own line. `follower` is the byte after the partner, if that is still to be
    /// reported; without a partner it is the end of the file.
    fn recover_from_quote(
        &mut self,
        start: usize,
        conditions: usize,
        follower: Option<Option<usize>>,
    ) {
        let opened = Some(self.span(start, start + 1));
        let end = self.text.len();
        match follower {
            Some(Some(at)) => {
                let message = format!("unexpected \"{}\"", printable(&self.text[at..at + 1]));
                self.error_within(self.span(at, at + 1), message, opened);
            }
            Some(None) => {}
            None if self.check_quoted_length(start, end) => {}
            None => {
                let message = "unexpected end of file, expecting \";\" or \"}\"".to_owned();
                self.error_within(self.span(end, end), message, opened);
            }
        }
        self.conditions.forget_beyond(conditions);
        let content = start + 1;
        let line = self.text[content..]
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end();
        let length = match line.last() {
            Some(b';' | b'{') => line.len() - 1,
            _ => line.rfind_byte(b';').unwrap_or(line.len()),
        };
        let escaped = line[..length].contains(&b'\\');
        self.at = content + length;
        self.word(content, self.at, Quote::None, escaped, false);
    }

    fn word(&mut self, start: usize, end: usize, quote: Quote, escaped: bool, marked: bool) {
        let conditional = self.conditions.depth() > self.conditions_before;
        self.words.push(Word {
            span: self.span(start, end),
            quote,
            escaped,
            template: marked || conditional,
        });
    }

    /// Reports a token from `start` that is not done when its byte at `last` is read.
    fn check_length(&mut self, start: usize, last: usize) -> bool {
        let last = last.min(self.text.len().saturating_sub(1));
        let too_long = last >= start + BUFFER;
        if too_long {
            let shown = printable(&self.text[start..start + 10]);
            let message = format!("too long parameter \"{shown}...\" started");
            self.error(self.span(start, last), message);
        }
        too_long
    }

    /// As [`check_length`](Self::check_length) for the quoted token whose quote is at `start`
    /// and whose partner, or the end of the file, is at `close`.
    fn check_quoted_length(&mut self, start: usize, close: usize) -> bool {
        let content = start + 1;
        if close.min(self.text.len() - 1) >= content + BUFFER {
            let quote = self.text[start] as char;
            let message =
                format!("too long parameter, probably missing terminating \"{quote}\" character");
            self.error(self.span(start, start + 1), message);
            return true;
        }
        let blank = self
            .text
            .get(close + 1)
            .is_some_and(|byte| BLANK[*byte as usize]);
        self.check_length(content, close + 1 + usize::from(blank))
    }

    /// Passes a mark that stands where a directive could start and is none.
    fn skip_standalone_mark(&mut self) -> bool {
        let end = match self.marks.at(self.at, Place::Statement) {
            Some(mark) if mark.role != Role::Value => {
                self.at = self.enter(mark);
                return true;
            }
            Some(mark) => mark.end,
            // For nginx a variable, but no directive has such a name: envsubst puts some here.
            None => match braced_name(&self.text[self.at..]) {
                Some(length) => self.at + length,
                None => return false,
            },
        };
        let alone = self.is_last_on_line(end);
        if alone {
            self.is_template = true;
            self.at = end;
        }
        alone
    }

    fn is_last_on_line(&mut self, mut at: usize) -> bool {
        loop {
            at += until(&self.text[at..], |byte| {
                !matches!(byte, b' ' | b'\t' | b'\r')
            });
            match self.text.get(at) {
                None | Some(b'\n' | b'#' | b'}') => return true,
                Some(_) => match self.marks.at(at, Place::Statement) {
                    Some(mark) => at = mark.end,
                    None => return false,
                },
            }
        }
    }

    /// Does what a mark says; the answer is where to read on.
    fn enter(&mut self, mark: Mark) -> usize {
        self.is_template = true;
        match mark.role {
            Role::Value | Role::Nothing => {}
            Role::Open(construct) => self.conditions.open(mark.family, construct),
            Role::Close(construct) => self.conditions.close(mark.family, construct),
            Role::Else if self.lost_the_thread => {}
            Role::Else => return self.skip_alternative(mark),
        }
        mark.end
    }

    /// Passes the branches that are read only if the condition of the first one is false.
    fn skip_alternative(&mut self, other: Mark) -> usize {
        let Some(construct) = self.conditions.another_branch(other.family) else {
            return other.end;
        };
        let mut depth = 0usize;
        let mut at = other.end;
        while let Some(offset) = self.text[at..].find_byteset("{<") {
            at += offset;
            let Some(mark) = self.marks.at(at, Place::Dropped) else {
                at += 1;
                continue;
            };
            at = mark.end;
            if mark.family != other.family {
                continue;
            }
            // Only the Percent languages name the construct that an end belongs to.
            let counts = |other| mark.family != Family::Percent || other == construct;
            match mark.role {
                Role::Open(nested) if counts(nested) => depth += 1,
                Role::Close(closed) if closed == Construct::Any || counts(closed) => {
                    if depth == 0 {
                        self.conditions.close(mark.family, closed);
                        return at;
                    }
                    depth -= 1;
                }
                _ => {}
            }
        }
        self.lost_the_thread = true;
        other.end
    }
}

/// The bytes at which an unquoted token may end, or is to be looked at.
const UNQUOTED: [bool; 256] = table(b" \t\r\n;{\\$<@");
const BLANK: [bool; 256] = table(b" \t\r\n");

const fn table(members: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < members.len() {
        table[members[at] as usize] = true;
        at += 1;
    }
    table
}

fn quote_kind(quote: u8) -> Quote {
    if quote == b'"' {
        Quote::Double
    } else {
        Quote::Single
    }
}

/// What is left of `text` after its leading white space.
fn blanks(text: &[u8]) -> &[u8] {
    let rest: IResult<&[u8], &[u8]> = take_while(|byte: u8| BLANK[byte as usize]).parse(text);
    rest.map_or(text, |(rest, _)| rest)
}

/// How many bytes come before the first one that is `wanted`.
fn until(text: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let passed: IResult<&[u8], &[u8]> = take_till(wanted).parse(text);
    passed.map_or(0, |(_, passed)| passed.len())
}

/// Bytes of the input as they may stand in a message.
pub(super) fn printable(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown
}
