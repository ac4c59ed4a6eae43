//! What a module gives to others, by `export` and by `module.exports`.

use std::rc::Rc;

use super::module::Export;
use super::modules::ModuleId;
use super::pattern::pattern_names;
use super::run::{Flow, Run};
use super::val::*;
use crate::source::Span;
use crate::syntax::javascript::{Stmt, StmtKind, Text};

impl Run<'_> {
    pub fn export_as(&mut self, id: ModuleId, name: &Text, export: Export) {
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.exports.insert(name.clone(), export);
        }
    }

    pub fn export_from(
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
    pub fn declare_exports(&mut self, stmt: &Stmt, id: ModuleId) {
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

    pub fn exports_object(&mut self, id: ModuleId) -> Option<ObjectId> {
        match self.required(id) {
            Val::Object(id) => Some(id),
            Val::Function(closure) => Some(closure.props),
            _ => None,
        }
    }

    /// An import, resolved when it is used.
    pub fn later(&mut self, module: &Val, name: &Text) -> Val {
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
        if self.is_common(loaded) {
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
    pub fn export_of_common(&mut self, id: ModuleId, name: &Text) -> Val {
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
        if self.is_common(loaded) {
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
