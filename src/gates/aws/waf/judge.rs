//! A request before a web ACL: its rules by their priority, until one ends it; else the default
//! (<https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing-order.html>).

mod field;
mod fits;

use super::model::{Acl, Action, Answer, Overrides, OwnGroup, Rule, Statement, Then};
use super::{Before, Blocked};
use crate::gate::{Check, Effect, ResponseHeader, Unsure};
use crate::gates::aws::run::Run;
use crate::request::{Known, Reason};
use crate::source::Span;

/// The cookie with which a client proves that it solved a puzzle.
const TOKEN: &str = "aws-waf-token";

pub(super) struct Judge<'a, 'r> {
    pub acl: &'a Acl,
    pub before: Before,
    pub run: &'a mut Run<'r>,
    /// Those of the rules that it fit so far.
    pub labels: Vec<String>,
    /// What the labels begin with of the group, or the ACL, whose rule is asked.
    pub context: &'a str,
    /// Groups of AWS that it passed: some of their labels may be on it.
    pub passed: Vec<&'a str>,
    /// Whether what only counts a request may matter to a rule after it.
    pub reads_labels: bool,
}

/// How a rule ended it.
pub(super) enum Ended {
    Allowed,
    Blocked(Box<Blocked>),
}

impl Acl {
    /// Lets a request on, or says what is answered instead.
    pub fn judge(&self, run: &mut Run<'_>, before: Before) -> Result<(), Box<Blocked>> {
        let mut judge = Judge {
            acl: self,
            before,
            run,
            labels: Vec::new(),
            context: &self.labels,
            passed: Vec::new(),
            reads_labels: self.reads_labels(),
        };
        for rule in &self.rules {
            match judge.rule(rule, &self.labels, None) {
                None => {}
                Some(Ended::Allowed) => return Ok(()),
                Some(Ended::Blocked(blocked)) => return Err(blocked),
            }
        }
        let name = &self.name;
        let by_address = self.lists().next().is_some();
        let detail = match &self.default.value {
            Action::Block(_) => format!("no rule of the web ACL {name} lets it in"),
            _ => format!("no rule of the web ACL {name} stops it"),
        };
        let check = check(by_address);
        match judge.act(&self.default.value, self.default.span, check, detail) {
            Some(Ended::Blocked(blocked)) => Err(blocked),
            _ => Ok(()),
        }
    }

    /// How much of a body it looks at
    /// (<https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html>).
    pub fn body_limit(&self, before: Before) -> u64 {
        let name = match before {
            Before::LoadBalancer => return 8 * 1024,
            Before::Api => "API_GATEWAY",
            Before::Distribution => "CLOUDFRONT",
        };
        let mut limits = self.body_limits.iter();
        let set = limits.find(|(kind, _)| kind == name);
        set.map_or(16 * 1024, |(_, limit)| *limit)
    }
}

fn check(by_address: bool) -> Check {
    match by_address {
        true => Check::Address,
        false => Check::Condition,
    }
}

impl<'a> Judge<'a, '_> {
    fn rule(
        &mut self,
        rule: &'a Rule,
        labels: &'a str,
        overrides: Option<&'a Overrides>,
    ) -> Option<Ended> {
        self.context = labels;
        let ended = match &rule.statement {
            Statement::Group(_) | Statement::Managed(_) if self.is_idle(&rule.then) => return None,
            Statement::Group(group) => self.group(rule, group),
            Statement::Managed(group) => self.managed(rule, group),
            statement => {
                let Then::Act(own) = &rule.then else {
                    return None;
                };
                let action = overrides.and_then(|all| all.of(&rule.name)).unwrap_or(own);
                let is_idle = matches!(action, Action::Count) && !self.reads_labels;
                if is_idle && self.known(statement, rule).is_none() {
                    return None;
                }
                let admits = matches!(action, Action::Allow);
                if !self.fits(statement, rule, admits) {
                    return None;
                }
                let own = rule.labels.iter();
                let own = own.map(|label| format!("{labels}{label}"));
                self.labels.extend(own);
                let check = statement.check();
                self.act(action, rule.span, check, told(rule, self.acl))
            }
        };
        match (&rule.then, ended) {
            (Then::AsGroup { count: true }, Some(_)) => {
                let text = format!("the rule {} only counts it", rule.name);
                self.run.step(rule.span, Effect::Note(text));
                None
            }
            (_, ended) => ended,
        }
    }

    /// Whether a group changes nothing, whatever it finds.
    fn is_idle(&self, then: &Then) -> bool {
        matches!(then, Then::AsGroup { count: true }) && !self.reads_labels
    }

    fn group(&mut self, rule: &'a Rule, own: &'a OwnGroup) -> Option<Ended> {
        match &own.group {
            Known::Unknown(reason) => {
                self.run.assume(reason, rule.span);
                None
            }
            Known::Is(group) => {
                let mut rules = group.rules.iter();
                rules.find_map(|one| self.rule(one, &group.labels, Some(&own.overrides)))
            }
        }
    }

    /// What an action makes of it; `None` for one that lets the next rule be asked.
    pub(super) fn act(
        &mut self,
        action: &Action,
        span: Span,
        check: Check,
        detail: String,
    ) -> Option<Ended> {
        let blocked = |status, headers| {
            Some(Ended::Blocked(Box::new(Blocked {
                status,
                headers,
                by: span,
                check,
                detail: detail.clone(),
            })))
        };
        match action {
            Action::Allow => {
                self.run.admits(span, check, detail);
                Some(Ended::Allowed)
            }
            Action::Block(None) => blocked(None, Vec::new()),
            Action::Block(Some(answer)) => {
                blocked(answer.status.map(Known::Is), answer.response_headers())
            }
            Action::Count => {
                let text = format!("{detail}: it is only counted");
                self.run.step(span, Effect::Note(text));
                None
            }
            // A preflight and most programs cannot solve it
            // (<https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html>).
            Action::Captcha => self
                .puzzle(span)
                .then(|| blocked(Some(Known::Is(405)), vec![]))?,
            Action::Challenge => {
                let reason = Reason::new("AWS WAF answers 202 and a script for browsers to run");
                let status = Known::Unknown(reason);
                self.puzzle(span).then(|| blocked(Some(status), vec![]))?
            }
            Action::Unknown(why) => {
                let reason = Reason::new(why.clone());
                blocked(Some(Known::Unknown(reason)), Vec::new())
            }
        }
    }

    /// Whether the client has to solve a puzzle first.
    fn puzzle(&mut self, span: Span) -> bool {
        let cookies = self.run.request.headers.get("Cookie");
        let has_token = cookies.is_some_and(|cookies| {
            cookies
                .known()
                .is_none_or(|text| bstr::ByteSlice::contains_str(text.as_slice(), TOKEN))
        });
        let what = Unsure::CredentialRight("the token of AWS WAF".into());
        !(has_token && self.run.oracle.decide(what, Some(span), true))
    }
}

fn told(rule: &Rule, acl: &Acl) -> String {
    format!("it fits the rule {} of the web ACL {}", rule.name, acl.name)
}

impl Statement {
    fn check(&self) -> Check {
        match self {
            Statement::Addresses { .. } | Statement::Origin(_) => Check::Address,
            Statement::Size { .. } => Check::Size,
            Statement::Rate { .. } => Check::Limit,
            Statement::Not(part) => part.check(),
            Statement::All(parts) | Statement::Any(parts) => {
                let mut checks = parts.iter().map(Statement::check);
                let by_address = checks.any(|check| check == Check::Address);
                check(by_address)
            }
            _ => Check::Condition,
        }
    }
}

impl Answer {
    fn response_headers(&self) -> Vec<ResponseHeader> {
        let headers = self.headers.iter().map(|(name, value)| ResponseHeader {
            name: name.as_str().into(),
            value: match value {
                Some(value) => Known::Is(value.as_str().into()),
                None => Known::Unknown(Reason::new("its value is not here")),
            },
            always: true,
            span: Some(self.span),
        });
        headers.collect()
    }
}
