//! Parts of things: `a.b`, and what is assigned to it.

use std::rc::Rc;

use super::http::part_of_url;
use super::instance::{Instance, path_of};
use super::scope::Scope;
use super::value::{Entry, Found, Val};
use super::{Client, Reader};
use crate::callers::text::{Piece, Text};
use crate::syntax::javascript::{Expr, ExprKind};

impl Reader<'_> {
    pub fn member(&mut self, object: &Val, name: &str) -> Val {
        // Nuxt's: its settings stand in a file that is not read.
        if name == "$axios"
            && !matches!(object, Val::Object(inner) if inner.borrow().value(name).is_some())
        {
            return Val::Instance(Instance::unread(Client::Axios));
        }
        match object {
            Val::Object(inner) => {
                let found = inner.borrow().get(name);
                match found {
                    Found::Is(entry) if entry.is_sure => entry.value,
                    Found::Is(entry) => Val::one_of(vec![entry.value, Val::Undefined]),
                    Found::Missing if is_method(name) => bound(object, name),
                    Found::Missing => Val::Undefined,
                    Found::Open if is_method(name) => bound(object, name),
                    Found::Open => Val::unknown(name),
                }
            }
            Val::Module(module) => self.of_module(*module, name),
            Val::Env => environment(name),
            Val::Global("window") => match name {
                "location" => Val::Global("location"),
                "fetch" => Val::Global("fetch"),
                "$" | "jQuery" => Val::Global("$"),
                "XMLHttpRequest" => Val::Global("XMLHttpRequest"),
                name => Val::unknown(name),
            },
            Val::Global("location") => match name {
                // The page's own origin is where a URL that begins with a slash goes.
                "origin" => Val::text(""),
                name => Val::unknown(&format!("location.{name}")),
            },
            Val::Text(text)
                if matches!(name, "hostname" | "host" | "href" | "pathname" | "protocol") =>
            {
                part_of_url(text, name).unwrap_or(Val::unknown(name))
            }
            Val::Global(_)
            | Val::Instance(_)
            | Val::Draft(_)
            | Val::Text(_)
            | Val::Body
            | Val::Form => match name {
                "default" => object.clone(),
                _ => bound(object, name),
            },
            Val::Package(package, None) => match name {
                "default" => object.clone(),
                name => Val::Package(package.clone(), Some(name.into())),
            },
            Val::OneOf(vals) => {
                let parts: Vec<Val> = vals.iter().map(|val| self.member(val, name)).collect();
                Val::one_of(parts)
            }
            Val::Unknown { name: whole, .. } if &**whole == "location" && name == "origin" => {
                Val::text("")
            }
            // What is called on it decides; until then it is as little known.
            Val::Unknown { is_param, .. } => match is_method(name) {
                true => bound(object, name),
                false => Val::Unknown {
                    name: match name {
                        "hostname" => "location.hostname".into(),
                        name => name.into(),
                    },
                    is_param: *is_param,
                },
            },
            Val::Undefined | Val::Null => Val::Undefined,
            _ => bound(object, name),
        }
    }

    /// `a.b = val`.
    pub fn assign_place(&mut self, scope: &Rc<Scope>, place: &Expr, val: Val) {
        let (object, name) = match &place.kind {
            ExprKind::Member { object, name } => (object, name.to_string()),
            ExprKind::Index { object, index } => {
                let name = match self.eval(scope, index) {
                    Val::Text(text) => text.plain(),
                    _ => None,
                };
                match name {
                    Some(name) => (object, name),
                    None => {
                        if let Val::Object(object) = self.eval(scope, object) {
                            object.borrow_mut().open();
                        }
                        return;
                    }
                }
            }
            _ => return,
        };
        let is_exports = matches!(&object.kind, ExprKind::Name(one) if &**one == "module");
        if is_exports && name == "exports" {
            if let Some(Some(file)) = self.files.get(&scope.module) {
                file.exports.borrow_mut().whole = Some(val);
            }
            return;
        }
        if self.is_exports(object) {
            if let Some(Some(file)) = self.files.get(&scope.module) {
                let what = super::scope::Exported::Val(val);
                let mut exports = file.exports.borrow_mut();
                exports.names.insert(name.as_str().into(), what);
            }
            return;
        }
        let target = self.eval(scope, object);
        let is_sure = self.conditions == 0;
        self.put(&target, &name, place, val, is_sure);
    }

    /// `exports.name`, `module.exports.name`.
    fn is_exports(&self, object: &Expr) -> bool {
        match &object.kind {
            ExprKind::Name(name) => &**name == "exports",
            ExprKind::Member { object, name } => {
                &**name == "exports"
                    && matches!(&object.kind, ExprKind::Name(one) if &**one == "module")
            }
            _ => false,
        }
    }

    fn put(&mut self, target: &Val, name: &str, place: &Expr, val: Val, is_sure: bool) {
        match target {
            Val::Object(object) => {
                let mut object = object.borrow_mut();
                let before = object.value(name);
                if is_sure || before.is_none_or(|before| before.is_nothing()) {
                    object.entries.retain(|entry| &*entry.name != name);
                }
                object.entries.push(Entry {
                    name: name.into(),
                    value: val,
                    span: place.span,
                    is_sure,
                });
            }
            Val::Draft(draft) => draft.borrow_mut().assign(name, &val, place.span),
            Val::OneOf(vals) => {
                for one in vals.iter() {
                    self.put(one, name, place, val.clone(), false);
                }
            }
            // `window.fetch = …`, `XMLHttpRequest.prototype.open = …`: who sends is another one.
            Val::Global("window") if name == "fetch" && !matches!(val, Val::Global("fetch")) => {
                self.taint(self.current, Client::Fetch);
            }
            Val::Member(inner) => match path_of(inner) {
                (Val::Instance(instance), names) => {
                    self.put_default(&instance, &names, name, val, place.span);
                }
                (Val::Global("XMLHttpRequest"), _) => {
                    for client in [Client::Xhr, Client::Axios, Client::JQuery] {
                        self.taint(self.current, client);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// A method that is not called yet.
fn bound(object: &Val, name: &str) -> Val {
    Val::Member(Rc::new((object.clone(), name.into())))
}

fn environment(name: &str) -> Val {
    match name {
        "NODE_ENV" | "MODE" | "DEV" | "PROD" | "SSR" => Val::unknown(name),
        name => Val::Text(Text(vec![Piece::Env {
            name: name.to_owned(),
            default: None,
        }])),
    }
}

/// Methods of texts and objects that are understood, and those by which clients send.
fn is_method(name: &str) -> bool {
    matches!(
        name,
        "append"
            | "set"
            | "concat"
            | "trim"
            | "toString"
            | "replace"
            | "get"
            | "post"
            | "put"
            | "patch"
            | "delete"
            | "request"
            | "assign"
            | "freeze"
            | "setRequestHeader"
            | "then"
            | "catch"
            | "finally"
            | "handle"
            | "handleRequest"
    )
}
