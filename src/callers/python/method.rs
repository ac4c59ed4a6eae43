//! Methods: of objects of the program, of texts and dictionaries.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::call::Args;
use super::eval::format;
use super::value::{Dict, Entry, Val};
use crate::source::Span;

impl Reader<'_> {
    pub fn called_on(&mut self, span: Span, object: &Val, name: &str, args: &Args) -> Val {
        match object {
            Val::Path(path) => {
                let path: Rc<str> = format!("{path}.{name}").into();
                self.package_call(span, &path, args)
            }
            Val::File(file) => {
                let function = self.of_file(*file, name);
                let function = function.unwrap_or(Val::unknown(name));
                self.called(span, &function, args)
            }
            Val::Object(fields) => {
                let found = fields.borrow().value(name);
                match found {
                    Some(function) => self.called(span, &function, args),
                    None => {
                        self.hand_over(args);
                        Val::unknown(name)
                    }
                }
            }
            Val::Session(session) => self.session_call(span, &session.clone(), name, args),
            Val::Request(request) => match name {
                "prepare" | "copy" => object.clone(),
                "add_header" | "add_unredirected_header" => {
                    let headers = request.borrow().value("headers");
                    if let Some(Val::Dict(headers)) = headers {
                        self.put_header(&headers, args, span);
                    }
                    Val::Nothing
                }
                name => Val::unknown(name),
            },
            Val::Auth(auth) if name == "add_auth" => {
                let auth = Val::Auth(auth.clone());
                for arg in &args.list {
                    self.authorize_request(arg, &auth, span);
                }
                Val::Nothing
            }
            Val::Dict(dict) => self.dict_call(&dict.clone(), name, args, span),
            Val::Text(text) => match name {
                "format" => {
                    let named = |name: &str| args.named(name).cloned();
                    Val::Text(format(text, &args.list, &named))
                }
                // A slash or a blank at an end changes nothing that matters here.
                "strip" | "rstrip" | "lstrip" | "lower" | "encode" | "decode" => object.clone(),
                name => Val::unknown(name),
            },
            Val::OneOf(vals) => {
                let there = vals.iter().filter(|val| !val.is_nothing());
                let all = there.map(|one| self.called_on(span, one, name, args));
                Val::one_of(all.collect())
            }
            Val::Unknown { name: whole, .. } if &**whole == "logger" || &**whole == "logging" => {
                Val::Nothing
            }
            _ => {
                self.hand_over(args);
                Val::unknown(name)
            }
        }
    }

    pub fn dict_call(
        &mut self,
        dict: &Rc<RefCell<Dict>>,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Val {
        match name {
            "get" | "pop" => {
                let name = args.list.first().and_then(|name| name.to_text().plain());
                let default = args.list.get(1).cloned().unwrap_or(Val::Nothing);
                let found = name.and_then(|name| dict.borrow().get(&name).cloned());
                match found {
                    Some(entry) if entry.is_sure => entry.value,
                    Some(entry) => Val::one_of(vec![entry.value, default]),
                    None if dict.borrow().is_open => Val::unknown("a part"),
                    None => default,
                }
            }
            "update" => {
                let is_sure = self.is_sure(dict.borrow().made);
                if let Some(other) = args.list.first() {
                    dict.borrow_mut().spread(other, is_sure);
                }
                for (name, span, val) in &args.named {
                    dict.borrow_mut().put(Entry {
                        name: name.clone(),
                        value: val.clone(),
                        span: *span,
                        is_sure,
                    });
                }
                if args.is_open {
                    dict.borrow_mut().open();
                }
                Val::Nothing
            }
            "setdefault" | "add" | "__setitem__" | "add_header" => {
                self.put_header(dict, args, span);
                Val::Nothing
            }
            "copy" => self.copied(&Val::Dict(dict.clone())),
            "clear" => {
                dict.borrow_mut().entries.clear();
                Val::Nothing
            }
            name => Val::unknown(name),
        }
    }

    fn put_header(&mut self, dict: &Rc<RefCell<Dict>>, args: &Args, span: Span) {
        let name = args.list.first().and_then(|name| name.to_text().plain());
        let is_sure = self.is_sure(dict.borrow().made);
        match (name, args.list.get(1)) {
            (Some(name), Some(value)) => dict.borrow_mut().put(Entry {
                name: name.into(),
                value: value.clone(),
                span,
                is_sure,
            }),
            _ => dict.borrow_mut().open(),
        }
    }

    pub fn copied(&mut self, val: &Val) -> Val {
        let mut copy = Dict::of(self.branch);
        copy.spread(val, true);
        self.steps += copy.entries.len();
        Val::dict(copy)
    }
}
