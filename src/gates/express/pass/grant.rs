//! What whoever was recognised may do, by the property of the request in which it is looked for.

use super::checks::Refusal;
use super::{Flow, Run};
use crate::gate::{Check, Unsure};
use crate::gates::express::behaviour::{Grant, Puts};
use crate::gates::express::stack::Function;
use crate::request::Known;

impl Run<'_> {
    /// Somebody was recognised.
    pub(super) fn put(&mut self, puts: &Puts) {
        match puts {
            Puts::Claims(property) => self.put.push(property.clone()),
            Puts::Unknown(because) => self.may_have_put = Some(because.clone()),
            Puts::Nothing => {}
        }
    }

    pub(super) fn grant(&mut self, function: &Function, grant: &Grant) -> Flow {
        let property = match &grant.from {
            Known::Is(property) => property,
            Known::Unknown(because) => {
                return self.unreadable(&function.name, function.span, because);
            }
        };
        // What stands within what was put by hand is not known.
        let within = |one: &String| {
            let rest = property.strip_prefix(one.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_there = self.put.contains(property) || self.put_by_hand.iter().any(within);
        let is_there = is_there || self.may_be_there(function, property);
        if is_there {
            let granted = Unsure::Granted(grant.names.clone());
            if self.oracle.decide(granted, Some(function.span), true) {
                return Flow::Next;
            }
        }
        // The claims may stand one level further in: then the property is there, and has none.
        let inner = format!("{property}.");
        let is_outer = self.put.iter().any(|one| one.starts_with(&inner));
        let (status, detail) = match (is_there, is_outer) {
            (true, _) => (
                grant.lacking,
                format!("does not find {} granted", grant.names),
            ),
            (false, true) => (grant.lacking, format!("finds no claims in req.{property}")),
            (false, false) => (grant.missing, format!("finds no req.{property}")),
        };
        let refusal = Refusal {
            check: Check::Grant,
            status,
            detail: format!("{} {detail}", function.name),
        };
        self.turn_away(function.span, refusal, grant.by_error)
    }

    /// Whether a layer that is not followed has filled the property.
    fn may_be_there(&mut self, function: &Function, property: &str) -> bool {
        let Some(because) = self.may_have_put.clone() else {
            return false;
        };
        let puts = Unsure::Test {
            text: format!("a layer before puts req.{property} on the request"),
            because,
        };
        self.oracle.decide(puts, Some(function.span), true)
    }
}
