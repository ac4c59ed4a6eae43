//! Statements: what they declare, what they export, and what is in them.

use std::rc::Rc;

use super::Reader;
use super::scope::{Binding, Scope};
use super::value::{Closure, Val};
use crate::gates::express::read::source::Resolved;
use crate::syntax::javascript::{
    Body, Expr, Function, Import, Key, Param, Pattern, Stmt, StmtKind, Text,
};

impl Reader<'_> {
    pub fn statements(&mut self, scope: &Rc<Scope>, body: &[Stmt]) {
        for stmt in body {
            self.hoist(scope, stmt);
        }
        for stmt in body {
            self.statement(scope, stmt);
        }
    }

    /// Functions and imports are there before the first statement runs.
    fn hoist(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                if let Some(name) = &function.name {
                    let val = self.closure(scope, function);
                    scope.declare(name, Binding::Val(val));
                }
            }
            StmtKind::Import { from, names } => {
                // It is imported for what it does.
                if names.is_empty()
                    && self.depth < super::DEEPEST
                    && let Resolved::Module(module) =
                        self.project.modules().resolve(scope.module, from)
                {
                    self.depth += 1;
                    self.load(module);
                    self.depth -= 1;
                }
                for one in names {
                    self.heed_interceptor(scope.module, from, &one.what);
                    let from = from.clone();
                    let what = one.what.clone();
                    scope.declare(&one.local, Binding::Import { from, what });
                }
            }
            StmtKind::Export(inner) | StmtKind::ExportDefaultDeclaration(inner) => {
                self.hoist(scope, inner);
            }
            _ => {}
        }
    }

    /// Angular's interceptors are classes that a container hands to the client; what stands before
    /// all calls of fetch is a package's.
    fn heed_interceptor(&mut self, module: super::ModuleId, from: &str, what: &Import) {
        let is_dispatcher = |name: &Text| &**name == "setGlobalDispatcher";
        if from == "fetch-intercept" || matches!(what, Import::Name(name) if is_dispatcher(name)) {
            self.taint(module, super::Client::Fetch);
        }
        let is_one = |name: &Text| name.contains("Intercept") || name.starts_with("HttpHandler");
        if from == "@angular/common/http" && matches!(what, Import::Name(name) if is_one(name)) {
            self.taint(module, super::Client::Angular);
        }
    }

    pub fn statement(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        if !self.step() {
            return;
        }
        self.depth += 1;
        match &stmt.kind {
            StmtKind::Expr(expr) | StmtKind::Throw(expr) => {
                self.eval(scope, expr);
            }
            StmtKind::Declare { names, .. } => self.declare(scope, names),
            StmtKind::Class(class) => {
                let val = self.class(scope, class);
                if let Some(name) = &class.name {
                    scope.declare(name, Binding::Val(val));
                }
            }
            StmtKind::Return(value) => {
                let val = value.as_ref().map(|value| self.eval(scope, value));
                let val = val.unwrap_or(Val::Undefined);
                self.give_back(val);
            }
            StmtKind::Block(body) => self.statements(&Scope::inside(scope), body),
            StmtKind::If { test, yes, no } => {
                self.eval(scope, test);
                self.conditions += 1;
                self.statement(scope, yes);
                if let Some(no) = no {
                    self.statement(scope, no);
                }
                self.conditions -= 1;
            }
            StmtKind::Function(_)
            | StmtKind::Import { .. }
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Empty => {}
            StmtKind::Export(_)
            | StmtKind::ExportDefault(_)
            | StmtKind::ExportDefaultDeclaration(_)
            | StmtKind::ExportNames(_)
            | StmtKind::ExportFrom { .. }
            | StmtKind::ExportAssign(_) => self.export(scope, stmt),
            _ => self.repeated(scope, stmt),
        }
        self.depth -= 1;
    }

    /// What runs as often as the program's state says.
    fn repeated(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        let scope = &Scope::inside(scope);
        self.conditions += 1;
        match &stmt.kind {
            StmtKind::For {
                start,
                test,
                step,
                body,
            } => {
                if let Some(start) = start {
                    self.statement(scope, start);
                }
                for expr in test.iter().chain(step) {
                    self.eval(scope, expr);
                }
                self.statement(scope, body);
            }
            StmtKind::Each {
                target, over, body, ..
            } => {
                self.eval(scope, over);
                self.bind(scope, target, Val::unknown("one of them"), true);
                self.statement(scope, body);
            }
            StmtKind::While { test, body } => {
                self.eval(scope, test);
                self.statement(scope, body);
            }
            StmtKind::Switch { on, cases } => {
                self.eval(scope, on);
                for (_, body) in cases {
                    self.statements(scope, body);
                }
            }
            StmtKind::Try {
                block,
                caught,
                finally,
            } => {
                // Most of what is tried succeeds.
                self.conditions -= 1;
                self.statements(&Scope::inside(scope), block);
                self.conditions += 1;
                if let Some((param, body)) = caught {
                    let scope = Scope::inside(scope);
                    if let Some(param) = param {
                        self.bind(&scope, param, Val::unknown("an error"), true);
                    }
                    self.statements(&scope, body);
                }
                self.statements(scope, finally);
            }
            _ => {}
        }
        self.conditions -= 1;
    }

    fn declare(&mut self, scope: &Rc<Scope>, names: &[(Pattern, Option<Expr>)]) {
        for (pattern, value) in names {
            let val = match value {
                Some(value) => self.eval(scope, value),
                None => Val::Undefined,
            };
            self.bind(scope, pattern, val, true);
        }
    }

    fn give_back(&mut self, val: Val) {
        if let Some(returns) = self.returns.last_mut() {
            returns.push(val);
        }
    }

    /// Gives the names of a pattern their values: new names, or those that are there.
    pub fn bind(&mut self, scope: &Rc<Scope>, pattern: &Pattern, val: Val, is_new: bool) {
        match pattern {
            Pattern::Name(name, _) => match is_new {
                true => scope.declare(name, Binding::Val(val)),
                false => {
                    if &**name == "fetch" {
                        self.taint(self.current, super::Client::Fetch);
                    }
                    scope.assign(name, val);
                }
            },
            Pattern::Place(place) => self.assign_place(scope, place, val),
            Pattern::Object { entries, rest } => {
                for (key, inner) in entries {
                    let val = match key {
                        Key::Name(name) => self.member(&val, name),
                        Key::Computed(expr) => {
                            self.eval(scope, expr);
                            Val::unknown("a part")
                        }
                    };
                    self.bind(scope, inner, val, is_new);
                }
                if let Some(rest) = rest {
                    let val = self.without(&val, entries);
                    self.bind(scope, rest, val, is_new);
                }
            }
            Pattern::Array { items, rest } => {
                for item in items.iter().flatten() {
                    let val = named(item).map_or(Val::unknown("an item"), Val::unknown);
                    self.bind(scope, item, val, is_new);
                }
                if let Some(rest) = rest {
                    self.bind(scope, rest, Val::unknown("the rest"), is_new);
                }
            }
            Pattern::Default(inner, default) => {
                let val = match val {
                    Val::Undefined => self.eval(scope, default),
                    val => val,
                };
                self.bind(scope, inner, val, is_new);
            }
        }
    }

    /// What `{ a, ...rest }` leaves for the rest.
    fn without(&mut self, val: &Val, taken: &[(Key, Pattern)]) -> Val {
        let Val::Object(object) = val else {
            return val.clone();
        };
        let mut rest = super::value::Object::default();
        rest.spread(&Val::Object(object.clone()));
        self.steps += rest.entries.len();
        rest.entries.retain(|entry| {
            let is_taken = |key: &Key| matches!(key, Key::Name(name) if **name == *entry.name);
            !taken.iter().any(|(key, _)| is_taken(key))
        });
        Val::object(rest)
    }

    /// A function as a value; one of a seed is walked through later.
    pub fn closure(&mut self, scope: &Rc<Scope>, function: &std::sync::Arc<Function>) -> Val {
        let this = self.this(scope);
        self.method(scope, function, this)
    }

    pub fn method(
        &mut self,
        scope: &Rc<Scope>,
        function: &std::sync::Arc<Function>,
        this: Option<Val>,
    ) -> Val {
        let closure = Rc::new(Closure {
            function: function.clone(),
            scope: scope.clone(),
            this,
        });
        if self.is_seed && self.through.is_empty() && self.walked.insert(function.span) {
            self.open.push(closure.clone());
        }
        Val::Function(closure)
    }

    /// Walks into a function that anybody may call.
    pub fn walk(&mut self, closure: &Rc<Closure>) {
        let scope = Scope::inside(&closure.scope);
        self.is_seed = true;
        self.current = scope.module;
        self.set_this(&scope, closure);
        self.params(&scope, &closure.function.params);
        if let Some(rest) = &closure.function.rest {
            self.bind(&scope, rest, param("arguments"), true);
        }
        self.returns.push(Vec::new());
        self.body(&scope, &closure.function.body);
        self.returns.pop();
    }

    fn params(&mut self, scope: &Rc<Scope>, params: &[Param]) {
        for one in params {
            let name = named(&one.pattern).unwrap_or("argument");
            let pattern = match &one.pattern {
                // With its default it may be anything, too.
                Pattern::Default(inner, _) => inner,
                pattern => pattern,
            };
            self.bind(scope, pattern, param(name), true);
        }
    }

    pub fn body(&mut self, scope: &Rc<Scope>, body: &Body) {
        match body {
            Body::Block(body) => self.statements(scope, body),
            Body::Value(value) => {
                let val = self.eval(scope, value);
                self.give_back(val);
            }
        }
    }
}

/// What a function is called with.
pub fn param(name: &str) -> Val {
    Val::Unknown {
        name: name.into(),
        is_param: true,
    }
}

pub fn named(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::Name(name, _) => Some(name),
        Pattern::Default(inner, _) => named(inner),
        _ => None,
    }
}
