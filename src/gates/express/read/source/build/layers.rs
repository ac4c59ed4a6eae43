//! The functions of a stack, as layers.

use std::rc::Rc;

use super::values::DEEPEST;
use super::{Build, When};
use crate::gates::express::model::{Callee, Layer, Requires, Router, RunsFor};
use crate::gates::express::read::source::branch::negated;
use crate::gates::express::read::source::modules::ModuleId;
use crate::gates::express::read::source::package::{WRAPPERS, display};
use crate::gates::express::read::source::val::*;
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

impl Build<'_, '_> {
    /// What a value is as a layer; more than one where a condition decides.
    pub(super) fn mounted(
        &mut self,
        one: &Spanned<Val>,
        when: When,
        module: ModuleId,
        depth: usize,
    ) -> Vec<Mounted> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let span = one.span;
        let again = |build: &mut Self, value: Val, when| {
            build.mounted(&Spanned::new(value, span), when, module, depth + 1)
        };
        let layer = match &one.value {
            Val::Stack(id) => {
                let stack = &self.run.stacks[id.0 as usize];
                let name = stack.name.as_ref().map(ToString::to_string);
                let options = stack.options.clone();
                let mut router = Router {
                    name,
                    stack: self.stack(*id),
                    ..Router::default()
                };
                if let Some(Val::Object(options)) = options {
                    let object = self.run.object(options);
                    let is_on = |key: &str| object.get(key).and_then(Val::truth) == Some(true);
                    router.case_sensitive = is_on("caseSensitive");
                    router.strict = is_on("strict");
                }
                return vec![Mounted::Router(router, when)];
            }
            Val::Module(id) => {
                let value = self.run.export(*id, &Text::from("default"));
                match value {
                    Val::Module(_) => self.nothing(span, "a module is no function", when),
                    value => return again(self, value, when),
                }
            }
            Val::Either(either) => {
                let yes = again(
                    self,
                    either.yes.clone(),
                    both(when.clone(), Some(either.when.clone())),
                );
                let no = again(
                    self,
                    either.no.clone(),
                    both(when, Some(negated(&either.when))),
                );
                return yes.into_iter().chain(no).collect();
            }
            // The other side of `isDev && morgan()`.
            Val::Bool(false) | Val::Undefined | Val::Null if when.is_some() => return Vec::new(),
            Val::Outside(outside) if is_wrapper(outside) => {
                let inner = outside.args.iter().flatten().next().cloned();
                match inner {
                    Some(inner) => return self.mounted(&inner, when, module, depth + 1),
                    None => self.outside(outside, span, when, module),
                }
            }
            Val::Outside(outside) => self.outside(outside, span, when, module),
            Val::Function(closure) => self.function(closure, span, when, module),
            Val::Unknown(reason) => self.nothing(span, reason, when),
            Val::Undefined | Val::Null => self.nothing(span, "nothing is there", when),
            _ => self.nothing(span, "it is no function that is understood", when),
        };
        vec![Mounted::Layer(Box::new(layer))]
    }

    pub(super) fn nothing(&mut self, span: Span, reason: &str, when: When) -> Layer {
        let name = self.run.condition_at(span).value;
        self.unreadable(name, span, reason, when)
    }

    pub(super) fn unreadable(
        &mut self,
        name: String,
        span: Span,
        reason: &str,
        when: When,
    ) -> Layer {
        Layer {
            name,
            span,
            callee: Callee::Unreadable(Reason::new(reason)),
            args: Vec::new(),
            is_error_handler: false,
            when,
            runs_for: RunsFor::default(),
            requires: Requires::default(),
        }
    }

    pub(super) fn outside(
        &mut self,
        outside: &Rc<Outside>,
        span: Span,
        when: When,
        module: ModuleId,
    ) -> Layer {
        let (made, args) = self.made_by(outside);
        Layer {
            name: display(outside),
            // Where it is made is where its options stand; but where it stands decides.
            span,
            callee: Callee::Package {
                package: outside.package.to_string(),
                member: (!made.path.is_empty()).then(|| made.path.join(".")),
                major: self.run.modules.major(module, &outside.package),
            },
            args,
            is_error_handler: false,
            when,
            runs_for: RunsFor::default(),
            requires: Requires::default(),
        }
    }

    /// The call that makes a layer, with its arguments. What stands in two calls, one on what the
    /// other makes, is taken together as a manifest has it.
    fn made_by(&mut self, outside: &Rc<Outside>) -> (Rc<Outside>, Vec<Spanned<Value>>) {
        let mut args = self.args(outside);
        let Some(made) = outside.made.clone() else {
            return (outside.clone(), args);
        };
        match (&*outside.package, outside.path.last().map(|name| &**name)) {
            ("express-jwt", Some("unless")) => {
                let mut inner = self.args(&made);
                let mut options = match inner.first().map(|options| &options.value) {
                    Some(Value::Object(entries)) => entries.clone(),
                    _ => Vec::new(),
                };
                if let Some(unless) = args.into_iter().next() {
                    let key = Spanned::new("unless".to_owned(), unless.span);
                    options.push((key, unless));
                }
                let place = outside.span.or(made.span).unwrap_or(Span::new(0, 0));
                inner.truncate(0);
                inner.push(Spanned::new(Value::Object(options), place));
                (made, inner)
            }
            ("express-jwt-permissions", Some("check")) => {
                args.truncate(1);
                args.extend(self.args(&made).into_iter().take(1));
                (outside.clone(), args)
            }
            _ => (outside.clone(), args),
        }
    }

    fn args(&mut self, outside: &Outside) -> Vec<Spanned<Value>> {
        let args = outside.args.iter().flatten();
        let args = args.map(|arg| Spanned::new(self.value(&arg.value, 0), arg.span));
        args.collect()
    }

    pub(super) fn function(
        &mut self,
        closure: &Rc<Closure>,
        span: Span,
        when: When,
        module: ModuleId,
    ) -> Layer {
        let own = closure.name.as_deref().unwrap_or("handler");
        let name = if closure.module == module {
            own.to_owned()
        } else {
            let path = self.run.modules.path(closure.module);
            format!(".{path}#{own}")
        };
        let (callee, runs_for) = self.run.written(closure);
        Layer {
            name,
            span,
            callee,
            args: Vec::new(),
            is_error_handler: closure.function.params.len() == 4,
            when,
            runs_for,
            requires: Requires::default(),
        }
    }
}

/// One thing that was given to `use`.
pub(super) enum Mounted {
    Layer(Box<Layer>),
    Router(Router, When),
}

fn is_wrapper(outside: &Outside) -> bool {
    WRAPPERS.contains(&&*outside.package) && outside.args.is_some()
}

pub(super) fn both(first: When, second: When) -> When {
    match (first, second) {
        (Some(first), Some(second)) if first.value != second.value => {
            let text = format!("{} && {}", first.value, second.value);
            Some(Spanned::new(text, second.span))
        }
        (first, second) => first.or(second),
    }
}
