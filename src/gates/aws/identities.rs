//! Users and roles, and the policies that they have.

use std::collections::BTreeMap;

use super::cloud::{Cloud, Resource};
use super::iam::{self, Caller, Kind, Policy, Who};
use super::kinds;
use crate::problem::Problem;
use crate::request::{Known, Reason};
use crate::syntax::document::Node;

/// The identities of all accounts of a run.
#[derive(Debug, Default)]
pub struct Identities {
    /// By account, kind and name.
    known: BTreeMap<(String, Is, String), Identity>,
    /// Managed policies, by their ARN.
    managed: BTreeMap<String, Policy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    User,
    Role,
    Group,
}

#[derive(Debug)]
pub struct Identity {
    pub arn: String,
    inline: Vec<Policy>,
    attached: Vec<String>,
    boundary: Option<String>,
    groups: Vec<String>,
}

/// What limits somebody and what allows them something.
pub struct Own<'i> {
    pub identity: Known<Vec<&'i Policy>>,
    pub boundary: Known<Option<&'i Policy>>,
}

impl Identities {
    pub fn read(cloud: &Cloud) -> (Identities, Vec<Problem>) {
        let mut all = Identities::default();
        let mut problems = Vec::new();
        for (kind, is) in [
            (&kinds::USER, Is::User),
            (&kinds::ROLE, Is::Role),
            (&kinds::GROUP, Is::Group),
        ] {
            for resource in cloud.all(kind) {
                problems.extend(all.add(resource, is));
            }
        }
        for resource in cloud.all(&kinds::POLICY) {
            let versions = resource.node().get("PolicyVersionList");
            let mut versions = versions.into_iter().flat_map(|all| all.items());
            let is_default = |one: &Node<'_>| text(*one, "IsDefaultVersion") == Some("true");
            let document = versions
                .find(is_default)
                .and_then(|one| one.get("Document"));
            if let Some(document) = document {
                let (policy, found) = iam::read(document, Kind::Identity);
                problems.extend(found);
                all.managed.insert(resource.id().to_owned(), policy);
            }
        }
        (all, problems)
    }

    fn add(&mut self, resource: &Resource, is: Is) -> Vec<Problem> {
        let node = resource.node();
        let (name, inline) = match is {
            Is::User => ("UserName", "UserPolicyList"),
            Is::Role => ("RoleName", "RolePolicyList"),
            Is::Group => ("GroupName", "GroupPolicyList"),
        };
        let account = resource.place().account.as_deref().unwrap_or_default();
        let Some(name) = text(node, name) else {
            return Vec::new();
        };
        let list = |key: &str| node.get(key).into_iter().flat_map(|list| list.items());
        let inline = list(inline).filter_map(|one| one.get("PolicyDocument"));
        let (inline, problems): (Vec<_>, Vec<_>) =
            inline.map(|one| iam::read(one, Kind::Identity)).unzip();
        let attached = list("AttachedManagedPolicies");
        let boundary = node.get("PermissionsBoundary");
        let identity = Identity {
            arn: resource.id().to_owned(),
            inline,
            attached: attached
                .filter_map(|one| Some(text(one, "PolicyArn")?.to_owned()))
                .collect(),
            boundary: boundary
                .and_then(|one| Some(text(one, "PermissionsBoundaryArn")?.to_owned())),
            groups: list("GroupList")
                .filter_map(|one| Some(one.text()?.to_owned()))
                .collect(),
        };
        let key = (account.to_owned(), is, name.to_owned());
        self.known.insert(key, identity);
        problems.into_iter().flatten().collect()
    }

    /// Users and roles with what is known of them.
    pub fn callers(&self) -> impl Iterator<Item = &Identity> {
        let all = self.known.iter();
        all.filter(|((_, is, _), _)| *is != Is::Group)
            .map(|(_, identity)| identity)
    }

    /// The policies that are attached to somebody, as far as they are known.
    pub fn policies<'i>(&'i self, identity: &'i Identity) -> impl Iterator<Item = &'i Policy> {
        let attached = identity.attached.iter();
        let attached = attached.filter_map(|arn| self.managed.get(arn));
        identity.inline.iter().chain(attached)
    }

    fn find(&self, caller: &Caller) -> Option<&Identity> {
        let Caller::Aws(identity) = caller else {
            return None;
        };
        let (is, name) = match &identity.who {
            Who::User { name } => (Is::User, name),
            Who::Role { name } | Who::Session { role: name, .. } => (Is::Role, name),
            Who::Root | Who::Federated { .. } => return None,
        };
        self.known
            .get(&(identity.account.clone(), is, name.clone()))
    }

    /// The ARN of a user or of the role behind a session, as it is known here.
    pub fn arn(&self, caller: &Caller) -> Option<&str> {
        self.find(caller).map(|identity| identity.arn.as_str())
    }

    /// The policies of a caller.
    pub fn of(&self, caller: &Caller) -> Own<'_> {
        let nothing = Own {
            identity: Known::Is(Vec::new()),
            boundary: Known::Is(None),
        };
        let is_root = |one: &iam::Identity| one.who == Who::Root;
        match caller {
            Caller::Anonymous | Caller::Service(_) => return nothing,
            Caller::Aws(identity) if is_root(identity) => return nothing,
            _ => {}
        }
        let Some(identity) = self.find(caller) else {
            let reason = Reason::new("the caller's policies are not here");
            return Own {
                identity: Known::Unknown(reason.clone()),
                boundary: Known::Unknown(reason),
            };
        };
        let Caller::Aws(iam::Identity { account, .. }) = caller else {
            return nothing;
        };
        let groups = identity.groups.iter().map(|name| {
            let key = (account.clone(), Is::Group, name.clone());
            self.known.get(&key)
        });
        let mut policies = Vec::new();
        let mut missing = None;
        for one in std::iter::once(Some(identity)).chain(groups) {
            let Some(one) = one else {
                missing = Some(Reason::new("a group of the caller is not here"));
                continue;
            };
            policies.extend(&one.inline);
            for arn in &one.attached {
                match self.managed.get(arn) {
                    Some(policy) => policies.push(policy),
                    None => missing = Some(Reason::new(format!("the policy {arn} is not here"))),
                }
            }
        }
        let boundary = match &identity.boundary {
            None => Known::Is(None),
            Some(arn) => match self.managed.get(arn) {
                Some(policy) => Known::Is(Some(policy)),
                None => Known::Unknown(Reason::new(format!("the policy {arn} is not here"))),
            },
        };
        Own {
            identity: match missing {
                None => Known::Is(policies),
                Some(reason) => Known::Unknown(reason),
            },
            boundary,
        }
    }
}

fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get(key)?.text()
}
