//! `new …`: of classes that are here, and of what every script has.

use std::rc::Rc;

use super::call::{adds_nothing, lend};
use super::scope::Scope;
use super::value::{Object, Val};
use super::{MOST_CALLS, MOST_STEPS_INSIDE, Reader};
use crate::callers::text::Text;
use crate::callers::url::{combined, resolved};
use crate::source::Span;
use crate::syntax::javascript::{Argument, Expr, ExprKind};

impl Reader<'_> {
    pub fn create(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        callee: &Expr,
        args: &[Argument],
    ) -> Val {
        let class = self.eval(scope, callee);
        let args: Vec<Val> = args.iter().map(|arg| self.argument(scope, arg)).collect();
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let name = match (&class, &callee.kind) {
            (Val::Package(_, Some(name)), _) => name.to_string(),
            (Val::Global(name), _) => (*name).to_owned(),
            (_, ExprKind::Name(name) | ExprKind::Member { name, .. }) => name.to_string(),
            _ => String::new(),
        };
        if let Some(val) = self.new_signer(&class, &args) {
            return val;
        }
        match (&class, name.as_str()) {
            (Val::Class(class), _) if self.through.len() < MOST_CALLS => {
                self.through.push(span);
                let until = self.until;
                if self.through.len() == 1 {
                    self.until = until.min(self.steps + MOST_STEPS_INSIDE);
                }
                let val = self.instance_of(class, Some(&args));
                self.until = until;
                self.through.pop();
                val
            }
            (_, "Request") if !matches!(class, Val::Package(..)) => {
                self.request_object(&first, args.get(1))
            }
            (_, "XMLHttpRequest") => self.xhr(scope.module, span),
            // They are told of as what they hold.
            (_, "Headers" | "HttpHeaders") => {
                let mut headers = Object::default();
                headers.spread(&first);
                Val::object(headers)
            }
            (_, "FormData" | "URLSearchParams") => Val::Form,
            (_, "Blob") => Val::Body,
            (_, "URL") => match args.get(1) {
                Some(base) => Val::Text(absolute(&base.to_text(), first.to_text())),
                None => first,
            },
            _ => {
                if !matches!(&class, Val::Package(package, _) if adds_nothing(package)) {
                    lend(&args);
                }
                for arg in &args {
                    self.call_back(arg);
                }
                Val::unknown(&name)
            }
        }
    }
}

/// `new URL(path, base)`. How much of a base stays that is not known here, its author knows.
fn absolute(base: &Text, path: Text) -> Text {
    match base.plain() {
        Some(_) => resolved(base, path),
        None => combined(base, path),
    }
}
