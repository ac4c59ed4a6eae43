//! What stands in a middleware's options: JSON, and what only a program can say.

use crate::request::{Known, Reason};
use crate::source::Spanned;

/// A value of a manifest or of JavaScript, as far as it can be known without running anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Value>>),
    Object(Vec<(Spanned<String>, Spanned<Value>)>),
    Regex {
        pattern: String,
        flags: String,
    },
    /// An environment variable, and what stands in for it where it is not set.
    Env {
        name: String,
        default: Option<Box<Value>>,
    },
    /// A function, with its text: what it answers is not known.
    Function(String),
    Unknown(Reason),
}

impl Value {
    /// The value of a key. Of a key given twice the last one counts, as in JavaScript.
    pub fn get(&self, key: &str) -> Option<&Spanned<Value>> {
        match self {
            Value::Object(entries) => entries
                .iter()
                .rev()
                .find(|(name, _)| name.value == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether JavaScript takes it for true.
    pub fn truth(&self) -> Known<bool> {
        Known::Is(match self {
            Value::Undefined | Value::Null => false,
            Value::Bool(truth) => *truth,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::List(_) | Value::Object(_) | Value::Regex { .. } | Value::Function(_) => true,
            Value::Env { .. } | Value::Unknown(_) => return Known::Unknown(self.reason()),
        })
    }

    /// Why it is not known, for a value that is not.
    pub fn reason(&self) -> Reason {
        match self {
            Value::Env { name, .. } => {
                Reason::new(format!("the environment variable {name} decides"))
            }
            Value::Function(_) => Reason::new("a function decides"),
            Value::Unknown(reason) => reason.clone(),
            _ => Reason::new("it is not of a kind that is understood here"),
        }
    }

    /// The texts of a list of texts, or of one text with commas, as most options take either.
    pub fn words(&self) -> Option<Vec<&str>> {
        match self {
            Value::Text(text) => Some(text.split(',').map(str::trim).collect()),
            Value::List(items) => items.iter().map(|item| item.value.text()).collect(),
            _ => None,
        }
    }

    /// As `Array.prototype.join(',')` or the text itself: what ends up in a header.
    pub fn joined(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::List(items) => {
                let texts: Option<Vec<_>> = items.iter().map(|item| item.value.text()).collect();
                Some(texts?.join(","))
            }
            _ => None,
        }
    }
}
