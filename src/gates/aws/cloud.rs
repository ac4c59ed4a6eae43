//! What is known of accounts: documents, each an answer of AWS's API, and what was not answered.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::kinds::{KINDS, Kind, named};
use crate::request::{Known, Reason};
use crate::source::Span;
use crate::syntax::document::{Document, Node, NodeId};

/// Where a document comes from: `aws://ACCOUNT/REGION/SERVICE/TYPE/ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub place: Place,
    pub kind: &'static Kind,
    /// The resource that it is about, or to which it belongs.
    pub id: String,
}

/// An account and a region; each `None` where nothing says so, as in what a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    pub account: Option<Arc<str>>,
    /// `global` for services that have no regions.
    pub region: Option<Arc<str>>,
}

/// What the services without regions have instead.
pub const GLOBAL: &str = "global";

impl Address {
    pub fn parse(text: &str) -> Option<Address> {
        let rest = text.strip_prefix("aws://")?;
        let mut parts = rest.splitn(5, '/');
        let place = Place::parse(parts.next()?, parts.next()?);
        let kind = named(parts.next()?, parts.next()?)?;
        let id = parts.next().filter(|id| !id.is_empty())?.to_owned();
        Some(Address { place, kind, id })
    }
}

impl Place {
    fn parse(account: &str, region: &str) -> Place {
        let part = |text: &str| (!matches!(text, "" | "-")).then(|| Arc::from(text));
        Place {
            account: part(account),
            region: part(region),
        }
    }

    /// The account and the region that an ARN names.
    pub fn of_arn(arn: &str) -> Place {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, _, region, account, _] => Place::parse(account, region),
            _ => Place::default(),
        }
    }

    /// Whether what is said of this place is said of another one: not of one that is not known.
    fn covers(&self, other: &Place) -> bool {
        let fits = |own: &Option<Arc<str>>, other: &Option<Arc<str>>| own.is_none() || own == other;
        fits(&self.account, &other.account) && fits(&self.region, &other.region)
    }

    /// Whether both may be the same: what is not known may be anything.
    pub fn may_be(&self, other: &Place) -> bool {
        let fits = |one: &Option<Arc<str>>, other: &Option<Arc<str>>| {
            one.is_none() || other.is_none() || one == other
        };
        fits(&self.account, &other.account) && fits(&self.region, &other.region)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |text: &Option<Arc<str>>| text.as_deref().unwrap_or("-").to_owned();
        write!(f, "{}/{}", part(&self.account), part(&self.region))
    }
}

impl Address {
    /// As a person reads it: without what an ARN repeats of the place.
    pub fn told(&self) -> String {
        let Kind { service, name, .. } = self.kind;
        let fits = |said: &Option<Arc<str>>, own| said.is_none() || said == own;
        let said = Place::of_arn(&self.id);
        match self.id.splitn(6, ':').nth(5) {
            Some(rest)
                if self.id.starts_with("arn:")
                    && fits(&said.account, &self.place.account)
                    && fits(&said.region, &self.place.region) =>
            {
                format!("aws://{}/{service}/{name}/{rest}", self.place)
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind { service, name, .. } = self.kind;
        write!(f, "aws://{}/{service}/{name}/{}", self.place, self.id)
    }
}

/// One document.
#[derive(Debug)]
pub struct Resource {
    pub address: Address,
    document: Arc<Document>,
    node: NodeId,
}

impl Resource {
    pub fn new(address: Address, document: Arc<Document>, node: NodeId) -> Resource {
        Resource {
            address,
            document,
            node,
        }
    }

    pub fn node(&self) -> Node<'_> {
        self.document.at(self.node)
    }

    pub fn span(&self) -> Span {
        self.node().span()
    }

    pub fn id(&self) -> &str {
        &self.address.id
    }

    pub fn place(&self) -> &Place {
        &self.address.place
    }
}

/// How an operation went.
#[derive(Clone, Debug)]
pub struct Operation {
    pub place: Place,
    pub service: String,
    /// `GetRestApis`
    pub name: String,
    /// The document that could not be had, if only that.
    pub resource: Option<String>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Fetched,
    /// Refused, cut short or not there: in words.
    Missing(Missing, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    Denied,
    Throttled,
    Unsupported,
    NotFetched,
}

impl Missing {
    pub fn parse(text: &str) -> Option<Missing> {
        Some(match text {
            "denied" => Missing::Denied,
            "throttled" => Missing::Throttled,
            "unsupported" => Missing::Unsupported,
            "not-fetched" => Missing::NotFetched,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Missing::Denied => "denied",
            Missing::Throttled => "throttled",
            Missing::Unsupported => "unsupported",
            Missing::NotFetched => "not fetched",
        }
    }
}

/// All documents of a run.
#[derive(Debug, Default)]
pub struct Cloud {
    resources: Vec<Resource>,
    by_id: HashMap<String, Vec<usize>>,
    by_kind: HashMap<(&'static str, &'static str), Vec<usize>>,
    /// Those that did not go well.
    missed: Vec<Operation>,
    /// Those of which all answers are here: of a kind in an account and a region.
    complete: HashSet<(&'static str, &'static str, Place)>,
    /// The accounts that were looked at, with the partition of each.
    pub accounts: BTreeMap<String, String>,
}

impl Cloud {
    pub fn add(&mut self, resource: Resource) {
        let at = self.resources.len();
        let ids = self.by_id.entry(resource.address.id.clone()).or_default();
        ids.push(at);
        let Kind { service, name, .. } = resource.address.kind;
        self.by_kind.entry((service, name)).or_default().push(at);
        self.resources.push(resource);
    }

    pub fn tell(&mut self, operation: Operation) {
        match operation.state {
            State::Missing(..) => self.missed.push(operation),
            State::Fetched => {
                let kinds = KINDS.iter().filter(|kind| {
                    kind.service == operation.service && kind.operation == operation.name
                });
                for kind in kinds {
                    let place = operation.place.clone();
                    self.complete.insert((kind.service, kind.name, place));
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.missed.is_empty() && self.accounts.is_empty()
    }

    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// What could not be had.
    pub fn missed(&self) -> &[Operation] {
        &self.missed
    }

    /// All documents of a kind.
    pub fn all(&self, kind: &'static Kind) -> impl Iterator<Item = &Resource> {
        let places = self.by_kind.get(&(kind.service, kind.name));
        let places = places.into_iter().flatten();
        places.map(|at| &self.resources[*at])
    }

    /// The documents of a kind in the account and region of another one.
    pub fn beside(&self, kind: &'static Kind, place: &Place) -> impl Iterator<Item = &Resource> {
        self.all(kind)
            .filter(move |resource| resource.place().may_be(place))
    }

    /// The document of a kind that has this id, in this account and region.
    pub fn get(&self, kind: &'static Kind, id: &str, place: &Place) -> Known<&Resource> {
        let found = self.by_id.get(id).into_iter().flatten();
        let mut found = found
            .map(|at| &self.resources[*at])
            .filter(|resource| resource.address.kind == kind && resource.place().may_be(place));
        match found.next() {
            Some(resource) => Known::Is(resource),
            None => Known::Unknown(self.why_not(kind, id, place)),
        }
    }

    /// Whether all documents of a kind are known there, so that what is not among them does not
    /// exist.
    pub fn knows_all(&self, kind: &'static Kind, place: &Place) -> Known<()> {
        let mut places = self.complete.iter();
        let is_known = places.any(|(service, name, known)| {
            *service == kind.service && *name == kind.name && known.covers(place)
        });
        match is_known && !self.is_missed(kind, place) {
            true => Known::Is(()),
            false => Known::Unknown(self.why_not(kind, "", place)),
        }
    }

    /// Whether something of a kind there could not be fetched.
    pub fn is_missed(&self, kind: &'static Kind, place: &Place) -> bool {
        self.missed.iter().any(|one| one.concerns(kind, place))
    }

    /// Why a document is not here, in words that follow "because".
    fn why_not(&self, kind: &'static Kind, id: &str, place: &Place) -> Reason {
        let about = |one: &&Operation| {
            one.concerns(kind, place)
                && one.resource.as_deref().is_none_or(|resource| {
                    let known = Address::parse(resource);
                    id.is_empty() || known.is_some_and(|known| known.id == id)
                })
        };
        let told = self.missed.iter().find(about);
        let operation = format!("{}:{}", kind.service, kind.operation);
        Reason::new(match told.map(|one| &one.state) {
            Some(State::Missing(Missing::NotFetched, _)) | Some(State::Fetched) | None => {
                format!("the answer to {operation} is not here")
            }
            Some(State::Missing(missing, _)) => format!("{operation} was {}", missing.as_str()),
        })
    }
}

impl Operation {
    fn concerns(&self, kind: &Kind, place: &Place) -> bool {
        self.service == kind.service && self.name == kind.operation && self.place.may_be(place)
    }
}
