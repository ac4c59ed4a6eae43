//! From which addresses an account calls the world
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>).

use std::collections::HashMap;

use ipnet::IpNet;

use crate::gates::aws::cloud::{Cloud, Place, Resource};
use crate::gates::aws::fields::{entry, is_true, items, network, text};
use crate::gates::aws::kinds;
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

/// An address, or a network of them.
#[derive(Clone, Debug)]
pub struct Egress {
    pub net: Spanned<IpNet>,
    pub through: Through,
    /// What has the address: `the NAT gateway nat-0a1b`.
    pub name: String,
    pub stays: Stays,
    pub place: Place,
    pub vpc: Option<String>,
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

/// All addresses from which it is known to call.
pub fn all(cloud: &Cloud) -> Vec<Egress> {
    let mut all: Vec<Egress> = cloud.all(&kinds::NAT_GATEWAY).flat_map(of_nat).collect();
    all.extend(
        cloud
            .all(&kinds::INSTANCE)
            .flat_map(|one| of_instance(one, cloud)),
    );
    let routes = Routes::read(cloud);
    all.extend(
        cloud
            .all(&kinds::SUBNET)
            .flat_map(|one| of_subnet(one, &routes)),
    );
    all.sort_by_key(|one| (one.net.span, one.net.value));
    all.dedup_by_key(|one| one.net.value);
    all
}

/// Those of a public NAT gateway: the first and all others, of all zones.
fn of_nat(resource: &Resource) -> Vec<Egress> {
    let node = resource.node();
    let is_up = text(node, "State").is_none_or(|state| state == "available");
    if !is_up || text(node, "ConnectivityType") == Some("private") {
        return Vec::new();
    }
    let stays = match text(node, "AvailabilityMode") {
        Some("regional") => Stays::WithOthers,
        _ => Stays::Always,
    };
    let addresses = items(node, "NatGatewayAddresses").filter_map(|one| {
        let has_it = text(one, "Status").is_none_or(|status| status == "succeeded");
        let address = entry(one, "PublicIp").filter(|_| has_it)?;
        Some(Egress {
            net: Spanned::new(network(address.text()?)?, address.span()),
            through: Through::Nat,
            name: format!("the NAT gateway {}", resource.id()),
            stays,
            place: resource.place().clone(),
            vpc: text(node, "VpcId").map(str::to_owned),
        })
    });
    addresses.collect()
}

/// A machine's own public addresses: an Elastic IP address stays.
fn of_instance(resource: &Resource, cloud: &Cloud) -> Vec<Egress> {
    let node = resource.node();
    let is_gone = entry(node, "State")
        .and_then(|state| text(state, "Name"))
        .is_some_and(|name| matches!(name, "terminated" | "shutting-down"));
    if is_gone {
        return Vec::new();
    }
    let associations = items(node, "NetworkInterfaces").filter_map(|one| entry(one, "Association"));
    let mut found: Vec<Node<'_>> = associations
        .filter_map(|one| entry(one, "PublicIp"))
        .collect();
    if found.is_empty() {
        found.extend(entry(node, "PublicIpAddress"));
    }
    let egress = found.into_iter().filter_map(|address| {
        let text_of = address.text()?;
        Some(Egress {
            net: Spanned::new(network(text_of)?, address.span()),
            through: Through::Machine,
            name: format!("the instance {}", resource.id()),
            stays: match is_elastic(text_of, resource.place(), cloud) {
                true => Stays::Always,
                false => Stays::UntilStopped,
            },
            place: resource.place().clone(),
            vpc: text(node, "VpcId").map(str::to_owned),
        })
    });
    egress.collect()
}

fn is_elastic(address: &str, place: &Place, cloud: &Cloud) -> bool {
    let mut all = cloud.beside(&kinds::ADDRESS, place);
    all.any(|one| text(one.node(), "PublicIp") == Some(address))
}

/// There is no translation of IPv6: the subnet's own network is what the world sees.
fn of_subnet(resource: &Resource, routes: &Routes) -> Vec<Egress> {
    let node = resource.node();
    let vpc = text(node, "VpcId");
    let leads_out = matches!(
        routes.target(resource.id(), vpc, true),
        Some(Target::Internet(_) | Target::EgressOnly(_))
    );
    let networks = items(node, "Ipv6CidrBlockAssociationSet").filter(|_| leads_out);
    let egress = networks.filter_map(|one| {
        let block = entry(one, "Ipv6CidrBlock")?;
        Some(Egress {
            net: Spanned::new(network(block.text()?)?, block.span()),
            through: Through::Ipv6,
            name: format!("the subnet {}", resource.id()),
            stays: Stays::Always,
            place: resource.place().clone(),
            vpc: vpc.map(str::to_owned),
        })
    });
    egress.collect()
}

/// The route tables of a run.
#[derive(Debug, Default)]
pub struct Routes {
    by_subnet: HashMap<String, usize>,
    /// Of each network, for subnets without a table of their own.
    main: HashMap<String, usize>,
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    v4: Target,
    v6: Target,
    span: Span,
}

impl Routes {
    pub fn read(cloud: &Cloud) -> Routes {
        let mut routes = Routes::default();
        for resource in cloud.all(&kinds::ROUTE_TABLE) {
            let node = resource.node();
            let at = routes.tables.len();
            for association in items(node, "Associations") {
                if let Some(subnet) = text(association, "SubnetId") {
                    routes.by_subnet.insert(subnet.to_owned(), at);
                }
                if is_true(association, "Main").is_some()
                    && let Some(vpc) = text(node, "VpcId")
                {
                    routes.main.insert(vpc.to_owned(), at);
                }
            }
            routes.tables.push(Table {
                v4: default_route(node, "DestinationCidrBlock", "0.0.0.0/0"),
                v6: default_route(node, "DestinationIpv6CidrBlock", "::/0"),
                span: entry(node, "RouteTableId").unwrap_or(node).span(),
            });
        }
        routes
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

    /// Where the table of a subnet stands.
    pub fn span(&self, subnet: &str, vpc: Option<&str>) -> Option<Span> {
        Some(self.table(subnet, vpc)?.span)
    }
}

fn default_route(table: Node<'_>, key: &str, all: &str) -> Target {
    let mut routes = items(table, "Routes").filter(|route| {
        text(*route, key) == Some(all) && text(*route, "State") != Some("blackhole")
    });
    let Some(route) = routes.next() else {
        return Target::Nowhere;
    };
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
                let name = format!("the NAT gateway {id}");
                let own = all.iter().filter(|one| one.name == name).cloned();
                let before = found.len();
                found.extend(own);
                if found.len() == before {
                    return Known::Unknown(Reason::new(format!("{name} is not here")));
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
