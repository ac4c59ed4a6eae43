//! The circumstances of a request, as conditions see them.

use std::collections::HashMap;

use crate::request::Reason;

use super::caller::{Caller, Who};

/// The keys that a request brings, and what is known of them.
///
/// Names of keys have no case, those of tags within them neither
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>).
#[derive(Clone, Debug)]
pub struct Context {
    keys: HashMap<String, Value>,
    /// `aws:principaltag/`: what begins so is missing.
    missing: Vec<&'static str>,
    /// What a key is of which nothing was said.
    rest: Value,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The request does not have the key.
    Absent,
    One(String),
    /// A key that may have several values, such as `aws:TagKeys`.
    Many(Vec<String>),
    /// Missing, or an address that is not the sender's: AWS's guides differ on it.
    Hidden(Reason),
    Unknown(Reason),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::One(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::One(text)
    }
}

impl Context {
    /// Nothing is known but what will be said.
    pub fn open() -> Self {
        Context {
            keys: HashMap::new(),
            missing: Vec::new(),
            rest: Value::Unknown(Reason::new("nothing says what it is")),
        }
    }

    /// All is known: what will not be said is not there.
    pub fn closed() -> Self {
        Context {
            rest: Value::Absent,
            ..Context::open()
        }
    }

    /// What the caller alone decides
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>);
    /// nothing else is known.
    pub fn of(caller: &Caller) -> Self {
        let mut context = Context::open();
        match caller {
            Caller::Anonymous => context.anonymous(),
            Caller::Aws(identity) => {
                context.set("aws:PrincipalAccount", identity.account.as_str());
                context.set("aws:PrincipalIsAWSService", "false");
                match &identity.who {
                    Who::Root => {
                        context.set("aws:PrincipalArn", identity.arn.as_str());
                        context.set("aws:PrincipalType", "Account");
                        context.set("aws:username", Value::Absent);
                    }
                    Who::User { name } => {
                        context.set("aws:PrincipalArn", identity.arn.as_str());
                        context.set("aws:PrincipalType", "User");
                        context.set("aws:username", name.as_str());
                    }
                    Who::Role { .. } => {
                        context.set("aws:PrincipalArn", identity.arn.as_str());
                        context.set("aws:PrincipalType", "AssumedRole");
                        context.set("aws:username", Value::Absent);
                    }
                    // The key has the role's own ARN, with a path that a session's does not have.
                    Who::Session { .. } => {
                        context.set("aws:PrincipalType", "AssumedRole");
                        context.set("aws:username", Value::Absent);
                    }
                    Who::Federated { .. } => {
                        context.set("aws:PrincipalArn", identity.arn.as_str());
                        context.set("aws:PrincipalType", "FederatedUser");
                        context.set("aws:username", Value::Absent);
                    }
                }
            }
            Caller::Service(_) | Caller::Unknown(_) => {}
        }
        context
    }

    /// Nobody signed: whatever says who did is missing.
    fn anonymous(&mut self) {
        for key in [
            "aws:PrincipalArn",
            "aws:PrincipalIsAWSService",
            "aws:PrincipalOrgID",
            "aws:PrincipalOrgPaths",
            "aws:username",
            "aws:TokenIssueTime",
            "aws:MultiFactorAuthAge",
        ] {
            self.set(key, Value::Absent);
        }
        self.set("aws:PrincipalAccount", "anonymous");
        self.set("aws:PrincipalType", "Anonymous");
        self.missing.push("aws:principaltag/");
    }

    /// Says what a key is, [`Value::Absent`] for one that the request does not bring.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.keys.insert(key.to_lowercase(), value.into());
    }

    pub fn get(&self, key: &str) -> &Value {
        let key = key.to_lowercase();
        match self.keys.get(&key) {
            Some(value) => value,
            None if self.missing.iter().any(|start| key.starts_with(start)) => &Value::Absent,
            None => &self.rest,
        }
    }
}
