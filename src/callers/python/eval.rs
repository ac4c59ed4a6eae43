//! Expressions: what they stand for.

use std::rc::Rc;

use super::Reader;
use super::scope::Scope;
use super::value::{Dict, Entry, Val};
use crate::callers::text::{Piece, Text};
use crate::syntax::python::{self, Expr, ExprKind, Op, Part};

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
            ExprKind::None => Val::Nothing,
            ExprKind::Bool(truth) => Val::Bool(*truth),
            ExprKind::Number(number) => Val::text(number),
            ExprKind::Text(parts) => self.template(scope, parts),
            ExprKind::Name(name) => scope.find(name).unwrap_or(Val::unknown(name)),
            ExprKind::Member { object, name } => {
                let object = self.eval(scope, object);
                self.member(&object, name)
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(scope, object);
                let index = self.eval(scope, index).to_text();
                self.index(&object, index)
            }
            ExprKind::Call { callee, args } => self.call(scope, expr.span, callee, args),
            ExprKind::List(items) => {
                let items = items.iter().map(|item| self.eval(scope, item));
                Val::List(Rc::new(items.collect()))
            }
            ExprKind::Dict(entries) => self.dict(scope, entries),
            ExprKind::Binary { op, left, right } => self.binary(scope, *op, left, right),
            ExprKind::Conditional { yes, test, no } => {
                self.eval(scope, test);
                let yes = self.eval(scope, yes);
                let no = self.eval(scope, no);
                Val::one_of(vec![yes, no])
            }
            ExprKind::Opaque(inner) => {
                for one in inner {
                    self.eval(scope, one);
                }
                Val::unknown("a value")
            }
        }
    }

    fn template(&mut self, scope: &Rc<Scope>, parts: &[Part]) -> Val {
        let mut whole = Val::text("");
        for part in parts {
            let part = match part {
                Part::Known(text) => Val::text(text),
                Part::Value(value) => match self.eval(scope, value) {
                    val @ (Val::Text(_) | Val::OneOf(_)) => val,
                    val => Val::Text(val.to_text()),
                },
            };
            whole = self.sum(&whole, &part);
        }
        whole
    }

    pub fn member(&mut self, object: &Val, name: &str) -> Val {
        match object {
            Val::Path(path) => Val::Path(format!("{path}.{name}").into()),
            Val::File(file) => self.of_file(*file, name).unwrap_or(Val::unknown(name)),
            Val::Object(fields) => {
                let found = fields.borrow().value(name);
                found.unwrap_or(Val::unknown(name))
            }
            Val::Session(session) if name == "headers" => Val::Dict(session.headers.clone()),
            Val::Request(fields) => {
                let found = fields.borrow().value(name);
                found.unwrap_or(Val::unknown(name))
            }
            Val::OneOf(vals) => {
                let there = vals.iter().filter(|val| !val.is_nothing());
                let parts = there.map(|val| self.member(val, name));
                Val::one_of(parts.collect())
            }
            Val::Unknown { is_param, .. } => Val::Unknown {
                name: name.into(),
                is_param: *is_param,
            },
            _ => Val::unknown(name),
        }
    }

    fn index(&mut self, object: &Val, index: Text) -> Val {
        let Some(name) = index.plain() else {
            return Val::unknown("a part");
        };
        match object {
            Val::Path(path) if is_environ(path) => Val::env(&name, None),
            Val::Dict(dict) => {
                let found = dict.borrow().value(&name);
                found.unwrap_or(Val::unknown(&name))
            }
            _ => Val::unknown(&name),
        }
    }

    fn dict(&mut self, scope: &Rc<Scope>, entries: &[python::Entry]) -> Val {
        let mut dict = Dict::of(self.branch);
        for entry in entries {
            match entry {
                python::Entry::Pair { key, value } => {
                    let name = self.eval(scope, key).to_text().plain();
                    let value_of = self.eval(scope, value);
                    match name {
                        Some(name) => dict.put(Entry {
                            name: name.into(),
                            value: value_of,
                            span: key.span.to(value.span),
                            is_sure: true,
                        }),
                        None => dict.open(),
                    }
                }
                python::Entry::Spread(other) => {
                    let other = self.eval(scope, other);
                    dict.spread(&other, true);
                    // So much is kept for it.
                    self.steps += dict.entries.len();
                }
            }
        }
        Val::dict(dict)
    }

    fn binary(&mut self, scope: &Rc<Scope>, op: Op, left: &Expr, right: &Expr) -> Val {
        let is_number = |expr: &Expr| matches!(expr.kind, ExprKind::Number(_));
        let is_sum = op == Op::Add && (is_number(left) || is_number(right));
        let left = self.eval(scope, left);
        let right = self.eval(scope, right);
        match op {
            Op::Add if is_sum => Val::unknown("a number"),
            Op::Add | Op::Union => self.sum(&left, &right),
            Op::Rest => match &left {
                Val::Text(text) => Val::Text(percent(text, &right)),
                _ => Val::unknown("a value"),
            },
            Op::Or => either(left, right),
            Op::And => Val::one_of(vec![Val::Nothing, right]),
            Op::Other => Val::unknown("a value"),
        }
    }

    /// Texts that are put together, of each alternative; dictionaries that are joined.
    pub fn sum(&mut self, left: &Val, right: &Val) -> Val {
        if let Val::Dict(_) = left {
            let mut dict = Dict::of(self.branch);
            dict.spread(left, true);
            dict.spread(right, true);
            self.steps += dict.entries.len();
            return Val::dict(dict);
        }
        let all_of = |val: &Val| match val {
            Val::OneOf(vals) if vals.iter().all(|val| matches!(val, Val::Text(_))) => vals.to_vec(),
            val => vec![val.clone()],
        };
        let mut all = Vec::new();
        for left in all_of(left) {
            for right in all_of(right) {
                all.push(Val::Text(left.to_text().joined(right.to_text())));
            }
        }
        Val::one_of(all)
    }
}

pub fn is_environ(path: &str) -> bool {
    path == "os.environ" || path == "environ"
}

/// `a or b`.
fn either(left: Val, right: Val) -> Val {
    match &left {
        left if left.is_nothing() => right,
        Val::Text(text) => match (text.0.as_slice(), &right) {
            (
                [
                    Piece::Env {
                        name,
                        default: None,
                    },
                ],
                Val::Text(other),
            ) if other.plain().is_some() => Val::env(name, other.plain()),
            ([Piece::Known(known)], _) if !known.is_empty() => left,
            ([] | [Piece::Known(_)], _) => right,
            ([Piece::Env { .. }], _) => Val::one_of(vec![left, right]),
            _ => left,
        },
        Val::Dict(_) | Val::Object(_) | Val::Session(_) | Val::Function(_) => left,
        _ => Val::one_of(vec![left, right]),
    }
}

/// `"%s/%s" % (a, b)`.
fn percent(text: &Text, args: &Val) -> Text {
    let args = match args {
        Val::List(args) => args.to_vec(),
        arg => vec![arg.clone()],
    };
    let mut args = args.iter();
    fill(text, |rest| {
        let at = rest.find('%')?;
        if rest[at + 1..].starts_with('%') {
            return Some((at, at + 2, Text::known("%")));
        }
        let end = rest[at + 1..].find(char::is_alphabetic)? + at + 1;
        // `%(name)s` takes from a dictionary.
        let is_named = rest[at + 1..].starts_with('(');
        let end = match is_named {
            true => rest[at..].find(')')? + at + 1,
            false => end,
        };
        let arg = if is_named { None } else { args.next() };
        let arg = arg.map_or(Text::hole("a value"), Val::to_text);
        Some((at, end + 1, arg))
    })
}

/// `"{}/{name}".format(…)`.
pub fn format(text: &Text, args: &[Val], named: &dyn Fn(&str) -> Option<Val>) -> Text {
    let mut next = args.iter();
    fill(text, |rest| {
        let at = rest.find('{')?;
        let end = rest[at..].find('}')? + at + 1;
        let name = rest[at + 1..end - 1].split([':', '!']).next()?;
        let arg = match name.parse::<usize>() {
            Ok(number) => args.get(number).cloned(),
            Err(_) if name.is_empty() => next.next().cloned(),
            Err(_) => named(name),
        };
        let arg = arg.map_or_else(|| Text::hole(name), |arg| arg.to_text());
        Some((at, end, arg))
    })
}

/// Puts texts into the places that are found in what is known of another one.
fn fill(text: &Text, mut next: impl FnMut(&str) -> Option<(usize, usize, Text)>) -> Text {
    let mut whole = Text::default();
    for piece in &text.0 {
        let Piece::Known(known) = piece else {
            whole = whole.joined(Text(vec![piece.clone()]));
            continue;
        };
        let mut rest = known.as_str();
        while let Some((at, end, arg)) = next(rest) {
            let (Some(before), Some(after)) = (rest.get(..at), rest.get(end..)) else {
                break;
            };
            whole = whole.joined(Text::known(before)).joined(arg);
            rest = after;
        }
        whole = whole.joined(Text::known(rest));
    }
    whole
}
