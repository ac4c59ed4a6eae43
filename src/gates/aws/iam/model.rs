//! A policy as it was written.

use crate::request::Known;
use crate::source::{Span, Spanned};

use super::truth::Doubt;

/// What a policy is attached to, which decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Attached to a user, group or role, and permissions boundaries.
    Identity,
    /// Passed along when a session began.
    Session,
    /// A service control policy of an organization.
    Control,
    /// Attached to a resource, to whom it names its principals; and policies of VPC endpoints.
    Resource,
}

/// A policy document.
#[derive(Clone, Debug)]
pub struct Policy {
    pub span: Span,
    pub kind: Kind,
    /// Whether `${…}` is a variable and no text: in version 2012-10-17 alone
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
    pub variables: bool,
    pub statements: Vec<Statement>,
    /// A mistake for which AWS would not take the policy; what it means is not known.
    pub flaw: Option<Doubt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug)]
pub struct Statement {
    pub span: Span,
    pub sid: Option<Spanned<String>>,
    /// `None` after a mistake.
    pub effect: Option<Effect>,
    /// `None` in policies that are attached to a principal.
    pub principals: Option<Principals>,
    pub actions: Option<List>,
    /// `None` where the policy has only one resource: the one that it is attached to.
    pub resources: Option<List>,
    /// All of them have to hold.
    pub conditions: Vec<Condition>,
    /// As [`Policy::flaw`].
    pub flaw: Option<Doubt>,
}

/// A text with its place, or why it is known only when the policy is deployed.
pub type Text = Spanned<Known<String>>;

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub struct List {
    pub span: Span,
    /// All but these.
    pub negated: bool,
    pub values: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub struct Principals {
    pub span: Span,
    /// All but these.
    pub negated: bool,
    pub values: Vec<Spanned<Known<Principal>>>,
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `*`, also anonymous callers.
    Everyone,
    /// An account, by its number or by the ARN of its root user; both mean the same.
    Account(String),
    /// A user, a role, or a session.
    Arn(String),
    /// What matches nobody: an ARN with a wildcard, the id of somebody who was deleted.
    Nobody(String),
    Service(String),
    Federated(String),
    CanonicalUser(String),
}

/// One key of one operator in a `Condition`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub span: Span,
    pub operator: Spanned<Operator>,
    pub key: Spanned<String>,
    pub values: Vec<Text>,
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub set: Option<Set>,
    pub test: Test,
    /// `Not`: none of the values fits.
    pub negated: bool,
    /// `IfExists`: holds where the key is missing.
    pub if_exists: bool,
}

/// How the values of a key that has several are taken together
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    ForAllValues,
    ForAnyValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    BinaryEquals,
    IpAddress,
    /// `ArnEquals` and `ArnLike` are the same.
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The operators without `ForAllValues:`, `ForAnyValue:` and `IfExists`; whether they are negated.
pub const OPERATORS: [(&str, Test, bool); 27] = {
    use Comparison::*;
    [
        ("StringEquals", Test::StringEquals, false),
        ("StringNotEquals", Test::StringEquals, true),
        (
            "StringEqualsIgnoreCase",
            Test::StringEqualsIgnoreCase,
            false,
        ),
        (
            "StringNotEqualsIgnoreCase",
            Test::StringEqualsIgnoreCase,
            true,
        ),
        ("StringLike", Test::StringLike, false),
        ("StringNotLike", Test::StringLike, true),
        ("NumericEquals", Test::Numeric(Equal), false),
        ("NumericNotEquals", Test::Numeric(Equal), true),
        ("NumericLessThan", Test::Numeric(Less), false),
        ("NumericLessThanEquals", Test::Numeric(LessOrEqual), false),
        ("NumericGreaterThan", Test::Numeric(Greater), false),
        (
            "NumericGreaterThanEquals",
            Test::Numeric(GreaterOrEqual),
            false,
        ),
        ("DateEquals", Test::Date(Equal), false),
        ("DateNotEquals", Test::Date(Equal), true),
        ("DateLessThan", Test::Date(Less), false),
        ("DateLessThanEquals", Test::Date(LessOrEqual), false),
        ("DateGreaterThan", Test::Date(Greater), false),
        ("DateGreaterThanEquals", Test::Date(GreaterOrEqual), false),
        ("Bool", Test::Bool, false),
        ("BinaryEquals", Test::BinaryEquals, false),
        ("IpAddress", Test::IpAddress, false),
        ("NotIpAddress", Test::IpAddress, true),
        ("ArnEquals", Test::Arn, false),
        ("ArnNotEquals", Test::Arn, true),
        ("ArnLike", Test::Arn, false),
        ("ArnNotLike", Test::Arn, true),
        ("Null", Test::Null, false),
    ]
};

impl Operator {
    /// Reads `ForAllValues:StringLikeIfExists`; the case of names does not matter.
    pub fn parse(text: &str) -> Option<Operator> {
        let (set, rest) = match text.split_once(':') {
            None => (None, text),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Some(Set::ForAllValues), rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(Set::ForAnyValue), rest)
            }
            Some(_) => return None,
        };
        let suffix = rest.len().checked_sub("IfExists".len());
        let suffix = suffix.filter(|at| {
            rest.get(*at..)
                .is_some_and(|end| end.eq_ignore_ascii_case("IfExists"))
        });
        let name = &rest[..suffix.unwrap_or(rest.len())];
        let (_, test, negated) = OPERATORS
            .into_iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        // The documentation has `IfExists` for all but `Null`, which tests just that.
        let bare = set.is_none() && suffix.is_none();
        (bare || test != Test::Null).then_some(Operator {
            set,
            test,
            negated,
            if_exists: suffix.is_some(),
        })
    }
}
