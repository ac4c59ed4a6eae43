//! From source code to the application that it builds.
//!
//! An abstract interpreter: it walks over the top level of the entry file as Node.js would, and into
//! the functions, classes and files that are used there. Applications and routers are values; each
//! `use`, `get` and `route` on one is written down at the moment at which it would happen, for the
//! order is the point. What is not known while nothing runs is an unknown value, or one of two; of a
//! branch on such a value both sides are walked, and what is registered there has its condition.
//!
//! Nothing is read from here: the files come from whoever calls, as [`Modules`].
//!
//! Reading order; each imports only from what stands before it, and the methods of `Run` call each
//! other, as expressions and statements do:
//!
//! 1. `part`, `val`: values; `module`, `probe`: what is remembered of a module, and of a body
//! 2. `run`: the state of a walk, with its variables and bounds
//! 3. `branch`, `pattern`, `operator`, `eval`, `exec`: branches, expressions, statements
//! 4. `member`, `strings`, `class`, `call`, `builtin`, `package`: what values do
//! 5. `export`, `import`: from file to file
//! 6. `register`, `body`: what is registered, and what a middleware does
//! 7. `build`, `program`: the applications of the model; the whole of it

mod body;
mod branch;
mod build;
mod builtin;
mod call;
mod class;
mod eval;
mod exec;
mod export;
mod fields;
mod grant;
mod import;
mod member;
mod module;
mod modules;
mod operator;
mod outline;
mod package;
mod part;
mod pattern;
mod probe;
mod program;
mod register;
mod run;
mod strings;
mod val;

use crate::gates::express::model::{App, Field};
use crate::problem::Problem;
use crate::source::Span;

pub use modules::{ModuleId, Modules, Resolved};
pub use outline::outline;

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
    /// Those of them that made an application, be it a part of another one.
    pub makers: Vec<ModuleId>,
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
