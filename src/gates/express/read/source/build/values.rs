//! The arguments of layers, as values of the model.

use super::Build;
use crate::gates::express::read::source::val::*;
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::Spanned;

/// How many values all options may have: a list may hold itself many times.
const MOST_VALUES: usize = 500_000;

/// How deep a value may be nested.
pub(super) const DEEPEST: usize = 16;

impl Build<'_, '_> {
    pub fn value(&mut self, value: &Val, depth: usize) -> Value {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST_VALUES {
            return Value::Unknown(Reason::new("it is nested too deep"));
        }
        match value {
            Val::Undefined => Value::Undefined,
            Val::Null => Value::Null,
            Val::Bool(truth) => Value::Bool(*truth),
            Val::Number(number) => Value::Number(*number),
            Val::Text(text) => Value::Text(text.to_string()),
            Val::Regex(pattern, flags) => Value::Regex {
                pattern: pattern.to_string(),
                flags: flags.to_string(),
            },
            Val::List(id) => {
                let items = self.run.list(*id).clone();
                let items = items.iter().map(|item| {
                    let value = self.value(&item.value, depth + 1);
                    Spanned::new(value, item.span)
                });
                Value::List(items.collect())
            }
            Val::Object(id) if self.run.object(*id).is_open => {
                Value::Unknown(Reason::new("more is put into it that is not known"))
            }
            Val::Object(id) => {
                let entries = self.run.object(*id).entries.clone();
                let entries = entries.into_iter().map(|entry| {
                    let value = self.value(&entry.value, depth + 1);
                    let key = Spanned::new(entry.key.to_string(), entry.key_span);
                    (key, Spanned::new(value, entry.span))
                });
                Value::Object(entries.collect())
            }
            Val::Env(env) => Value::Env {
                name: env.name.to_string(),
                default: (env.default.as_ref())
                    .map(|default| Box::new(self.value(default, depth + 1))),
            },
            Val::Function(closure) => Value::Function(self.run.modules.text(closure.function.span)),
            value => Value::Unknown(Reason::new(reason_of(value))),
        }
    }
}

pub(super) fn port_of(value: &Val) -> Option<u16> {
    match value {
        Val::Number(number) if (0.0..=65535.0).contains(number) => Some(*number as u16),
        Val::Text(text) => text.trim().parse().ok(),
        Val::Env(env) => env.default.as_ref().and_then(port_of),
        _ => None,
    }
}

pub(super) fn host_of(value: &Val) -> Option<String> {
    match value {
        Val::Text(text) => Some(text.to_string()),
        Val::Env(env) => env.default.as_ref().and_then(host_of),
        _ => None,
    }
}
