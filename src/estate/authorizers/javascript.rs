//! What a function in JavaScript or TypeScript answers with.

use super::facts::{Args, Facts, Parts, Value, is_method};
use crate::syntax::javascript::{
    Argument, Assign, Body, Expr, ExprKind, Function, Key, MemberKind, Module, Pattern, Property,
    Stmt, StmtKind,
};

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
        match &stmt.kind {
            StmtKind::Expr(expr)
            | StmtKind::Throw(expr)
            | StmtKind::ExportDefault(expr)
            | StmtKind::ExportAssign(expr)
            | StmtKind::Return(Some(expr)) => self.expr(expr, None),
            StmtKind::Declare { names, .. } => {
                for (pattern, value) in names {
                    self.assigned(pattern, value.as_ref());
                }
            }
            StmtKind::Function(function) => self.function(function, None),
            StmtKind::Class(class) => {
                for member in &class.members {
                    match (&member.key, &member.kind) {
                        (Key::Name(name), MemberKind::Method(function)) => {
                            self.function(function, Some(name));
                        }
                        (_, MemberKind::Method(function) | MemberKind::Getter(function)) => {
                            self.function(function, None);
                        }
                        (_, MemberKind::Field(Some(value))) => self.expr(value, None),
                        (_, MemberKind::Field(None)) => {}
                    }
                }
            }
            StmtKind::Block(body) => self.statements(body),
            StmtKind::If { test, yes, no } => {
                self.choice(test);
                self.statement(yes);
                no.iter().for_each(|no| self.statement(no));
            }
            StmtKind::For {
                start,
                test,
                step,
                body,
            } => {
                start.iter().for_each(|start| self.statement(start));
                for expr in test.iter().chain(step) {
                    self.expr(expr, None);
                }
                self.statement(body);
            }
            StmtKind::Each {
                target, over, body, ..
            } => {
                self.unknown(target);
                self.expr(over, None);
                self.statement(body);
            }
            StmtKind::While { test, body } => {
                self.choice(test);
                self.statement(body);
            }
            StmtKind::Switch { on, cases } => {
                self.choice(on);
                for (case, body) in cases {
                    case.iter().for_each(|case| self.expr(case, None));
                    self.statements(body);
                }
            }
            StmtKind::Try {
                block,
                caught,
                finally,
            } => {
                self.statements(block);
                if let Some((pattern, body)) = caught {
                    pattern.iter().for_each(|pattern| self.unknown(pattern));
                    self.statements(body);
                }
                self.statements(finally);
            }
            StmtKind::Export(stmt) | StmtKind::ExportDefaultDeclaration(stmt) => {
                self.statement(stmt);
            }
            _ => {}
        }
    }

    fn choice(&mut self, test: &Expr) {
        self.facts.decides_by(&parts(test));
        self.expr(test, None);
    }

    /// With the name that a function has there.
    fn expr(&mut self, expr: &Expr, name: Option<&str>) {
        match &expr.kind {
            ExprKind::Function(function) => self.function(function, name),
            ExprKind::Object(properties) => {
                if is_mixed(properties) {
                    self.facts.open();
                }
                properties.iter().for_each(|one| self.property(one));
            }
            ExprKind::Assign { op, target, value } => {
                match *op {
                    Assign::Plain => self.assigned(target, Some(value)),
                    _ => self.unknown(target),
                };
            }
            ExprKind::Step { target, .. } => self.unknown(target),
            ExprKind::Call { callee, args } | ExprKind::New { callee, args } => {
                if let Some(name) = last_name(callee) {
                    self.facts.call(name, arguments(args));
                }
                self.expr(callee, None);
                for arg in args {
                    if let Argument::One(arg) | Argument::Spread(arg) = arg {
                        self.expr(arg, None);
                    }
                }
            }
            ExprKind::Conditional { test, yes, no } => {
                self.choice(test);
                self.expr(yes, None);
                self.expr(no, None);
            }
            _ => within(expr, &mut |inner| self.expr(inner, None)),
        }
    }

    fn property(&mut self, property: &Property) {
        match property {
            Property::Value { key, value, .. } => {
                let name = match key {
                    Key::Name(name) => Some(&**name),
                    Key::Computed(_) => None,
                };
                if let Some(name) = name {
                    self.facts.entry(name, value.span, || value_of(value));
                    match name {
                        "isAuthorized" => self.facts.decides_by(&parts(value)),
                        "Statement" if has_spread(value) => self.facts.open(),
                        _ => {}
                    }
                }
                self.expr(value, name);
            }
            Property::Getter { function, .. } => self.function(function, None),
            Property::Spread(value) => self.expr(value, None),
        }
    }

    fn assigned(&mut self, target: &Pattern, value: Option<&Expr>) {
        let Some(value) = value else {
            return;
        };
        match target {
            Pattern::Name(name, _) => {
                self.facts.bind(name, value_of(value));
                self.facts.made_of(name, &parts(value));
                self.expr(value, Some(name));
            }
            Pattern::Place(place) => {
                let name = last_name(place);
                if let Some(name) = name {
                    self.facts.entry(name, value.span, || value_of(value));
                }
                self.expr(value, name);
            }
            Pattern::Object { entries, .. } => {
                self.unknown_but_method(entries);
                self.expr(value, None);
            }
            _ => {
                self.unknown(target);
                self.expr(value, None);
            }
        }
    }

    /// `const { methodArn, authorizationToken } = event`
    fn unknown_but_method(&mut self, entries: &[(Key, Pattern)]) {
        for (key, pattern) in entries {
            match (key, pattern) {
                (Key::Name(key), Pattern::Name(name, span)) => {
                    let value = match is_method(key) {
                        true => Value::Method(*span),
                        false => Value::Other,
                    };
                    self.facts.bind(name, value);
                    let parts = Parts {
                        names: Vec::new(),
                        members: vec![key.to_string()],
                    };
                    self.facts.made_of(name, &parts);
                }
                (_, pattern) => self.unknown(pattern),
            }
        }
    }

    fn unknown(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Name(name, _) => self.facts.bind(name, Value::Other),
            Pattern::Place(_) => {}
            Pattern::Object { entries, rest } => {
                entries.iter().for_each(|(_, one)| self.unknown(one));
                rest.iter().for_each(|one| self.unknown(one));
            }
            Pattern::Array { items, rest } => {
                items.iter().flatten().for_each(|one| self.unknown(one));
                rest.iter().for_each(|one| self.unknown(one));
            }
            Pattern::Default(pattern, _) => self.unknown(pattern),
        }
    }

    fn function(&mut self, function: &Function, name: Option<&str>) {
        let name = function.name.as_deref().or(name);
        for (place, param) in function.params.iter().enumerate() {
            match (&param.pattern, name) {
                (Pattern::Name(own, _), Some(function)) => {
                    let value = Value::Param {
                        function: function.to_owned(),
                        place,
                        name: own.to_string(),
                    };
                    self.facts.bind(own, value);
                }
                // The event, taken apart where it comes in.
                (Pattern::Object { entries, .. }, _) if place == 0 && is_handler(name) => {
                    self.unknown_but_method(entries);
                }
                (pattern, _) => self.unknown(pattern),
            }
        }
        function.rest.iter().for_each(|rest| self.unknown(rest));
        match &function.body {
            Body::Block(body) => self.statements(body),
            Body::Value(value) => self.expr(value, None),
        }
    }
}

/// `{ Resource: event.methodArn, ...statement }`
fn is_mixed(properties: &[Property]) -> bool {
    let is_spread = |one: &Property| matches!(one, Property::Spread(_));
    let is_part = |one: &Property| match one {
        Property::Value {
            key: Key::Name(key),
            ..
        } => matches!(&**key, "Effect" | "Resource"),
        _ => false,
    };
    properties.iter().any(is_spread) && properties.iter().any(is_part)
}

fn is_handler(name: Option<&str>) -> bool {
    name.is_none_or(|name| matches!(name, "handler" | "main" | "authorizer" | "authorize"))
}

fn has_spread(list: &Expr) -> bool {
    let is_spread = |item: &Argument| matches!(item, Argument::Spread(_));
    matches!(&list.kind, ExprKind::Array(items) if items.iter().any(is_spread))
}

fn arguments(args: &[Argument]) -> Args {
    let mut placed = Vec::new();
    for arg in args {
        match arg {
            Argument::One(value) => placed.push(value_of(value)),
            Argument::Hole => placed.push(Value::Other),
            // What comes behind it stands nobody knows where.
            Argument::Spread(_) => break,
        }
    }
    Args {
        placed,
        ..Args::default()
    }
}

fn value_of(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::Member { name, .. } if is_method(name) => Value::Method(expr.span),
        ExprKind::Index { index, .. } => match &index.kind {
            ExprKind::Text(name) if is_method(name) => Value::Method(expr.span),
            _ => Value::Other,
        },
        ExprKind::Name(name) => Value::Name(name.to_string()),
        ExprKind::Array(items) => {
            let items = items.iter().map(|item| match item {
                Argument::One(item) => value_of(item),
                Argument::Spread(_) | Argument::Hole => Value::Other,
            });
            Value::Of(items.collect())
        }
        ExprKind::Conditional { yes, no, .. } => Value::Of(vec![value_of(yes), value_of(no)]),
        ExprKind::Template { texts, values } => match values.as_slice() {
            [value] if texts.iter().all(|text| text.is_empty()) => value_of(value),
            _ => Value::Other,
        },
        ExprKind::Await(value) => value_of(value),
        _ => Value::Other,
    }
}

/// `f`, `this.f`, `a['f']`
fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Member { name, .. } => Some(name),
        ExprKind::Index { index, .. } => match &index.kind {
            ExprKind::Text(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The expressions that lie directly in one.
fn within(expr: &Expr, each: &mut impl FnMut(&Expr)) {
    match &expr.kind {
        ExprKind::Array(items) => {
            for item in items {
                if let Argument::One(item) | Argument::Spread(item) = item {
                    each(item);
                }
            }
        }
        ExprKind::Object(properties) => {
            for property in properties {
                if let Property::Value { value, .. } | Property::Spread(value) = property {
                    each(value);
                }
            }
        }
        ExprKind::Call { callee, args } | ExprKind::New { callee, args } => {
            each(callee);
            for arg in args {
                if let Argument::One(arg) | Argument::Spread(arg) = arg {
                    each(arg);
                }
            }
        }
        ExprKind::Member { object, .. } => each(object),
        ExprKind::Index { object, index } => {
            each(object);
            each(index);
        }
        ExprKind::Unary { value, .. } | ExprKind::Await(value) | ExprKind::Import(value) => {
            each(value);
        }
        ExprKind::Binary { left, right, .. } | ExprKind::Logical { left, right, .. } => {
            each(left);
            each(right);
        }
        ExprKind::Conditional { test, yes, no } => {
            each(test);
            each(yes);
            each(no);
        }
        ExprKind::Assign { value, .. } => each(value),
        ExprKind::Template { values, .. }
        | ExprKind::Sequence(values)
        | ExprKind::Markup(values) => values.iter().for_each(each),
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
        ExprKind::Member { name, .. } => parts.members.push(name.to_string()),
        ExprKind::Index { index, .. } => {
            if let ExprKind::Text(name) = &index.kind {
                parts.members.push(name.to_string());
            }
        }
        _ => {}
    }
    within(expr, &mut |inner| collect(inner, parts));
}
