//! The files of a project, as whoever reads them gives them.

use std::sync::Arc;

use crate::gates::express::model::Major;
use crate::source::Span;
use crate::syntax::javascript::Module;

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
    /// The major version of one of [`VERSIONED`](crate::gates::express::model::VERSIONED) that this package depends on.
    fn major(&self, module: ModuleId, package: &str) -> Option<u32>;
    /// The names in a folder, sorted; `None` if there is no such folder.
    fn list(&mut self, folder: &str) -> Option<Vec<String>>;
    /// The text of a place, cut where it is longer than anybody would read.
    fn text(&self, span: Span) -> String;
}
