//! Route tables: where what leaves a subnet for the world goes
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>).

use std::collections::HashMap;

use crate::gates::aws::cloud::Cloud;
use crate::gates::aws::fields::{entry, is_true, items, text};
use crate::gates::aws::kinds;
use crate::source::Span;
use crate::syntax::document::Node;

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
    pub(super) fn to_nat(&self, id: &str) -> Vec<Span> {
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
