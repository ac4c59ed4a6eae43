//! What a hand-written middleware is called with while its body is read: a request that brings
//! nothing, and an answer that remembers what was done to it.

use std::rc::Rc;

use super::grant::Somebody;
use super::val::{ObjectId, Val};
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

/// Something of the three arguments.
#[derive(Clone, Debug)]
pub enum Part {
    Request,
    /// `req.headers`, `req.cookies`, `req.session`… whose members are absent.
    Bag(Bag),
    /// What the request could have brought, and did not.
    Absent(Subject),
    /// Whoever was recognised, while somebody calls.
    Caller,
    /// The address, which is not known.
    Address(Source),
    Method(Text),
    /// With the status that was set.
    Response(Option<u16>),
    Next,
    /// `jwt.verify` and its like did not like what they got.
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bag {
    Headers,
    Cookies,
    Session,
    /// `req.socket`, `req.connection`.
    Socket,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Header(String),
    Session,
    /// A member of whoever was recognised: `role`, `scope`.
    Grant(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    ReqIp,
    Socket,
    Forwarded,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Next,
    /// `next(error)`, or a throw that nobody catches.
    Error(Option<u16>),
    Answer(Option<u16>),
    Header(Spanned<String>, Option<Spanned<String>>),
    /// A test of something that is absent.
    Asked(Subject),
    /// Of a granted thing, what it should be.
    Wanted(Subject, Vec<Spanned<String>>),
    /// A granted thing is compared in whatever case.
    Folds,
    /// The address is on this list, or it is not.
    Listed(Source, Vec<String>),
    /// `startsWith('Bearer ')` and its like; whether the case counts.
    Scheme(bool),
    /// The second word was taken.
    SecondWord,
    /// A package does the work: `passport.authenticate(…)(req, res, next)`.
    Handed(Rc<super::val::Outside>),
    /// Something that is not followed got `next` or the answer.
    Escaped(Span),
}

/// What happened while a body ran.
#[derive(Clone, Debug)]
pub struct Log {
    /// With the number of conditions, which nothing could decide, under which it happened.
    pub events: Vec<(Event, usize)>,
    pub method: Text,
    /// What was set on the request.
    pub props: ObjectId,
    /// `res.statusCode = …`.
    pub status: Option<u16>,
    /// Who calls; without anybody, nothing is brought.
    pub caller: Option<Somebody>,
    pub steps: usize,
}

impl Part {
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Part::Absent(_) => false,
            Part::Address(_) => return None,
            _ => true,
        })
    }

    /// Whether it is the same as a value, if that is known.
    pub fn same(&self, other: &Val) -> Option<bool> {
        match (self, other) {
            (Part::Absent(_), Val::Undefined | Val::Null) => Some(true),
            (Part::Absent(_), Val::Unknown(_) | Val::Env(_) | Val::Outside(_)) => None,
            (Part::Absent(_), _) => Some(false),
            (Part::Method(method), Val::Text(text)) => Some(method == text),
            (Part::Address(_) | Part::Bag(_), Val::Undefined | Val::Null) => Some(false),
            (_, Val::Undefined | Val::Null) => Some(false),
            _ => None,
        }
    }
}
