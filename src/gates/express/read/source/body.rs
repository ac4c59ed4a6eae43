//! Hand-written middleware, by what its body does with a request that brings nothing.
//!
//! The body is walked twice, once with a GET and once with OPTIONS. The first thing that happens
//! for sure is what it does; what happens under a condition that nothing decides may happen too.

use std::rc::Rc;

use super::grant::Somebody;
use super::probe::{Event, Log, Part, Source, Subject};
use super::run::Run;
use super::val::*;
use crate::gates::express::model::{AddressSource, Callee, Guard, TokenForm, Wants, Written};
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Binary, Pattern, Text};

/// What a request meets in a body.
pub struct Course {
    /// The ends that it can come to; the last one is sure.
    ends: Vec<Event>,
    events: Vec<(Event, usize)>,
    /// Something was put on the request.
    sets: bool,
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
            };
        }
        let ends_options = match options.ends.as_slice() {
            [Event::Answer(status)] => Some(status.unwrap_or(200)),
            _ => None,
        };
        if get.goes_on() {
            let headers = self.headers(get);
            if headers.is_empty() && ends_options.is_none() {
                let tells = self.may_tell(closure, get);
                return Callee::Written(Written::Passes { tells });
            }
            return Callee::Written(Written::Headers {
                headers,
                ends_options,
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

    /// Whether what goes on in any case may put on the request who calls: it looks at a credential,
    /// sets something, or hands the request to something else.
    fn may_tell(&mut self, closure: &Rc<Closure>, get: &Course) -> bool {
        let text = self.modules.text(closure.function.span);
        let Some(Pattern::Name(name, _)) = closure.function.params.first().map(|p| &p.pattern)
        else {
            return true;
        };
        let handed = |end: char| text.matches(&format!("{name}{end}")).count();
        // Once as a parameter.
        get.sets || get.asked().next().is_some() || handed(',') + handed(')') > 1
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
        let parts = [Part::Error, Part::Request, Part::Response(None), Part::Next];
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
        let sets = !self.object(props).entries.is_empty();
        Course { ends, events, sets }
    }

    pub fn note(&mut self, event: Event) {
        let depth = self.when.len();
        if let Some(log) = &mut self.log {
            log.events.push((event, depth));
        }
    }

    /// The headers that it sets on whatever passes.
    fn headers(&mut self, get: &Course) -> Vec<(Spanned<String>, Spanned<Value>)> {
        let headers = get.events.iter().filter_map(|(event, depth)| match event {
            Event::Header(name, value) => {
                let unknown = |why: &str| Value::Unknown(Reason::new(why));
                let (value, span) = match value {
                    Some(value) if *depth == 0 => (Value::Text(value.value.clone()), value.span),
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
    fn address(&mut self, get: &Course) -> Option<Callee> {
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
            skips_options: false,
        })))
    }

    fn wants(&mut self, closure: &Rc<Closure>, get: &Course) -> Option<Wants> {
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
            Subject::Grant(name) => {
                let place = closure.function.span;
                Some(Wants::Granted(self.flag(closure, name, place)))
            }
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
        if has(&["/^bearer", "/bearer", "/^Bearer", "/Bearer"]) && has(&["/i"]) {
            TokenForm::AnyCase
        } else if has(&[
            "startsWith('Bearer",
            "==='Bearer'",
            "=='Bearer'",
            "replace('Bearer",
        ]) {
            TokenForm::Exact
        } else if has(&["split('')[1]"]) || get.events.iter().any(|(e, _)| *e == Event::SecondWord)
        {
            TokenForm::SecondWord
        } else {
            TokenForm::Any
        }
    }

    pub fn request_props(&self) -> Option<ObjectId> {
        self.log.as_ref().map(|log| log.props)
    }

    pub fn lookup_method(&self) -> Option<Text> {
        self.log.as_ref().map(|log| log.method.clone())
    }

    /// A comparison says what should have been there.
    pub fn note_comparison(&mut self, op: Binary, left: &Spanned<Val>, right: &Spanned<Val>) {
        if self.log.is_none() || !matches!(op, Binary::Equal | Binary::Unequal) {
            return;
        }
        let places = [right.span, left.span];
        let (subject, other, place) = match (&left.value, &right.value) {
            (Val::Part(Part::Absent(subject)), other) => (subject.clone(), other, places[0]),
            (other, Val::Part(Part::Absent(subject))) => (subject.clone(), other, places[1]),
            (Val::Part(Part::Address(source)), Val::Text(text))
            | (Val::Text(text), Val::Part(Part::Address(source))) => {
                return self.note(Event::Listed(*source, vec![text.to_string()]));
            }
            _ => return,
        };
        self.note(Event::Asked(subject.clone()));
        match (&subject, other) {
            (Subject::Header(name), Val::Text(text)) if name == "authorization" => {
                self.note(Event::Scheme(text.chars().any(char::is_uppercase)));
            }
            (Subject::Grant(_), Val::Text(text)) => {
                let text = Spanned::new(text.to_string(), place);
                self.note(Event::Wanted(subject.clone(), vec![text]));
            }
            _ => {}
        }
    }

    pub fn call_next(&mut self, args: &[Spanned<Val>]) -> Val {
        let event = match args.first().map(|arg| &arg.value) {
            None | Some(Val::Undefined | Val::Null) => Event::Next,
            Some(Val::Text(text)) if matches!(&**text, "route" | "router") => Event::Next,
            Some(error) => {
                let error = error.clone();
                Event::Error(self.status_of(&error))
            }
        };
        self.note(event);
        Val::Undefined
    }

    /// `jwt.verify` and its like, given what is not there.
    pub fn verified(&mut self, member: &str, args: &[Spanned<Val>]) -> Option<Val> {
        let last = member.rsplit('.').next().unwrap_or("").to_lowercase();
        let is_absent = |arg: &Spanned<Val>| matches!(arg.value, Val::Part(Part::Absent(_)));
        let absent = args.iter().find(|arg| is_absent(arg))?;
        if self.log.is_none() || !(last.contains("verify") || last.contains("decode")) {
            return None;
        }
        if let Val::Part(Part::Absent(subject)) = &absent.value {
            self.note(Event::Asked(subject.clone()));
        }
        if let Some(Val::Function(closure)) = args.last().map(|arg| arg.value.clone()) {
            let span = absent.span;
            let given = [Val::Part(Part::Error), Val::Undefined];
            let given = given.into_iter().map(|value| Spanned::new(value, span));
            self.call_closure(&closure, given.collect(), None);
            return Some(Val::Undefined);
        }
        if last.contains("decode") {
            return Some(Val::Null);
        }
        self.thrown = Some(Val::Part(Part::Error));
        Some(Val::Undefined)
    }

    pub fn call_part(
        &mut self,
        part: &Part,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        match part {
            Part::Request => match (&**name, args.first().map(|arg| &arg.value)) {
                ("get" | "header", Some(Val::Text(header))) => {
                    let headers = Val::Part(Part::Bag(super::probe::Bag::Headers));
                    self.member(&headers, &Text::from(header.to_lowercase()), span)
                }
                ("isAuthenticated", _) => {
                    self.note(Event::Asked(Subject::Session));
                    Val::Bool(self.somebody_calls())
                }
                _ => Val::unknown("the request decides"),
            },
            Part::Response(status) => self.call_response(*status, name, &args),
            Part::Absent(subject) => self.call_absent(subject, name, &args),
            Part::Address(_) => Val::Part(part.clone()),
            _ => self.call_unknown("the request decides", args, span),
        }
    }

    fn call_response(&mut self, status: Option<u16>, name: &str, args: &[Spanned<Val>]) -> Val {
        let set = self.log.as_ref().and_then(|log| log.status);
        let first = args.first().map(|arg| arg.value.clone());
        let number = first.as_ref().and_then(|value| self.status_number(value));
        match name {
            "status" | "code" => return Val::Part(Part::Response(number)),
            "writeHead" => {
                if let Some(headers) = args.last() {
                    self.set_headers(std::slice::from_ref(headers));
                }
                return Val::Part(Part::Response(number));
            }
            "sendStatus" => self.note(Event::Answer(number)),
            "redirect" => self.note(Event::Answer(number.or(Some(302)))),
            "json" | "send" | "end" | "render" | "sendFile" | "download" | "jsonp" | "sendfile" => {
                // A status that was given and is not known is not 200.
                let status = status.or(set);
                self.note(Event::Answer(status.or(Some(200)).filter(|_| {
                    status.is_some() || !matches!(first, Some(Val::Unknown(_)))
                })));
            }
            "set" | "setHeader" | "header" | "append" | "vary" => self.set_headers(args),
            _ => {}
        }
        Val::Part(Part::Response(status))
    }

    fn set_headers(&mut self, args: &[Spanned<Val>]) {
        match args {
            [name, value] => {
                if let Val::Text(text) = &name.value {
                    let name = Spanned::new(text.to_string(), name.span);
                    self.set_header(name, value);
                }
            }
            [all] => {
                if let Val::Object(id) = &all.value {
                    for entry in self.object(*id).entries.clone() {
                        let name = Spanned::new(entry.key.to_string(), entry.key_span);
                        self.set_header(name, &Spanned::new(entry.value, entry.span));
                    }
                }
            }
            _ => {}
        }
    }

    fn set_header(&mut self, name: Spanned<String>, value: &Spanned<Val>) {
        let text = match &value.value {
            Val::List(id) => {
                let items = self.list(*id).iter();
                let texts: Option<Vec<String>> = items.map(|item| item.value.shown()).collect();
                texts.map(|texts| texts.join(", "))
            }
            value => value.shown(),
        };
        let value = text.map(|text| Spanned::new(text, value.span));
        self.note(Event::Header(name, value));
    }

    /// A status as a number, or as the name that packages give it.
    pub fn status_number(&mut self, value: &Val) -> Option<u16> {
        match value {
            Val::Number(number) if (100.0..600.0).contains(number) => Some(*number as u16),
            Val::Text(text) => text
                .parse()
                .ok()
                .filter(|status| (100..600).contains(status)),
            Val::Outside(outside) => outside.path.last().and_then(|name| status_by_name(name)),
            _ => None,
        }
    }

    /// The status that an error carries.
    fn status_of(&mut self, error: &Val) -> Option<u16> {
        match error {
            Val::Object(id) => {
                let keys = ["statusCode", "status", "httpCode", "code"];
                keys.iter().find_map(|key| {
                    let value = self.object(*id).get(key).cloned()?;
                    self.status_number(&value)
                })
            }
            Val::Outside(outside) => {
                let outside = outside.clone();
                let args = outside.args.iter().flatten();
                let given: Vec<Val> = args.map(|arg| arg.value.clone()).collect();
                let named = outside.path.last().and_then(|name| status_by_name(name));
                named.or_else(|| given.iter().find_map(|value| self.status_number(value)))
            }
            value => self.status_number(value),
        }
    }
}

fn is_identity(member: &str) -> bool {
    let member = member.to_ascii_lowercase();
    member.ends_with("id") || matches!(member.as_str(), "sub" | "email" | "username" | "name")
}

/// `UNAUTHORIZED`, `Unauthorized`, `StatusCodes.UNAUTHORIZED`, `unauthorized`.
fn status_by_name(name: &str) -> Option<u16> {
    let name: String = (name.chars())
        .filter(|char| *char != '_')
        .flat_map(char::to_lowercase)
        .collect();
    let name = name.trim_end_matches("error").trim_end_matches("exception");
    Some(match name {
        "ok" => 200,
        "nocontent" => 204,
        "badrequest" => 400,
        "unauthorized" => 401,
        "forbidden" => 403,
        "notfound" => 404,
        "methodnotallowed" => 405,
        "conflict" => 409,
        "unprocessableentity" => 422,
        "toomanyrequests" => 429,
        "internalservererror" | "internalserver" => 500,
        _ => return None,
    })
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
