//! Patterns: what a declaration, a parameter or an assignment binds.

use super::run::Run;
use super::val::*;
use crate::source::Span;
use crate::syntax::javascript::{Pattern, Text};

impl Run<'_> {
    /// Gives the names of a pattern their values.
    pub fn bind(&mut self, to: &Pattern, value: Val, span: Span, scope: ScopeId, declares: bool) {
        match to {
            Pattern::Name(name, _) if declares => self.declare(scope, name, value),
            Pattern::Name(name, _) => self.assign(scope, name, value),
            Pattern::Place(place) => self.assign_place(place, value, span, scope),
            Pattern::Default(inner, default) => {
                let value = match value {
                    Val::Undefined => self.eval_named(default, scope, pattern_name(inner)),
                    Val::Unknown(_) => {
                        let default = self.eval(default, scope);
                        self.or_default(value, default)
                    }
                    value => value,
                };
                self.bind(inner, value, span, scope, declares);
            }
            Pattern::Object { entries, rest } => {
                for (key, pattern) in entries {
                    let member = match self.key_text(key, scope) {
                        Some(key) => self.member(&value, &key, span),
                        None => Val::unknown("its key is not known"),
                    };
                    self.bind(pattern, member, span, scope, declares);
                }
                if let Some(rest) = rest {
                    self.bind(rest, value, span, scope, declares);
                }
            }
            Pattern::Array { items, rest } => {
                let list = self.items_of(&value);
                for (at, pattern) in items.iter().enumerate() {
                    let Some(pattern) = pattern else { continue };
                    let item = match &list {
                        Some(list) => list.get(at).cloned().map(|item| item.value),
                        None => Some(self.element(&value, at)),
                    };
                    self.bind(
                        pattern,
                        item.unwrap_or(Val::Undefined),
                        span,
                        scope,
                        declares,
                    );
                }
                if let Some(rest) = rest {
                    let tail = match list {
                        Some(list) => {
                            let tail = list.into_iter().skip(items.len()).collect();
                            self.new_list(tail)
                        }
                        None => Val::unknown("it is the rest of what is not known"),
                    };
                    self.bind(rest, tail, span, scope, declares);
                }
            }
        }
    }
}

/// The name that a function gets which is assigned there.
pub fn pattern_name(pattern: &Pattern) -> Option<Text> {
    match pattern {
        Pattern::Name(name, _) => Some(name.clone()),
        Pattern::Default(inner, _) => pattern_name(inner),
        _ => None,
    }
}

pub fn pattern_names(pattern: &Pattern, all: &mut Vec<Text>) {
    use Pattern;
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
