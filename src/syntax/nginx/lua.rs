//! The end of a `*_by_lua_block`, found as lua-nginx-module finds it.
//!
//! Its lexer knows strings, comments and long brackets, and counts the braces outside of them. A
//! quoted string ends on its line; a quote without its partner is an ordinary character.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till, take_until};
use nom::character::complete::{char, none_of};
use nom::combinator::recognize;
use nom::multi::many0_count;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// Why the end of the code was not found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// The file ends inside of the code.
    Brace,
    /// The long bracket that starts at this offset is never closed.
    LongBracket(usize),
}

/// The offset of the `}` that closes the code which starts at the first byte of `code`.
pub(super) fn end_of_code(code: &[u8]) -> Result<usize, Unfinished> {
    let mut depth = 0usize;
    let mut rest = code;
    loop {
        let (at_token, _) = skip_to_token(rest).map_err(|_| Unfinished::Brace)?;
        let offset = code.len() - at_token.len();
        rest = match at_token.first() {
            None => return Err(Unfinished::Brace),
            Some(b'}') if depth == 0 => return Ok(offset),
            Some(b'}') => {
                depth -= 1;
                &at_token[1..]
            }
            Some(b'{') => {
                depth += 1;
                &at_token[1..]
            }
            Some(_) => match opaque(at_token) {
                Ok((after, _)) => after,
                Err(nom::Err::Failure(_)) => return Err(Unfinished::LongBracket(offset)),
                Err(_) => &at_token[1..],
            },
        };
    }
}

fn skip_to_token(code: &[u8]) -> IResult<&[u8], &[u8]> {
    take_till(|byte| matches!(byte, b'{' | b'}' | b'[' | b'-' | b'"' | b'\'')).parse(code)
}

/// Text in which a brace is no brace.
fn opaque(code: &[u8]) -> IResult<&[u8], &[u8]> {
    alt((
        preceded(tag("--"), long_bracket),
        recognize(preceded(tag("--"), take_till(|byte| byte == b'\n'))),
        long_bracket,
        string('"'),
        string('\''),
    ))
    .parse(code)
}

/// `[==[ … ]==]`. One that is never closed is a failure, not merely no match.
fn long_bracket(code: &[u8]) -> IResult<&[u8], &[u8]> {
    let (inner, level) = delimited(char('['), many0_count(char('=')), char('[')).parse(code)?;
    let close = [b"]".as_slice(), &b"=".repeat(level), b"]"].concat();
    let closed: IResult<&[u8], &[u8]> =
        recognize((take_until(close.as_slice()), take(close.len()))).parse(inner);
    closed.map_err(|_| {
        nom::Err::Failure(nom::error::Error::new(
            code,
            nom::error::ErrorKind::TakeUntil,
        ))
    })
}

fn string<'a>(
    quote: char,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = nom::error::Error<&'a [u8]>> {
    let plain = move |code: &'a [u8]| -> IResult<&'a [u8], &'a [u8]> {
        take_till(|byte| byte == quote as u8 || byte == b'\n' || byte == b'\\').parse(code)
    };
    let escape = preceded(char('\\'), none_of("\n"));
    recognize((
        char(quote),
        plain,
        many0_count((escape, plain)),
        char(quote),
    ))
}
