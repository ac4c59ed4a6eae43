//! A whole program: from its entry file to the applications that it builds.

use super::modules::ModuleId;
use super::run::{MOST_STEPS, Run};
use super::val::*;
use super::{Read, build};
use crate::problem::Problem;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

impl Run<'_> {
    pub fn read(mut self, entry: ModuleId) -> Read {
        self.load(entry);
        if !self.stacks.iter().any(|stack| stack.is_app) {
            self.call_exports(entry);
        }
        if self.steps > MOST_STEPS {
            let span = (self.stacks.first()).map(|stack| stack.span);
            let message = "this application takes too long to follow; a part of it is not known";
            self.problems.push(Problem::note(span, message));
        }
        // The bodies of middleware have a budget of their own.
        let walked = std::mem::take(&mut self.steps);
        self.when.clear();
        let apps = build::apps(&mut self);
        self.registered.sort_unstable();
        self.registered.dedup();
        Read {
            apps,
            problems: self.problems,
            fields: self.fields,
            registered: self.registered,
            steps: walked + self.steps,
            makers: self
                .stacks
                .iter()
                .filter(|stack| stack.is_app)
                .map(|stack| stack.module)
                .collect(),
            modules: self.order,
        }
    }

    /// Whoever starts it is not seen: `exports.createApp` is taken to be called.
    fn call_exports(&mut self, entry: ModuleId) {
        let mut exports: Vec<Val> = (self.exports_of(entry).into_iter())
            .map(|(_, value)| value)
            .collect();
        exports.push(self.export(entry, &Text::from("default")));
        let nowhere = Span::new(0, 0);
        for export in exports {
            match export {
                Val::Function(closure) => {
                    let unknown = Val::unknown("whoever calls it is not seen");
                    let args = closure.function.params.iter();
                    let args = args.map(|_| Spanned::new(unknown.clone(), nowhere));
                    self.call_closure(&closure, args.collect(), None);
                }
                Val::Class(class) if !class.class.is_decorated => {
                    self.instantiate(&class, Vec::new());
                }
                _ => {}
            }
        }
    }
}
