//! Statements: what they declare, and what is in them.

use std::rc::Rc;

use super::Reader;
use super::scope::{Branch, Scope};
use super::value::{Closure, Entry, Val};
use crate::syntax::python::{Expr, ExprKind, Function, Stmt, Text};

/// How deep an import may stand: it costs as much as an eighth of it.
const MOST_IMPORTS: usize = 320;

impl Reader<'_> {
    pub fn statements(&mut self, scope: &Rc<Scope>, body: &[Stmt]) {
        // Functions of a file may be called above the place where they stand.
        for stmt in body {
            if let Stmt::Function(function) = stmt {
                let val = self.closure(scope, function, None);
                self.declare(scope, &function.name, val);
            }
        }
        for stmt in body {
            self.statement(scope, stmt);
        }
    }

    fn declare(&mut self, scope: &Rc<Scope>, name: &Text, val: Val) {
        scope.assign(name, val, self.branch, &self.branches);
    }

    fn statement(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        if !self.step() {
            return;
        }
        self.depth += 1;
        match stmt {
            Stmt::Expr(expr) => {
                self.eval(scope, expr);
            }
            Stmt::Assign { target, value } => {
                let val = self.eval(scope, value);
                self.assign(scope, target, val);
            }
            Stmt::Add { target, value } => {
                let before = self.eval(scope, target);
                let val = self.eval(scope, value);
                let sum = self.sum(&before, &val);
                self.assign(scope, target, sum);
            }
            Stmt::Function(_) => {}
            Stmt::Class(class) => {
                let val = self.class(scope, class);
                self.declare(scope, &class.name, val);
            }
            Stmt::Return(value) => {
                let val = value.as_ref().map(|value| self.eval(scope, value));
                if let Some(returns) = self.returns.last_mut() {
                    returns.push(val.unwrap_or(Val::Nothing));
                }
            }
            Stmt::Import { path, name } => {
                let file = self.project.resolve(scope.file, path);
                let val = file.map_or_else(|| Val::Path(path.as_ref().into()), Val::File);
                self.declare(scope, name, val);
            }
            Stmt::From { module, what, name } => {
                let val = self.import(scope.file, module, what);
                self.declare(scope, name, val);
            }
            stmt => self.blocks(scope, stmt),
        }
        self.depth -= 1;
    }

    /// Statements that are made of others.
    fn blocks(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        match stmt {
            Stmt::Choice { tests, branches } => {
                for test in tests {
                    self.eval(scope, test);
                }
                for (at, body) in branches.iter().enumerate() {
                    match at == 0 && tests.first().is_some_and(is_main) {
                        true => self.statements(scope, body),
                        false => self.perhaps(|reader| reader.statements(scope, body)),
                    }
                }
            }
            Stmt::Loop { target, over, body } => {
                self.eval(scope, over);
                self.perhaps(|reader| {
                    if let Some(target) = target {
                        reader.assign(scope, target, Val::unknown("one of them"));
                    }
                    reader.statements(scope, body);
                });
            }
            Stmt::With { items, body } => {
                for (value, name) in items {
                    let val = self.eval(scope, value);
                    if let Some(name) = name {
                        self.assign(scope, name, val);
                    }
                }
                self.statements(scope, body);
            }
            // Most of what is tried succeeds.
            Stmt::Try { body, rest } => {
                self.statements(scope, body);
                for body in rest {
                    self.perhaps(|reader| reader.statements(scope, body));
                }
            }
            _ => {}
        }
    }

    /// `from module import what`.
    fn import(&mut self, from: usize, module: &str, what: &str) -> Val {
        let file = self.project.resolve(from, module);
        let found = file.and_then(|file| self.of_file(file, what));
        let part = match module.ends_with('.') {
            true => format!("{module}{what}"),
            false => format!("{module}.{what}"),
        };
        match (found, file, self.project.resolve(from, &part)) {
            (Some(val), ..) => val,
            (None, _, Some(file)) => Val::File(file),
            (None, Some(_), None) => Val::unknown(what),
            (None, None, None) => Val::Path(part.into()),
        }
    }

    /// A name of a file of the project.
    pub fn of_file(&mut self, file: usize, name: &str) -> Option<Val> {
        if self.depth >= MOST_IMPORTS {
            return None;
        }
        self.depth += MOST_IMPORTS / 8;
        let scope = self.load(file);
        self.depth -= MOST_IMPORTS / 8;
        scope.and_then(|scope| scope.find(name))
    }

    /// Gives a target its value: a name, a part of something, several at once.
    fn assign(&mut self, scope: &Rc<Scope>, target: &Expr, val: Val) {
        match &target.kind {
            ExprKind::Name(name) => self.declare(scope, name, val),
            ExprKind::Member { object, name } => {
                let object = self.eval(scope, object);
                self.put(&object, name, val, target);
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(scope, object);
                let index = self.eval(scope, index).to_text().plain();
                if let Val::Dict(dict) = &object {
                    let is_sure = self.is_sure(dict.borrow().made);
                    let mut dict = dict.borrow_mut();
                    match index {
                        Some(name) => dict.put(Entry {
                            name: name.into(),
                            value: val,
                            span: target.span,
                            is_sure,
                        }),
                        None => dict.open(),
                    }
                }
            }
            ExprKind::List(targets) => {
                let vals = match &val {
                    Val::List(vals) if vals.len() == targets.len() => vals.to_vec(),
                    _ => vec![Val::unknown("an item"); targets.len()],
                };
                for (target, val) in targets.iter().zip(vals) {
                    self.assign(scope, target, val);
                }
            }
            _ => {}
        }
    }

    /// `object.name = val`.
    fn put(&mut self, object: &Val, name: &str, val: Val, target: &Expr) {
        match object {
            Val::Object(fields) | Val::Request(fields) => {
                let is_sure = self.is_sure(fields.borrow().made);
                let mut fields = fields.borrow_mut();
                let before = fields.value(name);
                let value = match (is_sure, before) {
                    (false, Some(before)) => Val::one_of(vec![before, val]),
                    _ => val,
                };
                fields.put(Entry {
                    name: name.into(),
                    value,
                    span: target.span,
                    is_sure: true,
                });
            }
            // `requests.get = signed`.
            Val::Path(path) => self.lend(&path.clone()),
            Val::Session(session) => {
                let headers = session.headers.clone();
                let is_sure = self.is_sure(headers.borrow().made);
                match name {
                    "auth" => self.authorize(&headers, &val, is_sure, target.span),
                    "headers" => headers.borrow_mut().spread(&val, is_sure),
                    "verify" | "timeout" | "params" | "proxies" | "cert" | "max_redirects"
                    | "trust_env" | "cookies" | "stream" => {}
                    _ => headers.borrow_mut().open(),
                }
            }
            _ => {}
        }
    }

    /// A function as a value; one of a seed is walked through later.
    pub fn closure(
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
        self.current = scope.file;
        self.branch = Branch(0);
        self.until = super::MOST_STEPS;
        for (at, one) in closure.function.params.iter().enumerate() {
            let val = match &closure.this {
                Some(this) if at == 0 && is_self(&one.name) => this.clone(),
                _ => self.argument(&closure.scope, one),
            };
            self.declare(&scope, &one.name, val);
        }
        self.returns.push(Vec::new());
        self.statements(&scope, &closure.function.body);
        self.returns.pop();
    }

    /// What a function is called with by somebody who is not known; types are heeded.
    pub fn argument(&mut self, scope: &Rc<Scope>, param: &crate::syntax::python::Param) -> Val {
        if let Some(kind) = &param.kind
            && let Val::Path(path) = self.eval(scope, kind)
            && let Some(session) = self.unread_session(&path)
        {
            return session;
        }
        Val::Unknown {
            name: param.name.as_ref().into(),
            is_param: true,
        }
    }
}

/// `__name__ == "__main__"`: a program runs it.
fn is_main(test: &Expr) -> bool {
    let is_name = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if &**name == "__name__");
    match &test.kind {
        ExprKind::Opaque(parts) => parts.iter().any(is_name),
        _ => false,
    }
}

pub fn is_self(name: &str) -> bool {
    matches!(name, "self" | "cls")
}
