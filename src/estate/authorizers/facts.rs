//! What a file says of the policies that it answers with, in whatever language it is written.

use std::collections::{HashMap, HashSet};

use crate::source::Span;

/// How often and how far a value is followed.
const MOST_STEPS: usize = 2_000;
const DEEPEST: usize = 12;

/// The method that is being called
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>).
const METHOD: [&str; 2] = ["methodArn", "routeArn"];

/// What else an event says of it, in either format.
const ABOUT_METHOD: [&str; 5] = [
    "routeKey",
    "rawPath",
    "httpMethod",
    "resourcePath",
    "pathParameters",
];

/// Where a value comes from, as far as it is followed.
#[derive(Clone, Debug)]
pub enum Value {
    /// The method that is called, as it is.
    Method(Span),
    Name(String),
    /// The argument of a function: which one, and how it is called there.
    Param {
        function: String,
        place: usize,
        name: String,
    },
    /// One of these, or all of them.
    Of(Vec<Value>),
    Other,
}

/// The arguments of a call: by place, and by name.
#[derive(Debug, Default)]
pub struct Args {
    pub placed: Vec<Value>,
    pub named: HashMap<String, Value>,
}

#[derive(Debug, Default)]
pub struct Facts {
    /// What policies are for.
    resources: Vec<Value>,
    /// All that is ever given to a name, wherever in the file.
    bound: HashMap<String, Vec<Value>>,
    calls: HashMap<String, Vec<Args>>,
    /// Where it is said whether a caller is let in, without a policy.
    simple: Option<Span>,
    /// Names that come of what an event says of the method.
    about_method: HashSet<String>,
    decides_by_method: bool,
}

pub fn is_method(name: &str) -> bool {
    METHOD.contains(&name)
}

impl Facts {
    /// An entry of a mapping, or what is assigned to one.
    pub fn entry(&mut self, key: &str, span: Span, value: impl FnOnce() -> Value) {
        match key {
            "Resource" => self.resources.push(value()),
            "isAuthorized" => self.simple = self.simple.or(Some(span)),
            _ => {}
        }
    }

    /// A policy may be for something else, too, or in its place.
    pub fn open(&mut self) {
        self.resources.push(Value::Other);
    }

    pub fn bind(&mut self, name: &str, value: Value) {
        self.bound.entry(name.to_owned()).or_default().push(value);
    }

    pub fn call(&mut self, function: &str, args: Args) {
        self.calls
            .entry(function.to_owned())
            .or_default()
            .push(args);
    }

    /// A name that is made of these names and entries.
    pub fn made_of(&mut self, name: &str, parts: &Parts) {
        if self.is_about_method(parts) {
            self.about_method.insert(name.to_owned());
        }
    }

    /// What a choice goes by.
    pub fn decides_by(&mut self, parts: &Parts) {
        self.decides_by_method |= self.is_about_method(parts);
    }

    fn is_about_method(&self, parts: &Parts) -> bool {
        let has = |name: &str| parts.members.iter().any(|one| one == name);
        let is_in_context = has("http") && (has("path") || has("method"));
        is_in_context
            || METHOD.iter().chain(&ABOUT_METHOD).any(|name| has(name))
            || parts
                .names
                .iter()
                .any(|name| self.about_method.contains(name))
    }

    /// Where the method that is called goes into the policies, if they are for nothing else.
    pub fn narrow(&self) -> Option<Span> {
        let mut following = Following {
            facts: self,
            steps: 0,
        };
        following.all(self.resources.iter(), 0)
    }

    /// Where an answer without a policy goes by the method that is called.
    pub fn by_method(&self) -> Option<Span> {
        self.simple.filter(|_| self.decides_by_method)
    }
}

struct Following<'f> {
    facts: &'f Facts,
    steps: usize,
}

impl<'f> Following<'f> {
    /// The first place of the method among values that all are it.
    fn all(&mut self, values: impl Iterator<Item = &'f Value>, depth: usize) -> Option<Span> {
        let mut first = None;
        for value in values {
            let span = self.method(value, depth)?;
            first = first.or(Some(span));
        }
        first
    }

    fn method(&mut self, value: &'f Value, depth: usize) -> Option<Span> {
        self.steps += 1;
        if depth == DEEPEST || self.steps > MOST_STEPS {
            return None;
        }
        match value {
            Value::Method(span) => Some(*span),
            Value::Name(name) => self.all(self.facts.bound.get(name)?.iter(), depth + 1),
            Value::Of(values) => self.all(values.iter(), depth + 1),
            Value::Param {
                function,
                place,
                name,
            } => {
                let given = self.facts.calls.get(function)?.iter().map(|args| {
                    let named = args.named.get(name);
                    args.placed.get(*place).or(named).unwrap_or(&Value::Other)
                });
                self.all(given, depth + 1)
            }
            Value::Other => None,
        }
    }
}

/// The names and the entries that an expression is made of.
#[derive(Debug, Default)]
pub struct Parts {
    pub names: Vec<String>,
    pub members: Vec<String>,
}
