//! From source code to the application that it builds.
//!
//! An abstract interpreter: it walks over the top level of the entry file as Node.js would, and into
//! the functions, classes and files that are used there. Applications and routers are values; each
//! `use`, `get` and `route` on one is written down at the moment at which it would happen, for the
//! order is the point. What is not known while nothing runs is an unknown value, or one of two; of a
//! branch on such a value both sides are walked, and what is registered there has its condition.
//!
//! Nothing is read from here: the files come from whoever calls, as [`Modules`].

mod body;
mod branch;
mod build;
mod builtin;
mod call;
mod class;
mod eval;
mod exec;
mod fields;
mod grant;
mod import;
mod member;
mod outline;
mod probe;
mod register;
mod run;
mod strings;
mod val;

use std::sync::Arc;

use crate::gates::express::model::{App, Field, Major};
use crate::problem::Problem;
use crate::source::Span;
use crate::syntax::javascript::Module;

pub use outline::outline;

/// The number of a module, as whoever gives the files counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// What an import means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Module(ModuleId),
    /// What npm or Node.js brings, by its name without a path below it.
    Package(String),
    /// Nothing that is here: generated, ignored, or misspelt.
    Missing,
}

/// The files of a project.
pub trait Modules {
    /// What `specifier` means in a module. A specifier that begins with `/` counts from the root.
    fn resolve(&mut self, from: ModuleId, specifier: &str) -> Resolved;
    /// The tree of a module; `None` where it does not parse.
    fn tree(&mut self, module: ModuleId) -> Option<Arc<Module>>;
    /// The path of a module from the root, with `/` before and between: `/src/app.js`.
    fn path(&self, module: ModuleId) -> String;
    /// The folder of the package that a module belongs to, in the same way.
    fn package(&self, module: ModuleId) -> String;
    /// The version of Express that this package depends on.
    fn express(&self, module: ModuleId) -> Option<Major>;
    /// The names in a folder, sorted; `None` if there is no such folder.
    fn list(&mut self, folder: &str) -> Option<Vec<String>>;
    /// The text of a place, cut where it is longer than anybody would read.
    fn text(&self, span: Span) -> String;
}

/// What was read from an entry file.
#[derive(Debug, Default)]
pub struct Read {
    /// The applications that are not part of another one, in the order of their creation.
    pub apps: Vec<App>,
    pub problems: Vec<Problem>,
    /// Every call that registered something, for statistics.
    pub registered: Vec<Span>,
    /// The fields of the models that were met.
    pub fields: Vec<Field>,
    /// How much there was to walk through, in expressions and statements.
    pub steps: usize,
    /// The modules that were walked through.
    pub modules: Vec<ModuleId>,
}

/// Walking recurses; both it and the trees are bounded, and this is enough for the bound.
const STACK: usize = 512 << 20;

/// Reads the applications that a file builds.
pub fn read(modules: &mut (dyn Modules + Send), entry: ModuleId) -> Read {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || run::Run::new(modules).read(entry));
        match thread.map(|thread| thread.join()) {
            Ok(Ok(read)) => read,
            _ => Read {
                problems: vec![Problem::note(
                    None,
                    "an Express application could not be read",
                )],
                ..Read::default()
            },
        }
    })
}

#[cfg(test)]
mod tests;
