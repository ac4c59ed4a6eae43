//! Statements, in the order in which they run.

use std::sync::Arc;

use super::pattern::pattern_name;
use super::run::{Flow, Run};
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Class, Expr, Pattern, Stmt, StmtKind};

/// How often a loop is run whose end is known.
const MOST_ROUNDS: usize = 2_000;

impl Run<'_> {
    pub fn block(&mut self, stmts: &[Stmt], scope: ScopeId) -> Flow {
        self.hoist(stmts, scope);
        for stmt in stmts {
            match self.exec(stmt, scope) {
                Flow::Next => {}
                other => return other,
            }
        }
        Flow::Next
    }

    /// Functions are there before the first statement runs.
    pub fn hoist(&mut self, stmts: &[Stmt], scope: ScopeId) {
        for stmt in stmts {
            let stmt = match &stmt.kind {
                StmtKind::Export(inner) | StmtKind::ExportDefaultDeclaration(inner) => inner,
                _ => stmt,
            };
            if let StmtKind::Function(function) = &stmt.kind
                && let Some(name) = &function.name
            {
                let closure = self.closure(function, scope);
                self.declare(scope, name, closure);
            }
        }
    }

    pub fn exec(&mut self, stmt: &Stmt, scope: ScopeId) -> Flow {
        self.deeper(|run| run.exec_here(stmt, scope))
            .unwrap_or(Flow::Next)
    }

    fn exec_here(&mut self, stmt: &Stmt, scope: ScopeId) -> Flow {
        match &stmt.kind {
            StmtKind::Expr(expr) => {
                self.eval(expr, scope);
                return self.thrown().unwrap_or(Flow::Next);
            }
            StmtKind::Declare { is_var, names } => {
                let scope = if *is_var {
                    self.function_scope(scope)
                } else {
                    scope
                };
                for (pattern, value) in names {
                    let value = match value {
                        Some(value) => {
                            let name = pattern_name(pattern);
                            self.eval_named(value, scope, name)
                        }
                        None if *is_var => continue,
                        None => Val::Undefined,
                    };
                    if let Some(flow) = self.thrown() {
                        return flow;
                    }
                    self.bind(pattern, value, stmt.span, scope, true);
                }
            }
            StmtKind::Class(class) => {
                let value = self.class_value(class, scope);
                if let Some(name) = &class.name {
                    self.declare(scope, name, value);
                }
            }
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(value, scope),
                    None => Val::Undefined,
                };
                return self.thrown().unwrap_or(Flow::Return(value));
            }
            StmtKind::Throw(value) => return Flow::Stop(self.eval(value, scope)),
            StmtKind::Break => return Flow::Break,
            StmtKind::Continue => return Flow::Continue,
            StmtKind::Block(stmts) => {
                let inner = self.new_scope(Some(scope), false);
                return self.block(stmts, inner);
            }
            StmtKind::If { test, yes, no } => return self.exec_if(test, yes, no.as_deref(), scope),
            StmtKind::For {
                start,
                test,
                step,
                body,
            } => {
                let inner = self.new_scope(Some(scope), false);
                if let Some(start) = start {
                    self.exec(start, inner);
                }
                return self.exec_for(test.as_ref(), step.as_ref(), body, inner);
            }
            StmtKind::While { test, body } => {
                return self.exec_for(Some(test), None, body, scope);
            }
            StmtKind::Each {
                keys,
                is_var,
                target,
                over,
                body,
            } => return self.exec_each(*keys, *is_var, target, over, body, scope),
            StmtKind::Switch { on, cases } => return self.exec_switch(on, cases, scope),
            StmtKind::Try {
                block,
                caught,
                finally,
            } => {
                let flow = self.exec_try(block, caught.as_ref(), stmt.span, scope);
                let inner = self.new_scope(Some(scope), false);
                return match self.block(finally, inner) {
                    Flow::Next => flow,
                    other => other,
                };
            }
            StmtKind::Function(_) | StmtKind::Empty => {}
            StmtKind::Import { .. } => {}
            _ => return self.exec_export(stmt, scope),
        }
        Flow::Next
    }

    /// A call in an expression threw: its rest was walked without effect.
    fn thrown(&mut self) -> Option<Flow> {
        self.thrown.take().map(Flow::Stop)
    }

    fn function_scope(&self, scope: ScopeId) -> ScopeId {
        let mut at = scope;
        loop {
            let here = &self.scopes[at.0 as usize];
            match here.parent {
                Some(parent) if !here.is_function => at = parent,
                _ => return at,
            }
        }
    }

    fn exec_if(&mut self, test: &Expr, yes: &Stmt, no: Option<&Stmt>, scope: ScopeId) -> Flow {
        let value = self.eval(test, scope);
        if let Some(flow) = self.thrown() {
            return flow;
        }
        match self.decide(&value) {
            Some(true) => self.exec(yes, scope),
            Some(false) => no.map_or(Flow::Next, |no| self.exec(no, scope)),
            None => {
                let when = self.condition_at(test.span);
                self.fork_flow(
                    &when,
                    |run| run.exec(yes, scope),
                    |run| no.map_or(Flow::Next, |no| run.exec(no, scope)),
                )
            }
        }
    }

    fn exec_for(
        &mut self,
        test: Option<&Expr>,
        step: Option<&Expr>,
        body: &Stmt,
        scope: ScopeId,
    ) -> Flow {
        let depth = self.when.len();
        for _ in 0..MOST_ROUNDS {
            let goes_on = test.map(|test| {
                let value = self.eval(test, scope);
                value.truth()
            });
            if goes_on == Some(Some(false)) || self.steps_are_used_up() {
                break;
            }
            let is_known = goes_on == Some(Some(true));
            if !is_known && let Some(test) = test {
                let when = self.condition_at(test.span);
                self.when.push(when);
            }
            let flow = self.exec(body, scope);
            self.when.truncate(depth);
            match flow {
                Flow::Next | Flow::Continue if is_known => {}
                Flow::Next | Flow::Continue | Flow::Break => break,
                other => return other,
            }
            if let Some(step) = step {
                self.eval(step, scope);
            }
        }
        Flow::Next
    }

    fn exec_each(
        &mut self,
        keys: bool,
        is_var: bool,
        target: &Pattern,
        over: &Expr,
        body: &Stmt,
        scope: ScopeId,
    ) -> Flow {
        let value = self.eval(over, scope);
        let items = if keys {
            self.keys_of(&value).map(|keys| {
                let keys = keys.into_iter();
                keys.map(|key| Spanned::new(Val::Text(key), over.span))
                    .collect()
            })
        } else {
            self.items_of(&value)
        };
        let depth = self.when.len();
        let is_known = items.is_some();
        let items: Vec<Spanned<Val>> = items.unwrap_or_else(|| {
            let item = Val::unknown(format!("it is one of `{}`", self.modules.text(over.span)));
            vec![Spanned::new(item, over.span)]
        });
        for item in items.into_iter().take(MOST_ROUNDS) {
            if !is_known {
                let each = format!("for each of {}", self.modules.text(over.span));
                self.when.push(Spanned::new(each, over.span));
            }
            let inner = self.new_scope(Some(scope), false);
            let place = if is_var {
                self.function_scope(scope)
            } else {
                inner
            };
            self.bind(target, item.value, item.span, place, true);
            let flow = self.exec(body, inner);
            self.when.truncate(depth);
            match flow {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                other => return other,
            }
        }
        Flow::Next
    }

    fn exec_switch(
        &mut self,
        on: &Expr,
        cases: &[(Option<Expr>, Vec<Stmt>)],
        scope: ScopeId,
    ) -> Flow {
        let value = self.eval(on, scope);
        let inner = self.new_scope(Some(scope), false);
        let mut chosen = None;
        for (at, (test, _)) in cases.iter().enumerate() {
            let Some(test) = test else { continue };
            let test = self.eval(test, inner);
            match value.same(&test) {
                Some(true) => {
                    chosen = Some(at);
                    break;
                }
                Some(false) => {}
                None => return self.switch_on_unknown(on, cases, inner),
            }
        }
        let chosen = chosen.or_else(|| cases.iter().position(|(test, _)| test.is_none()));
        for (_, body) in cases.iter().skip(chosen.unwrap_or(cases.len())) {
            match self.block(body, inner) {
                Flow::Next => {}
                Flow::Break => break,
                other => return other,
            }
        }
        Flow::Next
    }

    fn switch_on_unknown(
        &mut self,
        on: &Expr,
        cases: &[(Option<Expr>, Vec<Stmt>)],
        scope: ScopeId,
    ) -> Flow {
        let subject = self.modules.text(on.span);
        for (test, body) in cases {
            let when = match test {
                Some(test) => {
                    let text = format!("{subject} === {}", self.modules.text(test.span));
                    Spanned::new(text, test.span)
                }
                None => Spanned::new(format!("{subject} is something else"), on.span),
            };
            self.fork_flow(
                &when,
                |run| match run.block(body, scope) {
                    Flow::Break => Flow::Next,
                    other => other,
                },
                |_| Flow::Next,
            );
        }
        Flow::Next
    }

    fn exec_try(
        &mut self,
        block: &[Stmt],
        caught: Option<&(Option<Pattern>, Vec<Stmt>)>,
        span: Span,
        scope: ScopeId,
    ) -> Flow {
        let inner = self.new_scope(Some(scope), false);
        let depth = self.when.len();
        let flow = self.block(block, inner);
        let Some((pattern, body)) = caught else {
            return flow;
        };
        let handler = |run: &mut Self, error: Val| {
            let inner = run.new_scope(Some(scope), false);
            if let Some(pattern) = pattern {
                run.bind(pattern, error, span, inner, true);
            }
            run.block(body, inner)
        };
        match flow {
            Flow::Stop(error) => {
                self.when.truncate(depth);
                handler(self, error)
            }
            // Nothing is seen that throws, so the handler is walked for what it registers.
            flow if self.log.is_none() => {
                let when = Spanned::new("an error is thrown".to_owned(), span);
                let error = Val::unknown("it is an error");
                self.fork(
                    &when,
                    |run| {
                        handler(run, error);
                    },
                    |_| (),
                );
                flow
            }
            flow => flow,
        }
    }

    pub fn class_value(&mut self, class: &Arc<Class>, scope: ScopeId) -> Val {
        let value = self.new_class(class, scope);
        Val::Class(value)
    }

    pub fn steps_are_used_up(&mut self) -> bool {
        !self.step()
    }
}
