//! What a function in Python answers with.

use super::facts::{Args, Facts, Parts, Value, is_method};
use crate::syntax::python::{Arg, Entry, Expr, ExprKind, Function, Module, Part, Stmt};

pub fn read(module: &Module) -> Facts {
    let mut reader = Reader::default();
    reader.statements(&module.body);
    reader.facts
}

#[derive(Default)]
struct Reader {
    facts: Facts,
}

impl Reader {
    fn statements(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(expr) | Stmt::Return(Some(expr)) => self.expr(expr),
            Stmt::Assign { target, value } => {
                match &target.kind {
                    ExprKind::Name(name) => {
                        self.facts.bind(name, value_of(value));
                        self.facts.made_of(name, &parts(value));
                    }
                    ExprKind::List(_) => self.unknown(target),
                    _ => {
                        if let Some(key) = key_of(target) {
                            self.facts.entry(key, value.span, || value_of(value));
                        }
                    }
                }
                self.expr(value);
            }
            Stmt::Add { target, value } => {
                self.unknown(target);
                self.expr(value);
            }
            Stmt::Function(function) => self.function(function),
            Stmt::Class(class) => self.statements(&class.body),
            Stmt::Choice { tests, branches } => {
                for test in tests {
                    self.facts.decides_by(&parts(test));
                    self.expr(test);
                }
                branches.iter().for_each(|branch| self.statements(branch));
            }
            Stmt::Loop { target, over, body } => {
                target.iter().for_each(|target| self.unknown(target));
                self.expr(over);
                self.statements(body);
            }
            Stmt::With { items, body } => {
                for (value, target) in items {
                    target.iter().for_each(|target| self.unknown(target));
                    self.expr(value);
                }
                self.statements(body);
            }
            Stmt::Try { body, rest } => {
                self.statements(body);
                rest.iter().for_each(|body| self.statements(body));
            }
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Dict(entries) => {
                // `{'Resource': event['methodArn'], **statement}`
                let is_spread = |entry: &Entry| matches!(entry, Entry::Spread(_));
                if entries.iter().any(is_spread) && entries.iter().any(is_of_statement) {
                    self.facts.open();
                }
                for entry in entries {
                    if let Entry::Pair { key, value } = entry
                        && let Some(key) = text(key)
                    {
                        self.facts.entry(key, value.span, || value_of(value));
                        if key == "isAuthorized" {
                            self.facts.decides_by(&parts(value));
                        }
                    }
                }
            }
            ExprKind::Call { callee, args } => {
                if let ExprKind::Name(name) | ExprKind::Member { name, .. } = &callee.kind {
                    self.facts.call(name, arguments(args));
                }
            }
            ExprKind::Conditional { test, .. } => self.facts.decides_by(&parts(test)),
            _ => {}
        }
        within(expr, &mut |inner| self.expr(inner));
    }

    fn unknown(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.facts.bind(name, Value::Other),
            ExprKind::List(items) => items.iter().for_each(|item| self.unknown(item)),
            _ => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let params = function.params.iter();
        let params = params.filter(|param| !matches!(&*param.name, "self" | "cls"));
        for (place, param) in params.enumerate() {
            let value = match param.is_rest {
                true => Value::Other,
                false => Value::Param {
                    function: function.name.to_string(),
                    place,
                    name: param.name.to_string(),
                },
            };
            self.facts.bind(&param.name, value);
        }
        self.statements(&function.body);
    }
}

/// A part of a statement of a policy.
fn is_of_statement(entry: &Entry) -> bool {
    match entry {
        Entry::Pair { key, .. } => matches!(text(key), Some("Effect" | "Resource")),
        Entry::Spread(_) => false,
    }
}

fn arguments(args: &[Arg]) -> Args {
    let mut all = Args::default();
    let mut is_sure = true;
    for arg in args {
        match arg {
            Arg::One(value) if is_sure => all.placed.push(value_of(value)),
            Arg::Named { name, value, .. } => {
                all.named.insert(name.to_string(), value_of(value));
            }
            // What comes behind it stands nobody knows where.
            _ => is_sure = false,
        }
    }
    all
}

fn value_of(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::Name(name) => Value::Name(name.to_string()),
        ExprKind::Member { name, .. } if is_method(name) => Value::Method(expr.span),
        ExprKind::Index { .. } if key_of(expr).is_some_and(is_method) => Value::Method(expr.span),
        // `event.get('methodArn')`
        ExprKind::Call { callee, args } => match (&callee.kind, args.as_slice()) {
            (ExprKind::Member { name, .. }, [Arg::One(key), ..])
                if &**name == "get" && text(key).is_some_and(is_method) =>
            {
                Value::Method(expr.span)
            }
            _ => Value::Other,
        },
        ExprKind::List(items) => Value::Of(items.iter().map(value_of).collect()),
        ExprKind::Conditional { yes, no, .. } => Value::Of(vec![value_of(yes), value_of(no)]),
        _ => Value::Other,
    }
}

/// `policy['Resource']`
fn key_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Index { index, .. } => text(index),
        ExprKind::Member { name, .. } => Some(name),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Text(parts) => match parts.as_slice() {
            [Part::Known(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The expressions that lie directly in one.
fn within(expr: &Expr, each: &mut impl FnMut(&Expr)) {
    match &expr.kind {
        ExprKind::Text(parts) => {
            for part in parts {
                if let Part::Value(value) = part {
                    each(value);
                }
            }
        }
        ExprKind::Member { object, .. } => each(object),
        ExprKind::Index { object, index } => {
            each(object);
            each(index);
        }
        ExprKind::Call { callee, args } => {
            each(callee);
            for arg in args {
                let (Arg::One(value)
                | Arg::Named { value, .. }
                | Arg::Spread(value)
                | Arg::SpreadNamed(value)) = arg;
                each(value);
            }
        }
        ExprKind::List(items) | ExprKind::Opaque(items) => items.iter().for_each(each),
        ExprKind::Dict(entries) => {
            for entry in entries {
                match entry {
                    Entry::Pair { key, value } => {
                        each(key);
                        each(value);
                    }
                    Entry::Spread(value) => each(value),
                }
            }
        }
        ExprKind::Binary { left, right, .. } => {
            each(left);
            each(right);
        }
        ExprKind::Conditional { yes, test, no } => {
            each(yes);
            each(test);
            each(no);
        }
        _ => {}
    }
}

fn parts(expr: &Expr) -> Parts {
    let mut parts = Parts::default();
    collect(expr, &mut parts);
    parts
}

fn collect(expr: &Expr, parts: &mut Parts) {
    match &expr.kind {
        ExprKind::Name(name) => parts.names.push(name.to_string()),
        _ => parts.members.extend(key_of(expr).map(str::to_owned)),
    }
    // `event.get('routeKey')`
    if let ExprKind::Call { args, .. } = &expr.kind
        && let [Arg::One(key), ..] = args.as_slice()
    {
        parts.members.extend(text(key).map(str::to_owned));
    }
    within(expr, &mut |inner| collect(inner, parts));
}
