//! The token of the user's request: where it is taken from, and what is told of it.
//!
//! A token on the command line stays in the history of a shell, so it may come from elsewhere. It is
//! never printed: neither whole nor where it is no token.

use std::fs::File;
use std::io::{self, Read};

use super::document::Token;
use crate::request::time;
use crate::request::token::{Claims, NoToken};

/// No token is longer.
const LONGEST: u64 = 64 << 10;

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the token cannot be read from {0}: {1}")]
    Unreadable(String, io::Error),
    #[error("the token cannot be read: there is no environment variable {0}")]
    NoVariable(String),
    #[error("this is no JSON Web Token: {0}")]
    NoToken(#[from] NoToken),
    #[error("--token and a header Authorization are both given; a request has one of them")]
    Twice,
    #[error("`{0}` is no time; write it as 2026-01-31T12:00:00Z, or as seconds since 1970")]
    NoTime(String),
}

/// The token that a word stands for: itself, `@FILE`, `env:NAME`, or `-` for the standard input.
pub fn given(word: &str) -> Result<String, TokenError> {
    let text = match (word, word.strip_prefix('@'), word.strip_prefix("env:")) {
        ("-", _, _) => read(io::stdin().lock(), "the standard input")?,
        (_, Some(path), _) => match File::open(path) {
            Ok(file) => read(file, path)?,
            Err(error) => return Err(TokenError::Unreadable(path.to_owned(), error)),
        },
        (_, _, Some(name)) => {
            std::env::var(name).map_err(|_| TokenError::NoVariable(name.to_owned()))?
        }
        _ => word.to_owned(),
    };
    // As it stands in a header, or as it was copied out of one.
    let text = text.trim();
    let scheme = text.get(..7);
    let token = match scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) {
        true => text[7..].trim(),
        false => text,
    };
    Claims::of_token(token.as_bytes())?;
    Ok(token.to_owned())
}

fn read(from: impl Read, name: &str) -> Result<String, TokenError> {
    let mut text = Vec::new();
    match from.take(LONGEST + 1).read_to_end(&mut text) {
        Ok(_) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) => Err(TokenError::Unreadable(name.to_owned(), error)),
    }
}

/// A time as the user writes it.
pub fn moment(text: &str) -> Result<u64, TokenError> {
    time::read(text).ok_or_else(|| TokenError::NoTime(text.to_owned()))
}

/// What is told of a token.
pub fn told(claims: &Claims, sent_at: Option<u64>) -> Token {
    let text = |name: &str| claims.text(name).map(str::to_owned);
    let all = |names: std::collections::BTreeSet<&str>| -> Vec<String> {
        names.into_iter().map(str::to_owned).collect()
    };
    let end = claims.time("exp");
    Token {
        subject: text("sub"),
        issuer: text("iss"),
        audience: claims.audience().into_iter().map(str::to_owned).collect(),
        expires: end.map(|end| time::shown(end as i64)),
        expired: end.zip(sent_at).map(|(end, now)| end <= now as f64),
        scopes: claims.scopes().map(all),
        roles: claims.roles().map(all),
    }
}
