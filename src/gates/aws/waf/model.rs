//! A web ACL as its documents tell of it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Acl {
    pub arn: String,
    pub name: String,
    pub span: Span,
    /// What becomes of a request that no rule ends.
    pub default: Spanned<Action>,
    /// In the order in which they are asked.
    pub rules: Vec<Rule>,
    /// What its own labels begin with.
    pub labels: String,
    /// How much of a body it looks at, by what it stands before, where that was set.
    pub body_limits: Vec<(String, u64)>,
}

#[derive(Debug)]
pub struct Rule {
    pub name: String,
    pub span: Span,
    pub statement: Statement,
    pub then: Then,
    /// What a request that it fits is marked with.
    pub labels: Vec<String>,
}

#[derive(Debug)]
pub enum Then {
    Act(Action),
    /// What its group says, or only the counting of it.
    AsGroup {
        count: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Action {
    Allow,
    Block(Option<Answer>),
    Count,
    Captcha,
    Challenge,
    Unknown(String),
}

/// An answer that was set for what is blocked.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: Option<u16>,
    pub headers: Vec<(String, Option<String>)>,
    pub span: Span,
}

#[derive(Debug)]
pub enum Statement {
    Addresses {
        set: Known<Arc<IpSet>>,
        forwarded: Option<Forwarded>,
    },
    /// Where an address is, in words.
    Origin(String),
    Text {
        field: Field,
        test: Known<TextTest>,
        transforms: Vec<String>,
    },
    Size {
        field: Field,
        comparison: String,
        size: u64,
        transforms: Vec<String>,
    },
    /// A pattern of attacks, which a plain request does not have.
    Attack(&'static str),
    Label {
        key: String,
        namespace: bool,
    },
    Rate {
        within: Option<Box<Statement>>,
    },
    All(Vec<Statement>),
    Any(Vec<Statement>),
    Not(Box<Statement>),
    Group(OwnGroup),
    Managed(ManagedGroup),
    Unknown(String),
}

#[derive(Debug)]
pub struct IpSet {
    pub name: String,
    pub span: Span,
    pub addresses: Vec<Spanned<IpNet>>,
    /// Where each network stands in the list, which may be as long as 10,000.
    places: HashMap<IpNet, usize>,
    /// The lengths of their prefixes.
    lengths: Vec<u8>,
}

/// Where the address is taken from instead of the connection.
#[derive(Debug)]
pub struct Forwarded {
    pub header: String,
    pub position: Position,
    /// What a header without a valid address there means.
    pub fallback: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    First,
    Last,
    Any,
}

/// A part of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Field {
    Path,
    Query,
    Method,
    Header(String),
    Argument(String),
    Body {
        oversize: Oversize,
    },
    /// Keys and values of the JSON in a body.
    Json {
        oversize: Oversize,
    },
    Cookies,
    /// Something else, by its name.
    Other(String),
}

/// What is done with more than can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversize {
    Continue,
    Match,
    NoMatch,
}

#[derive(Debug)]
pub enum TextTest {
    Exactly(Vec<u8>),
    StartsWith(Vec<u8>),
    EndsWith(Vec<u8>),
    Contains(Vec<u8>),
    ContainsWord(Vec<u8>),
    /// One of these expressions.
    Regex(Vec<String>),
}

/// A rule group of one's own.
#[derive(Debug)]
pub struct OwnGroup {
    pub group: Known<Arc<Group>>,
    pub overrides: Overrides,
}

#[derive(Debug)]
pub struct Group {
    pub name: String,
    pub labels: String,
    pub rules: Vec<Rule>,
}

/// A rule group of AWS or of somebody who sells it.
#[derive(Debug)]
pub struct ManagedGroup {
    pub vendor: String,
    pub name: String,
    pub span: Span,
    pub overrides: Overrides,
    /// It is only for what fits this.
    pub within: Option<Box<Statement>>,
}

/// What rules of a group do instead of what they say, by their names.
#[derive(Debug, Default)]
pub struct Overrides(pub Vec<(String, Action)>);

impl Overrides {
    pub fn of(&self, rule: &str) -> Option<&Action> {
        let mut all = self.0.iter();
        all.find(|(name, _)| name == rule).map(|(_, action)| action)
    }
}

impl IpSet {
    pub fn new(name: String, span: Span, addresses: Vec<Spanned<IpNet>>) -> IpSet {
        let places = addresses.iter().enumerate();
        let mut lengths: Vec<u8> = addresses.iter().map(|net| net.value.prefix_len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        IpSet {
            name,
            span,
            places: places.map(|(at, net)| (net.value, at)).collect(),
            lengths,
            addresses,
        }
    }

    pub fn entry(&self, address: IpAddr) -> Option<&Spanned<IpNet>> {
        let mut networks = self.lengths.iter().filter_map(|length| {
            let net = IpNet::new(address, *length).ok()?;
            self.places.get(&net.trunc())
        });
        self.addresses.get(*networks.next()?)
    }
}

impl Acl {
    /// Rules that look at the sender's address by a list of it.
    pub fn lists(&self) -> impl Iterator<Item = (&Rule, &Arc<IpSet>)> {
        self.rules.iter().flat_map(|rule| {
            let mut sets = Vec::new();
            rule.statement.collect_sets(&mut sets);
            sets.into_iter().map(move |set| (rule, set))
        })
    }

    /// Whether one of its rules goes by what others have marked.
    pub fn reads_labels(&self) -> bool {
        self.rules.iter().any(|rule| rule.statement.reads_labels())
    }
}

impl Statement {
    fn collect_sets<'s>(&'s self, found: &mut Vec<&'s Arc<IpSet>>) {
        match self {
            Statement::Addresses {
                set: Known::Is(set),
                forwarded: None,
            } => found.push(set),
            Statement::All(parts) | Statement::Any(parts) => {
                parts.iter().for_each(|part| part.collect_sets(found));
            }
            Statement::Not(part) => part.collect_sets(found),
            Statement::Rate { within: Some(part) } => part.collect_sets(found),
            Statement::Group(OwnGroup {
                group: Known::Is(group),
                ..
            }) => {
                let statements = group.rules.iter().map(|rule| &rule.statement);
                statements.for_each(|one| one.collect_sets(found));
            }
            _ => {}
        }
    }

    fn reads_labels(&self) -> bool {
        match self {
            Statement::Label { .. } => true,
            Statement::All(parts) | Statement::Any(parts) => {
                parts.iter().any(Statement::reads_labels)
            }
            Statement::Not(part) => part.reads_labels(),
            Statement::Rate { within } => within.as_ref().is_some_and(|part| part.reads_labels()),
            Statement::Managed(group) => {
                let within = group.within.as_ref();
                within.is_some_and(|part| part.reads_labels())
            }
            Statement::Group(OwnGroup { group, .. }) => group.known().is_none_or(|group| {
                let mut rules = group.rules.iter();
                rules.any(|rule| rule.statement.reads_labels())
            }),
            _ => false,
        }
    }
}
