//! Calls: of functions that are here, of packages, and of what is not known.

use std::rc::Rc;

use super::part::Part;
use super::probe::Event;
use super::run::{Flow, Run};
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Argument, Body, Expr, ExprKind, Function, Text};

/// How often a function may be in the middle of itself.
const MOST_RECURSION: usize = 2;

/// How many functions may be in the middle of a call; while a body is read, it is about that body.
const MOST_CALLS: usize = 40;
const MOST_CALLS_OF_A_BODY: usize = 8;

/// How many steps a function may take in vain before it is not followed again. A method sets
/// members of its object, and may take more.
const LONG: usize = 1_000;

/// Under how many conditions that nothing decides functions are still followed: each of them
/// doubles what there is to walk through.
const MOST_BRANCHES: usize = 8;

impl Run<'_> {
    pub fn call_expr(
        &mut self,
        span: Span,
        callee: &Expr,
        args: &[Argument],
        scope: ScopeId,
    ) -> Val {
        match &callee.kind {
            ExprKind::Super => {
                let args = self.arguments(args, scope);
                let this = self.lookup(scope, "this");
                if let (Some(Val::Class(class)), Some(Val::Object(id))) =
                    (self.lookup(scope, "%home"), this)
                {
                    self.super_call(&class, id, &Val::Object(id), args);
                }
                Val::Undefined
            }
            ExprKind::Member { object, name } if !matches!(object.kind, ExprKind::Super) => {
                let object = self.eval(object, scope);
                let args = self.arguments(args, scope);
                self.call_member(object, name, args, span, callee.span)
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(object, scope);
                let index = self.eval(index, scope);
                let args = self.arguments(args, scope);
                match index.shown() {
                    Some(name) => {
                        self.call_member(object, &Text::from(name), args, span, callee.span)
                    }
                    None => self.call_unknown_member(object, &index, args, span),
                }
            }
            _ => {
                let callee = self.eval(callee, scope);
                let args = self.arguments(args, scope);
                self.call(callee, args, span, None)
            }
        }
    }

    fn call_member(
        &mut self,
        object: Val,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
        callee_span: Span,
    ) -> Val {
        let is_thenable = !matches!(
            object,
            Val::Unknown(_) | Val::Outside(_) | Val::Global(_) | Val::Object(_) | Val::Either(_)
        );
        match &**name {
            // Nothing is late in here: a promise is its value.
            "then" if is_thenable => match args.first().map(|arg| arg.value.clone()) {
                Some(Val::Function(closure)) => {
                    let arg = Spanned::new(object, span);
                    self.call_closure(&closure, vec![arg], None)
                }
                _ => object,
            },
            "catch" | "finally" if is_thenable => object,
            // What is only called when something goes wrong does not build the application.
            "catch" if self.log.is_none() => object,
            _ => {
                let callee = self.member(&object, name, callee_span);
                self.call(callee, args, span, Some(object))
            }
        }
    }

    /// `app[method](path, handler)` with a method that is not known.
    fn call_unknown_member(
        &mut self,
        object: Val,
        index: &Val,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        match (&object, index) {
            (Val::Stack(id), Val::Either(one)) => {
                let id = *id;
                let call = |run: &mut Self, name: &Val, args: Vec<_>| match name.shown() {
                    Some(name) => {
                        run.call_member(Val::Stack(id), &Text::from(name), args, span, span)
                    }
                    None => run.call_unknown_member(Val::Stack(id), name, args, span),
                };
                let _ = self.fork(
                    &one.when,
                    |run| call(run, &one.yes, args.clone()),
                    |_| Val::Undefined,
                );
                let when = super::branch::negated(&one.when);
                let _ = self.fork(&when, |run| call(run, &one.no, args), |_| Val::Undefined);
                object
            }
            (Val::Stack(id), index) => {
                let reason = reason_of(index);
                let text = format!("the method of a registration is not known: {reason}");
                self.register(*id, span, Registration::Opaque(text));
                object
            }
            _ => self.call(Val::unknown("it is not known"), args, span, None),
        }
    }

    pub fn call(
        &mut self,
        callee: Val,
        args: Vec<Spanned<Val>>,
        span: Span,
        this: Option<Val>,
    ) -> Val {
        self.deeper(|run| run.call_here(callee, args, span, this))
            .unwrap_or_else(|| Val::unknown("it is too deep to be followed"))
    }

    fn call_here(
        &mut self,
        callee: Val,
        args: Vec<Spanned<Val>>,
        span: Span,
        this: Option<Val>,
    ) -> Val {
        match callee {
            Val::Function(closure) => self.call_closure(&closure, args, this),
            Val::Bound(bound) => self.call_bound(&bound.0, &bound.1, args, span),
            Val::Outside(outside) => self.call_outside(&outside, args, span),
            Val::Global(name) => self.call_global(&name, args, span),
            Val::Either(one) => {
                let again = args.clone();
                let (yes, no) = self.fork(
                    &one.when,
                    |run| run.call(one.yes.clone(), args, span, this.clone()),
                    |run| run.call(one.no.clone(), again, span, this.clone()),
                );
                either(&one.when, yes, no)
            }
            Val::Module(module) => match self.export(module, &Text::from("default")) {
                Val::Module(_) | Val::Undefined => self.call_unknown("a module", args, span),
                callee => self.call(callee, args, span, this),
            },
            Val::Part(Part::Next) => self.call_next(&args),
            Val::Part(part) => {
                self.escape(&args, span);
                Val::Part(part)
            }
            Val::Unknown(reason) => self.call_unknown(&reason, args, span),
            // A router is a function, which somebody may call by hand.
            Val::Stack(_) => {
                self.escape(&args, span);
                Val::Undefined
            }
            _ => self.call_unknown("what is called is no function here", args, span),
        }
    }

    /// Something that is not here is called: what it does with its arguments, nobody knows.
    pub fn call_unknown(&mut self, reason: &str, args: Vec<Spanned<Val>>, span: Span) -> Val {
        self.hand_over(&args, span, reason);
        self.escape(&args, span);
        self.call_back(&args);
        Val::unknown(reason)
    }

    /// An application that is given away may get layers there; that has its place in the order.
    pub fn hand_over(&mut self, args: &[Spanned<Val>], span: Span, reason: &str) {
        for id in self.stacks_in(args) {
            let text = format!("it is given to a function that is not followed: {reason}");
            self.register(id, span, Registration::Opaque(text));
        }
    }

    pub fn stacks_in(&mut self, args: &[Spanned<Val>]) -> Vec<StackId> {
        let mut found = Vec::new();
        for arg in args {
            match &arg.value {
                Val::Stack(id) => found.push(*id),
                Val::Object(id) => {
                    let entries = &self.object(*id).entries;
                    found.extend(entries.iter().filter_map(|entry| match entry.value {
                        Val::Stack(id) => Some(id),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        found
    }

    /// Functions that are given to something that will call them, with nobody knows what.
    pub fn call_back(&mut self, args: &[Spanned<Val>]) {
        for arg in args {
            if let Val::Function(closure) = &arg.value {
                let given = closure.function.params.iter().map(|_| {
                    let value = Val::unknown("it is what a callback is given");
                    Spanned::new(value, arg.span)
                });
                let given = given.collect();
                self.call_closure(closure, given, None);
                // It is called later, and nobody here catches what it throws.
                self.thrown = None;
            }
        }
    }

    pub fn is_called_too_often(&self, function: Option<&Function>) -> bool {
        let most = match self.log {
            Some(_) => MOST_CALLS_OF_A_BODY,
            None => MOST_CALLS,
        };
        if self.calls.len() >= most || self.branches > MOST_BRANCHES {
            return true;
        }
        let is_same = |one: &&*const Function| function.is_some_and(|f| std::ptr::eq(**one, f));
        self.calls.iter().filter(is_same).count() >= MOST_RECURSION
    }

    pub fn call_closure(
        &mut self,
        closure: &Rc<Closure>,
        args: Vec<Spanned<Val>>,
        this: Option<Val>,
    ) -> Val {
        let key = &raw const *closure.function;
        if self.is_called_too_often(Some(&closure.function)) || self.cold.contains(&key) {
            return Val::unknown("it is too much to be followed");
        }
        let before = (self.registrations, self.stacks.len());
        let steps = self.steps;
        let value = self
            .deeper(|run| run.call_closure_here(closure, args, this))
            .unwrap_or_else(|| Val::unknown("it is too deep to be followed"));
        let built = before != (self.registrations, self.stacks.len());
        // What made something may make another one when it is called with something else.
        let made = !matches!(value, Val::Unknown(_) | Val::Undefined | Val::Either(_));
        let most = if closure.home.is_some() { 10 } else { 1 } * LONG;
        if !built && !made && self.log.is_none() && self.steps - steps > most {
            self.cold.insert(key);
        }
        value
    }

    fn call_closure_here(
        &mut self,
        closure: &Rc<Closure>,
        args: Vec<Spanned<Val>>,
        this: Option<Val>,
    ) -> Val {
        let function = closure.function.clone();
        let scope = self.new_scope(Some(closure.scope), true);
        if !function.is_arrow {
            let this = closure.this.clone().or(this).unwrap_or(Val::Undefined);
            self.declare(scope, &Text::from("this"), this);
            if let Some(home) = &closure.home {
                self.declare(scope, &Text::from("%home"), Val::Class(home.clone()));
            }
            let arguments = self.new_list(args.clone());
            self.declare(scope, &Text::from("arguments"), arguments);
        }
        let here = std::mem::replace(&mut self.module, closure.module);
        self.calls.push(&raw const *function);
        let depth = self.when.len();
        for (at, param) in function.params.iter().enumerate() {
            let arg = args.get(at).cloned();
            let arg = arg.unwrap_or_else(|| Spanned::new(Val::Undefined, function.span));
            self.bind(&param.pattern, arg.value, arg.span, scope, true);
        }
        if let Some(rest) = &function.rest {
            let tail = args.into_iter().skip(function.params.len()).collect();
            let tail = self.new_list(tail);
            self.bind(rest, tail, function.span, scope, true);
        }
        let value = match &function.body {
            Body::Value(expr) => self.eval(expr, scope),
            Body::Block(stmts) => match self.block(stmts, scope) {
                Flow::Return(value) => value,
                Flow::Stop(error) => {
                    // Out of the application's own code nobody catches it, and it does not start.
                    if self.log.is_some() {
                        self.thrown = Some(error);
                    }
                    Val::Undefined
                }
                _ => Val::Undefined,
            },
        };
        if self.log.is_none() {
            self.thrown = None;
        }
        self.when.truncate(depth);
        self.calls.pop();
        self.module = here;
        value
    }

    /// A body that is read gives its answer or `next` to something that is not followed.
    pub fn escape(&mut self, args: &[Spanned<Val>], span: Span) {
        let escapes =
            |arg: &Spanned<Val>| matches!(&arg.value, Val::Part(Part::Response(_) | Part::Next));
        if args.iter().any(escapes) {
            self.note(Event::Escaped(span));
        }
        let is_request = |arg: &Spanned<Val>| matches!(&arg.value, Val::Part(Part::Request));
        if args.iter().any(is_request) {
            self.note(Event::Put(None));
        }
    }
}
