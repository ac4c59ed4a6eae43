//! Limits on how often somebody may call, and protection against forged calls of other pages.

use super::checks::Refusal;
use super::{Flow, Run};
use crate::gate::{Check, Unsure};
use crate::gates::express::behaviour::{Counts, Csrf, Limit, Needs};
use crate::gates::express::stack::Function;

/// Methods that change nothing, by which csrf libraries go.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

impl Run<'_> {
    pub(super) fn limit(&mut self, function: &Function, limit: &Limit) -> Flow {
        let span = function.span;
        if let Some(because) = &limit.skips {
            let skipped = Unsure::Test {
                text: format!("that {} skips it", function.name),
                because: because.clone(),
            };
            if self.oracle.decide(skipped, Some(span), false) {
                return Flow::Next;
            }
        }
        if let Counts::ByCaller { property, throws } = &limit.counts
            && self.at(property).is_none()
            && !self.may_have_put(span, property)
        {
            let name = &function.name;
            let nobody = format!("nobody is at req.{property} yet");
            if *throws {
                let refusal = Refusal {
                    check: Check::Limit,
                    status: 500,
                    detail: format!("{name} counts by what it finds there, and {nobody}"),
                };
                return self.turn_away(span, refusal, true);
            }
            let detail = format!("{name} counts all callers as one: {nobody}");
            self.admit(span, Check::Limit, detail);
        }
        let reached = Unsure::LimitReached {
            zone: function.name.clone(),
        };
        if !limit.is_zero && !self.oracle.decide(reached, Some(span), false) {
            return Flow::Next;
        }
        let detail = format!("the limit of {} is used up", function.name);
        Flow::End(self.refuse(span, Check::Limit, limit.status, detail))
    }

    pub(super) fn csrf(&mut self, function: &Function, csrf: &Csrf) -> Flow {
        let span = function.span;
        let is_checked = !SAFE.contains(&self.request.method.as_str());
        let ready = match csrf.needs {
            Needs::Cookies => self.cookies,
            Needs::Session => self.session,
        };
        let concerns = csrf.fails_for_all || is_checked;
        if !ready && concerns && !self.may_be_ready(function, csrf) {
            let missing = match csrf.needs {
                Needs::Cookies => "a cookie parser",
                _ => "a session",
            };
            let refusal = Refusal {
                check: Check::Form,
                status: 500,
                detail: format!("{} needs {missing} before it", function.name),
            };
            return self.turn_away(span, refusal, true);
        }
        if !is_checked {
            return Flow::Next;
        }
        let carried = csrf.headers.iter().any(|name| self.has_header(name));
        let right = Unsure::CredentialRight(function.name.clone());
        if carried && self.oracle.decide(right, Some(span), true) {
            return Flow::Next;
        }
        let refusal = Refusal {
            check: Check::Csrf,
            status: 403,
            detail: format!("{} finds no valid CSRF token", function.name),
        };
        self.turn_away(span, refusal, true)
    }

    /// Whether a layer that is not followed has made what is missing.
    fn may_be_ready(&mut self, function: &Function, csrf: &Csrf) -> bool {
        let name = match csrf.needs {
            Needs::Cookies => "cookies",
            Needs::Session => "session",
        };
        self.has_put(name) || self.may_have_put(function.span, name)
    }
}
