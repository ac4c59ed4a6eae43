//! What operators make of values.

use std::rc::Rc;

use super::branch::negated;
use super::part::Part;
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::syntax::javascript::{Binary, Expr, Logical, Text, Unary};

impl Run<'_> {
    pub fn unary(&mut self, op: Unary, value: Val) -> Val {
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

    pub fn logical(&mut self, op: Logical, left: &Expr, right: &Expr, scope: ScopeId) -> Val {
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
