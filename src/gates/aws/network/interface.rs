//! What has a public address of its own: a network interface, mostly of an instance. Its security
//! groups and the network ACL of its subnet decide; what answers behind them is not known.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::{Connection, Passage};
use crate::gate::{Check, Course, Door, Effect, End, Gate, GateKind, GateName, Knowledge, Step};
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, items, spanned, text};
use crate::gates::aws::kinds;
use crate::gates::oracle::{self, Oracle};
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::Spanned;
use crate::syntax::document::Node;

#[derive(Debug)]
pub struct Interface {
    /// `i-0a1b2c3d4e5f`, or the interface's own id; with its name, where it has one.
    pub name: String,
    pub address: Spanned<IpAddr>,
    groups: Vec<Spanned<String>>,
    subnets: Vec<Spanned<String>>,
    around: Arc<Around>,
    /// One for each port, and at least one.
    doors: Vec<Door>,
}

impl Interface {
    /// All that have a public address and a security group.
    pub fn all(cloud: &Cloud, around: &Arc<Around>) -> Vec<Interface> {
        let interfaces = cloud.all(&kinds::NETWORK_INTERFACE);
        let own = interfaces.filter_map(|resource| of_interface(resource, around));
        let instances = cloud.all(&kinds::INSTANCE);
        let of_instances = instances.flat_map(|resource| of_instance(resource, around));
        let mut seen = BTreeSet::new();
        let mut all: Vec<Interface> = own.chain(of_instances).collect();
        all.retain(|one| seen.insert(one.address.value));
        all
    }
}

fn of_interface(resource: &Resource, around: &Arc<Around>) -> Option<Interface> {
    let node = resource.node();
    // Those of load balancers and NAT gateways are not called by their addresses.
    let is_plain = matches!(
        text(node, "InterfaceType"),
        None | Some("interface" | "efa")
    );
    let description = text(node, "Description").unwrap_or_default();
    if !is_plain || description.starts_with("ELB ") {
        return None;
    }
    let instance = entry(node, "Attachment").and_then(|one| text(one, "InstanceId"));
    let name = named(instance.unwrap_or(resource.id()), node, "TagSet");
    let subnet = spanned(node, "SubnetId");
    read(node, name, subnet, around)
}

fn of_instance(resource: &Resource, around: &Arc<Around>) -> Vec<Interface> {
    let node = resource.node();
    let state = entry(node, "State").and_then(|state| text(state, "Name"));
    if matches!(state, Some("terminated" | "shutting-down")) {
        return Vec::new();
    }
    let name = named(resource.id(), node, "Tags");
    let interfaces = items(node, "NetworkInterfaces");
    let found = interfaces.filter_map(|one| {
        let subnet = spanned(one, "SubnetId").or_else(|| spanned(node, "SubnetId"));
        read(one, name.clone(), subnet, around)
    });
    found.collect()
}

fn named(id: &str, node: Node<'_>, tags: &str) -> String {
    let mut tags = items(node, tags);
    let name = tags.find(|tag| text(*tag, "Key") == Some("Name"));
    match name.and_then(|tag| text(tag, "Value")) {
        Some(name) if !name.is_empty() => format!("{id} ({name})"),
        _ => id.to_owned(),
    }
}

fn read(
    node: Node<'_>,
    name: String,
    subnet: Option<Spanned<String>>,
    around: &Arc<Around>,
) -> Option<Interface> {
    let association = entry(node, "Association")?;
    let written = spanned(association, "PublicIp")?;
    let groups: Vec<_> = items(node, "Groups")
        .filter_map(|group| spanned(group, "GroupId"))
        .collect();
    if groups.is_empty() {
        return None;
    }
    let address = Spanned::new(written.value.parse().ok()?, written.span);
    let doors = ports(&groups, around).into_iter().zip(0..);
    let doors = doors.map(|(port, id)| Door {
        name: format!("port {port} of {name} at {}", written.value),
        span: address.span,
        id,
        example: Ok(example(&written.value, port)),
    });
    Some(Interface {
        doors: doors.collect(),
        name,
        address,
        groups,
        subnets: subnet.into_iter().collect(),
        around: around.clone(),
    })
}

/// At how many ports one is tried.
const MOST_PORTS: usize = 8;

/// Ports of other protocols: SSH, SMTP, DNS, databases, remote desktops.
const OTHERS: [u16; 14] = [
    22, 25, 53, 123, 389, 445, 1433, 1521, 3306, 3389, 5432, 6379, 11211, 27017,
];

/// The first port of each opening: 443 of one that opens all.
fn ports(groups: &[Spanned<String>], around: &Around) -> BTreeSet<u16> {
    let groups = groups
        .iter()
        .filter_map(|id| around.ground.group(&id.value));
    let openings = groups.flat_map(|group| &group.openings);
    let ports = openings.filter_map(|opening| {
        let first = opening.ports.map_or(0, |(first, _)| first);
        let port = if opening.is_for(443) { 443 } else { first };
        (opening.is_for(port) && !OTHERS.contains(&port)).then_some(port)
    });
    let ports: BTreeSet<u16> = ports.take(MOST_PORTS).collect();
    match ports.is_empty() {
        true => BTreeSet::from([443]),
        false => ports,
    }
}

fn example(host: &str, port: u16) -> Request {
    Request {
        method: "GET".to_owned(),
        scheme: match port {
            80 | 3000 | 8000 | 8080 => Scheme::Http,
            _ => Scheme::Https,
        },
        host: host.to_owned(),
        port,
        target: "/".into(),
        headers: Headers::default(),
        from: Known::Unknown(Reason::new("nothing says where it is sent from")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

impl Interface {
    /// The networks to which its groups open the port of one of its doors.
    pub fn sources(&self) -> Vec<Spanned<IpNet>> {
        let examples = self.doors.iter().flat_map(|door| &door.example);
        let ports = examples.map(|example| example.port);
        self.around.ground.sources(&self.groups, ports)
    }

    fn door_at(&self, port: u16) -> &Door {
        let has = |door: &&Door| door.example.as_ref().is_ok_and(|own| own.port == port);
        self.doors.iter().find(has).unwrap_or(&self.doors[0])
    }

    fn run(&self, request: &Request, oracle: &mut Oracle) -> (Vec<Step>, End) {
        let door = self.door_at(request.port);
        let enters = Effect::Enters {
            door: door.id,
            name: door.name.as_str().into(),
        };
        let mut steps = vec![Step {
            span: door.span,
            effect: enters,
        }];
        let connection = Connection {
            from: &request.from,
            port: request.port,
        };
        let own = (&self.groups[..], &self.subnets[..]);
        let by = match self.around.ground.passage(own, connection) {
            Passage::Open(span) => {
                let effect = Effect::Admits {
                    check: Check::Address,
                    detail: format!("port {} is open to it", request.port),
                };
                steps.push(Step { span, effect });
                span
            }
            Passage::Closed { by: span, detail } => {
                let effect = Effect::Note(detail);
                steps.push(Step { span, effect });
                return (steps, End::Dropped { by: Some(span) });
            }
            Passage::Unknown(doubt) => {
                let span = doubt.span.unwrap_or(door.span);
                oracle.lack(&doubt.because, span);
                span
            }
        };
        let headers = Vec::new();
        (steps, End::Handled { headers, by })
    }
}

impl Gate for Interface {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::SecurityGroup,
            name: format!("of {}", self.name),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        let host = request.host.trim_matches(['[', ']']);
        let is_own = host.parse() == Ok(self.address.value) || is_name_of(host, self.address.value);
        match is_own {
            true => Knowledge::Named,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle)).collect()
    }
}

/// `ec2-203-0-113-7.eu-west-1.compute.amazonaws.com`
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html>)
fn is_name_of(host: &str, address: IpAddr) -> bool {
    let Some(rest) = host.strip_prefix("ec2-") else {
        return false;
    };
    let Some((first, rest)) = rest.split_once('.') else {
        return false;
    };
    rest.contains("amazonaws.com") && first.replace('-', ".").parse() == Ok(address)
}
