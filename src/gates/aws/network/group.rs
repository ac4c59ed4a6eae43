//! Security groups
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>): whatever one of
//! their rules opens is open; answers to what came in always go out.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Connection, Ground, Passage};
use crate::gates::aws::cloud::Resource;
use crate::gates::aws::fields::{entry, is_public, items, network, number, text};
use crate::gates::aws::iam::Doubt;
use crate::request::Known;
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

#[derive(Debug)]
pub struct Group {
    pub name: String,
    /// Where it is named.
    pub span: Span,
    pub openings: Vec<Opening>,
}

/// Ports that are open to some.
#[derive(Debug)]
pub struct Opening {
    pub span: Span,
    /// `tcp`, `udp`, a number, or `-1` for all.
    pub protocol: String,
    /// First and last; `None` for all.
    pub ports: Option<(u16, u16)>,
    pub sources: Vec<Spanned<Source>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Net(IpNet),
    /// The id of a prefix list.
    List(String),
    /// The id of a security group: whatever has it.
    Group(String),
}

pub(super) fn read(resource: &Resource) -> (String, Group) {
    let node = resource.node();
    let id = resource.id().to_owned();
    let group = Group {
        name: text(node, "GroupName").unwrap_or(&id).to_owned(),
        span: entry(node, "GroupId").unwrap_or(node).span(),
        openings: items(node, "IpPermissions").map(opening).collect(),
    };
    (id, group)
}

fn opening(node: Node<'_>) -> Opening {
    let nets = [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")];
    let nets = nets.into_iter().flat_map(|(list, key)| {
        items(node, list).filter_map(move |one| {
            let net = network(text(one, key)?)?;
            let span = entry(one, key).unwrap_or(one).span();
            Some(Spanned::new(Source::Net(net), span))
        })
    });
    let lists = items(node, "PrefixListIds").filter_map(|one| {
        let id = text(one, "PrefixListId")?.to_owned();
        Some(Spanned::new(Source::List(id), one.span()))
    });
    let groups = items(node, "UserIdGroupPairs").filter_map(|one| {
        let id = text(one, "GroupId")?.to_owned();
        Some(Spanned::new(Source::Group(id), one.span()))
    });
    let ports = number(node, "FromPort").zip(number(node, "ToPort"));
    Opening {
        span: node.span(),
        protocol: text(node, "IpProtocol").unwrap_or("-1").to_owned(),
        ports,
        sources: nets.chain(lists).chain(groups).collect(),
    }
}

impl Group {
    /// The networks that it opens ports to.
    pub fn networks(&self) -> impl Iterator<Item = IpNet> + '_ {
        let sources = self.openings.iter().flat_map(|opening| &opening.sources);
        sources.filter_map(|source| match source.value {
            Source::Net(net) => Some(net),
            _ => None,
        })
    }
}

impl Opening {
    /// Whether it is about connections of TCP to this port.
    pub fn is_for(&self, port: u16) -> bool {
        let ports = self
            .ports
            .is_none_or(|(first, last)| (first..=last).contains(&port));
        match self.protocol.as_str() {
            "-1" => true,
            "tcp" | "6" => ports,
            _ => false,
        }
    }
}

impl Ground {
    /// The networks to which the groups open one of the ports.
    pub fn sources(
        &self,
        groups: &[Spanned<String>],
        ports: impl Iterator<Item = u16>,
    ) -> Vec<Spanned<IpNet>> {
        let ports: Vec<u16> = ports.collect();
        let groups = groups.iter().filter_map(|id| self.group(&id.value));
        let openings = groups
            .flat_map(|group| &group.openings)
            .filter(|opening| ports.iter().any(|port| opening.is_for(*port)));
        let mut nets = Vec::new();
        for source in openings.flat_map(|opening| &opening.sources) {
            match &source.value {
                Source::Net(net) => nets.push(Spanned::new(*net, source.span)),
                Source::List(id) => {
                    nets.extend(self.list(id).into_iter().flatten().cloned());
                }
                Source::Group(_) => {}
            }
        }
        nets
    }

    pub(super) fn through_group(&self, group: &Group, connection: Connection<'_>) -> Passage {
        let openings = group.openings.iter();
        let sources = openings
            .filter(|opening| opening.is_for(connection.port))
            .flat_map(|opening| &opening.sources);
        let mut doubt = None;
        for source in sources {
            match self.fits(source, connection) {
                Ok(true) => return Passage::Open(source.span),
                Ok(false) => {}
                Err(why) => {
                    doubt.get_or_insert(why);
                }
            }
        }
        match doubt {
            Some(doubt) => Passage::Unknown(doubt),
            None => Passage::Closed {
                by: group.span,
                detail: String::new(),
            },
        }
    }

    fn fits(&self, source: &Spanned<Source>, connection: Connection<'_>) -> Result<bool, Doubt> {
        let doubt = |text: String| Err(Doubt::new(text, source.span));
        let unknown_sender = || doubt("where it is sent from is not known".to_owned());
        match &source.value {
            Source::Net(net) => connection.is_in(net).map_or_else(unknown_sender, Ok),
            Source::List(id) => {
                let Some(entries) = self.list(id) else {
                    return doubt(format!("the entries of the prefix list {id} are not here"));
                };
                let mut fits = entries.iter().map(|net| connection.is_in(&net.value));
                match fits.clone().any(|fits| fits == Some(true)) {
                    true => Ok(true),
                    false if fits.any(|fits| fits.is_none()) => unknown_sender(),
                    false => Ok(false),
                }
            }
            // By the addresses that its members have within the network.
            Source::Group(id) => match connection.from {
                Known::Is(from) if !is_private(*from) => Ok(false),
                _ => doubt(format!("what has the security group {id} is not known")),
            },
        }
    }
}

/// Whether something in a network may have it there. By IPv6 members call each other by the
/// addresses that the world sees, too.
pub fn is_private(address: IpAddr) -> bool {
    !is_public(address.into())
}
