//! Call sites of Python: requests, httpx, urllib, urllib3, aiohttp, with what signs for AWS there.
//!
//! Each file is walked once from top to bottom, and into each function as if anybody might call it
//! with anything. What is followed is simple: constants, also of other files of the project, texts
//! that are put together, variables of the environment, sessions with their headers and `auth`,
//! functions of the project that are called. All else is a hole.

mod auth;
mod call;
mod class;
mod client;
mod eval;
mod exec;
mod method;
mod package;
mod scope;
mod value;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::model::{Call, Client};
use super::ways::{chosen, is_open};
use crate::source::Span;
use crate::syntax::python::Module;
use client::Sent;
use scope::{Branch, Branches, Scope};
use value::{Closure, Val};

/// How deep anything is followed.
const DEEPEST: usize = 400;

/// How many calls into functions lie within one another.
const MOST_CALLS: usize = 3;

/// How much is walked through for one project, and for one call into a function.
const MOST_STEPS: usize = 4_000_000;
const MOST_STEPS_INSIDE: usize = 4_000;

const STACK: usize = 64 << 20;

/// The files of a project, by numbers.
pub trait Project: Send {
    /// The file that an import names: `.config`, `orders.client`.
    fn resolve(&mut self, from: usize, module: &str) -> Option<usize>;
    fn tree(&mut self, file: usize) -> Option<Arc<Module>>;
    /// Who imports a file: what it gives them may send.
    fn importers(&mut self, file: usize) -> Vec<usize>;
}

/// How many files are read for what they import.
const MOST_IMPORTERS: usize = 1_000;

/// The call sites of these files, in their order.
pub fn read(project: &mut dyn Project, files: &[usize]) -> Vec<Call> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || Reader::new(project).read(files));
        match thread.map(|thread| thread.join()) {
            Ok(Ok(calls)) => calls,
            _ => Vec::new(),
        }
    })
}

struct Reader<'p> {
    project: &'p mut dyn Project,
    /// The names of the files that were walked through.
    files: HashMap<usize, Option<Rc<Scope>>>,
    /// Their functions are walked through, too.
    seeds: HashSet<usize>,
    is_seed: bool,
    current: usize,
    /// Functions that are to be walked through.
    open: Vec<Rc<Closure>>,
    walked: HashSet<Span>,
    /// Clients whose packages somebody had who is not known, and may have changed.
    lent: HashSet<Client>,
    sent: Vec<Sent>,
    /// Where the calls that led here stand, outermost first.
    through: Vec<Span>,
    branches: Branches,
    branch: Branch,
    returns: Vec<Vec<Val>>,
    depth: usize,
    steps: usize,
    until: usize,
}

impl<'p> Reader<'p> {
    fn new(project: &'p mut dyn Project) -> Self {
        Reader {
            project,
            files: HashMap::new(),
            seeds: HashSet::new(),
            is_seed: false,
            current: 0,
            open: Vec::new(),
            walked: HashSet::new(),
            lent: HashSet::new(),
            sent: Vec::new(),
            through: Vec::new(),
            branches: Branches::new(),
            branch: Branch(0),
            returns: Vec::new(),
            depth: 0,
            steps: 0,
            until: MOST_STEPS,
        }
    }

    fn read(mut self, files: &[usize]) -> Vec<Call> {
        let mut next = files.to_vec();
        let mut room = MOST_IMPORTERS;
        while !next.is_empty() {
            self.seeds.extend(&next);
            for file in &next {
                // One that was read for what it gives is read again for what it sends.
                self.files.remove(file);
                self.load(*file);
                while let Some(closure) = self.open.pop() {
                    if self.steps < MOST_STEPS {
                        self.walk(&closure);
                    }
                }
            }
            let givers: Vec<usize> = next.into_iter().filter(|file| self.gives(*file)).collect();
            let importers = givers
                .into_iter()
                .flat_map(|file| self.project.importers(file));
            let mut more: Vec<usize> = importers.collect();
            more.retain(|file| room > 0 && !self.seeds.contains(file));
            more.sort_unstable();
            more.dedup();
            more.truncate(room);
            room -= more.len();
            next = more;
        }
        let told = self.sent.iter().filter_map(Sent::told);
        let calls = chosen(told.map(|(chain, call)| (chain, (), call)).collect());
        let calls = calls.into_iter().map(|(_, mut call)| {
            if self.lent.contains(&call.client) {
                call.open();
            }
            call
        });
        calls.collect()
    }

    /// Whether a file gives others something by which they send: a session, or a function whose
    /// callers say what is asked for.
    fn gives(&self, file: usize) -> bool {
        let scope = self.files.get(&file).and_then(Option::as_ref);
        let is_open =
            |sent: &Sent| sent.file == file && sent.told().is_some_and(|(_, call)| is_open(&call));
        scope.is_some_and(|scope| scope.has_session()) || self.sent.iter().any(is_open)
    }

    /// A file, walked through at its top level.
    fn load(&mut self, file: usize) -> Option<Rc<Scope>> {
        if let Some(scope) = self.files.get(&file) {
            return scope.clone();
        }
        let tree = self.project.tree(file);
        let scope = tree.as_ref().map(|_| Scope::of_file(file));
        // A circle sees what is there so far.
        self.files.insert(file, scope.clone());
        let (tree, scope) = (tree?, scope?);
        let is_seed = self.seeds.contains(&file);
        let was_seed = std::mem::replace(&mut self.is_seed, is_seed);
        let current = std::mem::replace(&mut self.current, file);
        let through = std::mem::take(&mut self.through);
        let branch = std::mem::take(&mut self.branch);
        let until = std::mem::replace(&mut self.until, MOST_STEPS);
        self.returns.push(Vec::new());
        self.statements(&scope, &tree.body);
        self.returns.pop();
        self.until = until;
        self.branch = branch;
        self.through = through;
        self.current = current;
        self.is_seed = was_seed;
        Some(scope)
    }

    /// Whether there is something left of what may be walked.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps < self.until && self.depth < DEEPEST
    }

    /// Does something that is only done under a condition.
    fn perhaps(&mut self, run: impl FnOnce(&mut Self)) {
        let outer = self.branch;
        self.branch = self.branches.inside(outer);
        run(self);
        self.branch = outer;
    }

    /// Whether what was made there surely gets what is put into it here.
    fn is_sure(&self, made: Branch) -> bool {
        self.branches.is_within(made, self.branch)
    }
}

#[cfg(test)]
mod tests;
