//! Names: what is declared where, what is imported from where, what is exported.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Reader;
use super::value::Val;
use crate::gates::express::read::source::{ModuleId, Resolved};
use crate::syntax::javascript::{Import, Text};

/// The names of a function, or of a file.
pub struct Scope {
    pub module: ModuleId,
    names: RefCell<HashMap<Text, Binding>>,
    parent: Option<Rc<Scope>>,
}

#[derive(Clone)]
pub enum Binding {
    Val(Val),
    /// Looked up when it is asked for.
    Import {
        from: Text,
        what: Import,
    },
}

/// What a file gives to others.
#[derive(Default)]
pub struct Exports {
    /// In an order: to look one up may read a file.
    pub names: BTreeMap<Text, Exported>,
    pub all_from: Vec<Text>,
    /// `module.exports = …`, `export =`.
    pub whole: Option<Val>,
}

#[derive(Clone)]
pub enum Exported {
    /// A name of the file, whose value may change until it is asked for.
    Local(Text),
    Val(Val),
    From(Text, Import),
}

impl Scope {
    pub fn of_module(module: ModuleId) -> Rc<Scope> {
        Rc::new(Scope {
            module,
            names: RefCell::default(),
            parent: None,
        })
    }

    pub fn inside(parent: &Rc<Scope>) -> Rc<Scope> {
        Rc::new(Scope {
            module: parent.module,
            names: RefCell::default(),
            parent: Some(parent.clone()),
        })
    }

    pub fn declare(&self, name: &Text, binding: Binding) {
        self.names.borrow_mut().insert(name.clone(), binding);
    }

    /// A value that may take the place of another one: both stay possible.
    pub fn assign(&self, name: &str, val: Val) {
        let mut scope = Some(self);
        while let Some(one) = scope {
            let mut names = one.names.borrow_mut();
            if let Some(binding) = names.get_mut(name) {
                *binding = Binding::Val(match binding {
                    Binding::Val(Val::Undefined | Val::Null) => val,
                    Binding::Val(before) => Val::one_of(vec![before.clone(), val]),
                    Binding::Import { .. } => Val::unknown(name),
                });
                return;
            }
            scope = one.parent.as_deref();
        }
    }

    fn find(&self, name: &str) -> Option<Binding> {
        let mut scope = Some(self);
        while let Some(one) = scope {
            if let Some(binding) = one.names.borrow().get(name) {
                return Some(binding.clone());
            }
            scope = one.parent.as_deref();
        }
        None
    }
}

impl Reader<'_> {
    pub fn name(&mut self, scope: &Rc<Scope>, name: &str) -> Val {
        match scope.find(name) {
            Some(Binding::Val(val)) => val,
            Some(Binding::Import { from, what }) => self.import(scope.module, &from, &what),
            None => match name {
                "undefined" => Val::Undefined,
                "axios" => Val::Instance(self.axios(scope.module)),
                "jQuery" => Val::Global("$"),
                "globalThis" | "self" | "global" => Val::Global("window"),
                _ => {
                    let known = ["fetch", "$", "XMLHttpRequest", "window", "process", "JSON"];
                    let known = known.into_iter().find(|one| *one == name);
                    known.map_or_else(|| Val::unknown(name), Val::Global)
                }
            },
        }
    }

    /// What an import brings.
    pub fn import(&mut self, from: ModuleId, specifier: &str, what: &Import) -> Val {
        if self.depth > super::DEEPEST {
            return Val::unknown(specifier);
        }
        match self.project.modules().resolve(from, specifier) {
            Resolved::Module(module) => {
                self.depth += 1;
                let val = self.exported(module, what);
                self.depth -= 1;
                val
            }
            Resolved::Package(package) => self.package(from, &package, specifier, what),
            Resolved::Missing => Val::unknown(specifier),
        }
    }

    fn package(&mut self, from: ModuleId, package: &str, specifier: &str, what: &Import) -> Val {
        let name = match what {
            Import::Name(name) if &**name != "default" => Some(name.clone()),
            _ => None,
        };
        match (package, name.as_deref()) {
            ("axios", None | Some("axios")) => Val::Instance(self.axios(from)),
            ("ky" | "ky-universal", None) => Val::Instance(self.plain(from, super::Client::Ky)),
            ("got" | "got-cjs", None | Some("got")) => {
                Val::Instance(self.plain(from, super::Client::Got))
            }
            ("request" | "request-promise" | "request-promise-native", None) => {
                Val::Instance(self.plain(from, super::Client::Request))
            }
            ("superagent", None) => Val::Instance(self.plain(from, super::Client::Superagent)),
            ("jquery", None | Some("$")) => Val::Global("$"),
            (
                "cross-fetch" | "isomorphic-fetch" | "isomorphic-unfetch" | "unfetch"
                | "node-fetch" | "whatwg-fetch",
                None | Some("fetch"),
            ) => Val::Global("fetch"),
            _ => Val::Package(specifier.into(), name.map(|name| name.as_ref().into())),
        }
    }

    fn exported(&mut self, module: ModuleId, what: &Import) -> Val {
        let Some(file) = self.load(module) else {
            return Val::unknown("a file that is not read");
        };
        let name = match what {
            Import::All => return Val::Module(module),
            Import::Default => "default",
            Import::Name(name) => name,
        };
        let exports = file.exports.borrow();
        let found = exports.names.get(name).cloned();
        let others = exports.all_from.clone();
        let whole = exports.whole.clone();
        drop(exports);
        match (found, whole) {
            (Some(Exported::Local(local)), _) => self.name(&file.scope, &local),
            (Some(Exported::Val(val)), _) => val,
            (Some(Exported::From(from, what)), _) => self.import(module, &from, &what),
            (None, Some(whole)) if name == "default" => whole,
            (None, Some(whole)) => self.member(&whole, name),
            (None, None) => {
                for from in others {
                    let val = self.import(module, &from, what);
                    if !matches!(val, Val::Unknown { .. } | Val::Package(..)) {
                        return val;
                    }
                }
                Val::unknown(name)
            }
        }
    }

    /// `require(specifier)`.
    pub fn require(&mut self, from: ModuleId, specifier: &str) -> Val {
        match self.project.modules().resolve(from, specifier) {
            Resolved::Module(module) => match self.load(module) {
                Some(file) if file.exports.borrow().whole.is_some() => {
                    let whole = file.exports.borrow().whole.clone();
                    whole.unwrap_or(Val::Undefined)
                }
                Some(_) => Val::Module(module),
                None => Val::unknown(specifier),
            },
            _ => self.import(from, specifier, &Import::Default),
        }
    }

    /// A name of a module that was imported as a whole.
    pub fn of_module(&mut self, module: ModuleId, name: &str) -> Val {
        let what = match name {
            "default" => Import::Default,
            name => Import::Name(name.into()),
        };
        self.exported(module, &what)
    }
}
