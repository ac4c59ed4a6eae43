//! Bytes to statements, as ngx_conf_read_token reads them.
//!
//! A statement is a run of words up to its `;`, `{`, `}` or the end of the file. What nginx would
//! stop at is noted, and read on from where a person would say that the mistake ends.

mod marks;
mod mistakes;

use std::ops::Range;

use bstr::ByteSlice;
use nom::bytes::complete::{take_till, take_while};
use nom::{IResult, Parser};

use super::condition::Conditions;
use super::role::Role;
use super::template::{Marks, Place};
use super::{Quote, SyntaxError, Word};
use crate::source::Span;

pub(super) use mistakes::printable;

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
    /// The last answer of `is_last_on_line`, and where it is the same.
    last_on_line: (Range<usize>, bool),
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
            last_on_line: (0..0, false),
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

    fn word(&mut self, start: usize, end: usize, quote: Quote, escaped: bool, marked: bool) {
        let conditional = self.conditions.depth() > self.conditions_before;
        self.words.push(Word {
            span: self.span(start, end),
            quote,
            escaped,
            template: marked || conditional,
        });
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
