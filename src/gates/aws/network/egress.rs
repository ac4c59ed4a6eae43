//! From which addresses an account calls the world
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>).

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, is_true, items, network, text, texts};
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

/// Where what leaves a subnet goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Nat(String),
    /// Each machine by its own public address.
    Internet(String),
    /// IPv6 alone.
    EgressOnly(String),
    /// Another network: what it makes of it stands elsewhere.
    Elsewhere(String),
    Nowhere,
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
        })
    });
    egress.collect()
}

/// The route tables of a run.
#[derive(Debug, Default)]
pub struct Routes {
    by_subnet: HashMap<String, usize>,
    /// Of each network, for subnets without a table of their own; only where all tables are known.
    main: HashMap<String, usize>,
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    v4: Target,
    v6: Target,
    span: Span,
    /// Some subnet uses it, if only by default.
    is_used: bool,
}

impl Routes {
    pub fn read(cloud: &Cloud) -> Routes {
        let mut routes = Routes::default();
        for resource in cloud.all(&kinds::ROUTE_TABLE) {
            let node = resource.node();
            let at = routes.tables.len();
            let knows_all = cloud.knows_all(&kinds::ROUTE_TABLE, resource.place());
            let mut is_used = false;
            for association in items(node, "Associations") {
                if let Some(subnet) = text(association, "SubnetId") {
                    routes.by_subnet.insert(subnet.to_owned(), at);
                    is_used = true;
                }
                if is_true(association, "Main").is_some()
                    && knows_all.known().is_some()
                    && let Some(vpc) = text(node, "VpcId")
                {
                    routes.main.insert(vpc.to_owned(), at);
                }
            }
            routes.tables.push(Table {
                v4: default_route(node, &V4),
                v6: default_route(node, &V6),
                span: entry(node, "RouteTableId").unwrap_or(node).span(),
                is_used,
            });
        }
        for subnet in cloud.all(&kinds::SUBNET) {
            let vpc = text(subnet.node(), "VpcId").unwrap_or_default();
            if let Some(at) = routes.main.get(vpc)
                && !routes.by_subnet.contains_key(subnet.id())
            {
                routes.tables[*at].is_used = true;
            }
        }
        routes
    }

    /// The tables by which subnets send to a NAT gateway what goes out.
    fn to_nat(&self, id: &str) -> Vec<Span> {
        let tables = self.tables.iter().filter(|table| table.is_used);
        let leads = |table: &&Table| matches!(&table.v4, Target::Nat(own) if own == id);
        tables.filter(leads).map(|table| table.span).collect()
    }

    fn table(&self, subnet: &str, vpc: Option<&str>) -> Option<&Table> {
        let own = self.by_subnet.get(subnet);
        let at = own.or_else(|| self.main.get(vpc?))?;
        self.tables.get(*at)
    }

    /// Where what leaves a subnet for the world goes; `None` where no table is known.
    pub fn target(&self, subnet: &str, vpc: Option<&str>, v6: bool) -> Option<&Target> {
        let table = self.table(subnet, vpc)?;
        Some(if v6 { &table.v6 } else { &table.v4 })
    }
}

/// How routes of a family name what they lead to, all of it, and its two halves.
struct Family {
    key: &'static str,
    all: &'static str,
    halves: [&'static str; 2],
}

const V4: Family = Family {
    key: "DestinationCidrBlock",
    all: "0.0.0.0/0",
    halves: ["0.0.0.0/1", "128.0.0.0/1"],
};

const V6: Family = Family {
    key: "DestinationIpv6CidrBlock",
    all: "::/0",
    halves: ["::/1", "8000::/1"],
};

/// Where all goes that no narrower route takes: to what the route for all of it names, but for a
/// half that has a route of its own
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>).
fn default_route(table: Node<'_>, family: &Family) -> Target {
    let to = |net: &str| items(table, "Routes").find(|route| text(*route, family.key) == Some(net));
    let all = to(family.all).map_or(Target::Nowhere, target);
    let [one, other] = family
        .halves
        .map(|half| to(half).map_or(all.clone(), target));
    match one == other {
        true => one,
        false => Target::Elsewhere("two routes, one for each half of the Internet".to_owned()),
    }
}

/// What a route leads to; whose target is gone drops what it takes.
fn target(route: Node<'_>) -> Target {
    if text(route, "State") == Some("blackhole") {
        return Target::Nowhere;
    }
    let named = |key: &str| text(route, key).map(str::to_owned);
    if let Some(id) = named("NatGatewayId") {
        return Target::Nat(id);
    }
    if let Some(id) = named("EgressOnlyInternetGatewayId") {
        return Target::EgressOnly(id);
    }
    match named("GatewayId") {
        Some(id) if id.starts_with("igw-") => Target::Internet(id),
        Some(id) => Target::Elsewhere(id),
        None => {
            let others = [
                "TransitGatewayId",
                "VpcPeeringConnectionId",
                "CoreNetworkArn",
                "NetworkInterfaceId",
                "InstanceId",
                "LocalGatewayId",
                "CarrierGatewayId",
            ];
            let other = others.into_iter().find_map(named);
            Target::Elsewhere(other.unwrap_or_default())
        }
    }
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
