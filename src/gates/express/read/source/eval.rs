//! Expressions to values.

use super::part::Part;
use super::pattern::pattern_name;
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{
    Argument, Assign, Binary, Expr, ExprKind, Key, Logical, Pattern, Property, Text,
};

impl Run<'_> {
    pub fn eval(&mut self, expr: &Expr, scope: ScopeId) -> Val {
        self.deeper(|run| run.eval_here(expr, scope, None))
            .unwrap_or_else(|| Val::unknown("it is too deep to be followed"))
    }

    /// As [`Run::eval`]; a function or class without a name gets this one, as in JavaScript.
    pub fn eval_named(&mut self, expr: &Expr, scope: ScopeId, name: Option<Text>) -> Val {
        let value = self
            .deeper(|run| run.eval_here(expr, scope, name.as_ref()))
            .unwrap_or_else(|| Val::unknown("it is too deep to be followed"));
        if let (Val::Stack(id), Some(name)) = (&value, name) {
            self.stacks[id.0 as usize].name.get_or_insert(name);
        }
        value
    }

    fn eval_here(&mut self, expr: &Expr, scope: ScopeId, name: Option<&Text>) -> Val {
        match &expr.kind {
            ExprKind::Null => Val::Null,
            ExprKind::Bool(truth) => Val::Bool(*truth),
            ExprKind::Number(number) => Val::Number(*number),
            ExprKind::Text(text) => Val::Text(text.clone()),
            ExprKind::Regex { pattern, flags } => Val::Regex(pattern.clone(), flags.clone()),
            ExprKind::Template { texts, values } => self.template(texts, values, scope),
            ExprKind::Name(name) => self.name(name, scope),
            ExprKind::This => self.lookup(scope, "this").unwrap_or(Val::Undefined),
            ExprKind::Super => Val::unknown("it is of the class above"),
            ExprKind::Array(items) => {
                let items = self.arguments(items, scope);
                self.new_list(items)
            }
            ExprKind::Object(properties) => self.object_literal(properties, scope),
            ExprKind::Function(function) => {
                let name = function.name.clone().or_else(|| name.cloned());
                self.closure_of(function, scope, name, None)
            }
            ExprKind::Class(class) => self.class_value(class, scope),
            ExprKind::Call { callee, args } => self.call_expr(expr.span, callee, args, scope),
            ExprKind::New { callee, args } => {
                let callee = self.eval(callee, scope);
                let args = self.arguments(args, scope);
                self.construct(callee, args, expr.span)
            }
            ExprKind::Member { object, name } => {
                if matches!(object.kind, ExprKind::Super) {
                    return self.super_member(name, scope);
                }
                let object = self.eval(object, scope);
                self.member(&object, name, expr.span)
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(object, scope);
                let index = self.eval(index, scope);
                self.index(&object, &index, expr.span)
            }
            ExprKind::Unary { op, value } => {
                let value = self.eval(value, scope);
                self.unary(*op, value)
            }
            ExprKind::Binary { op, left, right } => {
                let spans = (left.span, right.span);
                let left = Spanned::new(self.eval(left, scope), spans.0);
                let right = Spanned::new(self.eval(right, scope), spans.1);
                self.note_comparison(*op, &left, &right);
                self.binary(*op, left.value, right.value)
            }
            ExprKind::Logical { op, left, right } => self.logical(*op, left, right, scope),
            ExprKind::Conditional { test, yes, no } => {
                let value = self.eval(test, scope);
                match self.decide(&value) {
                    Some(true) => self.eval(yes, scope),
                    Some(false) => self.eval(no, scope),
                    None => {
                        let when = self.condition_at(test.span);
                        let (yes, no) =
                            self.fork(&when, |run| run.eval(yes, scope), |run| run.eval(no, scope));
                        either(&when, yes, no)
                    }
                }
            }
            ExprKind::Assign { op, target, value } => self.assignment(*op, target, value, scope),
            ExprKind::Step { target, by } => self.step_by(target, *by, expr.span, scope),
            ExprKind::Sequence(exprs) => {
                let mut last = Val::Undefined;
                for one in exprs {
                    last = self.eval(one, scope);
                }
                last
            }
            ExprKind::Await(value) => self.eval(value, scope),
            ExprKind::Import(value) => {
                let specifier = self.eval(value, scope);
                self.require(&specifier)
            }
            ExprKind::Markup(_) | ExprKind::Opaque => Val::unknown("it is not understood here"),
        }
    }

    /// Whether a value holds; a middleware's body is asked what it asked for.
    pub fn decide(&mut self, value: &Val) -> Option<bool> {
        if let Val::Part(Part::Absent(subject)) = value {
            self.note(Event::Asked(subject.clone()));
        }
        value.truth()
    }

    pub fn name(&mut self, name: &Text, scope: ScopeId) -> Val {
        if &**name == "undefined" {
            return Val::Undefined;
        }
        match self.lookup(scope, name) {
            Some(value) => self.settled(value),
            None => Val::Global(name.clone()),
        }
    }

    fn template(&mut self, texts: &[Text], values: &[Expr], scope: ScopeId) -> Val {
        let mut whole = Val::Text(texts.first().cloned().unwrap_or_else(|| Text::from("")));
        for (value, text) in values.iter().zip(texts.iter().skip(1)) {
            let value = self.eval(value, scope);
            let both = self.binary(Binary::Add, whole, value);
            whole = self.binary(Binary::Add, both, Val::Text(text.clone()));
        }
        whole
    }

    /// Arguments or the items of a list, with what is spread out.
    pub fn arguments(&mut self, args: &[Argument], scope: ScopeId) -> Vec<Spanned<Val>> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                Argument::One(expr) => {
                    let value = self.eval(expr, scope);
                    values.push(Spanned::new(value, expr.span));
                }
                Argument::Spread(expr) => {
                    let value = self.eval(expr, scope);
                    match self.items_of(&value) {
                        Some(items) => values.extend(items),
                        None => values.push(Spanned::new(
                            Val::unknown("a list that is not known is spread here"),
                            expr.span,
                        )),
                    }
                }
                Argument::Hole => {}
            }
        }
        values
    }

    fn object_literal(&mut self, properties: &[Property], scope: ScopeId) -> Val {
        let id = self.new_object();
        for property in properties {
            match property {
                Property::Value { key, span, value } => {
                    let key_span = *span;
                    let key = self.key_text(key, scope);
                    let span = value.span;
                    let value = self.eval_named(value, scope, key.clone());
                    self.object(id).put(key, key_span, value, span);
                }
                Property::Getter {
                    key,
                    span,
                    function,
                } => {
                    let closure = self.closure(function, scope);
                    if let (Some(key), Val::Function(closure)) =
                        (self.key_text(key, scope), closure)
                    {
                        self.set_key(id, key, Val::Getter(closure), *span);
                    }
                }
                Property::Spread(expr) => {
                    let value = self.eval(expr, scope);
                    self.spread_into(id, &value);
                }
            }
        }
        Val::Object(id)
    }

    pub fn spread_into(&mut self, id: ObjectId, value: &Val) {
        match value {
            Val::Object(from) => {
                let entries = self.object(*from).entries.clone();
                let is_open = self.object(*from).is_open;
                let into = self.object(id);
                entries.into_iter().for_each(|entry| into.set(entry));
                into.is_open |= is_open;
            }
            Val::Undefined | Val::Null | Val::Bool(false) => {}
            Val::Either(either) => {
                self.spread_into(id, &either.yes);
                self.spread_into(id, &either.no);
                self.object(id).is_open = true;
            }
            Val::Module(module) => {
                for (name, value) in self.exports_of(*module) {
                    self.set_key(id, name, value, Span::new(0, 0));
                }
            }
            _ => self.object(id).is_open = true,
        }
    }

    pub fn key_text(&mut self, key: &Key, scope: ScopeId) -> Option<Text> {
        match key {
            Key::Name(name) => Some(name.clone()),
            Key::Computed(expr) => {
                let value = self.eval(expr, scope);
                value.shown().map(Text::from)
            }
        }
    }

    fn assignment(&mut self, op: Assign, target: &Pattern, value: &Expr, scope: ScopeId) -> Val {
        let name = pattern_name(target).or_else(|| match target {
            Pattern::Place(place) => match &place.kind {
                ExprKind::Member { name, .. } if &**name != "exports" => Some(name.clone()),
                _ => None,
            },
            _ => None,
        });
        let span = value.span;
        let new = match op {
            Assign::Plain => self.eval_named(value, scope, name),
            Assign::Add => {
                let old = self.value_at(target, scope);
                let value = self.eval(value, scope);
                self.binary(Binary::Add, old, value)
            }
            Assign::Logical(Logical::And) | Assign::Other => {
                self.eval(value, scope);
                Val::unknown("it is computed")
            }
            Assign::Logical(_) => {
                let old = self.value_at(target, scope);
                match old.truth() {
                    Some(true) => old,
                    Some(false) => self.eval(value, scope),
                    None => {
                        let default = self.eval(value, scope);
                        self.or_default(old, default)
                    }
                }
            }
        };
        if self.thrown.is_none() {
            self.bind(target, new.clone(), span, scope, false);
        }
        new
    }

    fn value_at(&mut self, target: &Pattern, scope: ScopeId) -> Val {
        match target {
            Pattern::Name(name, _) => self.name(name, scope),
            Pattern::Place(place) => self.eval(place, scope),
            _ => Val::Undefined,
        }
    }

    fn step_by(&mut self, target: &Pattern, by: f64, span: Span, scope: ScopeId) -> Val {
        let old = self.value_at(target, scope);
        let new = match &old {
            Val::Number(number) => Val::Number(number + by),
            _ => Val::unknown("it is counted"),
        };
        self.bind(target, new, span, scope, false);
        old
    }
}
