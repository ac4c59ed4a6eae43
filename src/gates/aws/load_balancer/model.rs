//! An application load balancer as its documents tell of it.

use std::sync::Arc;

use ipnet::IpNet;

use crate::gates::aws::cloud::Place;
use crate::gates::aws::waf::model::Acl;
use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Balancer {
    pub arn: String,
    pub name: String,
    pub place: Place,
    /// Where it is named.
    pub span: Span,
    /// The name that AWS gives it.
    pub host: String,
    pub is_internal: bool,
    /// It takes IPv6, too.
    pub dualstack: Option<Span>,
    pub groups: Vec<Spanned<String>>,
    pub subnets: Vec<Spanned<String>>,
    pub listeners: Known<Vec<Listener>>,
    pub acl: Known<Option<Arc<Acl>>>,
}

#[derive(Debug)]
pub struct Listener {
    pub arn: String,
    pub span: Span,
    pub port: u16,
    pub is_https: bool,
    /// Clients have to show a certificate.
    pub mutual: Option<Span>,
    /// In the order in which they are asked; the default is the last.
    pub rules: Known<Vec<Rule>>,
}

#[derive(Debug)]
pub struct Rule {
    /// `None` for the default.
    pub priority: Option<u32>,
    pub span: Span,
    pub conditions: Vec<Condition>,
    pub actions: Vec<Action>,
    /// Host or path are rewritten on the way on.
    pub transforms: bool,
}

#[derive(Debug)]
pub struct Condition {
    pub span: Span,
    pub test: Test,
}

/// One of the values is enough.
#[derive(Debug)]
pub enum Test {
    Host(Vec<String>),
    Path(Vec<String>),
    /// Values are `None` where they are not here.
    Header(String, Option<Vec<String>>),
    Method(Vec<String>),
    /// Key and value; either may be missing.
    Query(Vec<(Option<String>, Option<String>)>),
    /// One of these regular expressions.
    Expression(Subject, Vec<String>),
    /// The address that opens the connection, whatever X-Forwarded-For says.
    Source(Vec<Spanned<IpNet>>),
    Unknown(String),
}

/// What an expression is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Host,
    Path,
    Header(String),
}

#[derive(Debug)]
pub struct Action {
    pub span: Span,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// To target groups, by their names.
    Forward(Vec<String>),
    Answer(u16),
    Redirect(u16),
    /// By a provider of identities, and what becomes of who is not known to it.
    Authenticate(Stranger),
    /// By a token.
    Verify,
    Unknown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// Sent to log in.
    Sent,
    Denied,
    Allowed,
}

impl Listener {
    pub fn rules(&self) -> &[Rule] {
        self.rules.known().map_or(&[], Vec::as_slice)
    }
}

impl Rule {
    pub fn name(&self) -> String {
        match self.priority {
            Some(priority) => format!("rule {priority}"),
            None => "default rule".to_owned(),
        }
    }
}
