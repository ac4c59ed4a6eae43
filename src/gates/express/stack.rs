//! The stack made ready to run: paths as patterns, layers as what they do, a number for each.

mod index;

use std::sync::Arc;

use super::behaviour::{self, Behaviour};
use super::model::{
    App, Host, Item, Layer, Major, Methods, Paths, Requires, Router, RunsFor, What,
};
use super::path::{Matcher, Options, Refused};
use crate::request::Reason;
use crate::source::{Span, Spanned};
use index::Index;

/// A router, or the application itself.
#[derive(Debug)]
pub struct Stack {
    pub entries: Vec<Entry>,
    index: Index,
}

/// One registration.
#[derive(Debug)]
pub struct Entry {
    /// Its number in the whole application, in the order of the source.
    pub id: u32,
    pub span: Span,
    pub name: Arc<str>,
    pub when: Option<Spanned<String>>,
    pub at: Matcher,
    pub does: Does,
}

#[derive(Debug)]
pub enum Does {
    Use(Function),
    Router {
        host: Option<Host>,
        stack: Stack,
    },
    Route {
        methods: Methods,
        chain: Vec<Function>,
    },
    Opaque(Reason),
}

/// A layer that can be called.
#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub span: Span,
    pub when: Option<Spanned<String>>,
    pub runs_for: RunsFor,
    pub behaviour: Behaviour,
    pub is_error_handler: bool,
    /// What its author says that it asks for.
    pub requires: Requires,
}

impl Stack {
    fn new(entries: Vec<Entry>) -> Stack {
        Stack {
            index: Index::new(&entries),
            entries,
        }
    }

    /// The entries that may take a path, in the order of registration.
    pub fn candidates(&self, path: &str) -> impl Iterator<Item = &Entry> {
        let positions = self.index.candidates(path).into_iter();
        positions.filter_map(|at| self.entries.get(at as usize))
    }

    /// Visits every function, in the order of registration.
    pub fn each<'s>(&'s self, visit: &mut dyn FnMut(&'s Function)) {
        for entry in &self.entries {
            match &entry.does {
                Does::Use(function) => visit(function),
                Does::Router { stack, .. } => stack.each(visit),
                Does::Route { chain, .. } => chain.iter().for_each(&mut *visit),
                Does::Opaque(_) => {}
            }
        }
    }
}

impl Function {
    /// Whether every request passes it as it came.
    pub fn does_nothing(&self) -> bool {
        matches!(self.behaviour, Behaviour::Passes) && self.requires == Requires::default()
    }
}

/// A path with which Express does not start, and where it stands.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub span: Span,
    pub path: String,
    pub message: String,
}

/// What is made of an application.
pub struct Made {
    pub stack: Stack,
    pub refusals: Vec<Refusal>,
}

pub fn make(app: &App) -> Made {
    let mut maker = Maker {
        version: app.version,
        refusals: Vec::new(),
        count: 0,
    };
    let shape = Shape {
        case_sensitive: app.settings.case_sensitive,
        strict: app.settings.strict,
    };
    let stack = maker.stack(&app.stack, shape, "");
    Made {
        stack,
        refusals: maker.refusals,
    }
}

/// How a router reads its paths.
#[derive(Clone, Copy)]
struct Shape {
    case_sensitive: bool,
    strict: bool,
}

struct Maker {
    version: Major,
    refusals: Vec<Refusal>,
    count: u32,
}

impl Maker {
    /// `prefix` is where the router is mounted, for the names of what stands in it.
    fn stack(&mut self, items: &[Item], shape: Shape, prefix: &str) -> Stack {
        let entries = items
            .iter()
            .map(|item| self.entry(item, shape, prefix))
            .collect();
        Stack::new(entries)
    }

    fn entry(&mut self, item: &Item, shape: Shape, prefix: &str) -> Entry {
        let id = self.count;
        self.count += 1;
        let none = Paths::default();
        let (at, end) = match &item.what {
            What::Use { at, .. } | What::Router { at, .. } => (at, false),
            What::Route { at, .. } => (at, true),
            What::Opaque(_) => (&none, false),
        };
        let path = shown(at, prefix);
        let options = Options {
            case_sensitive: shape.case_sensitive,
            // What is mounted does not care for a slash at its end.
            strict: shape.strict && end,
            end,
        };
        let (matcher, refused) = Matcher::new(at, self.version, options);
        self.refuse(at, refused);
        let (name, does) = match &item.what {
            What::Use { layer, .. } => (
                format!("use {path} {}", layer.name),
                Does::Use(function(layer)),
            ),
            What::Router { router, .. } => {
                let name = router.name.as_deref().unwrap_or("router");
                (
                    format!("use {path} {name}"),
                    Does::Router {
                        host: router.host.clone(),
                        stack: self.router(router, &path),
                    },
                )
            }
            What::Route { methods, chain, .. } => (
                format!("{} {path}", told(methods)),
                Does::Route {
                    methods: methods.clone(),
                    chain: chain.iter().map(function).collect(),
                },
            ),
            What::Opaque(reason) => ("something".into(), Does::Opaque(reason.clone())),
        };
        Entry {
            id,
            span: item.span,
            name: name.into(),
            when: item.when.clone(),
            at: matcher,
            does,
        }
    }

    fn router(&mut self, router: &Router, prefix: &str) -> Stack {
        let shape = Shape {
            case_sensitive: router.case_sensitive,
            strict: router.strict,
        };
        self.stack(&router.stack, shape, prefix.trim_end_matches('/'))
    }

    fn refuse(&mut self, at: &Paths, refused: Vec<Refused>) {
        for Refused { path, message } in refused {
            let span = at
                .0
                .iter()
                .find(|one| matches!(&one.value, super::model::Path::Text(text) if *text == path))
                .map(|one| one.span);
            self.refusals.extend(span.map(|span| Refusal {
                span,
                path,
                message,
            }));
        }
    }
}

fn function(layer: &Layer) -> Function {
    Function {
        name: layer.name.clone(),
        span: layer.span,
        when: layer.when.clone(),
        runs_for: layer.runs_for.clone(),
        behaviour: behaviour::of(layer),
        is_error_handler: layer.is_error_handler,
        requires: layer.requires.clone(),
    }
}

fn told(methods: &Methods) -> String {
    match methods {
        Methods::All => "ALL".into(),
        Methods::These(methods) => methods.join(","),
    }
}

fn shown(paths: &Paths, prefix: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    for path in &paths.0 {
        shown.push(match &path.value {
            super::model::Path::Text(text) if text == "/" && !prefix.is_empty() => {
                prefix.to_owned()
            }
            super::model::Path::Text(text) => format!("{prefix}{text}"),
            super::model::Path::Regex { pattern, flags } => format!("{prefix}/{pattern}/{flags}"),
            super::model::Path::Unknown(_) => format!("{prefix}…"),
        });
    }
    shown.join(" or ")
}
