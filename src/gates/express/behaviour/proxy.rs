//! Packages that send a request on to another server: which requests they take, and what they
//! change on the way (http-proxy-middleware 2 and 3, express-http-proxy 2).

mod decorator;
mod options;

use crate::gates::express::pattern::Pattern;
use crate::request::{Known, Reason};
use crate::source::Span;

#[derive(Clone, Debug)]
pub struct Proxy {
    pub target: Known<String>,
    pub takes: Takes,
    pub path: Path,
    /// The upstream is called by its own name, and not by the one that the client used.
    pub host_of_target: bool,
    /// What is done to the headers, in this order.
    pub edits: Vec<Edit>,
    /// A function may change the headers of the answer.
    pub changes_answer: Option<Reason>,
}

/// Which requests are sent on; the others pass.
#[derive(Clone, Debug)]
pub enum Takes {
    All,
    /// Those whose path starts with one of these.
    Starting(Vec<String>),
    /// A function or a pattern decides.
    Unknown(Reason),
}

/// The path that the upstream is asked for.
#[derive(Clone, Debug)]
pub struct Path {
    pub kept: Kept,
    /// The first of these that matches replaces what it matches.
    pub rewrites: Vec<(Pattern, String)>,
    /// A function makes the path.
    pub unknown: Option<Reason>,
    /// The path of the target stands before it.
    pub after_target: bool,
}

/// What of the path is left where the proxy is mounted somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All that the client sent (http-proxy-middleware 2, `req.originalUrl`).
    Whole,
    /// What the mount has left (`req.url`).
    Rest,
    /// Nothing says which version it is.
    Either,
}

/// One thing that is done to the headers of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub what: Change,
    pub span: Span,
    /// A condition decides whether it is done.
    pub sometimes: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Remove(String),
    Set(String, Made),
    /// Where the client has sent none.
    SetIfAbsent(String, Made),
    /// Something is done that is not followed.
    Unknown(Reason),
}

/// The value of a header that is set.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    Text(String),
    /// A header of the client's, in lower case.
    Copied(String),
    Unknown(Reason),
}

impl Change {
    /// The header that it concerns, if that is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Change::Remove(name) | Change::Set(name, _) | Change::SetIfAbsent(name, _) => {
                Some(name)
            }
            Change::Unknown(_) => None,
        }
    }
}
