//! The marks of template languages: where one ends, and what it does.
//!
//! Known are `{{ }}` (Go, Jinja, Handlebars, Mustache), `{% %}` and `{# #}` (Jinja, Liquid),
//! `<% %>` (ERB, EPP, EJS) and `@NAME@` (configure). In unquoted text nginx itself would reject
//! the ones with braces, so there they are taken for marks easily; inside of quotes they may be
//! an ordinary regex, so there they must look the part.

use bstr::ByteSlice;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::{IResult, Parser};

use super::role::{self, Role};

/// How the marks of a template language are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `{{ }}`
    Curly,
    /// `{% %}`
    Percent,
    /// `<% %>`
    Angle,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub family: Family,
    pub role: Role,
    pub end: usize,
}

/// Where a mark is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a directive can start.
    Statement,
    /// In an unquoted token or before one.
    Argument,
    /// Inside of quotes of this kind.
    Quoted(u8),
    Comment,
    /// In text that is not read for anything but marks.
    Dropped,
}

/// No expression is longer. The limit keeps a file of opening marks from costing its square.
const LONGEST_EXPRESSION: usize = 4096;

/// Finds marks in one text. What it remembers keeps all searches together linear.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    text: &'a [u8],
    /// No `{{` or `{%` in this range has an end, by the last search that failed.
    endless: [std::ops::Range<usize>; 2],
    angle_end: NextPosition,
    comment_end: NextPosition,
}

impl<'a> Marks<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Marks {
            text,
            endless: [0..0, 0..0],
            angle_end: NextPosition::new(b"%>"),
            comment_end: NextPosition::new(b"#}"),
        }
    }

    /// The mark that starts at `at`, if one does.
    pub(super) fn at(&mut self, at: usize, place: Place) -> Option<Mark> {
        match (self.text.get(at)?, self.text.get(at + 1)?) {
            // `server {{% if …`: a block, and in it a mark.
            (b'{', b'{') if self.text.get(at + 2) != Some(&b'%') => self.curly(at, place),
            (b'{', b'%') => self.percent(at, place),
            (b'{', b'#') => self.comment(at, place),
            (b'<', b'%') => self.angle(at),
            (b'@', _) if place != Place::Comment && place != Place::Dropped => self.name(at),
            _ => None,
        }
    }

    fn curly(&mut self, at: usize, place: Place) -> Option<Mark> {
        let inner = &self.text[at + 2..];
        // At most a third brace, a sign that trims blanks, and what follows it.
        let sigils = inner
            .iter()
            .take(3)
            .position(|byte| !matches!(byte, b'{' | b'-' | b'~'))?;
        let first = inner[sigils];
        let begins_like_an_expression = first.is_ascii_alphabetic()
            || first.is_ascii_whitespace()
            || b"_.$#/^>!&@*([\"'`".contains(&first);
        if !begins_like_an_expression || place == Place::Quoted(first) {
            return None;
        }
        let end = self.expression_end(at, Family::Curly, place)?;
        let content = &self.text[at + 2..end - 2];
        let role = role::of_curly(content);
        Some(Mark {
            family: Family::Curly,
            role,
            end,
        })
    }

    fn percent(&mut self, at: usize, place: Place) -> Option<Mark> {
        let end = self.expression_end(at, Family::Percent, place)?;
        let role = role::of_percent(&self.text[at + 2..end - 2]);
        Some(Mark {
            family: Family::Percent,
            role,
            end,
        })
    }

    fn angle(&mut self, at: usize) -> Option<Mark> {
        let close = self.angle_end.from(self.text, at + 2)?;
        let role = role::of_angle(&self.text[at + 2..close]);
        Some(Mark {
            family: Family::Angle,
            role,
            end: close + 2,
        })
    }

    /// `{# … #}`. After a parameter it may as well be a block that starts with a comment, so
    /// there it must be followed by what ends the directive.
    fn comment(&mut self, at: usize, place: Place) -> Option<Mark> {
        let end = match place {
            Place::Quoted(_) | Place::Comment => return None,
            _ => self.comment_end.from(self.text, at + 2)? + 2,
        };
        if place == Place::Argument {
            let rest = self.text[end..].trim_start_with(|c| c == ' ' || c == '\t');
            let same_line = !self.text[at..end].contains(&b'\n');
            if !same_line || !matches!(rest.first(), Some(b';' | b'{')) {
                return None;
            }
        }
        Some(Mark {
            family: Family::Percent,
            role: Role::Nothing,
            end,
        })
    }

    fn name(&self, at: usize) -> Option<Mark> {
        let (rest, _) = at_name(&self.text[at..]).ok()?;
        let end = self.text.len() - rest.len();
        Some(Mark {
            family: Family::Angle,
            role: Role::Value,
            end,
        })
    }

    /// The end of the `{{` or `{%` at `at`, which is none if the text does not look like a mark.
    fn expression_end(&mut self, at: usize, family: Family, place: Place) -> Option<usize> {
        let endless = &mut self.endless[(family == Family::Percent) as usize];
        if endless.contains(&at) {
            return None;
        }
        let one_line = matches!(place, Place::Quoted(_) | Place::Comment);
        let limit = self.text.len().min(at + LONGEST_EXPRESSION);
        match expression_length(&self.text[at + 2..limit], family, one_line) {
            Ok(length) => Some(at + 2 + length),
            Err(searched) => {
                *endless = at..at + 2 + searched;
                None
            }
        }
    }
}

/// The length of an expression with its closing mark, or how far it was searched in vain.
fn expression_length(text: &[u8], family: Family, one_line: bool) -> Result<usize, usize> {
    let begin = text.trim_start_with(|c| c == '-' || c == '~' || c.is_ascii_whitespace());
    if family == Family::Curly && (text.starts_with(b"!") || begin.starts_with(b"/*")) {
        let text = if one_line { first_line(text) } else { text };
        let prose = match begin.starts_with(b"/*") {
            true => text.find("*/").ok_or(text.len())?,
            false => 0,
        };
        return match text[prose..].find("}}") {
            Some(at) => Ok(prose + at + 2),
            None => Err(text.len()),
        };
    }
    let mut quote = None;
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        match (quote, byte) {
            (_, b'\n') if one_line => return plain_end(text, family, one_line),
            (Some(b'"' | b'\''), b'\\') => at += 1,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            // A semicolon is no part of any expression: this is a block with another one in it.
            (None, b';') if family == Family::Curly => return Err(at),
            (None, b'%') if family == Family::Percent && next == Some(b'}') => return Ok(at + 2),
            (None, b'}') if family == Family::Curly && depth == 0 && next == Some(b'}') => {
                return Ok(at + 2);
            }
            (None, b'{') => depth += 1,
            (None, b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    plain_end(text, family, one_line)
}

/// As [`expression_length`], for text whose quotes mean nothing.
fn plain_end(text: &[u8], family: Family, one_line: bool) -> Result<usize, usize> {
    let line = if one_line { first_line(text) } else { text };
    let close: &[u8] = if family == Family::Curly {
        b"}}"
    } else {
        b"%}"
    };
    match line.find(close) {
        Some(at) if family == Family::Percent || !line[..at].contains(&b';') => Ok(at + 2),
        Some(at) => Err(at),
        None => Err(line.len()),
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.find_byte(b'\n').map_or(text, |end| &text[..end])
}

fn at_name(text: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, _) = tag("@").parse(text)?;
    let (rest, name) = upper_case_name(rest)?;
    let (rest, _) = tag("@").parse(rest)?;
    Ok((rest, name))
}

/// `${NAME}`: an ordinary variable for nginx, but often one of the environment for envsubst.
pub(super) fn braced_name(text: &[u8]) -> Option<usize> {
    let parsed: IResult<&[u8], _> = (tag("${"), upper_case_name, tag("}")).parse(text);
    parsed.ok().map(|(rest, _)| text.len() - rest.len())
}

fn upper_case_name(text: &[u8]) -> IResult<&[u8], &[u8]> {
    nom::combinator::recognize((
        take_while1(|byte: u8| byte.is_ascii_uppercase()),
        take_while(|byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
    ))
    .parse(text)
}

/// The next occurrence of a needle, remembered as long as it is not passed.
#[derive(Debug)]
struct NextPosition {
    needle: &'static [u8],
    /// Where the last search began, and what it found.
    last: Option<(usize, Option<usize>)>,
}

impl NextPosition {
    fn new(needle: &'static [u8]) -> Self {
        NextPosition { needle, last: None }
    }

    fn from(&mut self, text: &[u8], at: usize) -> Option<usize> {
        match self.last {
            Some((from, found)) if from <= at && found.is_none_or(|found| at <= found) => found,
            _ => {
                let found = text.get(at..)?.find(self.needle).map(|offset| at + offset);
                self.last = Some((at, found));
                found
            }
        }
    }
}
