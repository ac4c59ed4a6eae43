//! What a file gives to others.

use std::rc::Rc;

use super::Reader;
use super::scope::{Exported, Scope};
use super::value::Val;
use crate::syntax::javascript::{Import, Pattern, Stmt, StmtKind, Text};

impl Reader<'_> {
    pub fn export(&mut self, scope: &Rc<Scope>, stmt: &Stmt) {
        let put = |reader: &mut Self, name: Text, what: Exported| {
            if let Some(Some(file)) = reader.files.get(&scope.module) {
                file.exports.borrow_mut().names.insert(name, what);
            }
        };
        match &stmt.kind {
            StmtKind::Export(inner) => {
                self.statement(scope, inner);
                for name in declared(inner) {
                    put(self, name.clone(), Exported::Local(name));
                }
            }
            StmtKind::ExportDefaultDeclaration(inner) => {
                self.statement(scope, inner);
                let what = match declared(inner).pop() {
                    Some(name) => Exported::Local(name),
                    None => Exported::Val(match &inner.kind {
                        StmtKind::Function(function) => self.closure(scope, function),
                        StmtKind::Class(class) => self.class(scope, class),
                        _ => Val::unknown("default"),
                    }),
                };
                put(self, "default".into(), what);
            }
            StmtKind::ExportDefault(expr) => {
                let val = self.eval(scope, expr);
                put(self, "default".into(), Exported::Val(val));
            }
            StmtKind::ExportNames(names) => {
                for (local, name) in names {
                    put(self, name.clone(), Exported::Local(local.clone()));
                }
            }
            StmtKind::ExportFrom {
                from,
                names,
                all_as,
            } => {
                for (theirs, name) in names.iter().flatten() {
                    let what = match &**theirs {
                        "default" => Import::Default,
                        _ => Import::Name(theirs.clone()),
                    };
                    put(self, name.clone(), Exported::From(from.clone(), what));
                }
                if let Some(name) = all_as {
                    put(
                        self,
                        name.clone(),
                        Exported::From(from.clone(), Import::All),
                    );
                } else if names.is_none()
                    && let Some(Some(file)) = self.files.get(&scope.module)
                {
                    file.exports.borrow_mut().all_from.push(from.clone());
                }
            }
            StmtKind::ExportAssign(expr) => {
                let val = self.eval(scope, expr);
                if let Some(Some(file)) = self.files.get(&scope.module) {
                    file.exports.borrow_mut().whole = Some(val);
                }
            }
            _ => {}
        }
    }
}

/// The names that a declaration brings.
fn declared(stmt: &Stmt) -> Vec<Text> {
    fn names(pattern: &Pattern, out: &mut Vec<Text>) {
        match pattern {
            Pattern::Name(name, _) => out.push(name.clone()),
            Pattern::Object { entries, rest } => {
                entries.iter().for_each(|(_, inner)| names(inner, out));
                rest.iter().for_each(|inner| names(inner, out));
            }
            Pattern::Array { items, rest } => {
                items.iter().flatten().for_each(|inner| names(inner, out));
                rest.iter().for_each(|inner| names(inner, out));
            }
            Pattern::Default(inner, _) => names(inner, out),
            Pattern::Place(_) => {}
        }
    }
    let mut out = Vec::new();
    match &stmt.kind {
        StmtKind::Declare { names: all, .. } => {
            all.iter().for_each(|(pattern, _)| names(pattern, &mut out));
        }
        StmtKind::Function(function) => out.extend(function.name.clone()),
        StmtKind::Class(class) => out.extend(class.name.clone()),
        _ => {}
    }
    out
}
