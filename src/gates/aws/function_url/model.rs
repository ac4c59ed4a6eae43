//! The URL of a function as its documents tell of it.

use crate::gates::aws::cloud::Place;
use crate::gates::aws::cors::Cors;
use crate::gates::aws::iam::Policy;
use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Url {
    /// Of the function, or of its alias.
    pub arn: String,
    /// The function's name, and the alias behind a colon.
    pub name: String,
    pub place: Place,
    pub span: Span,
    /// In small letters.
    pub host: Spanned<String>,
    pub auth: Spanned<Auth>,
    pub cors: Option<Cors>,
    /// The policy of the function, `None` where it has none.
    pub policy: Known<Option<Spanned<Policy>>>,
    pub made: Made,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `NONE`: whoever its policy lets in.
    Open,
    Iam,
    Unknown(String),
}

/// New URLs need the right to invoke the function, too
/// (<https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// In or after November 2025.
    WithBoth,
    /// Before, or nobody says when: AWS granted exceptions for accounts that had such URLs, and
    /// asked to end the need for them by November 2026
    /// (<https://github.com/serverless/serverless/issues/13147>).
    Earlier,
}

/// The first day on which the change was through in all regions.
const SINCE: &str = "2025-11-01";

impl Made {
    /// `2025-11-20T10:00:00.000+0000`
    pub fn on(time: Option<&str>) -> Made {
        let date = time.and_then(|time| time.get(..SINCE.len()));
        let is_date = |date: &&str| {
            let mut bytes = date.bytes();
            bytes.all(|byte| byte.is_ascii_digit() || byte == b'-')
        };
        match date.filter(is_date) {
            Some(date) if date >= SINCE => Made::WithBoth,
            _ => Made::Earlier,
        }
    }
}
