//! From which addresses an account calls the world
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>).

use std::collections::HashSet;

use ipnet::IpNet;

use super::routes::{Routes, Target};
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, items, network, text, texts};
use crate::gates::aws::kinds;
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

/// An address, or a network of them.
#[derive(Clone, Debug)]
pub struct Egress {
    pub net: Spanned<IpNet>,
    pub through: Through,
    /// What has the address: `nat-0a1b`.
    pub id: String,
    /// The same in words: `the NAT gateway nat-0a1b`.
    pub name: String,
    /// Of a NAT gateway the route tables that send to it what goes out of some subnet.
    pub tables: Vec<Span>,
    pub stays: Stays,
    pub vpc: Option<String>,
    /// Of a NAT gateway the zone in which it stands, where its subnet is known.
    pub zone: Option<String>,
    /// Of a subnet's IPv6 the NAT gateway by which the same subnet calls by IPv4.
    pub nat: Option<String>,
}

impl Egress {
    /// Whether something is known to call from there: a NAT gateway to which no subnet sends is
    /// but a spare one.
    pub fn is_used(&self) -> bool {
        self.through != Through::Nat || !self.tables.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    Nat,
    /// A machine's own public address.
    Machine,
    /// IPv6, whose addresses are the world's.
    Ipv6,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// An Elastic IP address, or a network that is one's own.
    Always,
    /// AWS lends it until the machine stops.
    UntilStopped,
    /// It stays, but others may join it: a regional NAT gateway grows by itself.
    WithOthers,
}

/// All addresses from which it may call.
pub fn all(cloud: &Cloud) -> Vec<Egress> {
    let routes = Routes::read(cloud);
    let gateways = cloud.all(&kinds::NAT_GATEWAY);
    let mut all: Vec<Egress> = gateways
        .flat_map(|one| of_nat(one, &routes, cloud))
        .collect();
    let elastic: HashSet<&str> = cloud
        .all(&kinds::ADDRESS)
        .filter_map(|one| text(one.node(), "PublicIp"))
        .collect();
    let instances = cloud.all(&kinds::INSTANCE);
    all.extend(instances.flat_map(|one| of_instance(one, &elastic)));
    let subnets = cloud.all(&kinds::SUBNET);
    all.extend(subnets.flat_map(|one| of_subnet(one, &routes)));
    all.sort_by_key(|one| (one.net.span, one.net.value));
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(one.net.value));
    all
}

/// Those of a public NAT gateway: the first and all others, of all zones.
fn of_nat(resource: &Resource, routes: &Routes, cloud: &Cloud) -> Vec<Egress> {
    let node = resource.node();
    let subnet = text(node, "SubnetId").unwrap_or_default();
    let subnet = cloud.get(&kinds::SUBNET, subnet, resource.place());
    let zone = subnet
        .known()
        .and_then(|one| text(one.node(), "AvailabilityZone"));
    let is_up = text(node, "State").is_none_or(|state| state == "available");
    let tables = routes.to_nat(resource.id());
    if !is_up || text(node, "ConnectivityType") == Some("private") {
        return Vec::new();
    }
    let addresses = items(node, "NatGatewayAddresses").filter_map(|one| {
        let has_it = text(one, "Status").is_none_or(|status| status == "succeeded");
        let address = entry(one, "PublicIp").filter(|_| has_it)?;
        Some(Egress {
            net: Spanned::new(network(address.text()?)?, address.span()),
            through: Through::Nat,
            id: resource.id().to_owned(),
            name: format!("the NAT gateway {}", resource.id()),
            tables: tables.clone(),
            stays: match grows(node) {
                true => Stays::WithOthers,
                false => Stays::Always,
            },
            vpc: text(node, "VpcId").map(str::to_owned),
            zone: zone.map(str::to_owned),
            nat: None,
        })
    });
    addresses.collect()
}

/// A regional NAT gateway takes more addresses, and more zones, unless that is switched off
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
fn grows(node: Node<'_>) -> bool {
    let keys = ["AutoScalingIps", "AutoProvisionZones"];
    text(node, "AvailabilityMode") == Some("regional")
        && keys
            .into_iter()
            .any(|key| text(node, key) != Some("disabled"))
}

/// A machine's own public addresses: an Elastic IP address stays.
fn of_instance(resource: &Resource, elastic: &HashSet<&str>) -> Vec<Egress> {
    let node = resource.node();
    let state = entry(node, "State").and_then(|state| text(state, "Name"));
    if matches!(state, Some("terminated" | "shutting-down")) {
        return Vec::new();
    }
    let associations = items(node, "NetworkInterfaces").filter_map(|one| entry(one, "Association"));
    let mut known: Vec<(Node<'_>, Node<'_>)> = associations
        .filter_map(|one| Some((one, entry(one, "PublicIp")?)))
        .collect();
    if known.is_empty() {
        known.extend(entry(node, "PublicIpAddress").map(|address| (node, address)));
    }
    let found = known.into_iter().filter_map(|(association, address)| {
        let written = address.text()?;
        // An address that AWS lends is AWS's own; others are the account's.
        let is_lent = text(association, "IpOwnerId") == Some("amazon");
        Some(Egress {
            net: Spanned::new(network(written)?, address.span()),
            through: Through::Machine,
            id: resource.id().to_owned(),
            name: format!("the instance {}", resource.id()),
            tables: Vec::new(),
            stays: match is_lent && !elastic.contains(written) {
                true => Stays::UntilStopped,
                false => Stays::Always,
            },
            vpc: text(node, "VpcId").map(str::to_owned),
            zone: None,
            nat: None,
        })
    });
    found.collect()
}

/// There is no translation of IPv6: the subnet's own network is what the world sees.
fn of_subnet(resource: &Resource, routes: &Routes) -> Vec<Egress> {
    let node = resource.node();
    let vpc = text(node, "VpcId");
    let leads_out = matches!(
        routes.target(resource.id(), vpc, true),
        Some(Target::Internet(_) | Target::EgressOnly(_))
    );
    let is_on = |one: &Node<'_>| {
        let state = entry(*one, "Ipv6CidrBlockState").and_then(|state| text(state, "State"));
        state.is_none_or(|state| state == "associated")
    };
    let networks = items(node, "Ipv6CidrBlockAssociationSet").filter(is_on);
    let networks = networks.filter(|_| leads_out);
    let egress = networks.filter_map(|one| {
        let block = entry(one, "Ipv6CidrBlock")?;
        Some(Egress {
            net: Spanned::new(network(block.text()?)?, block.span()),
            through: Through::Ipv6,
            id: resource.id().to_owned(),
            name: format!("the subnet {}", resource.id()),
            tables: Vec::new(),
            stays: Stays::Always,
            vpc: vpc.map(str::to_owned),
            zone: None,
            nat: match routes.target(resource.id(), vpc, false) {
                Some(Target::Nat(id)) => Some(id.clone()),
                _ => None,
            },
        })
    });
    egress.collect()
}

/// From where something in these subnets calls: by NAT gateways only where all of their addresses
/// are known.
pub fn of_workload(
    subnets: &[String],
    vpc: Option<&str>,
    routes: &Routes,
    all: &[Egress],
) -> Known<Vec<Egress>> {
    let mut found: Vec<Egress> = Vec::new();
    for subnet in subnets {
        match routes.target(subnet, vpc, false) {
            Some(Target::Nat(id)) => {
                let own = all.iter().filter(|one| one.id == *id).cloned();
                let before = found.len();
                found.extend(own);
                if found.len() == before {
                    let text = format!("the NAT gateway {id} is not here");
                    return Known::Unknown(Reason::new(text));
                }
            }
            Some(Target::Nowhere | Target::EgressOnly(_)) => {}
            Some(Target::Internet(_)) => {
                let text = format!("{subnet} sends by the public addresses of its machines");
                return Known::Unknown(Reason::new(text));
            }
            Some(Target::Elsewhere(id)) => {
                let text = format!("{subnet} sends through {id}");
                return Known::Unknown(Reason::new(text));
            }
            None => {
                let text = format!("the route table of {subnet} is not here");
                return Known::Unknown(Reason::new(text));
            }
        }
    }
    found.sort_by_key(|one| one.net.value);
    found.dedup_by_key(|one| one.net.value);
    Known::Is(found)
}

/// A function in a network of one's own, and from where it calls.
#[derive(Clone, Debug)]
pub struct Workload {
    pub name: String,
    pub span: Span,
    pub egress: Vec<Egress>,
}

/// The functions of which all addresses are known. One outside of the account's networks calls
/// from addresses of AWS's own, which nobody can list.
pub fn workloads(cloud: &Cloud, all: &[Egress]) -> Vec<Workload> {
    let routes = Routes::read(cloud);
    let functions = cloud.all(&kinds::FUNCTION);
    let placed = functions.filter_map(|resource| {
        let vpc = entry(resource.node(), "VpcConfig")?;
        let subnets = texts(vpc, "SubnetIds");
        let span = subnets.first()?.span;
        let subnets: Vec<String> = subnets.into_iter().map(|subnet| subnet.value).collect();
        let egress = of_workload(&subnets, text(vpc, "VpcId"), &routes, all);
        let name = text(resource.node(), "FunctionName").unwrap_or(resource.id());
        Some(Workload {
            name: name.to_owned(),
            span,
            egress: egress.known()?.clone(),
        })
    });
    placed.filter(|one| !one.egress.is_empty()).collect()
}
