//! Expressions: what they stand for.

use std::rc::Rc;

use super::Reader;
use super::scope::Scope;
use super::value::{Entry, Object, Val};
use crate::callers::text::{Piece, Text};
use crate::syntax::javascript::{
    Argument, Assign, Binary, Expr, ExprKind, Key, Logical, Pattern, Property, Unary,
};

impl Reader<'_> {
    pub fn eval(&mut self, scope: &Rc<Scope>, expr: &Expr) -> Val {
        if !self.step() {
            return Val::unknown("too much to follow");
        }
        self.depth += 1;
        let val = self.deeper(scope, expr);
        self.depth -= 1;
        val
    }

    fn deeper(&mut self, scope: &Rc<Scope>, expr: &Expr) -> Val {
        match &expr.kind {
            ExprKind::Null => Val::Null,
            ExprKind::Bool(truth) => Val::Bool(*truth),
            ExprKind::Number(number) => Val::Number(*number),
            ExprKind::Text(text) => Val::text(text),
            ExprKind::Regex { .. } => Val::unknown("a pattern"),
            ExprKind::Template { texts, values } => self.template(scope, texts, values),
            ExprKind::Name(name) => self.name(scope, name),
            ExprKind::This => self.this(scope).unwrap_or(Val::unknown("this")),
            ExprKind::Super | ExprKind::Opaque => Val::unknown("something"),
            ExprKind::Array(items) => {
                for item in items {
                    self.argument(scope, item);
                }
                Val::Body
            }
            ExprKind::Object(properties) => self.object(scope, properties),
            ExprKind::Function(function) => self.closure(scope, function),
            ExprKind::Class(class) => self.class(scope, class),
            ExprKind::Call { callee, args } => self.call(scope, expr.span, callee, args),
            ExprKind::New { callee, args } => self.create(scope, expr.span, callee, args),
            ExprKind::Member { object, name } => match environment(object) {
                true if &**name == "env" => Val::Env,
                _ => {
                    let object = self.eval(scope, object);
                    self.member(&object, name)
                }
            },
            ExprKind::Index { object, index } => {
                let object = self.eval(scope, object);
                match self.eval(scope, index) {
                    Val::Text(name) if name.plain().is_some() => {
                        self.member(&object, &name.plain().unwrap_or_default())
                    }
                    _ => Val::unknown("a part"),
                }
            }
            ExprKind::Unary { op, value } => {
                let val = self.eval(scope, value);
                match (op, val) {
                    (Unary::Not, Val::Bool(truth)) => Val::Bool(!truth),
                    _ => Val::unknown("a value"),
                }
            }
            ExprKind::Binary { op, left, right } => {
                let (left, right) = (self.eval(scope, left), self.eval(scope, right));
                match op {
                    Binary::Add => sum(&left, &right),
                    _ => Val::unknown("a value"),
                }
            }
            ExprKind::Logical { op, left, right } => self.logical(scope, *op, left, right),
            ExprKind::Conditional { test, yes, no } => {
                let test = self.eval(scope, test);
                let yes = self.eval(scope, yes);
                let no = self.eval(scope, no);
                match test {
                    Val::Bool(true) => yes,
                    Val::Bool(false) => no,
                    _ => Val::one_of(vec![yes, no]),
                }
            }
            ExprKind::Assign { op, target, value } => self.assign(scope, *op, target, value),
            ExprKind::Step { .. } => Val::unknown("a number"),
            ExprKind::Sequence(all) => {
                let mut last = Val::Undefined;
                for one in all {
                    last = self.eval(scope, one);
                }
                last
            }
            ExprKind::Markup(all) => {
                for one in all {
                    self.eval(scope, one);
                }
                Val::unknown("markup")
            }
            ExprKind::Await(inner) => self.eval(scope, inner),
            ExprKind::Import(from) => match self.eval(scope, from) {
                Val::Text(text) => match text.plain() {
                    Some(specifier) => self.require(scope.module, &specifier),
                    None => Val::unknown("a module"),
                },
                _ => Val::unknown("a module"),
            },
        }
    }

    pub fn argument(&mut self, scope: &Rc<Scope>, argument: &Argument) -> Val {
        match argument {
            Argument::One(expr) => self.eval(scope, expr),
            Argument::Spread(expr) => {
                self.eval(scope, expr);
                Val::unknown("some values")
            }
            Argument::Hole => Val::Undefined,
        }
    }

    fn template(
        &mut self,
        scope: &Rc<Scope>,
        texts: &[crate::syntax::javascript::Text],
        values: &[Expr],
    ) -> Val {
        let mut whole = texts.first().map_or(Val::text(""), |text| Val::text(text));
        for (value, text) in values.iter().zip(texts.iter().skip(1)) {
            let value = self.eval(scope, value);
            whole = sum(&whole, &value);
            if !text.is_empty() {
                whole = sum(&whole, &Val::text(text));
            }
        }
        whole
    }

    fn object(&mut self, scope: &Rc<Scope>, properties: &[Property]) -> Val {
        let mut object = Object::default();
        for property in properties {
            match property {
                Property::Value { key, span, value } => {
                    let name = match key {
                        Key::Name(name) => Some(name.to_string()),
                        Key::Computed(key) => match self.eval(scope, key) {
                            Val::Text(text) => text.plain(),
                            _ => None,
                        },
                    };
                    let value = self.eval(scope, value);
                    match name {
                        Some(name) => object.put(Entry {
                            name: name.into(),
                            value,
                            span: *span,
                            is_sure: true,
                        }),
                        None => object.open(),
                    }
                }
                Property::Getter {
                    key,
                    span,
                    function,
                } => {
                    let function = self.closure(scope, function);
                    let value = self.invoke(&function, &[], None);
                    match key {
                        Key::Name(name) => object.put(Entry {
                            name: name.as_ref().into(),
                            value,
                            span: *span,
                            is_sure: true,
                        }),
                        Key::Computed(_) => object.open(),
                    }
                }
                Property::Spread(expr) => {
                    let val = self.eval(scope, expr);
                    object.spread(&val);
                    // So much is kept for it.
                    self.steps += object.entries.len();
                }
            }
        }
        Val::object(object)
    }

    fn logical(&mut self, scope: &Rc<Scope>, op: Logical, left: &Expr, right: &Expr) -> Val {
        let left = self.eval(scope, left);
        self.conditions += 1;
        let right = self.eval(scope, right);
        self.conditions -= 1;
        match op {
            Logical::And => match left {
                left if left.is_nothing() => left,
                Val::Bool(true) | Val::Object(_) | Val::Function(_) => right,
                _ => Val::one_of(vec![Val::Undefined, right]),
            },
            Logical::Or | Logical::Else => either(left, right),
        }
    }

    fn assign(&mut self, scope: &Rc<Scope>, op: Assign, target: &Pattern, value: &Expr) -> Val {
        let val = self.eval(scope, value);
        let val = match (op, target) {
            (Assign::Plain, _) => val,
            (Assign::Add, Pattern::Name(name, _)) => sum(&self.name(scope, name), &val),
            (Assign::Add, Pattern::Place(place)) => {
                let before = self.eval(scope, place);
                sum(&before, &val)
            }
            (Assign::Logical(_), Pattern::Name(name, _)) => either(self.name(scope, name), val),
            _ => Val::unknown("a value"),
        };
        self.bind(scope, target, val.clone(), false);
        val
    }
}

/// `process` of `process.env`, `import.meta` of `import.meta.env`.
fn environment(object: &Expr) -> bool {
    match &object.kind {
        ExprKind::Name(name) => &**name == "process",
        ExprKind::Opaque => true,
        _ => false,
    }
}

/// `a || b`, `a ?? b`.
fn either(left: Val, right: Val) -> Val {
    if left.is_nothing() {
        return right;
    }
    let Val::Text(text) = &left else {
        return match left {
            Val::Object(_) | Val::Function(_) | Val::Instance(_) | Val::Bool(true) => left,
            left => Val::one_of(vec![left, right]),
        };
    };
    match (text.0.as_slice(), &right) {
        (
            [
                Piece::Env {
                    name,
                    default: None,
                },
            ],
            Val::Text(other),
        ) => match other.plain() {
            Some(default) => Val::Text(Text(vec![Piece::Env {
                name: name.clone(),
                default: Some(default),
            }])),
            None => Val::one_of(vec![left, right]),
        },
        ([Piece::Known(known)], _) if known.is_empty() => right,
        ([Piece::Known(_)], _) => left,
        ([Piece::Env { .. }], _) => Val::one_of(vec![left, right]),
        _ => left,
    }
}

/// Numbers that are added, and texts that are put together, of each alternative.
fn sum(left: &Val, right: &Val) -> Val {
    match (left, right) {
        (Val::Number(left), Val::Number(right)) => return Val::Number(left + right),
        (Val::Number(_), Val::Unknown { .. }) => return Val::unknown("a sum"),
        _ => {}
    }
    let rights = match right {
        Val::OneOf(vals) if vals.iter().all(|val| matches!(val, Val::Text(_))) => vals.to_vec(),
        val => vec![val.clone()],
    };
    let lefts = match left {
        Val::OneOf(vals) if vals.iter().all(|val| matches!(val, Val::Text(_))) => vals.to_vec(),
        val => vec![val.clone()],
    };
    let mut all = Vec::new();
    for left in &lefts {
        for right in &rights {
            all.push(Val::Text(left.to_text().joined(right.to_text())));
        }
    }
    Val::one_of(all)
}
