//! What a piece of Python stands for, as far as call sites need it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::scope::{Branch, Scope};
use crate::callers::model::Client;
use crate::callers::text::{Piece, Text};
use crate::source::Span;
use crate::syntax::python::{Class, Function};

/// More alternatives than these are not told apart.
const MOST_ALTERNATIVES: usize = 6;

/// What has more entries is data, or was put together of itself.
const MOST_ENTRIES: usize = 2_000;

#[derive(Clone)]
pub enum Val {
    Nothing,
    Bool(bool),
    Text(Text),
    /// `json.dumps(…)`.
    Body,
    List(Rc<Vec<Val>>),
    Dict(Rc<RefCell<Dict>>),
    /// A file of the project that was imported as a whole.
    File(usize),
    /// What an import brought, by its whole name: `requests.get`.
    Path(Rc<str>),
    Function(Rc<Closure>),
    Class(Rc<ClassVal>),
    /// An instance of a class, with its fields and methods.
    Object(Rc<RefCell<Dict>>),
    /// Something with which many requests are sent.
    Session(Rc<Session>),
    /// A request that is not sent yet: its `method`, `url` and `headers`.
    Request(Rc<RefCell<Dict>>),
    Auth(Auth),
    /// One of these; a condition chooses.
    OneOf(Rc<Vec<Val>>),
    Unknown {
        name: Rc<str>,
        is_param: bool,
    },
}

/// What is given as `auth`.
#[derive(Clone)]
pub enum Auth {
    SigV4 {
        region: Option<Text>,
        service: Option<Text>,
        span: Span,
    },
    /// Another one that is known not to sign.
    Plain(Span),
}

pub struct Closure {
    pub function: Arc<Function>,
    pub scope: Rc<Scope>,
    pub this: Option<Val>,
}

pub struct ClassVal {
    pub class: Arc<Class>,
    pub scope: Rc<Scope>,
}

pub struct Session {
    pub client: Client,
    pub bases: Vec<Text>,
    pub headers: Rc<RefCell<Dict>>,
}

/// A dictionary, or the fields of an object.
#[derive(Default)]
pub struct Dict {
    pub entries: Vec<Entry>,
    /// Something that is not known was put in, too.
    pub is_open: bool,
    /// Where it was made.
    pub made: Branch,
}

#[derive(Clone)]
pub struct Entry {
    pub name: Rc<str>,
    pub value: Val,
    pub span: Span,
    /// It is there under every condition.
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

    pub fn env(name: &str, default: Option<String>) -> Val {
        Val::Text(Text(vec![Piece::Env {
            name: name.to_owned(),
            default,
        }]))
    }

    pub fn dict(dict: Dict) -> Val {
        Val::Dict(Rc::new(RefCell::new(dict)))
    }

    pub fn one_of(vals: Vec<Val>) -> Val {
        let mut all: Vec<Val> = Vec::new();
        for val in vals {
            match val {
                Val::OneOf(more) => all.extend(more.iter().cloned()),
                val => all.push(val),
            }
        }
        let mut seen: Vec<Text> = Vec::new();
        let mut has_nothing = false;
        all.retain(|val| match val {
            Val::Text(text) if seen.contains(text) => false,
            Val::Text(text) => {
                seen.push(text.clone());
                true
            }
            Val::Nothing => !std::mem::replace(&mut has_nothing, true),
            _ => true,
        });
        match all.len() {
            0 => Val::Nothing,
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
        matches!(self, Val::Nothing | Val::Bool(false))
    }

    /// As a part of a text.
    pub fn to_text(&self) -> Text {
        match self {
            Val::Text(text) => text.clone(),
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
}

impl Dict {
    pub fn of(made: Branch) -> Dict {
        Dict {
            made,
            ..Dict::default()
        }
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| &*entry.name == name)
    }

    /// What stands under a name, or may stand there.
    pub fn value(&self, name: &str) -> Option<Val> {
        self.get(name).map(|entry| match entry.is_sure {
            true => entry.value.clone(),
            false => Val::one_of(vec![entry.value.clone(), Val::Nothing]),
        })
    }

    pub fn put(&mut self, entry: Entry) {
        if entry.is_sure {
            self.entries.retain(|one| one.name != entry.name);
        }
        match self.entries.len() < MOST_ENTRIES {
            true => self.entries.push(entry),
            false => self.open(),
        }
    }

    /// From here on anything may be in it, and in the place of what was.
    pub fn open(&mut self) {
        self.is_open = true;
        for entry in &mut self.entries {
            entry.is_sure = false;
        }
    }

    /// `**other`, `update(other)`.
    pub fn spread(&mut self, other: &Val, is_sure: bool) {
        match other {
            Val::Dict(dict) => {
                // What is put into itself changes nothing.
                let Ok(dict) = dict.try_borrow() else {
                    return;
                };
                if dict.is_open {
                    self.open();
                }
                for entry in &dict.entries {
                    self.put(Entry {
                        is_sure: entry.is_sure && is_sure,
                        ..entry.clone()
                    });
                }
            }
            Val::OneOf(vals) => {
                for val in vals.iter() {
                    self.spread(val, false);
                }
            }
            val if val.is_nothing() => {}
            _ => self.open(),
        }
    }
}
