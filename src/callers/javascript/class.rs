//! Classes: services whose methods send, with their fields.

use std::rc::Rc;
use std::sync::Arc;

use super::scope::{Binding, Scope};
use super::value::{ClassVal, Closure, Entry, Object, Val};
use super::{Client, Reader, exec};
use crate::syntax::javascript::{Class, Key, MemberKind};

/// By this name a scope holds its `this`.
const THIS: &str = "this";

impl Reader<'_> {
    pub fn this(&mut self, scope: &Rc<Scope>) -> Option<Val> {
        match self.name(scope, THIS) {
            Val::Unknown { .. } => None,
            val => Some(val),
        }
    }

    pub fn set_this(&mut self, scope: &Rc<Scope>, closure: &Closure) {
        if let Some(this) = &closure.this {
            scope.declare(&THIS.into(), Binding::Val(this.clone()));
        }
    }

    /// A class as a value. Its methods are walked through as those of an instance that anybody made.
    pub fn class(&mut self, scope: &Rc<Scope>, class: &Arc<Class>) -> Val {
        let class = Rc::new(ClassVal {
            class: class.clone(),
            scope: scope.clone(),
        });
        if self.is_seed && self.through.is_empty() {
            self.instance_of(&class, None);
        }
        Val::Class(class)
    }

    /// `new Class(…)`; without arguments, whatever it may be made with.
    pub fn instance_of(&mut self, class: &Rc<ClassVal>, args: Option<&[Val]>) -> Val {
        let scope = Scope::inside(&class.scope);
        let this = Val::object(Object {
            entries: Vec::new(),
            // What a parent brings is not read.
            is_open: class.class.parent.is_some(),
            is_lent: false,
        });
        scope.declare(&THIS.into(), Binding::Val(this.clone()));
        let Val::Object(object) = &this else {
            return this;
        };
        for member in &class.class.members {
            let Key::Name(name) = &member.key else {
                continue;
            };
            let value = match &member.kind {
                MemberKind::Field(Some(value)) => self.eval(&scope, value),
                MemberKind::Field(None) => Val::unknown(name),
                MemberKind::Method(function) => self.method(&scope, function, Some(this.clone())),
                MemberKind::Getter(function) => {
                    let getter = self.method(&scope, function, Some(this.clone()));
                    self.invoke(&getter, &[], None)
                }
            };
            object.borrow_mut().entries.push(Entry {
                name: name.as_ref().into(),
                value,
                span: class.class.span,
                is_sure: true,
            });
        }
        self.construct(class, &this, args);
        this
    }

    fn construct(&mut self, class: &Rc<ClassVal>, this: &Val, args: Option<&[Val]>) {
        let Some(constructor) = &class.class.constructor else {
            return;
        };
        let scope = Scope::inside(&class.scope);
        scope.declare(&THIS.into(), Binding::Val(this.clone()));
        for (at, one) in constructor.params.iter().enumerate() {
            let name = exec::named(&one.pattern).unwrap_or("argument");
            let val = match args {
                Some(args) => args.get(at).cloned().unwrap_or(Val::Undefined),
                // Types are gone: Angular's own client goes by its usual name.
                None if name.to_ascii_lowercase().contains("http")
                    && self.is_angular(class.scope.module) =>
                {
                    Val::Instance(self.plain(class.scope.module, Client::Angular))
                }
                None => exec::param(name),
            };
            if one.is_field
                && let Val::Object(object) = this
            {
                object.borrow_mut().entries.push(Entry {
                    name: name.into(),
                    value: val.clone(),
                    span: constructor.span,
                    is_sure: true,
                });
            }
            self.bind(&scope, &one.pattern, val, true);
        }
        self.returns.push(Vec::new());
        self.body(&scope, &constructor.body);
        self.returns.pop();
    }

    /// Whether a file imports Angular's client.
    fn is_angular(&mut self, module: super::ModuleId) -> bool {
        use crate::syntax::javascript::StmtKind;
        let Some(Some(file)) = self.files.get(&module) else {
            return false;
        };
        file.tree.body.iter().any(|stmt| {
            matches!(&stmt.kind, StmtKind::Import { from, .. } if &**from == "@angular/common/http")
        })
    }
}
