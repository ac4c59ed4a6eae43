//! What a body does with the request, the response and `next`, written down as it happens.

use crate::gates::express::read::source::part::{Bag, Part, Status, Subject};
use crate::gates::express::read::source::probe::Event;
use crate::gates::express::read::source::run::Run;
use crate::gates::express::read::source::val::*;
use crate::gates::express::value::Value;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Binary, Text};

impl Run<'_> {
    pub fn note(&mut self, event: Event) {
        let depth = self.when.len();
        if let Some(log) = &mut self.log {
            log.events.push((event, depth));
        }
    }

    pub fn request_props(&self) -> Option<ObjectId> {
        self.log.as_ref().map(|log| log.props)
    }

    pub fn lookup_method(&self) -> Option<&'static str> {
        self.log.as_ref().map(|log| log.method)
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
                // Of an error without a status the answer's own is taken (finalhandler).
                let status = self.status_of(&error).or(match self.answer_status() {
                    Status::Is(status @ 400..) => Some(status),
                    _ => None,
                });
                Event::Error(status)
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
                    let headers = Val::Part(Part::Bag(Bag::Headers));
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

    /// The answer as it stands: what was given in a branch that is left may hold or not.
    fn answer_status(&self) -> Status {
        match self.log.as_ref().and_then(|log| log.status) {
            Some((status, depth)) if depth <= self.when.len() => status,
            Some(_) => Status::Unknown,
            None => Status::Unset,
        }
    }

    pub fn set_status(&mut self, status: Status) {
        let depth = self.when.len();
        if let Some(log) = &mut self.log {
            log.status = Some((status, depth));
        }
    }

    fn call_response(&mut self, status: Status, name: &str, args: &[Spanned<Val>]) -> Val {
        let first = args.first().map(|arg| arg.value.clone());
        let number = first.as_ref().and_then(|value| self.status_number(value));
        match name {
            "status" | "code" | "writeHead" => {
                if let ("writeHead", [_, .., headers]) = (name, args) {
                    self.set_headers(std::slice::from_ref(headers));
                }
                let given = Status::of(number);
                self.set_status(given);
                return Val::Part(Part::Response(given));
            }
            "sendStatus" => self.note(Event::Answer(number)),
            "redirect" => self.note(Event::Answer(number.or(Some(302)))),
            "json" | "send" | "end" | "render" | "sendFile" | "download" | "jsonp" | "sendfile" => {
                let status = match status {
                    Status::Unset => self.answer_status(),
                    given => given,
                };
                self.note(Event::Answer(match status {
                    Status::Is(status) => Some(status),
                    Status::Unknown => None,
                    // Of what is not known its first argument may be a status.
                    Status::Unset => Some(200).filter(|_| !matches!(first, Some(Val::Unknown(_)))),
                }));
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
        let value = match &value.value {
            Val::Part(Part::Origin) => Some(copied("origin", value.span)),
            _ => text.map(|text| Spanned::new(Value::Text(text), value.span)),
        };
        self.note(Event::Header(name, value));
    }
}

/// `{ $request: origin }`: a header of the request, as manifests write it.
fn copied(header: &str, span: Span) -> Spanned<Value> {
    let key = Spanned::new("$request".to_owned(), span);
    let name = Spanned::new(Value::Text(header.to_owned()), span);
    Spanned::new(Value::Object(vec![(key, name)]), span)
}
