//! What a hand-written middleware is called with while its body is read: a request that brings
//! nothing, and an answer that remembers what was done to it.

use std::rc::Rc;

use super::grant::Somebody;
use super::part::{Source, Status, Subject};
use super::val::{ObjectId, Outside};
use crate::gates::express::value::Value;
use crate::source::{Span, Spanned};

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Next,
    /// `next(error)`, or a throw that nobody catches.
    Error(Option<u16>),
    Answer(Option<u16>),
    Header(Spanned<String>, Option<Spanned<Value>>),
    /// The method was looked at.
    Method,
    /// A property was set on the request, or whoever got the request may have set one.
    Put(Option<String>),
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
    Handed(Rc<Outside>),
    /// Something that is not followed got `next` or the answer.
    Escaped(Span),
}

/// What happened while a body ran.
#[derive(Clone, Debug)]
pub struct Log {
    /// With the number of conditions, which nothing could decide, under which it happened.
    pub events: Vec<(Event, usize)>,
    pub method: &'static str,
    /// What was set on the request.
    pub props: ObjectId,
    /// What was given to `res.status` or `res.statusCode`, and under how many conditions.
    pub status: Option<(Status, usize)>,
    /// Who calls; without anybody, nothing is brought.
    pub caller: Option<Somebody>,
    pub steps: usize,
}
