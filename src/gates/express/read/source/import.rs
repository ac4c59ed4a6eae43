//! Imports of both kinds, and the walk through a module.

use std::collections::HashMap;
use std::rc::Rc;

use super::module::Loaded;
use super::modules::{ModuleId, Resolved};
use super::run::Run;
use super::val::*;
use crate::source::Span;
use crate::syntax::javascript::{Import, Stmt, StmtKind, Text};

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

    /// Whether a module gives what `module.exports` says. It may import as ES modules do: what a
    /// compiler makes of it is CommonJS.
    pub fn is_common(&self, loaded: &Loaded) -> bool {
        let object = |id: ObjectId| &self.objects[id.0 as usize];
        let says = || match object(loaded.module).get("exports") {
            Some(Val::Object(id)) => !object(*id).entries.is_empty(),
            other => other.is_some(),
        };
        !loaded.is_esm || loaded.exports.is_empty() && loaded.stars.is_empty() && says()
    }

    /// `module.exports`, or the namespace of a module that has exports.
    pub fn required(&mut self, id: ModuleId) -> Val {
        match self.loaded.get(&id) {
            Some(loaded) if !self.is_common(loaded) => Val::Module(id),
            Some(loaded) => {
                let module = loaded.module;
                let exports = self.object(module).get("exports").cloned();
                exports.unwrap_or(Val::Undefined)
            }
            None => Val::Undefined,
        }
    }
}
