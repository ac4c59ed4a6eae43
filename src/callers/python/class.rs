//! Classes: services whose methods send, with their fields.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::Reader;
use super::call::Args;
use super::exec::is_self;
use super::scope::Scope;
use super::value::{ClassVal, Dict, Entry, Val};
use crate::syntax::python::{Class, ExprKind, Stmt};

/// How many classes are followed upwards.
const MOST_PARENTS: usize = 8;

impl Reader<'_> {
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

    /// `Class(…)`; without arguments, whatever it may be made with.
    pub fn instance_of(&mut self, class: &Rc<ClassVal>, args: Option<&Args>) -> Val {
        let fields = Rc::new(RefCell::new(Dict::of(self.branch)));
        let this = Val::Object(fields.clone());
        self.members(class, &fields, MOST_PARENTS);
        let init = fields.borrow().value("__init__");
        let Some(Val::Function(init)) = init else {
            return this;
        };
        match args {
            Some(args) => {
                self.run(&init, args);
            }
            None => {
                let scope = Scope::inside(&init.scope);
                for (at, one) in init.function.params.iter().enumerate() {
                    let val = match at == 0 && is_self(&one.name) {
                        true => this.clone(),
                        false => self.argument(&init.scope, one),
                    };
                    scope.assign(&one.name, val, self.branch, &self.branches);
                }
                self.returns.push(Vec::new());
                self.statements(&scope, &init.function.body);
                self.returns.pop();
            }
        }
        this
    }

    /// The fields and methods of a class, those of the classes that it extends first.
    fn members(&mut self, class: &Rc<ClassVal>, fields: &Rc<RefCell<Dict>>, parents: usize) {
        if parents == 0 || !self.step() {
            return;
        }
        for base in &class.class.bases {
            if let Val::Class(base) = self.eval(&class.scope, base) {
                self.members(&base, fields, parents - 1);
            }
        }
        let this = Val::Object(fields.clone());
        let scope = Scope::inside(&class.scope);
        for stmt in &class.class.body {
            let (name, value) = match stmt {
                Stmt::Function(function) => {
                    // Its methods do not see the names of a class.
                    let method = self.closure(&class.scope, function, Some(this.clone()));
                    (function.name.clone(), method)
                }
                Stmt::Assign { target, value } => {
                    let val = self.eval(&scope, value);
                    let ExprKind::Name(name) = &target.kind else {
                        continue;
                    };
                    scope.assign(name, val.clone(), self.branch, &self.branches);
                    (name.clone(), val)
                }
                _ => continue,
            };
            fields.borrow_mut().put(Entry {
                name: name.as_ref().into(),
                value,
                span: class.class.span,
                is_sure: true,
            });
        }
    }
}
