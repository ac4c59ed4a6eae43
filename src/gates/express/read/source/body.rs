//! Hand-written middleware, by what its body does with a request that brings nothing.
//!
//! The body is walked twice, once with a GET and once with OPTIONS. The first thing that happens
//! for sure is what it does; what happens under a condition that nothing decides may happen too.

mod exchange;
mod status;
mod verdict;

use std::rc::Rc;

use super::grant::Somebody;
use super::part::{Part, Status, Subject};
use super::probe::{Event, Log};
use super::run::Run;
use super::val::*;
use crate::gates::express::model::{Callee, Guard, Wants, Written};
use crate::request::Reason;
use crate::source::Spanned;
use crate::syntax::javascript::Text;

/// What a request meets in a body.
pub struct Course {
    /// The ends that it can come to; the last one is sure.
    ends: Vec<Event>,
    events: Vec<(Event, usize)>,
}

impl Course {
    fn all(&self, is: impl Fn(&Event) -> bool) -> bool {
        !self.ends.is_empty() && self.ends.iter().all(is)
    }

    /// Whether it goes on, at least under some condition.
    pub fn may_go_on(&self) -> bool {
        self.ends.contains(&Event::Next)
    }

    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().map(|(event, _)| event)
    }

    pub fn goes_on(&self) -> bool {
        self.all(|end| *end == Event::Next)
    }

    /// The status with which it is refused, in whatever way.
    pub fn refusal(&self) -> Option<(u16, bool)> {
        let mut first = None;
        for end in &self.ends {
            let refusal = match end {
                Event::Answer(Some(status @ 400..=499)) => (*status, false),
                Event::Error(Some(status @ 400..=499)) => (*status, true),
                _ => return None,
            };
            first.get_or_insert(refusal);
        }
        first
    }

    pub fn asked(&self) -> impl Iterator<Item = &Subject> {
        self.events.iter().filter_map(|(event, _)| match event {
            Event::Asked(subject) | Event::Wanted(subject, _) => Some(subject),
            _ => None,
        })
    }
}

impl Run<'_> {
    /// What a function of a stack does.
    pub fn written(&mut self, closure: &Rc<Closure>) -> Callee {
        let key = Rc::as_ptr(closure);
        if let Some(callee) = self.read.get(&key) {
            return callee.clone();
        }
        let callee = self.read_body(closure);
        self.read.insert(key, callee.clone());
        callee
    }

    fn read_body(&mut self, closure: &Rc<Closure>) -> Callee {
        let function = &closure.function;
        match function.params.len() {
            4.. => {
                let course = self.course(closure, "GET", true);
                let status = match course.ends.as_slice() {
                    [Event::Answer(status)] => *status,
                    _ => None,
                };
                return Callee::Written(Written::ErrorHandler { status });
            }
            // Without `next` nothing comes after it.
            0..=2 if function.rest.is_none() => return Callee::Written(Written::Handler),
            _ => {}
        }
        let get = self.course(closure, "GET", false);
        let options = self.course(closure, "OPTIONS", false);
        let answers = |end: &Event| matches!(end, Event::Answer(_) | Event::Error(_));
        if get.all(answers) {
            self.last.insert(Rc::as_ptr(closure));
        }
        self.judge(closure, &get, &options)
    }

    fn judge(&mut self, closure: &Rc<Closure>, get: &Course, options: &Course) -> Callee {
        let handed = get.ends.iter().find_map(|end| match end {
            Event::Handed(outside) => Some(outside.clone()),
            _ => None,
        });
        if let Some(outside) = handed {
            return Callee::Package {
                package: outside.package.to_string(),
                member: (!outside.path.is_empty()).then(|| outside.path.join(".")),
                major: None,
            };
        }
        let ends_options = match options.ends.as_slice() {
            [Event::Answer(status)] => Some(status.unwrap_or(200)),
            _ => None,
        };
        if get.goes_on() {
            let headers = self.headers(get);
            if headers.is_empty() && ends_options.is_none() {
                return Callee::Written(puts(get));
            }
            return Callee::Written(Written::Headers {
                headers,
                ends_options,
                puts: match puts(get) {
                    Written::Puts(names) => Some(names),
                    _ => None,
                },
            });
        }
        if let Some(wants) = self.address(get) {
            return wants;
        }
        let Some((status, by_error)) = get.refusal() else {
            if get.all(|end| matches!(end, Event::Answer(_))) {
                return Callee::Written(Written::Handler);
            }
            return Callee::Unreadable(reason(get));
        };
        let Some(wants) = self.wants(closure, get) else {
            // It answers so whatever comes: a page that is not there.
            return Callee::Written(Written::Handler);
        };
        let (wants, status, anonymous) = match wants {
            Wants::Session => match self.second_want(closure) {
                Some((grant, second)) => (Wants::Granted(grant), second, Some(status)),
                None => (Wants::Session, status, None),
            },
            wants => (wants, status, None),
        };
        Callee::Written(Written::Guard(Guard {
            wants,
            status,
            anonymous,
            by_error,
            skips_options: options.goes_on(),
        }))
    }

    /// Walks through a body with a request that brings nothing.
    fn course(&mut self, closure: &Rc<Closure>, method: &str, error: bool) -> Course {
        self.course_of(closure, method, error, None)
    }

    /// The same with a request of somebody.
    pub fn course_of(
        &mut self,
        closure: &Rc<Closure>,
        method: &str,
        error: bool,
        caller: Option<Somebody>,
    ) -> Course {
        let props = self.new_object();
        let when = std::mem::take(&mut self.when);
        self.log = Some(Log {
            events: Vec::new(),
            method: Text::from(method),
            props,
            status: None,
            caller,
            steps: 0,
        });
        let parts = [
            Part::Error,
            Part::Request,
            Part::Response(Status::Unset),
            Part::Next,
        ];
        let parts = parts.into_iter().skip(usize::from(!error));
        let span = closure.function.span;
        let args = parts.map(|part| Spanned::new(Val::Part(part), span));
        self.call_closure(closure, args.collect(), None);
        if let Some(error) = self.thrown.take() {
            let status = self.status_of(&error);
            self.note(Event::Error(status));
        }
        self.when = when;
        let events = self.log.take().map(|log| log.events).unwrap_or_default();
        let mut ends = Vec::new();
        for (event, depth) in &events {
            let is_end = matches!(
                event,
                Event::Next
                    | Event::Error(_)
                    | Event::Answer(_)
                    | Event::Handed(_)
                    | Event::Escaped(_)
            );
            if is_end {
                if !ends.contains(event) {
                    ends.push(event.clone());
                }
                if *depth == 0 {
                    break;
                }
            }
        }
        Course { ends, events }
    }
}

/// What always goes on, by what it puts on the request. With a credential, at which it looks, it may
/// put more there than was seen.
fn puts(get: &Course) -> Written {
    if get.asked().next().is_some() {
        return Written::Puts(Vec::new());
    }
    let events = get.events.iter().map(|(event, _)| event);
    let mut names = Vec::new();
    for event in events {
        match event {
            Event::Put(None) => return Written::Puts(Vec::new()),
            Event::Put(Some(name)) if !names.contains(name) => names.push(name.clone()),
            _ => {}
        }
    }
    match names.is_empty() {
        true => Written::Passes,
        false => Written::Puts(names),
    }
}

fn reason(get: &Course) -> Reason {
    let answers = get.ends.iter().filter_map(|end| match end {
        Event::Answer(Some(status)) | Event::Error(Some(status)) => Some(status.to_string()),
        _ => None,
    });
    let answers: Vec<String> = answers.collect();
    if get.ends.iter().any(|end| matches!(end, Event::Escaped(_))) {
        return Reason::new("it hands the answer to something that is not followed");
    }
    match answers.as_slice() {
        [] => Reason::new("what its body does with a request is not understood"),
        some => Reason::new(format!(
            "it answers {} under a condition that is not understood",
            some.join(" or ")
        )),
    }
}
