//! What a body amounts to: headers on the answer, a check of the caller.

use std::rc::Rc;

use super::Course;
use crate::gates::express::model::{
    AddressSource, Callee, Guard, OnOptions, TokenForm, Wants, Written,
};
use crate::gates::express::read::source::part::{Source, Subject};
use crate::gates::express::read::source::probe::Event;
use crate::gates::express::read::source::run::Run;
use crate::gates::express::read::source::val::Closure;
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::Spanned;

impl Run<'_> {
    /// The headers that it sets on whatever passes.
    pub(super) fn headers(&mut self, get: &Course) -> Vec<(Spanned<String>, Spanned<Value>)> {
        let headers = get.events.iter().filter_map(|(event, depth)| match event {
            Event::Header(name, value) => {
                let unknown = |why: &str| Value::Unknown(Reason::new(why));
                let (value, span) = match value {
                    Some(value) if *depth == 0 => (value.value.clone(), value.span),
                    Some(value) => (unknown("a condition decides on it"), value.span),
                    None => (
                        unknown("it is put together when a request comes"),
                        name.span,
                    ),
                };
                Some((name.clone(), Spanned::new(value, span)))
            }
            _ => None,
        });
        headers.collect()
    }

    /// A list of addresses that decides alone.
    pub(super) fn address(&mut self, get: &Course) -> Option<Callee> {
        let (source, ips) = get.events.iter().find_map(|(event, _)| match event {
            Event::Listed(source, ips) => Some((*source, ips.clone())),
            _ => None,
        })?;
        let statuses = get.ends.iter().filter_map(|end| match end {
            Event::Answer(Some(status @ 400..=499)) => Some((*status, false)),
            Event::Error(Some(status @ 400..=499)) => Some((*status, true)),
            _ => None,
        });
        let statuses: Vec<(u16, bool)> = statuses.collect();
        let goes_on = get.ends.contains(&Event::Next);
        let ([(status, by_error)], true, 2) = (statuses.as_slice(), goes_on, get.ends.len()) else {
            return None;
        };
        Some(Callee::Written(Written::Guard(Guard {
            wants: Wants::Address {
                ips,
                source: match source {
                    Source::ReqIp => AddressSource::ReqIp,
                    Source::Socket => AddressSource::Socket,
                    Source::Forwarded => AddressSource::Forwarded,
                },
            },
            status: *status,
            anonymous: None,
            by_error: *by_error,
            options: OnOptions::Asked,
        })))
    }

    pub(super) fn wants(&mut self, closure: &Rc<Closure>, get: &Course) -> Option<Wants> {
        let asked: Vec<&Subject> = get.asked().collect();
        let is_token = |subject: &&&Subject| match subject {
            Subject::Header(name) => name == "authorization",
            _ => false,
        };
        if asked.iter().any(|subject| is_token(&subject)) {
            return Some(Wants::Token(self.token_form(closure, get)));
        }
        if let Some(grant) = self.grant(closure, get) {
            return Some(Wants::Granted(grant));
        }
        match asked.first()? {
            Subject::Header(name) => Some(Wants::Header(name.clone())),
            Subject::Session => Some(Wants::Session),
            // That somebody has a number of their own is no right of theirs.
            Subject::Grant(name) if is_identity(name) => Some(Wants::Session),
            Subject::Grant(name) => Some(Wants::Granted(self.flag(closure, get, name))),
        }
    }

    /// How it takes the token out of the header. What it does with a header that is there is not
    /// walked, so the text has to tell.
    fn token_form(&mut self, closure: &Rc<Closure>, get: &Course) -> TokenForm {
        let schemes = get.events.iter().find_map(|(event, _)| match event {
            Event::Scheme(exact) => Some(*exact),
            _ => None,
        });
        match schemes {
            Some(true) => return TokenForm::Exact,
            Some(false) => return TokenForm::AnyCase,
            None => {}
        }
        let text = self.modules.text(closure.function.span);
        let plain: String = text.chars().filter(|char| !char.is_whitespace()).collect();
        let plain = plain.replace('"', "'");
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        // What is taken off if it is there need not be there.
        if has(&["replace('Bearer", "replace('bearer"]) {
            TokenForm::Any
        } else if has(&["/^bearer", "/bearer", "/^Bearer", "/Bearer"]) && has(&["/i"]) {
            TokenForm::AnyCase
        } else if has(&["startsWith('Bearer", "==='Bearer'", "=='Bearer'"]) {
            TokenForm::Exact
        } else if has(&["split('')[1]"]) || get.events.iter().any(|(e, _)| *e == Event::SecondWord)
        {
            TokenForm::SecondWord
        } else {
            TokenForm::Any
        }
    }
}

fn is_identity(member: &str) -> bool {
    let member = member.to_ascii_lowercase();
    member.ends_with("id") || matches!(member.as_str(), "sub" | "email" | "username" | "name")
}
