//! AWS WAF: web access control lists. One is no hop of its own: it judges requests at a place within
//! an API, a load balancer or a distribution, whose gate asks it.
//!
//! What a web ACL looks for in a request decides as far as the request says it. Where an address
//! is, how often it called, and what lists of AWS say of it are conditions.

mod judge;
mod managed;
pub mod model;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cloud::{Cloud, Place};
use super::kinds;
use super::run::Run;
use crate::gate::{Check, Effect, End, ResponseHeader};
use crate::request::{Known, Reason};
use crate::source::Span;
pub use managed::{Limit, common_limits, is_http_library};
use model::Acl;

/// What a web ACL stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Api,
    LoadBalancer,
    Distribution,
}

/// An answer instead of the one that was asked for.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// What was set for it; `None` for what the resource behind the ACL answers.
    pub status: Option<Known<u16>>,
    pub headers: Vec<ResponseHeader>,
    pub by: Span,
    pub check: Check,
    pub detail: String,
}

impl Blocked {
    /// What the client gets, where what is behind the ACL has no answer of its own for it: 403.
    pub fn end(self, run: &mut Run<'_>) -> End {
        let status = self.status.unwrap_or(Known::Is(403));
        let (check, detail) = (self.check, self.detail);
        let effect = match status {
            Known::Is(status) => Effect::Refuses {
                check,
                status,
                detail,
            },
            Known::Unknown(_) => Effect::Note(detail),
        };
        run.step(self.by, effect);
        End::Answered {
            status,
            headers: self.headers,
            by: self.by,
        }
    }
}

/// All web ACLs of a run.
#[derive(Debug, Default)]
pub struct Acls {
    known: BTreeMap<String, Arc<Acl>>,
    /// By the ARN of a load balancer.
    before: BTreeMap<String, Vec<String>>,
    why_not: BTreeMap<String, Reason>,
}

impl Acls {
    pub fn read(cloud: &Cloud) -> Acls {
        let mut acls = Acls::default();
        for resource in cloud.all(&kinds::WEB_ACL) {
            let acl = Arc::new(read::acl(resource, cloud));
            let arn = acl.arn.clone();
            match cloud.get(&kinds::RESOURCES_FOR_WEB_ACL, &arn, resource.place()) {
                Known::Is(list) => {
                    let arns = super::fields::texts(list.node(), "ResourceArns");
                    for one in arns {
                        acls.before.entry(one.value).or_default().push(arn.clone());
                    }
                }
                Known::Unknown(reason) => {
                    acls.why_not.insert(arn.clone(), reason);
                }
            }
            acls.known.insert(arn, acl);
        }
        acls
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Acl>> {
        self.known.values()
    }

    /// The one that a stage or a distribution names.
    pub fn named(&self, arn: &str) -> Known<&Arc<Acl>> {
        match self.known.get(arn) {
            Some(acl) => Known::Is(acl),
            // `arn:aws:waf-regional:…`, `arn:aws:waf::…`, and ids without more.
            None => Known::Unknown(Reason::new(match arn.contains(":wafv2:") {
                true => "the web ACL is not here",
                false => "its web ACL is of AWS WAF Classic, which is not read",
            })),
        }
    }

    /// The one before a load balancer, whose own document does not name it.
    pub fn before(&self, arn: &str, cloud: &Cloud) -> Known<Option<&Arc<Acl>>> {
        let named = self.before.get(arn).and_then(|arns| arns.first());
        if let Some(acl) = named.and_then(|arn| self.known.get(arn)) {
            return Known::Is(Some(acl));
        }
        let place = Place::of_arn(arn);
        let unknown = self.known.values().find_map(|acl| {
            let is_near = Place::of_arn(&acl.arn).may_be(&place);
            self.why_not.get(&acl.arn).filter(|_| is_near)
        });
        match (cloud.knows_all(&kinds::WEB_ACL, &place), unknown) {
            (Known::Is(()), None) => Known::Is(None),
            (Known::Unknown(reason), _) => Known::Unknown(reason),
            (_, Some(reason)) => Known::Unknown(reason.clone()),
        }
    }
}
