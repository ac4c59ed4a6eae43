//! What a piece of a script stands for, as far as call sites need it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::draft::Draft;
use super::instance::Instance;
use super::scope::Scope;
use super::signer::SignerVal;
use crate::callers::text::{Piece, Text};
use crate::gates::express::read::source::ModuleId;
use crate::source::Span;
use crate::syntax::javascript::{Class, Function};

/// More alternatives than these are not told apart.
const MOST_ALTERNATIVES: usize = 6;

/// What has more entries is data, or was put together of itself.
const MOST_ENTRIES: usize = 2_000;

#[derive(Clone)]
pub enum Val {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    /// `JSON.stringify(…)`, or another body whose kind is known.
    Body,
    Form,
    Object(Rc<RefCell<Object>>),
    Function(Rc<Closure>),
    Class(Rc<ClassVal>),
    /// axios, ky, superagent, or what was made of one.
    Instance(Rc<Instance>),
    /// What puts a signature of AWS on requests.
    Signer(Rc<SignerVal>),
    /// `fetch`, `$`, `XMLHttpRequest` and other names that are always there.
    Global(&'static str),
    /// A package that is nobody we know, or a part of one.
    Package(Rc<str>, Option<Rc<str>>),
    /// `import * as module`.
    Module(ModuleId),
    /// `process.env`, `import.meta.env`.
    Env,
    /// A request that is being put together: an XMLHttpRequest, a chain of superagent.
    Draft(Rc<RefCell<Draft>>),
    /// A method that is not called yet.
    Member(Rc<(Val, Rc<str>)>),
    /// One of these; a condition chooses.
    OneOf(Rc<Vec<Val>>),
    Unknown {
        name: Rc<str>,
        is_param: bool,
    },
}

/// A function and where it was made.
pub struct Closure {
    pub function: Arc<Function>,
    pub scope: Rc<Scope>,
    pub this: Option<Val>,
}

pub struct ClassVal {
    pub class: Arc<Class>,
    pub scope: Rc<Scope>,
}

#[derive(Default)]
pub struct Object {
    pub entries: Vec<Entry>,
    /// Something that is not known was put in, too.
    pub is_open: bool,
    /// Somebody who is not known had it, and may have put headers in.
    pub is_lent: bool,
}

#[derive(Clone)]
pub struct Entry {
    pub name: Rc<str>,
    pub value: Val,
    pub span: Span,
    /// It is there under every condition, and nothing that is not known can replace it.
    pub is_sure: bool,
}

impl Val {
    pub fn unknown(name: &str) -> Val {
        Val::Unknown {
            name: name.into(),
            is_param: false,
        }
    }

    pub fn text(text: &str) -> Val {
        Val::Text(Text::known(text))
    }

    pub fn object(object: Object) -> Val {
        Val::Object(Rc::new(RefCell::new(object)))
    }

    pub fn one_of(vals: Vec<Val>) -> Val {
        let mut all: Vec<Val> = Vec::new();
        for val in vals {
            match val {
                Val::OneOf(more) => all.extend(more.iter().cloned()),
                val => all.push(val),
            }
        }
        // A text that is there twice is one.
        let mut seen: Vec<Text> = Vec::new();
        all.retain(|val| match val {
            Val::Text(text) if seen.contains(text) => false,
            Val::Text(text) => {
                seen.push(text.clone());
                true
            }
            _ => true,
        });
        match all.len() {
            0 => Val::Undefined,
            1 => all.remove(0),
            count if count > MOST_ALTERNATIVES => Val::unknown("one of many"),
            _ => Val::OneOf(Rc::new(all)),
        }
    }

    pub fn alternatives(&self) -> Vec<Val> {
        match self {
            Val::OneOf(vals) => vals.to_vec(),
            val => vec![val.clone()],
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self, Val::Undefined | Val::Null | Val::Bool(false))
    }

    /// As a part of a text.
    pub fn to_text(&self) -> Text {
        match self {
            Val::Text(text) => text.clone(),
            Val::Number(number) => Text::known(number.to_string()),
            Val::Bool(truth) => Text::known(truth.to_string()),
            Val::Unknown { name, is_param } => Text(vec![Piece::Hole {
                name: name.to_string(),
                is_param: *is_param,
            }]),
            Val::OneOf(vals) => {
                let is_param =
                    |val: &Val| matches!(val, Val::Unknown { is_param, .. } if *is_param);
                Text(vec![Piece::Hole {
                    name: "one of several".into(),
                    is_param: vals.iter().any(is_param),
                }])
            }
            _ => Text::hole("a value"),
        }
    }

    /// Each text that it may be.
    pub fn texts(&self) -> Vec<Text> {
        let alternatives = self.alternatives();
        let there = alternatives.iter().filter(|val| !val.is_nothing());
        there.map(Val::to_text).collect()
    }

    /// Whether it may be something that is not known at all.
    pub fn is_open(&self) -> bool {
        match self {
            Val::Unknown { .. } | Val::Package(..) | Val::Member(_) => true,
            Val::OneOf(vals) => vals.iter().any(Val::is_open),
            _ => false,
        }
    }

    /// The one object that it is, or may be.
    pub fn as_object(&self) -> Option<Rc<RefCell<Object>>> {
        match self {
            Val::Object(object) => Some(object.clone()),
            Val::OneOf(vals) => vals.iter().find_map(Val::as_object),
            _ => None,
        }
    }
}

/// What is known of a key of an object.
pub enum Found {
    Is(Entry),
    Missing,
    /// It may be there.
    Open,
}

impl Object {
    pub fn get(&self, name: &str) -> Found {
        let named = |entry: &&Entry| &*entry.name == name;
        match self.entries.iter().rev().find(named) {
            Some(entry) => Found::Is(entry.clone()),
            None if self.is_open => Found::Open,
            None => Found::Missing,
        }
    }

    pub fn value(&self, name: &str) -> Option<Val> {
        match self.get(name) {
            Found::Is(entry) => Some(entry.value),
            _ => None,
        }
    }

    pub fn put(&mut self, entry: Entry) {
        // What is certain replaces what was there.
        if entry.is_sure {
            self.entries.retain(|one| one.name != entry.name);
        }
        match self.entries.len() < MOST_ENTRIES {
            true => self.entries.push(entry),
            false => self.open(),
        }
    }

    /// `{ ...other }`.
    pub fn spread(&mut self, other: &Val) {
        match other {
            Val::Object(object) => {
                // What is put into itself changes nothing.
                let Ok(object) = object.try_borrow() else {
                    return;
                };
                if object.is_open {
                    self.open();
                }
                self.is_lent |= object.is_lent;
                for entry in &object.entries {
                    self.put(entry.clone());
                }
            }
            Val::OneOf(vals) => {
                for val in vals.iter() {
                    let mut one = Object::default();
                    one.spread(val);
                    if one.is_open {
                        self.open();
                    }
                    self.is_lent |= one.is_lent;
                    for entry in one.entries {
                        self.put(Entry {
                            is_sure: false,
                            ..entry
                        });
                    }
                }
            }
            val if val.is_nothing() => {}
            _ => self.open(),
        }
    }

    /// From here on anything may be in it, and in the place of what was.
    pub fn open(&mut self) {
        self.is_open = true;
        for entry in &mut self.entries {
            entry.is_sure = false;
        }
    }
}
