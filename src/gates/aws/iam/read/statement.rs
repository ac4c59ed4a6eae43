//! A statement, key by key.

use crate::gates::aws::fields::network;
use crate::problem::Problem;
use crate::request::Known;
use crate::source::{Span, Spanned};
use crate::syntax::document::{Kind as Is, Node};

use super::super::caller::{Identity, Who, is_account};
use super::super::condition::{boolean, is_date, number};
use super::super::model::{
    Condition, Effect, Kind, List, OPERATORS, Operator, Principal, Principals, Statement, Test,
    Text,
};
use super::{Reader, mistaken};

const KEYS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const PRINCIPALS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

impl Reader {
    pub fn statement(&mut self, node: Node<'_>) -> Statement {
        let mut statement = Statement {
            span: self.at(node.span()),
            sid: None,
            effect: None,
            principals: None,
            actions: None,
            resources: None,
            conditions: Vec::new(),
            flaw: None,
        };
        for (key, value) in self.mapping(node, "a statement") {
            let negated = key.value.starts_with("Not");
            match key.value.as_str() {
                "Sid" => statement.sid = self.known_text(value, "a name"),
                "Effect" => statement.effect = self.effect(value),
                "Principal" | "NotPrincipal" if statement.principals.is_none() => {
                    statement.principals = Some(self.principals(value, negated));
                }
                "Action" | "NotAction" if statement.actions.is_none() => {
                    statement.actions = Some(self.actions(value, negated));
                }
                "Resource" | "NotResource" if statement.resources.is_none() => {
                    statement.resources = Some(self.list(value, negated, "a resource"));
                }
                "Condition" => statement.conditions = self.conditions(value),
                known if KEYS.contains(&known) => self.complain(
                    key.span,
                    format!("`{known}` and its opposite stand in one statement"),
                ),
                _ => self.unknown("key", &key, &KEYS),
            }
        }
        self.is_whole(&statement);
        statement.flaw = self.flaw.take();
        statement
    }

    fn is_whole(&mut self, statement: &Statement) {
        let span = statement.span;
        if statement.effect.is_none() && self.flaw.is_none() {
            self.complain(span, "the statement has no `Effect`");
        }
        if statement.actions.is_none() {
            self.complain(span, "the statement has no `Action`");
        }
        match (&statement.principals, self.kind) {
            (None, Kind::Resource) => self.complain(
                span,
                "the statement has no `Principal`, and the policy of a resource has to name one",
            ),
            (Some(principals), kind) if kind != Kind::Resource => self.complain(
                principals.span,
                "a policy that is attached to a principal names none",
            ),
            _ => {}
        }
        if statement.resources.is_none() && self.kind != Kind::Resource {
            self.complain(span, "the statement has no `Resource`");
        }
    }

    /// Its case matters
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html>).
    fn effect(&mut self, node: Node<'_>) -> Option<Effect> {
        let text = self.known_text(node, "`Allow` or `Deny`")?;
        match text.value.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            _ => {
                self.unknown("effect", &text, &["Allow", "Deny"]);
                None
            }
        }
    }

    fn list(&mut self, node: Node<'_>, negated: bool, what: &str) -> List {
        List {
            span: self.at(node.span()),
            negated,
            values: self.texts(node, what),
        }
    }

    fn actions(&mut self, node: Node<'_>, negated: bool) -> List {
        let mut list = self.list(node, negated, "an action");
        for action in &mut list.values {
            if let Known::Is(text) = &action.value
                && text != "*"
                && !text.contains(':')
            {
                let message = format!("`{text}` is no action such as `execute-api:Invoke`");
                self.tell(Problem::fatal(action.span, message));
                action.value = mistaken();
            }
        }
        list
    }

    fn principals(&mut self, node: Node<'_>, negated: bool) -> Principals {
        let span = self.at(node.span());
        let mut values = Vec::new();
        match node.text() {
            Some("*") => values.push(Spanned::new(Known::Is(Principal::Everyone), span)),
            Some(_) => {
                values.push(Spanned::new(mistaken(), span));
                self.complain(
                    node.span(),
                    "here stands `*`, or `AWS`, `Service`, `Federated` or `CanonicalUser` with its value",
                );
            }
            None => {
                for (kind, value) in self.mapping(node, "`Principal`") {
                    if !PRINCIPALS.contains(&kind.value.as_str()) {
                        self.unknown("kind of principal", &kind, &PRINCIPALS);
                        values.push(Spanned::new(mistaken(), kind.span));
                        continue;
                    }
                    for text in self.texts(value, "a principal") {
                        values.push(self.principal(&kind.value, text));
                    }
                }
            }
        }
        Principals {
            span,
            negated,
            values,
        }
    }

    fn principal(&mut self, kind: &str, text: Text) -> Spanned<Known<Principal>> {
        let span = text.span;
        let principal = match text.value {
            Known::Unknown(reason) => Known::Unknown(reason),
            Known::Is(name) => match kind {
                "Service" => Known::Is(Principal::Service(name)),
                "Federated" => Known::Is(Principal::Federated(name)),
                "CanonicalUser" => Known::Is(Principal::CanonicalUser(name)),
                _ => self.aws(name, span).map_or_else(mistaken, Known::Is),
            },
        };
        Spanned::new(principal, span)
    }

    fn aws(&mut self, name: String, span: Span) -> Option<Principal> {
        if name == "*" {
            return Some(Principal::Everyone);
        }
        if is_account(&name) {
            return Some(Principal::Account(name));
        }
        if name.starts_with("arn:") {
            if name.contains(['*', '?']) {
                self.problems.push(
                    Problem::note(
                        span,
                        format!("`{name}` matches nobody: a principal takes no wildcard in an ARN"),
                    )
                    .with_help("name `*`, and test `aws:PrincipalArn` with ArnLike in a condition"),
                );
                return Some(Principal::Nobody(name));
            }
            return Some(match Identity::parse(&name) {
                Some(identity) if identity.who == Who::Root => Principal::Account(identity.account),
                _ => Principal::Arn(name),
            });
        }
        // The id of a user or role, which stands there once it was deleted.
        let is_id = name.starts_with('A') && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_id {
            return Some(Principal::Nobody(name));
        }
        self.complain(
            span,
            format!("`{name}` is neither an account, an ARN nor `*`"),
        );
        None
    }

    fn conditions(&mut self, node: Node<'_>) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (name, keys) in self.mapping(node, "`Condition`") {
            let Some(operator) = Operator::parse(&name.value) else {
                self.no_operator(&name);
                continue;
            };
            for (key, value) in self.mapping(keys, "an operator") {
                let condition = Condition {
                    span: key.span.to(self.at(value.span())),
                    operator: Spanned::new(operator, name.span),
                    values: self.texts(value, "a value"),
                    key,
                };
                if condition.values.is_empty() && !matches!(value.kind(), Is::Sequence(_)) {
                    continue;
                }
                self.typed(&condition);
                conditions.push(condition);
            }
        }
        conditions
    }

    fn no_operator(&mut self, name: &Spanned<String>) {
        let mut choices: Vec<&str> = OPERATORS.iter().map(|(name, ..)| *name).collect();
        choices.extend([
            "StringEqualsIfExists",
            "StringLikeIfExists",
            "IpAddressIfExists",
        ]);
        choices.extend(["ForAllValues:StringEquals", "ForAllValues:StringLike"]);
        choices.extend(["ForAnyValue:StringEquals", "ForAnyValue:StringLike"]);
        self.unknown("operator", name, &choices);
    }

    /// Values that are not of the operator's type.
    fn typed(&mut self, condition: &Condition) {
        for text in &condition.values {
            let Known::Is(value) = &text.value else {
                continue;
            };
            let (good, what) = match condition.operator.value.test {
                Test::Numeric(_) => (number(value).is_some(), "a number"),
                Test::Date(_) => (is_date(value), "a date such as 2026-01-31T12:00:00Z"),
                Test::Bool if value.starts_with("${") => continue,
                Test::Bool | Test::Null => (boolean(value).is_some(), "`true` or `false`"),
                Test::IpAddress => (
                    network(value).is_some(),
                    "an address or a range such as 203.0.113.0/24",
                ),
                _ => continue,
            };
            if !good {
                self.complain(text.span, format!("`{value}` is not {what}"));
            }
        }
    }
}
