//! What an expression can be worth while an application is read.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::modules::ModuleId;
use super::part::Part;
use crate::gates::express::model::{Methods, Path};
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Class, Function, Text};

/// Places in the heap of a run; nothing is ever freed before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackId(pub u32);

#[derive(Clone, Debug)]
pub enum Val {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    Regex(Text, Text),
    List(ListId),
    Object(ObjectId),
    Function(Rc<Closure>),
    Class(Rc<ClassVal>),
    /// An application or a router.
    Stack(StackId),
    /// `app.route(path)`.
    Route(Rc<RouteVal>),
    /// What comes from a package, as far as it was followed.
    Outside(Rc<Outside>),
    /// What the language and Node.js bring: `Object.keys`, `process`, `path.join`.
    Global(Text),
    Env(Rc<EnvVal>),
    /// A method that is taken from its owner: `app.use`.
    Bound(Rc<(Val, Text)>),
    /// A module as a namespace.
    Module(ModuleId),
    /// `http.createServer(app)`.
    Server(Option<StackId>),
    /// The first if the condition holds, else the second.
    Either(Rc<EitherVal>),
    Getter(Rc<Closure>),
    /// What a middleware is called with, while its body is read.
    Part(Part),
    Unknown(Text),
}

#[derive(Debug)]
pub struct Closure {
    pub function: Arc<Function>,
    pub scope: ScopeId,
    pub module: ModuleId,
    pub name: Option<Text>,
    pub this: Option<Val>,
    /// The class whose method it is.
    pub home: Option<Rc<ClassVal>>,
    pub props: ObjectId,
}

#[derive(Debug)]
pub struct ClassVal {
    pub class: Arc<Class>,
    pub scope: ScopeId,
    pub module: ModuleId,
    pub parent: Option<Val>,
    pub statics: ObjectId,
}

#[derive(Debug)]
pub struct RouteVal {
    pub stack: StackId,
    pub at: Vec<Spanned<Path>>,
}

#[derive(Debug)]
pub struct Outside {
    pub package: Text,
    /// The members that were taken, one after the other.
    pub path: Vec<Text>,
    /// The arguments, if it was called.
    pub args: Option<Vec<Spanned<Val>>>,
    /// The call whose member this is: `jwt({ … })` of `jwt({ … }).unless`.
    pub made: Option<Rc<Outside>>,
    pub span: Option<Span>,
}

/// The same call, not one like it.
impl PartialEq for Outside {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

#[derive(Debug)]
pub struct EnvVal {
    pub name: Text,
    pub default: Option<Val>,
}

#[derive(Debug)]
pub struct EitherVal {
    pub when: Spanned<String>,
    pub yes: Val,
    pub no: Val,
    pub depth: u8,
}

#[derive(Debug, Default)]
pub struct Scope {
    pub vars: HashMap<Text, Val>,
    pub parent: Option<ScopeId>,
    pub is_function: bool,
}

#[derive(Debug, Default)]
pub struct Object {
    pub entries: Vec<Entry>,
    index: HashMap<Text, usize>,
    pub proto: Proto,
    /// Keys that are not known may be there, too.
    pub is_open: bool,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub key: Text,
    pub key_span: Span,
    pub value: Val,
    pub span: Span,
}

#[derive(Debug, Default, Clone)]
pub enum Proto {
    #[default]
    None,
    Class(Rc<ClassVal>),
    Object(ObjectId),
}

impl Object {
    pub fn get(&self, key: &str) -> Option<&Val> {
        self.index.get(key).map(|at| &self.entries[*at].value)
    }

    /// Under a key that is not known it may stand anywhere.
    pub fn put(&mut self, key: Option<Arc<str>>, key_span: Span, value: Val, span: Span) {
        match key {
            Some(key) => self.set(Entry {
                key,
                key_span,
                value,
                span,
            }),
            None => self.is_open = true,
        }
    }

    pub fn set(&mut self, entry: Entry) {
        match self.index.get(&entry.key) {
            Some(at) => self.entries[*at] = entry,
            None => {
                self.index.insert(entry.key.clone(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }
}

/// Registrations, in their order.
#[derive(Debug)]
pub struct Stack {
    pub is_app: bool,
    pub span: Span,
    pub module: ModuleId,
    pub name: Option<Text>,
    pub options: Option<Val>,
    pub settings: HashMap<Text, Spanned<Val>>,
    pub listens: Vec<(Vec<Spanned<Val>>, Span)>,
    pub entries: Vec<Registered>,
    pub props: ObjectId,
}

#[derive(Debug)]
pub struct Registered {
    pub span: Span,
    pub when: Option<Spanned<String>>,
    pub what: Registration,
}

#[derive(Debug)]
pub enum Registration {
    Use {
        at: Vec<Spanned<Path>>,
        layers: Vec<Spanned<Val>>,
    },
    Route {
        methods: Methods,
        at: Vec<Spanned<Path>>,
        chain: Vec<Spanned<Val>>,
    },
    Opaque(String),
}

impl Val {
    pub fn unknown(reason: impl AsRef<str>) -> Val {
        Val::Unknown(Text::from(reason.as_ref()))
    }

    pub fn text(&self) -> Option<&Text> {
        match self {
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether JavaScript takes it for true, if that is known.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Val::Undefined | Val::Null => false,
            Val::Bool(truth) => *truth,
            Val::Number(number) => *number != 0.0 && !number.is_nan(),
            Val::Text(text) => !text.is_empty(),
            // A name that nobody declares may be set by whoever runs it.
            Val::Env(_) | Val::Unknown(_) | Val::Global(_) => return None,
            // What a package makes is an object; what its members say may be anything.
            Val::Outside(outside) => match (&outside.args, outside.path.is_empty()) {
                (Some(_), true) => true,
                _ => return None,
            },
            Val::Either(either) => {
                let yes = either.yes.truth()?;
                return (either.no.truth()? == yes).then_some(yes);
            }
            Val::Part(part) => return part.truth(),
            _ => true,
        })
    }

    /// As `String(value)`, for what is no object.
    pub fn shown(&self) -> Option<String> {
        Some(match self {
            Val::Text(text) => text.to_string(),
            Val::Number(number) => number.to_string(),
            Val::Bool(truth) => truth.to_string(),
            Val::Null => "null".to_owned(),
            Val::Undefined => "undefined".to_owned(),
            _ => return None,
        })
    }

    /// `===`, if that is known.
    pub fn same(&self, other: &Val) -> Option<bool> {
        use Val::*;
        Some(match (self, other) {
            (Part(part), other) | (other, Part(part)) => return part_is(part, other),
            (Unknown(_) | Env(_) | Outside(_) | Either(_) | Global(_), _)
            | (_, Unknown(_) | Env(_) | Outside(_) | Either(_) | Global(_)) => return None,
            (Text(a), Text(b)) => a == b,
            (Number(a), Number(b)) => a == b,
            (Bool(a), Bool(b)) => a == b,
            // `==` is told from `===` nowhere in here.
            (Undefined | Null, Undefined | Null) => true,
            _ => self.is(other),
        })
    }

    /// Whether both are the very same thing.
    pub fn is(&self, other: &Val) -> bool {
        use Val::*;
        match (self, other) {
            (Undefined, Undefined) | (Null, Null) => true,
            (Bool(a), Bool(b)) => a == b,
            (Number(a), Number(b)) => a == b,
            (Text(a), Text(b)) | (Global(a), Global(b)) => a == b,
            (List(a), List(b)) => a == b,
            (Object(a), Object(b)) => a == b,
            (Stack(a), Stack(b)) => a == b,
            (Module(a), Module(b)) => a == b,
            (Function(a), Function(b)) => Rc::ptr_eq(a, b),
            (Class(a), Class(b)) => Rc::ptr_eq(a, b),
            (Outside(a), Outside(b)) => Rc::ptr_eq(a, b),
            (Env(a), Env(b)) => Rc::ptr_eq(a, b),
            (Either(a), Either(b)) => Rc::ptr_eq(a, b),
            (Unknown(_), Unknown(_)) => true,
            _ => false,
        }
    }
}

/// Whether a part of the request is the same as a value, if that is known.
fn part_is(part: &Part, other: &Val) -> Option<bool> {
    match (part, other) {
        (Part::Absent(_), Val::Undefined | Val::Null) => Some(true),
        (Part::Absent(_), Val::Unknown(_) | Val::Env(_) | Val::Outside(_)) => None,
        (Part::Absent(_), _) => Some(false),
        (Part::Method(method), Val::Text(text)) => Some(method == text),
        (Part::Address(_) | Part::Bag(_), Val::Undefined | Val::Null) => Some(false),
        (_, Val::Undefined | Val::Null) => Some(false),
        _ => None,
    }
}

pub fn reason_of(value: &Val) -> String {
    match value {
        Val::Unknown(reason) => reason.to_string(),
        Val::Env(env) => format!("the environment variable {} decides", env.name),
        Val::Either(either) => format!("`{}` decides", either.when.value),
        Val::Outside(outside) => format!("the package {} decides", outside.package),
        _ => "it is not known".to_owned(),
    }
}

/// How many alternatives may stand in one another.
const MOST_ALTERNATIVES: u8 = 6;

pub fn either(when: &Spanned<String>, yes: Val, no: Val) -> Val {
    if yes.is(&no) {
        return yes;
    }
    let depth = |val: &Val| match val {
        Val::Either(either) => either.depth,
        _ => 0,
    };
    let depth = 1 + depth(&yes).max(depth(&no));
    if depth > MOST_ALTERNATIVES {
        return Val::unknown(format!("`{}` decides", when.value));
    }
    Val::Either(Rc::new(EitherVal {
        when: when.clone(),
        yes,
        no,
        depth,
    }))
}
