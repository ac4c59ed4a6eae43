//! Call sites of JavaScript and TypeScript: fetch, axios, ky, superagent, XMLHttpRequest, jQuery,
//! Angular's HttpClient.
//!
//! Each file is walked once from top to bottom, and into each function as if anybody might call it
//! with anything. Values are followed as far as they decide what is sent: constants, also of other
//! files, functions that return headers, instances with their defaults and interceptors, wrappers.
//! Of a condition both sides are walked. What is not understood is a hole.

mod call;
mod class;
mod client;
mod create;
mod draft;
mod eval;
mod exec;
mod export;
mod http;
mod instance;
mod interceptor;
mod member;
mod scope;
mod signer;
mod told;
mod value;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::model::{Call, Client, Place};
use crate::gates::express::read::source::{ModuleId, Modules};
use crate::source::Span;
use crate::syntax::javascript::Module;
use client::Sent;
use draft::Draft;
use instance::Instance;
use scope::{Exports, Scope};
use value::Closure;

/// How deep anything is followed: through files, functions and nested expressions.
const DEEPEST: usize = 300;

/// How many calls into functions lie within one another.
const MOST_CALLS: usize = 4;

/// How much is walked through for one project, and for one call into a function.
const MOST_STEPS: usize = 4_000_000;
const MOST_STEPS_INSIDE: usize = 4_000;

const STACK: usize = 256 << 20;

/// A file in which call sites are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    pub module: ModuleId,
    pub place: Place,
}

/// The files of a project, and how they hang together.
pub trait Project: Send {
    fn modules(&mut self) -> &mut dyn Modules;
    /// Who imports a file: what it gives them may send.
    fn importers(&mut self, module: ModuleId) -> Vec<Seed>;
}

/// How many files are read for what they import.
const MOST_IMPORTERS: usize = 2_000;

/// The call sites of these files, in their order, each with the file in which it stands.
pub fn read(project: &mut dyn Project, seeds: &[Seed]) -> Vec<(ModuleId, Call)> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || Reader::new(project).read(seeds));
        match thread.map(|thread| thread.join()) {
            Ok(Ok(calls)) => calls,
            _ => Vec::new(),
        }
    })
}

/// A file that was walked through at its top level.
struct File {
    tree: std::sync::Arc<Module>,
    scope: Rc<Scope>,
    exports: RefCell<Exports>,
    /// Its functions are walked through, too.
    is_seed: bool,
}

struct Reader<'m> {
    project: &'m mut dyn Project,
    files: HashMap<ModuleId, Option<Rc<File>>>,
    /// What each client does by itself in the package of a folder.
    shared: HashMap<(String, Client), Rc<Instance>>,
    packages: HashMap<ModuleId, String>,
    /// Functions that are to be walked through: those of the seeds.
    open: Vec<Rc<Closure>>,
    walked: HashSet<Span>,
    sent: Vec<Sent>,
    /// Requests that are put together piece by piece, and where that began.
    drafts: Vec<Rc<RefCell<Draft>>>,
    opened: HashMap<*const RefCell<Draft>, Span>,
    /// The file that is walked through.
    current: ModuleId,
    /// Where the calls that led here stand, outermost first.
    through: Vec<Span>,
    /// Calls are looked for: it is a seed that is walked through.
    is_seed: bool,
    seeds: HashSet<ModuleId>,
    /// What is done now is done under a condition.
    conditions: usize,
    returns: Vec<Vec<value::Val>>,
    depth: usize,
    steps: usize,
    until: usize,
}

impl<'m> Reader<'m> {
    fn new(project: &'m mut dyn Project) -> Self {
        Reader {
            project,
            files: HashMap::new(),
            shared: HashMap::new(),
            packages: HashMap::new(),
            open: Vec::new(),
            walked: HashSet::new(),
            sent: Vec::new(),
            drafts: Vec::new(),
            opened: HashMap::new(),
            current: ModuleId(0),
            through: Vec::new(),
            is_seed: false,
            seeds: HashSet::new(),
            conditions: 0,
            returns: Vec::new(),
            depth: 0,
            steps: 0,
            until: MOST_STEPS,
        }
    }

    fn read(mut self, seeds: &[Seed]) -> Vec<(ModuleId, Call)> {
        let mut places: HashMap<ModuleId, Place> = HashMap::new();
        let mut next = seeds.to_vec();
        let mut room = MOST_IMPORTERS;
        while !next.is_empty() {
            for seed in &next {
                places.insert(seed.module, seed.place);
                self.seeds.insert(seed.module);
            }
            for seed in &next {
                // One that was read for what it gives is read again for what it sends.
                let file = self.files.get(&seed.module).and_then(Option::as_ref);
                if file.is_some_and(|file| !file.is_seed) {
                    self.files.remove(&seed.module);
                }
                self.load(seed.module);
                self.walk_open();
            }
            let mut more = Vec::new();
            for seed in next {
                if self.gives(seed.module) {
                    more.extend(self.project.importers(seed.module));
                }
            }
            more.retain(|seed| room > 0 && !places.contains_key(&seed.module));
            more.sort_by_key(|seed| seed.module);
            more.dedup_by_key(|seed| seed.module);
            more.truncate(room);
            room -= more.len();
            next = more;
        }
        told::finish(std::mem::take(&mut self.sent), &places)
    }

    /// Whether a file gives others something by which they send: a client, a wrapper, or what it
    /// has from such a file.
    fn gives(&mut self, module: ModuleId) -> bool {
        let Some(Some(file)) = self.files.get(&module).cloned() else {
            return false;
        };
        let is_open = |sent: &Sent| sent.module == module && sent.is_open();
        if self.sent.iter().any(is_open) {
            return true;
        }
        let exports = file.exports.borrow();
        let is_hub = !exports.all_from.is_empty();
        let mut locals = Vec::new();
        let mut vals: Vec<value::Val> = exports.whole.iter().cloned().collect();
        for one in exports.names.values() {
            match one {
                scope::Exported::Local(name) => locals.push(name.clone()),
                scope::Exported::Val(val) => vals.push(val.clone()),
                scope::Exported::From(..) => return true,
            }
        }
        drop(exports);
        let locals = locals.iter().map(|name| self.name(&file.scope, name));
        vals.extend(locals.collect::<Vec<_>>());
        let is_client = |val: &value::Val| matches!(val, value::Val::Instance(_));
        is_hub
            || vals.iter().any(|val| match val {
                value::Val::Object(object) => {
                    let object = object.borrow();
                    object.entries.iter().any(|entry| is_client(&entry.value))
                }
                val => is_client(val),
            })
    }

    /// The functions that were met, and those that are met in them.
    fn walk_open(&mut self) {
        while let Some(closure) = self.open.pop() {
            if self.steps < MOST_STEPS {
                self.walk(&closure);
            }
        }
    }

    /// A file, walked through at its top level.
    fn load(&mut self, module: ModuleId) -> Option<Rc<File>> {
        if let Some(file) = self.files.get(&module) {
            return file.clone();
        }
        let is_seed = self.seeds.contains(&module);
        let file = self.project.modules().tree(module).map(|tree| {
            Rc::new(File {
                tree,
                scope: Scope::of_module(module),
                exports: RefCell::default(),
                is_seed,
            })
        });
        // A circle sees what is there so far.
        self.files.insert(module, file.clone());
        let file = file?;
        let was_seed = std::mem::replace(&mut self.is_seed, is_seed);
        let current = std::mem::replace(&mut self.current, module);
        let through = std::mem::take(&mut self.through);
        let conditions = std::mem::take(&mut self.conditions);
        let until = std::mem::replace(&mut self.until, MOST_STEPS);
        self.returns.push(Vec::new());
        self.statements(&file.scope, &file.tree.body);
        self.returns.pop();
        self.until = until;
        self.conditions = conditions;
        self.through = through;
        self.is_seed = was_seed;
        self.current = current;
        Some(file)
    }

    fn package_of(&mut self, module: ModuleId) -> String {
        if let Some(package) = self.packages.get(&module) {
            return package.clone();
        }
        let package = self.project.modules().package(module);
        self.packages.insert(module, package.clone());
        package
    }

    /// Whether there is something left of what may be walked.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps < self.until && self.depth < DEEPEST
    }
}

#[cfg(test)]
mod tests;
