//! What lets packets through in a network of one's own: security groups, network ACLs, prefix lists.
//! What they do not let through is dropped without an answer: the caller waits until it gives up.

mod acl;
pub mod egress;
mod group;
mod interface;
pub mod routes;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::cloud::Cloud;
use super::fields::{entry, items, network, text};
use super::iam::Doubt;
use super::kinds;
use crate::request::Known;
use crate::source::{Span, Spanned};
pub use acl::NetworkAcl;
pub use group::{Group, Opening, Source, is_private};
pub use interface::Interface;

/// All that is known of it in a run.
#[derive(Debug, Default)]
pub struct Ground {
    groups: BTreeMap<String, Group>,
    lists: BTreeMap<String, PrefixList>,
    /// By the subnet.
    acls: BTreeMap<String, Arc<NetworkAcl>>,
}

/// The entries of a prefix list; `None` where they were not told.
pub type PrefixList = Option<Vec<Spanned<IpNet>>>;

/// Whether a connection gets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    Open(Span),
    Closed { by: Span, detail: String },
    Unknown(Doubt),
}

/// From where, and to which port.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'c> {
    pub from: &'c Known<IpAddr>,
    pub port: u16,
}

impl Ground {
    pub fn read(cloud: &Cloud) -> Ground {
        let groups = cloud.all(&kinds::SECURITY_GROUP);
        let lists = cloud.all(&kinds::PREFIX_LIST).map(|resource| {
            let node = resource.node();
            let entries = entry(node, "Entries").map(|_| {
                items(node, "Entries")
                    .filter_map(|one| {
                        let net = network(text(one, "Cidr")?)?;
                        Some(Spanned::new(net, one.span()))
                    })
                    .collect()
            });
            (resource.id().to_owned(), entries)
        });
        let mut acls = BTreeMap::new();
        for resource in cloud.all(&kinds::NETWORK_ACL) {
            let (acl, subnets) = acl::read(resource);
            let acl = Arc::new(acl);
            acls.extend(subnets.into_iter().map(|subnet| (subnet, acl.clone())));
        }
        Ground {
            groups: groups.map(group::read).collect(),
            lists: lists.collect(),
            acls,
        }
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    /// The entries of a prefix list, where they are known.
    pub fn list(&self, id: &str) -> Option<&Vec<Spanned<IpNet>>> {
        self.lists.get(id)?.as_ref()
    }

    pub fn acl(&self, subnet: &str) -> Option<&NetworkAcl> {
        self.acls.get(subnet).map(|acl| &**acl)
    }

    /// Whether a connection gets to something in these subnets that has these security groups.
    pub fn passage(
        &self,
        (groups, subnets): (&[Spanned<String>], &[Spanned<String>]),
        connection: Connection<'_>,
    ) -> Passage {
        let by_group = self.through_groups(groups, connection);
        if matches!(by_group, Passage::Closed { .. }) {
            return by_group;
        }
        match self.through_acls(subnets, connection) {
            Some(Passage::Open(_)) | None => by_group,
            Some(other) => other,
        }
    }

    /// One of the groups has to open the port.
    fn through_groups(&self, ids: &[Spanned<String>], connection: Connection<'_>) -> Passage {
        let mut doubt = None;
        for id in ids {
            match self.groups.get(&id.value) {
                None => {
                    let text = format!("the security group {} is not here", id.value);
                    doubt.get_or_insert(Doubt::new(text, id.span));
                }
                Some(group) => match self.through_group(group, connection) {
                    Passage::Open(by) => return Passage::Open(by),
                    Passage::Unknown(why) => {
                        doubt.get_or_insert(why);
                    }
                    Passage::Closed { .. } => {}
                },
            }
        }
        let first = ids.iter().find_map(|id| self.groups.get(&id.value));
        match (doubt, first) {
            (Some(doubt), _) => Passage::Unknown(doubt),
            (None, None) => Passage::Unknown(Doubt::new("it has no security group here", None)),
            (None, Some(group)) => Passage::Closed {
                by: group.span,
                detail: format!(
                    "the security group {} does not open port {} to {}: no answer, the caller \
                     times out",
                    group.name,
                    connection.port,
                    match connection.from {
                        Known::Is(_) => connection.told(),
                        Known::Unknown(_) => "anybody".to_owned(),
                    }
                ),
            },
        }
    }

    /// All subnets close it, or none; `None` where no network ACL is known.
    fn through_acls(
        &self,
        subnets: &[Spanned<String>],
        connection: Connection<'_>,
    ) -> Option<Passage> {
        let acls: Vec<&NetworkAcl> = subnets
            .iter()
            .filter_map(|subnet| self.acl(&subnet.value))
            .collect();
        let passages: Vec<Passage> = acls.iter().map(|acl| acl.passage(connection)).collect();
        let closed = passages
            .iter()
            .filter(|one| matches!(one, Passage::Closed { .. }))
            .count();
        let first = passages.first()?;
        Some(match closed {
            0 => passages
                .iter()
                .find(|one| matches!(one, Passage::Unknown(_)))
                .unwrap_or(first)
                .clone(),
            all if all == subnets.len() => first.clone(),
            _ => Passage::Unknown(Doubt::new(
                "the network ACLs of its subnets differ",
                acls.first().map(|acl| acl.span),
            )),
        })
    }
}

impl Connection<'_> {
    pub fn told(&self) -> String {
        match self.from {
            Known::Is(from) => from.to_string(),
            Known::Unknown(_) => "everyone".to_owned(),
        }
    }

    /// Whether the sender is in a network, as far as one can tell.
    pub fn is_in(&self, net: &IpNet) -> Option<bool> {
        match self.from {
            Known::Is(from) => Some(net.contains(from)),
            // Whoever it is, it has an address.
            Known::Unknown(_) if net.prefix_len() == 0 => Some(true),
            Known::Unknown(_) => None,
        }
    }
}
