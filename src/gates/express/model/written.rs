//! What a hand-written middleware does.

use super::Grant;
use crate::gates::express::value::Value;
use crate::source::Spanned;

/// What a hand-written middleware does.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It answers, with whatever status.
    Handler,
    /// Routes that are registered elsewhere: what none of them takes goes on. `usual` says whether
    /// a request to this place finds one.
    Routes { usual: bool },
    /// It always goes on.
    Passes,
    /// It always goes on, and puts these properties on the request; with none named, some that are
    /// not known.
    Puts(Vec<String>),
    /// It sets headers on every answer, and ends OPTIONS if `ends` says with which status.
    Headers {
        headers: Vec<(Spanned<String>, Spanned<Value>)>,
        ends_options: Option<u16>,
        /// What it puts on the request beside them, as `Puts` has it.
        puts: Option<Vec<String>>,
    },
    /// It refuses requests that lack something.
    Guard(Guard),
    /// It answers errors with their status, or with this one.
    ErrorHandler { status: Option<u16> },
}

/// A check with the answer of who fails it.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    pub wants: Wants,
    pub status: u16,
    /// The answer to who was not recognised at all, where it is another one.
    pub anonymous: Option<u16>,
    /// It calls `next(error)` in place of answering itself.
    pub by_error: bool,
    pub options: OnOptions,
}

/// What a check does with OPTIONS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnOptions {
    /// The same as with all others.
    #[default]
    Asked,
    /// It passes unasked.
    Skipped,
    /// It is answered with this status.
    Answered(u16),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// A header is there.
    Header(String),
    /// A token in Authorization, of this form.
    Token(TokenForm),
    /// A session or a cookie that tells who it is.
    Session,
    /// The address of the caller is among these.
    Address {
        ips: Vec<String>,
        source: AddressSource,
    },
    /// A role or a scope of whoever was recognised before.
    Granted(Grant),
}

/// How a hand-written check takes the token out of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// `startsWith('Bearer ')` or `split(' ')[0] === 'Bearer'`: the case counts.
    Exact,
    /// Whatever stands after the first blank.
    SecondWord,
    /// `/^Bearer /i`.
    AnyCase,
    /// The header is there.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// `req.ip`, which `trust proxy` governs.
    ReqIp,
    /// The socket's own address.
    Socket,
    /// The first address of X-Forwarded-For, whoever wrote it.
    Forwarded,
}
