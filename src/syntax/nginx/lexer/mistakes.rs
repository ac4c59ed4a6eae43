//! What nginx would stop at, in its words, and where to read on.

use bstr::ByteSlice;

use super::super::{Quote, SyntaxError};
use super::{BLANK, Lexer};
use crate::source::Span;

/// nginx reads through a buffer of this size, and a token must fit into it.
const BUFFER: usize = 4096;
/// A file with more mistakes is no configuration; the rest of them would help nobody.
const MOST_ERRORS: usize = 100;

impl Lexer<'_> {
    pub(in super::super) fn error(&mut self, span: Span, message: String) {
        self.error_within(span, message, None);
    }

    pub(in super::super) fn error_within(
        &mut self,
        span: Span,
        message: String,
        opened: Option<Span>,
    ) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(SyntaxError {
                span,
                message,
                opened,
            });
        }
    }

    pub(super) fn unexpected(&mut self, at: usize) {
        let byte = &self.text[at..at + 1];
        let message = format!("unexpected \"{}\"", printable(byte));
        self.error(self.span(at, at + 1), message);
    }

    /// A quote that has no partner, or found the opening quote of a later line: it was meant to
    /// end on its own line. `follower` is the byte after the partner, if that is still to be
    /// reported; without a partner it is the end of the file.
    pub(super) fn recover_from_quote(
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
        let line = line[..length].trim_end();
        let escaped = line.contains(&b'\\');
        self.at = content + line.len();
        self.word(content, self.at, Quote::None, escaped, false);
    }

    /// Reports a token from `start` that is not done when its byte at `last` is read.
    pub(super) fn check_length(&mut self, start: usize, last: usize) -> bool {
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
    pub(super) fn check_quoted_length(&mut self, start: usize, close: usize) -> bool {
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
}

/// Bytes of the input as they may stand in a message.
pub(in super::super) fn printable(bytes: &[u8]) -> String {
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
