//! Expressions to values.

use std::rc::Rc;

use super::branch::negated;
use super::exec::pattern_name;
use super::probe::{Event, Part};
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{
    Argument, Assign, Binary, Expr, ExprKind, Key, Logical, Pattern, Property, Text, Unary,
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
            ExprKind::Opaque => Val::unknown("it is not understood here"),
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

    fn unary(&mut self, op: Unary, value: Val) -> Val {
        match (op, &value) {
            (Unary::Not, _) => match self.decide(&value) {
                Some(truth) => Val::Bool(!truth),
                None => Val::unknown(reason_of(&value)),
            },
            (Unary::Minus, Val::Number(number)) => Val::Number(-number),
            (Unary::Plus, _) => self.number_of(value),
            (Unary::Typeof, _) => self.type_of(&value),
            (Unary::Void, _) => Val::Undefined,
            (Unary::Delete, _) => Val::Bool(true),
            _ => Val::unknown("its number is not known"),
        }
    }

    fn type_of(&mut self, value: &Val) -> Val {
        let name = match value {
            Val::Undefined => "undefined",
            Val::Bool(_) => "boolean",
            Val::Number(_) => "number",
            Val::Text(_) => "string",
            Val::Function(_) | Val::Class(_) | Val::Bound(_) | Val::Stack(_) => "function",
            Val::Null | Val::List(_) | Val::Object(_) | Val::Regex(..) => "object",
            Val::Part(Part::Absent(subject)) => {
                self.note(Event::Asked(subject.clone()));
                "undefined"
            }
            _ => return Val::unknown("its type is not known"),
        };
        Val::Text(Text::from(name))
    }

    pub fn binary(&mut self, op: Binary, left: Val, right: Val) -> Val {
        match op {
            Binary::Equal => truth_or_unknown(left.same(&right), &left, &right),
            Binary::Unequal => truth_or_unknown(left.same(&right).map(|same| !same), &left, &right),
            Binary::Add => add(left, right),
            Binary::Instanceof => Val::unknown("its class is not known"),
            Binary::In => match (&left, &right) {
                (Val::Text(key), Val::Object(id)) if !self.object(*id).is_open => {
                    Val::Bool(self.object(*id).get(key).is_some())
                }
                _ => Val::unknown(reason_of(&right)),
            },
            _ => match (&left, &right) {
                (Val::Number(a), Val::Number(b)) => arithmetic(op, *a, *b),
                _ => Val::unknown(reason_of(&left)),
            },
        }
    }

    fn logical(&mut self, op: Logical, left: &Expr, right: &Expr, scope: ScopeId) -> Val {
        let span = left.span;
        let value = self.eval(left, scope);
        let takes_left = match op {
            Logical::Or => self.decide(&value),
            Logical::And => self.decide(&value).map(|truth| !truth),
            Logical::Else => match &value {
                Val::Undefined | Val::Null | Val::Part(Part::Absent(_)) => Some(false),
                Val::Unknown(_) | Val::Env(_) | Val::Either(_) => None,
                Val::Outside(outside) if outside.args.is_none() => None,
                _ => Some(true),
            },
        };
        match (takes_left, op) {
            (Some(true), _) => value,
            (Some(false), _) => self.eval(right, scope),
            (None, Logical::And) => {
                let when = self.condition_at(span);
                let (right, _) = self.fork(&when, |run| run.eval(right, scope), |_| Val::Undefined);
                either(&when, right, Val::Bool(false))
            }
            (None, _) => {
                let when = negated(&self.condition_at(span));
                let (right, _) = self.fork(&when, |run| run.eval(right, scope), |_| Val::Undefined);
                self.or_default(value, right)
            }
        }
    }

    /// `value || default`, where it is not known whether there is a value.
    pub fn or_default(&mut self, value: Val, default: Val) -> Val {
        match (&value, &default) {
            (Val::Env(env), _) if env.default.is_none() => Val::Env(Rc::new(EnvVal {
                name: env.name.clone(),
                default: Some(default),
            })),
            (Val::Env(_), _) => value,
            (Val::Outside(outside), _) if outside.args.is_some() => value,
            // Whoever gives none gets these; and nobody is seen to give one.
            (
                Val::Unknown(_) | Val::Outside(_),
                Val::Stack(_) | Val::Object(_) | Val::List(_) | Val::Function(_) | Val::Class(_),
            ) => default,
            (Val::Either(either), _) => match (either.yes.truth(), either.no.truth()) {
                (_, Some(false)) => super::val::either(&either.when, either.yes.clone(), default),
                (Some(false), _) => super::val::either(&either.when, default, either.no.clone()),
                _ => value,
            },
            _ => value,
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

pub fn reason_of(value: &Val) -> String {
    match value {
        Val::Unknown(reason) => reason.to_string(),
        Val::Env(env) => format!("the environment variable {} decides", env.name),
        Val::Either(either) => format!("`{}` decides", either.when.value),
        Val::Outside(outside) => format!("the package {} decides", outside.package),
        _ => "it is not known".to_owned(),
    }
}

fn truth_or_unknown(truth: Option<bool>, left: &Val, right: &Val) -> Val {
    match truth {
        Some(truth) => Val::Bool(truth),
        None if left.shown().is_some() => Val::unknown(reason_of(right)),
        None => Val::unknown(reason_of(left)),
    }
}

fn add(left: Val, right: Val) -> Val {
    if let (Val::Number(a), Val::Number(b)) = (&left, &right) {
        return Val::Number(a + b);
    }
    // A text that doubles in each round of a loop ends here.
    const LONGEST: usize = 64 << 10;
    match (left.shown(), right.shown()) {
        (Some(a), Some(b)) if a.len() + b.len() <= LONGEST => Val::Text(Text::from(a + &b)),
        (None, _) => match (&left, right.shown()) {
            (_, Some(text)) if text.is_empty() => left,
            (Val::Either(one), _) => {
                let yes = add(one.yes.clone(), right.clone());
                either(&one.when, yes, add(one.no.clone(), right))
            }
            (Val::Part(Part::Absent(_)), _) => left,
            _ => Val::unknown(reason_of(&left)),
        },
        (Some(text), None) => match &right {
            _ if text.is_empty() => right,
            Val::Either(one) => {
                let yes = add(left.clone(), one.yes.clone());
                either(&one.when, yes, add(left, one.no.clone()))
            }
            _ => Val::unknown(reason_of(&right)),
        },
        _ => Val::unknown("it is too long"),
    }
}

fn arithmetic(op: Binary, a: f64, b: f64) -> Val {
    match op {
        Binary::Subtract => Val::Number(a - b),
        Binary::Multiply => Val::Number(a * b),
        Binary::Divide => Val::Number(a / b),
        Binary::Rest => Val::Number(a % b),
        Binary::Less => Val::Bool(a < b),
        Binary::LessOrEqual => Val::Bool(a <= b),
        Binary::Greater => Val::Bool(a > b),
        Binary::GreaterOrEqual => Val::Bool(a >= b),
        _ => Val::unknown("it is computed"),
    }
}
