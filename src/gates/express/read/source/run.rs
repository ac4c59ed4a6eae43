//! The state of a walk, and its bounds.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::module::Loaded;
use super::modules::{ModuleId, Modules};
use super::probe::Log;
use super::val::*;
use crate::gates::express::model::{Callee, Field, RunsFor};
use crate::problem::Problem;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Function, Text};

/// How many expressions and statements are looked at: seconds at the most.
pub const MOST_STEPS: usize = 1_000_000;

/// The same for the body of one middleware.
const MOST_STEPS_OF_A_BODY: usize = 10_000;

/// How deep expressions, statements and calls may stand in one another.
const DEEPEST: usize = 1_500;

/// How many registrations are written down.
const MOST_REGISTRATIONS: usize = 50_000;

pub struct Run<'m> {
    pub modules: &'m mut (dyn Modules + Send),
    pub loaded: HashMap<ModuleId, Loaded>,
    /// The modules in the order in which they were begun.
    pub order: Vec<ModuleId>,
    pub scopes: Vec<Scope>,
    pub objects: Vec<Object>,
    pub lists: Vec<Vec<Spanned<Val>>>,
    pub stacks: Vec<Stack>,
    /// The conditions under which the present place is reached.
    pub when: Vec<Spanned<String>>,
    /// What variables were before they were written to in a branch.
    pub journal: Vec<(ScopeId, Text, Option<Val>)>,
    pub branches: usize,
    /// The functions that are being called.
    pub calls: Vec<*const Function>,
    pub module: ModuleId,
    pub steps: usize,
    pub depth: usize,
    pub registrations: usize,
    pub registered: Vec<Span>,
    pub problems: Vec<Problem>,
    /// What a call threw that nobody has caught yet.
    pub thrown: Option<Val>,
    /// While the body of a middleware is read: what happens to the answer.
    pub log: Option<Log>,
    /// Functions that took long and built nothing: they are about something else.
    pub cold: HashSet<*const Function>,
    /// Functions after which nothing comes, as far as was seen.
    pub last: HashSet<*const Closure>,
    /// The bodies that were read.
    pub read: HashMap<*const Closure, (Callee, RunsFor)>,
    pub fields: Vec<Field>,
}

/// How a statement ends.
#[derive(Debug)]
pub enum Flow {
    Next,
    Return(Val),
    Break,
    Continue,
    /// A throw, or the end of the process.
    Stop(Val),
}

impl<'m> Run<'m> {
    pub fn new(modules: &'m mut (dyn Modules + Send)) -> Self {
        Run {
            modules,
            loaded: HashMap::new(),
            order: Vec::new(),
            scopes: Vec::new(),
            objects: Vec::new(),
            lists: Vec::new(),
            stacks: Vec::new(),
            when: Vec::new(),
            journal: Vec::new(),
            branches: 0,
            calls: Vec::new(),
            module: ModuleId(0),
            steps: 0,
            depth: 0,
            registrations: 0,
            registered: Vec::new(),
            problems: Vec::new(),
            thrown: None,
            log: None,
            cold: HashSet::new(),
            last: HashSet::new(),
            read: HashMap::new(),
            fields: Vec::new(),
        }
    }

    /// Whether to go on.
    pub fn step(&mut self) -> bool {
        self.steps += 1;
        if let Some(log) = &mut self.log {
            log.steps += 1;
            if log.steps > MOST_STEPS_OF_A_BODY {
                return false;
            }
        }
        self.steps <= MOST_STEPS
    }

    /// Does something one level deeper, unless that is too deep.
    pub fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEEPEST || !self.step() {
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        Some(result)
    }

    pub fn new_scope(&mut self, parent: Option<ScopeId>, is_function: bool) -> ScopeId {
        self.scopes.push(Scope {
            vars: HashMap::new(),
            parent,
            is_function,
        });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    pub fn new_object(&mut self) -> ObjectId {
        self.objects.push(Object::default());
        ObjectId(self.objects.len() as u32 - 1)
    }

    pub fn new_list(&mut self, items: Vec<Spanned<Val>>) -> Val {
        self.lists.push(items);
        Val::List(ListId(self.lists.len() as u32 - 1))
    }

    pub fn object(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0 as usize]
    }

    pub fn list(&self, id: ListId) -> &Vec<Spanned<Val>> {
        &self.lists[id.0 as usize]
    }

    pub fn set_key(&mut self, id: ObjectId, key: Text, value: Val, span: Span) {
        self.object(id).set(Entry {
            key,
            key_span: span,
            value,
            span,
        });
    }

    pub fn new_stack(&mut self, is_app: bool, span: Span, options: Option<Val>) -> Val {
        let props = self.new_object();
        self.stacks.push(Stack {
            is_app,
            span,
            module: self.module,
            name: None,
            options,
            settings: HashMap::new(),
            listens: Vec::new(),
            entries: Vec::new(),
            props,
        });
        Val::Stack(StackId(self.stacks.len() as u32 - 1))
    }

    pub fn closure(&mut self, function: &Arc<Function>, scope: ScopeId) -> Val {
        self.closure_of(function, scope, function.name.clone(), None)
    }

    pub fn closure_of(
        &mut self,
        function: &Arc<Function>,
        scope: ScopeId,
        name: Option<Text>,
        home: Option<(Rc<ClassVal>, Option<Val>)>,
    ) -> Val {
        let props = self.new_object();
        let (home, this) = match home {
            Some((home, this)) => (Some(home), this),
            None => (None, None),
        };
        Val::Function(Rc::new(Closure {
            function: function.clone(),
            scope,
            module: self.module,
            name,
            this,
            home,
            props,
        }))
    }

    /// All conditions of the present place in one.
    pub fn condition(&self) -> Option<Spanned<String>> {
        let last = self.when.last()?;
        let mut texts: Vec<&str> = Vec::new();
        for when in &self.when {
            if !texts.contains(&when.value.as_str()) {
                texts.push(&when.value);
            }
        }
        Some(Spanned::new(texts.join(" && "), last.span))
    }

    /// Writes a registration down.
    pub fn register(&mut self, stack: StackId, span: Span, what: Registration) {
        // While a body is read, applications stay as they are.
        if self.log.is_some() || self.registrations >= MOST_REGISTRATIONS {
            return;
        }
        self.registrations += 1;
        self.registered.push(span);
        let when = self.condition();
        let stack = &mut self.stacks[stack.0 as usize];
        stack.entries.push(Registered { span, when, what });
    }

    pub fn lookup(&mut self, scope: ScopeId, name: &str) -> Option<Val> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let scope = &self.scopes[id.0 as usize];
            if let Some(value) = scope.vars.get(name) {
                return Some(value.clone());
            }
            at = scope.parent;
        }
        None
    }

    pub fn declare(&mut self, scope: ScopeId, name: &Text, value: Val) {
        self.write(scope, name, value);
    }

    /// Writes to the variable that a name means; to a global one if there is none.
    pub fn assign(&mut self, scope: ScopeId, name: &Text, value: Val) {
        let mut at = scope;
        loop {
            let here = &self.scopes[at.0 as usize];
            if here.vars.contains_key(name) || here.parent.is_none() {
                return self.write(at, name, value);
            }
            at = here.parent.unwrap_or(at);
        }
    }

    fn write(&mut self, scope: ScopeId, name: &Text, value: Val) {
        let vars = &mut self.scopes[scope.0 as usize].vars;
        let before = vars.insert(name.clone(), value);
        if self.branches > 0 {
            self.journal.push((scope, name.clone(), before));
        }
    }
}
