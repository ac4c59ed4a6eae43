//! What a hand-written check asks of a caller: which of the names that it compares with let
//! somebody pass is found by calling it again with somebody who has them.

use std::rc::Rc;

use super::body::Course;
use super::part::{Part, Subject};
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::gates::express::model::{Grant, GrantKind};
use crate::source::Spanned;
use crate::syntax::javascript::Text;

/// With how many names a check is tried; who compares with more has a table of them.
const MOST_NAMES: usize = 24;

/// Members of a caller that hold another object of theirs, and are not what is asked for.
const CONTAINERS: [&str; 8] = [
    "payload",
    "user",
    "data",
    "decoded",
    "claims",
    "profile",
    "realm_access",
    "_doc",
];

/// Somebody who calls. What stands in one member may be known of them; without that they have no
/// more than that they were recognised.
#[derive(Clone, Debug)]
pub struct Somebody {
    pub has: Option<(Text, Val)>,
}

impl Run<'_> {
    /// What a check wants that looks at a member of whoever was recognised.
    pub fn grant(&mut self, closure: &Rc<Closure>, get: &Course) -> Option<Grant> {
        let member = get.wanted().last()?.0.to_owned();
        let mut names: Vec<Spanned<String>> = Vec::new();
        for (_, texts) in get.wanted().filter(|(name, _)| *name == member) {
            for text in texts {
                if !names.iter().any(|name| name.value == text.value) {
                    names.push(text.clone());
                }
            }
        }
        let kind = GrantKind::of_claim(&member);
        // A check that folds the case of what it finds would let more in than these names.
        let folds = get.events().any(|event| *event == Event::Folds);
        let ways = match names.len() {
            1..=MOST_NAMES if !folds => self.ways(closure, get, &member, names),
            _ => Vec::new(),
        };
        Some(Grant {
            claim: Some(member),
            ..Grant::new(kind, ways)
        })
    }

    /// The names that let somebody pass alone; else all of them, if those do together.
    fn ways(
        &mut self,
        closure: &Rc<Closure>,
        get: &Course,
        member: &str,
        names: Vec<Spanned<String>>,
    ) -> Vec<Vec<Spanned<String>>> {
        let mut alone = Vec::new();
        for name in &names {
            if self.lets_in(closure, get, member, std::slice::from_ref(name)) {
                alone.push(vec![name.clone()]);
            }
        }
        if alone.is_empty() && names.len() > 1 && self.lets_in(closure, get, member, &names) {
            alone.push(names);
        }
        alone
    }

    /// Whether somebody with these names may pass, be they in a text or in a list.
    fn lets_in(
        &mut self,
        closure: &Rc<Closure>,
        get: &Course,
        member: &str,
        names: &[Spanned<String>],
    ) -> bool {
        let texts: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
        let text = Val::Text(Text::from(texts.join(" ")));
        let items = names.iter().map(|name| {
            let text = Val::Text(Text::from(name.value.as_str()));
            Spanned::new(text, name.span)
        });
        let list = self.new_list(items.collect());
        // Of a list that is taken for a text nothing is known.
        self.course_with(closure, get, member, text).may_go_on()
            || self.course_with(closure, get, member, list).goes_on()
    }

    /// The same request again, with somebody who has this.
    fn course_with(
        &mut self,
        closure: &Rc<Closure>,
        get: &Course,
        member: &str,
        value: Val,
    ) -> Course {
        let has = Some((Text::from(member), value));
        self.course_of(closure, get.method, false, Some(Somebody { has }))
    }

    /// A member that is only asked whether it is there: `isAdmin`.
    pub fn flag(&mut self, closure: &Rc<Closure>, get: &Course, member: &str) -> Grant {
        let place = closure.function.span;
        let is_flag = self
            .course_with(closure, get, member, Val::Bool(true))
            .may_go_on();
        let ways = is_flag.then(|| vec![Spanned::new("true".to_owned(), place)]);
        Grant {
            claim: Some(member.to_owned()),
            ..Grant::new(GrantKind::of_claim(member), ways.into_iter().collect())
        }
    }

    /// What is wanted of somebody who was recognised, by a check that first asks for that; with the
    /// status for who has it not.
    pub fn second_want(&mut self, closure: &Rc<Closure>, get: &Course) -> Option<(Grant, u16)> {
        let bare = self.course_of(closure, get.method, false, Some(Somebody { has: None }));
        let (status, _) = bare.refusal()?;
        Some((self.grant(closure, &bare)?, status))
    }

    /// A member of somebody who calls.
    pub fn caller_member(&mut self, name: &Text) -> Val {
        let caller = self.log.as_ref().and_then(|log| log.caller.clone());
        match caller.map(|caller| caller.has) {
            Some(Some((member, value))) if member == *name => value,
            _ if CONTAINERS.contains(&&**name) => Val::Part(Part::Caller),
            Some(None) => Val::Part(Part::Absent(Subject::Grant(name.to_string()))),
            _ => Val::unknown(format!("the caller's {name} decides")),
        }
    }

    /// `list.includes(…)` and `list.some(…)` of a list that nobody brought.
    pub fn note_wanted(&mut self, subject: &Subject, name: &str, args: &[Spanned<Val>]) {
        if !matches!(subject, Subject::Grant(_)) {
            return;
        }
        let Some(first) = args.first() else {
            if matches!(name, "toLowerCase" | "toUpperCase") {
                self.note(Event::Folds);
            }
            return;
        };
        match (name, &first.value) {
            ("includes" | "indexOf" | "has", Val::Text(text)) => {
                let text = Spanned::new(text.to_string(), first.span);
                self.note(Event::Wanted(subject.clone(), vec![text]));
            }
            ("some" | "find" | "every" | "filter", Val::Function(closure)) => {
                let item = Val::Part(Part::Absent(subject.clone()));
                self.call_closure(closure, vec![Spanned::new(item, first.span)], None);
            }
            _ => {}
        }
    }
}

impl Course {
    /// The members of a caller that were compared with something, and with what.
    fn wanted(&self) -> impl Iterator<Item = (&str, &[Spanned<String>])> {
        self.events().filter_map(|event| match event {
            Event::Wanted(Subject::Grant(name), texts) => Some((name.as_str(), texts.as_slice())),
            _ => None,
        })
    }
}
