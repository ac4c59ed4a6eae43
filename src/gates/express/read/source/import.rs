//! Imports and exports, of both kinds.

use std::collections::HashMap;
use std::rc::Rc;

use super::run::{Flow, Run};
use super::val::*;
use super::{ModuleId, Resolved};
use crate::source::Span;
use crate::syntax::javascript::{Import, Stmt, StmtKind, Text};

/// A module that was begun.
#[derive(Debug)]
pub struct Loaded {
    pub scope: ScopeId,
    /// The object `module`, with its member `exports`.
    pub module: ObjectId,
    /// What `export` made, by name.
    pub exports: HashMap<Text, Export>,
    /// `export * from`.
    pub stars: Vec<ModuleId>,
    pub is_esm: bool,
}

#[derive(Debug, Clone)]
pub enum Export {
    /// A variable, which may be set later.
    Local(Text),
    Value(Val),
}

/// What Node.js brings and what is understood of it.
const BUILT_IN: &[&str] = &[
    "fs",
    "http",
    "https",
    "http2",
    "path",
    "url",
    "util",
    "events",
    "os",
    "crypto",
    "process",
    "cluster",
    "child_process",
    "stream",
    "querystring",
    "module",
    "assert",
    "net",
    "tls",
    "dns",
    "zlib",
    "buffer",
    "timers",
    "worker_threads",
    "perf_hooks",
    "async_hooks",
    "fs/promises",
];

impl Run<'_> {
    /// Walks through a module, once.
    pub fn load(&mut self, id: ModuleId) {
        if self.loaded.contains_key(&id) {
            return;
        }
        let scope = self.new_scope(None, true);
        let module = self.new_object();
        let exports = self.new_object();
        let nowhere = Span::new(0, 0);
        self.set_key(module, Text::from("exports"), Val::Object(exports), nowhere);
        self.loaded.insert(
            id,
            Loaded {
                scope,
                module,
                exports: HashMap::new(),
                stars: Vec::new(),
                is_esm: false,
            },
        );
        self.order.push(id);
        let Some(tree) = self.modules.tree(id) else {
            return;
        };
        let path = self.modules.path(id);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let text = |text: &str| Val::Text(Text::from(text));
        let folder = if folder.is_empty() { "/" } else { folder };
        for (name, value) in [
            ("module", Val::Object(module)),
            ("exports", Val::Object(exports)),
            ("__dirname", text(folder)),
            ("__filename", text(&path)),
            ("this", Val::Object(exports)),
        ] {
            self.declare(scope, &Text::from(name), value);
        }
        let here = std::mem::replace(&mut self.module, id);
        // What a module does when it is read first does not depend on who reads it where; but that
        // it is read at all may.
        self.deeper(|run| {
            run.imports(&tree.body, id, scope);
            run.block(&tree.body, scope);
        });
        self.module = here;
    }

    fn imports(&mut self, stmts: &[Stmt], id: ModuleId, scope: ScopeId) {
        for stmt in stmts {
            match &stmt.kind {
                StmtKind::Import { from, names } => {
                    self.mark_esm(id);
                    let module = self.import(from);
                    for name in names {
                        let value = match &name.what {
                            Import::All => module.clone(),
                            // Where modules import each other, it may only come later.
                            Import::Default => self.later(&module, &Text::from("default")),
                            Import::Name(member) => self.later(&module, member),
                        };
                        self.declare(scope, &name.local, value);
                    }
                }
                StmtKind::ExportFrom {
                    from,
                    names,
                    all_as,
                } => {
                    self.mark_esm(id);
                    let module = self.import(from);
                    self.export_from(id, module, names.as_deref(), all_as.as_ref());
                }
                StmtKind::Export(_)
                | StmtKind::ExportDefault(_)
                | StmtKind::ExportDefaultDeclaration(_)
                | StmtKind::ExportNames(_) => {
                    self.mark_esm(id);
                    self.declare_exports(stmt, id);
                }
                _ => {}
            }
        }
    }

    fn mark_esm(&mut self, id: ModuleId) {
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.is_esm = true;
        }
    }

    fn export_as(&mut self, id: ModuleId, name: &Text, export: Export) {
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.exports.insert(name.clone(), export);
        }
    }

    fn export_from(
        &mut self,
        id: ModuleId,
        module: Val,
        names: Option<&[(Text, Text)]>,
        all_as: Option<&Text>,
    ) {
        match (names, all_as) {
            (_, Some(name)) => self.export_as(id, name, Export::Value(module)),
            (Some(names), None) => {
                for (theirs, ours) in names {
                    let value = self.later(&module, theirs);
                    self.export_as(id, ours, Export::Value(value));
                }
            }
            (None, None) => {
                if let (Val::Module(from), Some(loaded)) = (module, self.loaded.get_mut(&id)) {
                    loaded.stars.push(from);
                }
            }
        }
    }

    /// The names that are exported are known before the first statement runs.
    fn declare_exports(&mut self, stmt: &Stmt, id: ModuleId) {
        match &stmt.kind {
            StmtKind::ExportNames(names) => {
                for (local, name) in names {
                    self.export_as(id, name, Export::Local(local.clone()));
                }
            }
            StmtKind::Export(inner) => {
                for name in declared(inner) {
                    self.export_as(id, &name, Export::Local(name.clone()));
                }
            }
            StmtKind::ExportDefaultDeclaration(inner) => {
                for name in declared(inner) {
                    self.export_as(id, &Text::from("default"), Export::Local(name));
                }
            }
            StmtKind::ExportDefault(_) => {
                let name = Text::from("%default");
                self.export_as(id, &Text::from("default"), Export::Local(name));
            }
            _ => {}
        }
    }

    pub fn exec_export(&mut self, stmt: &Stmt, scope: ScopeId) -> Flow {
        match &stmt.kind {
            StmtKind::Export(inner) | StmtKind::ExportDefaultDeclaration(inner) => {
                return self.exec(inner, scope);
            }
            StmtKind::ExportDefault(value) => {
                let name = Some(Text::from("default"));
                let value = self.eval_named(value, scope, name);
                self.declare(scope, &Text::from("%default"), value);
            }
            StmtKind::ExportAssign(value) => {
                let span = value.span;
                let value = self.eval(value, scope);
                if let Some(Val::Object(module)) = self.lookup(scope, "module") {
                    self.set_key(module, Text::from("exports"), value, span);
                }
            }
            _ => {}
        }
        Flow::Next
    }

    /// What an import or a `require` of a constant gives.
    fn import(&mut self, specifier: &str) -> Val {
        let specifier = specifier.strip_prefix("node:").unwrap_or(specifier);
        if BUILT_IN.contains(&specifier) {
            return Val::Global(Text::from(specifier));
        }
        match self.modules.resolve(self.module, specifier) {
            Resolved::Module(id) => {
                // A module is walked where it is first imported, whatever decides on that.
                self.load(id);
                Val::Module(id)
            }
            Resolved::Package(package) => {
                let path = specifier.strip_prefix(package.as_str()).unwrap_or("");
                let path = path.trim_start_matches('/');
                Val::Outside(Rc::new(Outside {
                    package: Text::from(package.as_str()),
                    path: (!path.is_empty())
                        .then(|| Text::from(path))
                        .into_iter()
                        .collect(),
                    args: None,
                    made: None,
                    span: None,
                }))
            }
            Resolved::Missing => Val::unknown(format!("the module {specifier} is not here")),
        }
    }

    pub fn require(&mut self, specifier: &Val) -> Val {
        match specifier {
            Val::Text(specifier) => {
                let value = self.import(&specifier.clone());
                match value {
                    Val::Module(id) => self.required(id),
                    value => value,
                }
            }
            Val::Either(one) => {
                let (yes, no) = self.fork(
                    &one.when,
                    |run| run.require(&one.yes),
                    |run| run.require(&one.no),
                );
                either(&one.when, yes, no)
            }
            _ => Val::unknown("which module is required is not known"),
        }
    }

    /// `module.exports`, or the namespace of a module that has exports.
    fn required(&mut self, id: ModuleId) -> Val {
        match self.loaded.get(&id) {
            Some(loaded) if loaded.is_esm => Val::Module(id),
            Some(loaded) => {
                let module = loaded.module;
                let exports = self.object(module).get("exports").cloned();
                exports.unwrap_or(Val::Undefined)
            }
            None => Val::Undefined,
        }
    }

    pub fn exports_object(&mut self, id: ModuleId) -> Option<ObjectId> {
        match self.required(id) {
            Val::Object(id) => Some(id),
            Val::Function(closure) => Some(closure.props),
            _ => None,
        }
    }

    /// An import, resolved when it is used.
    fn later(&mut self, module: &Val, name: &Text) -> Val {
        match module {
            Val::Module(_) => Val::Bound(Rc::new((module.clone(), name.clone()))),
            other => self.member(other, name, Span::new(0, 0)),
        }
    }

    /// What stands behind an import at last.
    pub fn settled(&mut self, value: Val) -> Val {
        match &value {
            Val::Bound(bound) => match &bound.0 {
                Val::Module(id) => {
                    let value = self.deeper(|run| run.export(*id, &bound.1));
                    value.unwrap_or_else(|| Val::unknown("it imports itself"))
                }
                _ => value,
            },
            _ => value,
        }
    }

    pub fn export(&mut self, id: ModuleId, name: &Text) -> Val {
        let Some(loaded) = self.loaded.get(&id) else {
            return Val::unknown("its module was not read");
        };
        if !loaded.is_esm {
            return self.export_of_common(id, name);
        }
        let scope = loaded.scope;
        match loaded.exports.get(name).cloned() {
            Some(Export::Local(local)) => {
                let value = self.lookup(scope, &local).unwrap_or(Val::Undefined);
                self.settled(value)
            }
            Some(Export::Value(value)) => self.settled(value),
            None => {
                let stars = loaded.stars.clone();
                for star in stars {
                    let value = self.deeper(|run| run.export(star, name));
                    match value {
                        Some(Val::Undefined) | None => {}
                        Some(value) => return value,
                    }
                }
                Val::Undefined
            }
        }
    }

    /// `import` of a module that sets `module.exports`.
    fn export_of_common(&mut self, id: ModuleId, name: &Text) -> Val {
        let exports = self.required(id);
        match (&exports, &**name) {
            (Val::Object(object), _) => match self.object(*object).get(name).cloned() {
                Some(value) => value,
                None if &**name == "default" => exports,
                None => self.member(&exports, name, Span::new(0, 0)),
            },
            (_, "default") => exports,
            _ => self.member(&exports, name, Span::new(0, 0)),
        }
    }

    /// All exports of a module with names.
    pub fn exports_of(&mut self, id: ModuleId) -> Vec<(Text, Val)> {
        let Some(loaded) = self.loaded.get(&id) else {
            return Vec::new();
        };
        if !loaded.is_esm {
            return match self.required(id) {
                Val::Object(object) => {
                    let entries = self.object(object).entries.iter();
                    entries
                        .map(|one| (one.key.clone(), one.value.clone()))
                        .collect()
                }
                _ => Vec::new(),
            };
        }
        let mut names: Vec<Text> = loaded.exports.keys().cloned().collect();
        let stars = loaded.stars.clone();
        names.sort();
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            let value = self.export(id, &name);
            all.push((name, value));
        }
        for star in stars {
            if let Some(more) = self.deeper(|run| run.exports_of(star)) {
                all.extend(more);
            }
        }
        all
    }
}

/// The names that a declaration declares.
fn declared(stmt: &Stmt) -> Vec<Text> {
    match &stmt.kind {
        StmtKind::Function(function) => function.name.iter().cloned().collect(),
        StmtKind::Class(class) => class.name.iter().cloned().collect(),
        StmtKind::Declare { names, .. } => {
            let mut all = Vec::new();
            for (pattern, _) in names {
                pattern_names(pattern, &mut all);
            }
            all
        }
        _ => Vec::new(),
    }
}

fn pattern_names(pattern: &crate::syntax::javascript::Pattern, all: &mut Vec<Text>) {
    use crate::syntax::javascript::Pattern;
    match pattern {
        Pattern::Name(name, _) => all.push(name.clone()),
        Pattern::Default(inner, _) => pattern_names(inner, all),
        Pattern::Object { entries, .. } => {
            entries
                .iter()
                .for_each(|(_, inner)| pattern_names(inner, all));
        }
        Pattern::Array { items, .. } => {
            items
                .iter()
                .flatten()
                .for_each(|inner| pattern_names(inner, all));
        }
        Pattern::Place(_) => {}
    }
}
