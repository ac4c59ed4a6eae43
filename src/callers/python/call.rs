//! Calls: of functions that are here, of methods, of what packages bring.

use std::rc::Rc;

use super::eval::is_environ;
use super::exec::is_self;
use super::scope::Scope;
use super::value::{Closure, Val};
use super::{MOST_CALLS, MOST_STEPS_INSIDE, Reader};
use crate::callers::url::resolved;
use crate::source::Span;
use crate::syntax::python::{Arg, Expr, ExprKind};

/// What a function is called with.
#[derive(Default)]
pub struct Args {
    pub list: Vec<Val>,
    pub named: Vec<(Rc<str>, Span, Val)>,
    /// There may be more.
    pub is_open: bool,
}

impl Args {
    pub fn named(&self, name: &str) -> Option<&Val> {
        let found = self.named.iter().find(|(one, ..)| &**one == name);
        found.map(|(_, _, val)| val)
    }

    /// The one that has this place, or this name.
    pub fn at(&self, place: usize, name: &str) -> Option<&Val> {
        self.named(name).or(self.list.get(place))
    }
}

impl Reader<'_> {
    pub fn call(&mut self, scope: &Rc<Scope>, span: Span, callee: &Expr, args: &[Arg]) -> Val {
        if let ExprKind::Member { object, name } = &callee.kind {
            let object = self.eval(scope, object);
            let args = self.args(scope, args);
            return self.called_on(span, &object, name, &args);
        }
        let function = self.eval(scope, callee);
        let args = self.args(scope, args);
        self.called(span, &function, &args)
    }

    fn args(&mut self, scope: &Rc<Scope>, args: &[Arg]) -> Args {
        let mut all = Args::default();
        for arg in args {
            match arg {
                Arg::One(expr) => {
                    let val = self.eval(scope, expr);
                    all.list.push(val);
                }
                Arg::Named { name, span, value } => {
                    let val = self.eval(scope, value);
                    all.named.push((name.as_ref().into(), *span, val));
                }
                Arg::Spread(expr) => {
                    self.eval(scope, expr);
                    all.is_open = true;
                }
                Arg::SpreadNamed(expr) => match self.eval(scope, expr) {
                    Val::Dict(dict) => {
                        let dict = dict.borrow();
                        all.is_open |= dict.is_open;
                        for entry in &dict.entries {
                            let val = match entry.is_sure {
                                true => entry.value.clone(),
                                false => Val::one_of(vec![entry.value.clone(), Val::Nothing]),
                            };
                            all.named.push((entry.name.clone(), entry.span, val));
                        }
                    }
                    val if val.is_nothing() => {}
                    _ => all.is_open = true,
                },
            }
        }
        all
    }

    pub fn called(&mut self, span: Span, function: &Val, args: &Args) -> Val {
        match function {
            Val::Function(closure) => self.invoke(closure, args, span),
            Val::Class(class) => {
                if self.through.len() >= MOST_CALLS {
                    return Val::unknown("an object");
                }
                let until = self.enter(span);
                let val = self.instance_of(class, Some(args));
                self.leave(until);
                val
            }
            Val::Path(path) => self.package_call(span, &path.clone(), args),
            Val::OneOf(vals) => {
                let all = vals.iter().map(|one| self.called(span, one, args));
                Val::one_of(all.collect())
            }
            Val::Unknown { name, .. } => self.builtin(&name.clone(), args),
            _ => {
                self.hand_over(args);
                Val::unknown("an answer")
            }
        }
    }

    /// Functions that every program has.
    fn builtin(&mut self, name: &str, args: &Args) -> Val {
        let first = args.list.first();
        match name {
            "dict" => {
                let Val::Dict(dict) = self.copied(first.unwrap_or(&Val::Nothing)) else {
                    return Val::Nothing;
                };
                self.dict_call(
                    &dict,
                    "update",
                    &Args {
                        list: Vec::new(),
                        named: args.named.clone(),
                        is_open: args.is_open,
                    },
                    Span::new(0, 0),
                );
                Val::Dict(dict)
            }
            "str" => match first {
                Some(val @ (Val::Text(_) | Val::OneOf(_) | Val::Unknown { .. })) => val.clone(),
                _ => Val::unknown("a text"),
            },
            "print" | "len" | "isinstance" | "bool" | "int" | "repr" | "type" | "list"
            | "sorted" | "range" | "enumerate" | "zip" | "open" | "hasattr" => Val::unknown(name),
            name => {
                self.hand_over(args);
                Val::unknown(name)
            }
        }
    }

    /// Functions of packages that have nothing to do with requests; those that have, and all others.
    pub fn package_call(&mut self, span: Span, path: &Rc<str>, args: &Args) -> Val {
        let text = |at: usize| args.list.get(at).and_then(|val| val.to_text().plain());
        let last = path.rsplit('.').next().unwrap_or(path);
        match &**path {
            "os.getenv" | "getenv" | "decouple.config" => return env_of(args),
            path if path.strip_suffix(".get").is_some_and(is_environ) => return env_of(args),
            "json.dumps" | "simplejson.dumps" => return Val::Body,
            "copy.copy" | "copy.deepcopy" => {
                return match args.list.first() {
                    Some(val @ Val::Dict(_)) => self.copied(val),
                    _ => Val::unknown("a copy"),
                };
            }
            "urllib.parse.urljoin" | "urlparse.urljoin" => {
                let base = args.list.first().map(Val::to_text).unwrap_or_default();
                let path = args.list.get(1).map(Val::to_text).unwrap_or_default();
                return Val::Text(resolved(&base, path));
            }
            "urllib.parse.quote" | "urllib.parse.quote_plus" | "urllib.quote" => {
                return match text(0) {
                    Some(text) => Val::text(&text),
                    None => Val::unknown("a text"),
                };
            }
            path if path.starts_with("logging.") || path.starts_with("json.") => {
                return Val::unknown(last);
            }
            _ => {}
        }
        if let Some(val) = self.sending_call(span, path, args) {
            return val;
        }
        self.hand_over(args);
        Val::unknown(last)
    }

    /// Values are given to somebody who is not known: headers may be added.
    pub fn hand_over(&mut self, args: &Args) {
        let named = args.named.iter().map(|(_, _, val)| val);
        for val in args.list.iter().chain(named) {
            for val in val.alternatives() {
                match val {
                    Val::Dict(dict) => dict.borrow_mut().open(),
                    Val::Session(session) => session.headers.borrow_mut().open(),
                    Val::Path(path) => self.lend(&path),
                    Val::Request(request) => {
                        if let Some(Val::Dict(headers)) = request.borrow().value("headers") {
                            headers.borrow_mut().open();
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Calls a function that is here.
    fn invoke(&mut self, closure: &Rc<Closure>, args: &Args, span: Span) -> Val {
        if self.through.len() >= MOST_CALLS {
            self.hand_over(args);
            return Val::unknown("an answer");
        }
        let until = self.enter(span);
        let val = self.run(closure, args);
        // What comes after the end of what is followed is not known.
        if self.steps >= self.until {
            self.hand_over(args);
        }
        self.leave(until);
        val
    }

    fn enter(&mut self, span: Span) -> usize {
        let until = self.until;
        if self.through.is_empty() {
            self.until = until.min(self.steps + MOST_STEPS_INSIDE);
        }
        self.through.push(span);
        until
    }

    fn leave(&mut self, until: usize) {
        self.through.pop();
        self.until = until;
    }

    pub fn run(&mut self, closure: &Rc<Closure>, args: &Args) -> Val {
        let scope = Scope::inside(&closure.scope);
        let mut list = args.list.iter();
        for (at, one) in closure.function.params.iter().enumerate() {
            let val = match &closure.this {
                Some(this) if at == 0 && is_self(&one.name) => this.clone(),
                _ if one.is_rest => Val::unknown("arguments"),
                _ => match args.named(&one.name).or_else(|| list.next()) {
                    Some(val) => val.clone(),
                    None if args.is_open => Val::unknown(&one.name),
                    None => match &one.default {
                        Some(default) => self.eval(&closure.scope, default),
                        None => Val::unknown(&one.name),
                    },
                },
            };
            scope.assign(&one.name, val, self.branch, &self.branches);
        }
        self.returns.push(Vec::new());
        self.statements(&scope, &closure.function.body);
        Val::one_of(self.returns.pop().unwrap_or_default())
    }
}

/// `os.environ.get("NAME", "default")`.
fn env_of(args: &Args) -> Val {
    let name = args.list.first().and_then(|name| name.to_text().plain());
    let default = args.at(1, "default");
    match (name, default) {
        (Some(name), None | Some(Val::Nothing)) => Val::env(&name, None),
        (Some(name), Some(default)) => match default.to_text().plain() {
            Some(default) => Val::env(&name, Some(default)),
            None => Val::one_of(vec![Val::env(&name, None), default.clone()]),
        },
        (None, _) => Val::unknown("a variable"),
    }
}
