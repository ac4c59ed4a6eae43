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
use crate::gates::express::model::{Callee, Guard, OnOptions, RunsFor, Wants, Written};
use crate::request::Reason;
use crate::source::Spanned;

/// What a request meets in a body.
pub struct Course {
    /// The ends that it can come to; the last one is sure.
    ends: Vec<Event>,
    events: Vec<(Event, usize)>,
    pub method: &'static str,
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

    /// Whether what happens depends on `req.method`.
    fn asks_method(&self) -> bool {
        self.events.iter().any(|(event, _)| *event == Event::Method)
    }

    /// Whether the request goes on as it came.
    fn is_idle(&self) -> bool {
        let does = |event: &Event| matches!(event, Event::Header(..) | Event::Put(_));
        self.goes_on() && !self.events.iter().any(|(event, _)| does(event))
    }

    pub fn asked(&self) -> impl Iterator<Item = &Subject> {
        self.events.iter().filter_map(|(event, _)| match event {
            Event::Asked(subject) | Event::Wanted(subject, _) => Some(subject),
            _ => None,
        })
    }
}

impl Run<'_> {
    /// What a function of a stack does, and for which methods.
    pub fn written(&mut self, closure: &Rc<Closure>) -> (Callee, RunsFor) {
        let key = Rc::as_ptr(closure);
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let read = self.read_body(closure);
        self.read.insert(key, read.clone());
        read
    }

    fn read_body(&mut self, closure: &Rc<Closure>) -> (Callee, RunsFor) {
        let function = &closure.function;
        match function.params.len() {
            4.. => {
                let course = self.course(closure, "GET", true);
                let status = match course.ends.as_slice() {
                    [Event::Answer(status)] => *status,
                    _ => None,
                };
                return (
                    Callee::Written(Written::ErrorHandler { status }),
                    RunsFor::All,
                );
            }
            // Without `next` nothing comes after it.
            0..=2 if function.rest.is_none() => {
                return (Callee::Written(Written::Handler), RunsFor::All);
            }
            _ => {}
        }
        let get = self.course(closure, "GET", false);
        let options = self.course(closure, "OPTIONS", false);
        let answers = |end: &Event| matches!(end, Event::Answer(_) | Event::Error(_));
        let mut courses = vec![get];
        if courses[0].asks_method() {
            for method in ["HEAD", "POST", "PUT", "PATCH", "DELETE"] {
                courses.push(self.course(closure, method, false));
            }
        }
        if courses.iter().all(|one| one.all(answers)) {
            self.last.insert(Rc::as_ptr(closure));
        }
        self.by_method(closure, &courses, &options)
    }

    /// It does one thing, and may let the requests of some methods pass as they came.
    fn by_method(
        &mut self,
        closure: &Rc<Closure>,
        courses: &[Course],
        options: &Course,
    ) -> (Callee, RunsFor) {
        let (idle, busy): (Vec<&Course>, Vec<&Course>) =
            courses.iter().partition(|one| one.is_idle());
        let Some(first) = busy.first() else {
            return (self.judge(closure, idle[0], options), RunsFor::All);
        };
        if busy.iter().any(|one| one.ends != first.ends) {
            let reason = Reason::new("what it does depends on the method");
            return (Callee::Unreadable(reason), RunsFor::All);
        }
        let callee = self.judge(closure, first, options);
        if idle.is_empty() {
            return (callee, RunsFor::All);
        }
        let options = Some(options).filter(|options| options.is_idle());
        let others = idle.into_iter().chain(options);
        let others = others.map(|one| one.method.to_owned()).collect();
        (callee, RunsFor::Others(others))
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
        if self.headers(get).iter().any(|(name, _)| is_of_cors(name)) {
            return Callee::Unreadable(Reason::new(
                "it sets headers of CORS and checks the caller",
            ));
        }
        let Some(wants) = self.wants(closure, get) else {
            // It answers so whatever comes: a page that is not there.
            return Callee::Written(Written::Handler);
        };
        let (wants, status, anonymous) = match wants {
            Wants::Session => match self.second_want(closure, get) {
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
            options: match ends_options {
                _ if options.goes_on() => OnOptions::Skipped,
                Some(ends @ ..400) => OnOptions::Answered(ends),
                _ => OnOptions::Asked,
            },
        }))
    }

    /// Walks through a body with a request that brings nothing.
    fn course(&mut self, closure: &Rc<Closure>, method: &'static str, error: bool) -> Course {
        self.course_of(closure, method, error, None)
    }

    /// The same with a request of somebody.
    pub fn course_of(
        &mut self,
        closure: &Rc<Closure>,
        method: &'static str,
        error: bool,
        caller: Option<Somebody>,
    ) -> Course {
        let props = self.new_object();
        let when = std::mem::take(&mut self.when);
        self.log = Some(Log {
            events: Vec::new(),
            method,
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
        Course {
            ends,
            events,
            method,
        }
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

fn is_of_cors(header: &Spanned<String>) -> bool {
    header
        .value
        .to_ascii_lowercase()
        .starts_with("access-control-")
}
