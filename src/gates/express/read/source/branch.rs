//! Conditions that nothing decides while nothing runs: both sides are walked.

use std::collections::{HashMap, HashSet};

use super::run::{Flow, Run};
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

type Writes = Vec<(ScopeId, Text, Option<Val>)>;

impl Run<'_> {
    /// The text of a condition, as it stands in the source.
    pub fn condition_at(&self, span: Span) -> Spanned<String> {
        const LONGEST: usize = 120;
        let text = self.modules.text(span);
        let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.len() > LONGEST {
            let cut = words.char_indices().map(|(at, _)| at);
            let cut = cut.take_while(|at| *at <= LONGEST).last().unwrap_or(0);
            words.truncate(cut);
            words.push('…');
        }
        Spanned::new(words, span)
    }

    /// Walks one side, and takes back what it did to variables. Gives what they were after it.
    fn side<T>(&mut self, when: Spanned<String>, work: impl FnOnce(&mut Self) -> T) -> (T, Writes) {
        let depth = self.when.len();
        let mark = self.journal.len();
        self.branches += 1;
        self.when.push(when);
        let result = work(self);
        self.when.truncate(depth);
        let mut after: Writes = Vec::new();
        let mut seen = HashSet::new();
        for (scope, name, _) in &self.journal[mark..] {
            if seen.insert((*scope, name.clone())) {
                let now = self.scopes[scope.0 as usize].vars.get(name).cloned();
                after.push((*scope, name.clone(), now));
            }
        }
        for (scope, name, before) in self.journal.split_off(mark).into_iter().rev() {
            let vars = &mut self.scopes[scope.0 as usize].vars;
            match before {
                Some(before) => vars.insert(name, before),
                None => vars.remove(&name),
            };
        }
        self.branches -= 1;
        (result, after)
    }

    /// Walks both sides of a condition.
    pub fn fork<T>(
        &mut self,
        when: &Spanned<String>,
        yes: impl FnOnce(&mut Self) -> T,
        no: impl FnOnce(&mut Self) -> T,
    ) -> (T, T) {
        let (yes, written) = self.side(when.clone(), yes);
        let (no, other) = self.side(negated(when), no);
        let key = |write: &(ScopeId, Text, Option<Val>)| (write.0, write.1.clone());
        let first: HashSet<(ScopeId, Text)> = written.iter().map(key).collect();
        let second: HashMap<(ScopeId, Text), Option<Val>> = other
            .iter()
            .map(|write| (key(write), write.2.clone()))
            .collect();
        for (scope, name, value) in &written {
            let no = match second.get(&(*scope, name.clone())) {
                Some(value) => value.clone(),
                None => self.scopes[scope.0 as usize].vars.get(name).cloned(),
            };
            let merged = merge(when, value.clone(), no);
            self.assign_at(*scope, name, merged);
        }
        for (scope, name, value) in other {
            if !first.contains(&(scope, name.clone())) {
                let before = self.scopes[scope.0 as usize].vars.get(&name).cloned();
                let merged = merge(when, before, value);
                self.assign_at(scope, &name, merged);
            }
        }
        (yes, no)
    }

    fn assign_at(&mut self, scope: ScopeId, name: &Text, value: Val) {
        self.declare(scope, name, value);
    }

    /// As [`Run::fork`], for two statements.
    pub fn fork_flow(
        &mut self,
        when: &Spanned<String>,
        yes: impl FnOnce(&mut Self) -> Flow,
        no: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        match self.fork(when, yes, no) {
            // A side that throws is one on which the application does not come up.
            (Flow::Stop(_), Flow::Next) if self.log.is_none() => Flow::Next,
            (Flow::Next, Flow::Stop(_)) if self.log.is_none() => Flow::Next,
            (Flow::Stop(_), other) | (other, Flow::Stop(_)) if self.log.is_none() => other,
            (Flow::Next, Flow::Next) => Flow::Next,
            (Flow::Return(yes), Flow::Return(no)) => Flow::Return(either(when, yes, no)),
            (Flow::Break, Flow::Break) => Flow::Break,
            (Flow::Continue, Flow::Continue) => Flow::Continue,
            (Flow::Stop(yes), Flow::Stop(_)) => Flow::Stop(yes),
            // The rest happens on the other side only, until the function or the loop ends.
            (_, Flow::Next) => {
                self.when.push(negated(when));
                Flow::Next
            }
            (Flow::Next, _) => {
                self.when.push(when.clone());
                Flow::Next
            }
            (Flow::Return(value), _) | (_, Flow::Return(value)) => Flow::Return(value),
            (other, _) => other,
        }
    }
}

fn merge(when: &Spanned<String>, yes: Option<Val>, no: Option<Val>) -> Val {
    either(
        when,
        yes.unwrap_or(Val::Undefined),
        no.unwrap_or(Val::Undefined),
    )
}

/// `!(a)`, and `a` of `!(a)`.
pub fn negated(when: &Spanned<String>) -> Spanned<String> {
    let text = &when.value;
    let inner = text.strip_prefix('!').filter(|rest| {
        rest.chars()
            .all(|char| char.is_alphanumeric() || "._$".contains(char))
    });
    let plain = text
        .chars()
        .all(|char| char.is_alphanumeric() || "._$".contains(char));
    let value = match inner {
        Some(inner) => inner.to_owned(),
        None if plain => format!("!{text}"),
        None => format!("!({text})"),
    };
    Spanned::new(value, when.span)
}
