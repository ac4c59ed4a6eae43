//! Requests as they are sent: by fetch, XMLHttpRequest and jQuery.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::draft::{Draft, options};
use super::http::request_url;
use super::value::{Entry, Found, Object, Val};
use crate::callers::model::{Body, Client};
use crate::gates::express::read::source::ModuleId;
use crate::source::Span;

/// A request that was sent, and through which calls.
pub struct Sent {
    pub draft: Rc<RefCell<Draft>>,
    /// The places of the calls that led here, outermost first, and of the client's own call.
    pub chain: Vec<Span>,
    /// The file in which the first of them stands.
    pub module: ModuleId,
}

impl Reader<'_> {
    pub fn note(&mut self, draft: Draft, span: Span) -> Val {
        let draft = Rc::new(RefCell::new(draft));
        self.note_at(&draft, span);
        Val::Draft(draft)
    }

    pub fn note_draft(&mut self, draft: &Rc<RefCell<Draft>>) {
        let is_noted = |sent: &Sent| Rc::ptr_eq(&sent.draft, draft);
        if !self.sent.iter().rev().take(16).any(is_noted) {
            let span = self.opened.get(&Rc::as_ptr(draft)).copied();
            if let Some(span) = span {
                self.note_at(draft, span);
            }
        }
    }

    fn note_at(&mut self, draft: &Rc<RefCell<Draft>>, span: Span) {
        if !self.is_seed {
            return;
        }
        let mut chain = self.through.clone();
        chain.push(span);
        self.sent.push(Sent {
            draft: draft.clone(),
            chain,
            module: self.current,
        });
    }

    pub fn fetch(&mut self, module: ModuleId, span: Span, args: &[Val]) -> Val {
        self.fetch_with(module, span, args, &[])
    }

    /// fetch, with headers that are put on at last.
    pub fn fetch_with(
        &mut self,
        module: ModuleId,
        span: Span,
        args: &[Val],
        last: &[Entry],
    ) -> Val {
        let instance = self.plain(module, Client::Fetch);
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let mut draft = Draft::new(instance, "GET", first.clone());
        // `new Request(…)`, or what a signer made.
        if first.as_object().is_some()
            && let Some(request) = options(&first)
        {
            draft.url = request_url(&request, "https");
            let url = draft.url.clone();
            draft.read(&request);
            draft.url = url;
        }
        let init = args.get(1).cloned().unwrap_or(Val::Undefined);
        match options(&init) {
            Some(object) => {
                draft.read(&object);
            }
            None if init.is_nothing() => {}
            None => draft.open(),
        }
        for entry in last {
            draft.headers.put(entry.clone());
        }
        self.note(draft, span);
        Val::unknown("an answer")
    }

    pub fn xhr(&mut self, module: ModuleId, span: Span) -> Val {
        let instance = self.plain(module, Client::Xhr);
        let draft = Draft::new(instance, "GET", Val::unknown("url"));
        let draft = Rc::new(RefCell::new(draft));
        self.opened.insert(Rc::as_ptr(&draft), span);
        self.drafts.push(draft.clone());
        Val::Draft(draft)
    }

    pub fn jquery(&mut self, module: ModuleId, span: Span, name: &str, args: &[Val]) -> Val {
        let instance = self.plain(module, Client::JQuery);
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        match name {
            "ajax" => {
                let (url, settings) = match &first {
                    Val::Object(_) => (None, first.clone()),
                    _ => (Some(first), args.get(1).cloned().unwrap_or(Val::Undefined)),
                };
                let mut draft = Draft::new(instance, "GET", url.unwrap_or(Val::unknown("url")));
                match options(&settings) {
                    Some(object) => {
                        draft.read(&object);
                        self.before_send(&object, &mut draft);
                    }
                    None if settings.is_nothing() => {}
                    None => draft.open(),
                }
                self.note(draft, span);
            }
            "get" | "getJSON" | "post" => {
                let method = if name == "post" { "POST" } else { "GET" };
                let mut draft = match &first {
                    Val::Object(object) => {
                        let url = object.borrow().value("url");
                        Draft::new(instance, method, url.unwrap_or(Val::unknown("url")))
                    }
                    _ => Draft::new(instance, method, first),
                };
                draft.body = Body::Form;
                self.note(draft, span);
            }
            "ajaxSetup" => {
                let mut draft = Draft::new(instance.clone(), "GET", Val::Undefined);
                match options(&first) {
                    Some(object) => {
                        draft.read(&object);
                        self.before_send(&object, &mut draft);
                    }
                    None => draft.open(),
                }
                instance.adopt(draft);
            }
            "ajaxPrefilter" | "ajaxSend" => instance.open(),
            _ => {}
        }
        Val::unknown("an answer")
    }

    /// `beforeSend: (xhr) => xhr.setRequestHeader(…)`.
    fn before_send(&mut self, settings: &Object, draft: &mut Draft) {
        match settings.get("beforeSend") {
            Found::Missing => {}
            Found::Is(Entry {
                value: Val::Function(closure),
                ..
            }) => {
                let xhr = Draft::new(draft.instance.clone(), "GET", Val::Undefined);
                let xhr = Rc::new(RefCell::new(xhr));
                self.call_with(&closure, Val::Draft(xhr.clone()));
                for entry in &xhr.borrow().headers.entries {
                    draft.headers.put(entry.clone());
                }
            }
            _ => draft.headers.open(),
        }
    }
}
