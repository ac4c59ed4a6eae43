//! Network ACLs
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>): of each direction the entry
//! with the lowest number that fits decides. They know of no connections: the way back has to be
//! open, too, to the port that the caller chose.

use ipnet::IpNet;

use super::{Connection, Passage};
use crate::gates::aws::cloud::Resource;
use crate::gates::aws::fields::{entry, items, network, number, text};
use crate::gates::aws::iam::Doubt;
use crate::source::Span;
use crate::syntax::document::Node;

#[derive(Debug)]
pub struct NetworkAcl {
    pub id: String,
    pub span: Span,
    /// By their numbers.
    pub entries: Vec<Entry>,
}

#[derive(Debug)]
pub struct Entry {
    pub span: Span,
    pub number: u32,
    pub allows: bool,
    /// It is about what goes out.
    pub egress: bool,
    /// `6` for TCP, `-1` for all.
    protocol: String,
    ports: Option<(u16, u16)>,
    pub net: IpNet,
}

/// Ports that callers choose to be answered at: those of nearly all systems
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>).
const EPHEMERAL: [u16; 4] = [1024, 32768, 60999, 65535];

pub(super) fn read(resource: &Resource) -> (NetworkAcl, Vec<String>) {
    let node = resource.node();
    let subnets = items(node, "Associations")
        .filter_map(|one| Some(text(one, "SubnetId")?.to_owned()))
        .collect();
    let mut entries: Vec<Entry> = items(node, "Entries").filter_map(read_entry).collect();
    entries.sort_by_key(|one| one.number);
    let acl = NetworkAcl {
        id: resource.id().to_owned(),
        span: entry(node, "NetworkAclId").unwrap_or(node).span(),
        entries,
    };
    (acl, subnets)
}

fn read_entry(node: Node<'_>) -> Option<Entry> {
    let net = text(node, "CidrBlock").or_else(|| text(node, "Ipv6CidrBlock"))?;
    let ports = entry(node, "PortRange");
    Some(Entry {
        span: node.span(),
        number: number(node, "RuleNumber")?,
        allows: text(node, "RuleAction") == Some("allow"),
        egress: text(node, "Egress") == Some("true"),
        protocol: text(node, "Protocol").unwrap_or("-1").to_owned(),
        ports: ports.and_then(|ports| number(ports, "From").zip(number(ports, "To"))),
        net: network(net)?,
    })
}

/// What the entries of one direction say.
enum Says<'a> {
    Allow(&'a Entry),
    Deny(&'a Entry),
    /// None fits: the last one, which fits all, was not told.
    Nothing,
    Unknown(&'a Entry),
}

impl NetworkAcl {
    pub fn passage(&self, connection: Connection<'_>) -> Passage {
        let id = &self.id;
        let by = match self.says(false, connection.port, connection) {
            Says::Deny(entry) => {
                return Passage::Closed {
                    by: entry.span,
                    detail: format!(
                        "the network ACL {id} denies port {} to {}: no answer, the caller times \
                         out",
                        connection.port,
                        connection.told()
                    ),
                };
            }
            // What no entry takes is denied, also where the last one was not told.
            Says::Nothing if self.has_entries(false) => {
                return Passage::Closed {
                    by: self.span,
                    detail: format!(
                        "the network ACL {id} has no entry for port {} and {}: no answer, the \
                         caller times out",
                        connection.port,
                        connection.told()
                    ),
                };
            }
            Says::Nothing => self.span,
            Says::Allow(entry) => entry.span,
            Says::Unknown(entry) => return unknown(entry),
        };
        let back: Vec<Says<'_>> = EPHEMERAL
            .iter()
            .map(|port| self.says(true, *port, connection))
            .collect();
        let denied: Vec<Span> = back
            .iter()
            .filter_map(|says| match says {
                Says::Deny(entry) => Some(entry.span),
                Says::Nothing if self.has_entries(true) => Some(self.span),
                _ => None,
            })
            .collect();
        match denied.first() {
            Some(span) if denied.len() == back.len() => Passage::Closed {
                by: *span,
                detail: format!(
                    "the network ACL {id} denies answers to {}: the caller times out",
                    connection.told()
                ),
            },
            Some(span) => Passage::Unknown(Doubt::new(
                "it depends on the port that the caller chose",
                *span,
            )),
            None => Passage::Open(by),
        }
    }

    fn has_entries(&self, egress: bool) -> bool {
        self.entries.iter().any(|entry| entry.egress == egress)
    }

    fn says(&self, egress: bool, port: u16, connection: Connection<'_>) -> Says<'_> {
        let of_direction = self.entries.iter().filter(|entry| entry.egress == egress);
        for entry in of_direction.filter(|entry| entry.is_for(port)) {
            match (connection.is_in(&entry.net), entry.allows) {
                (Some(true), true) => return Says::Allow(entry),
                (Some(true), false) => return Says::Deny(entry),
                (Some(false), _) => {}
                (None, _) => return Says::Unknown(entry),
            }
        }
        Says::Nothing
    }
}

fn unknown(entry: &Entry) -> Passage {
    Passage::Unknown(Doubt::new("where it is sent from is not known", entry.span))
}

impl Entry {
    fn is_for(&self, port: u16) -> bool {
        let ports = self
            .ports
            .is_none_or(|(first, last)| (first..=last).contains(&port));
        match self.protocol.as_str() {
            "-1" => true,
            "6" | "tcp" => ports,
            _ => false,
        }
    }
}
