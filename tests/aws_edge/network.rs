//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>

use serde_json::{Value, json};
use why403::gates::aws::network::egress::{self, Stays, Through};
use why403::gates::aws::network::routes::{Routes, Target};

use super::account::{Account, With, request};
use super::load_balancer::balancer;

const URL: &str = "https://web-1.eu-west-1.elb.amazonaws.com/";

fn open() -> Account {
    balancer(json!([{ "Priority": "default", "Actions": [
        { "Type": "forward", "TargetGroupArn": "arn:aws:x:targetgroup/web/1" }] }]))
}

fn group(permissions: Value) -> Account {
    let group = json!({ "GroupId": "sg-1", "GroupName": "web", "IpPermissions": permissions });
    open().with("ec2/security-group", "sg-1", group)
}

fn from(account: &Account, address: &str) -> String {
    account.outcome(&request("GET", URL).from(address))
}

#[test]
fn a_security_group_drops_what_it_does_not_open() {
    let tcp = |ranges: Value| {
        json!([{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                                       "IpRanges": ranges }])
    };
    let office = group(tcp(json!([{ "CidrIp": "203.0.113.0/24" }])));
    assert_eq!(from(&office, "203.0.113.7"), "forwarded web");
    assert_eq!(from(&office, "198.51.100.7"), "dropped");
    let all = group(json!([{ "IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}] }]));
    assert_eq!(from(&all, "198.51.100.7"), "forwarded web");
    assert_eq!(from(&all, "2001:db8::1"), "dropped");
    let other_port = group(json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}] }]));
    assert_eq!(from(&other_port, "198.51.100.7"), "dropped");
}

#[test]
fn prefix_lists_and_groups_are_sources_too() {
    let by_list = json!([{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                           "PrefixListIds": [{"PrefixListId": "pl-1"}] }]);
    let list = json!({ "PrefixListId": "pl-1", "PrefixListName": "office",
                       "Entries": [{"Cidr": "203.0.113.0/24"}] });
    let account = group(by_list.clone()).with("ec2/prefix-list", "pl-1", list);
    assert_eq!(from(&account, "203.0.113.7"), "forwarded web");
    assert_eq!(from(&account, "198.51.100.7"), "dropped");
    // Entries that were not told may have any address.
    let unknown = group(by_list);
    assert_eq!(from(&unknown, "198.51.100.7"), "forwarded web");
    let by_group = group(
        json!([{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                                  "UserIdGroupPairs": [{"GroupId": "sg-2"}] }]),
    );
    assert_eq!(from(&by_group, "198.51.100.7"), "dropped");
    assert_eq!(from(&by_group, "10.0.0.7"), "forwarded web");
}

#[test]
fn a_network_acl_is_asked_in_both_directions() {
    let entry = |number: u32, egress: bool, action: &str, cidr: &str, ports: (u16, u16)| {
        json!({ "RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": "6",
                "CidrBlock": cidr, "PortRange": {"From": ports.0, "To": ports.1} })
    };
    let deny = |egress: bool| {
        json!({ "RuleNumber": 32767, "Egress": egress, "RuleAction": "deny",
                                      "Protocol": "-1", "CidrBlock": "0.0.0.0/0" })
    };
    let acl = |entries: Vec<Value>| {
        let acl = json!({ "NetworkAclId": "acl-1", "Entries": entries,
                          "Associations": [{"SubnetId": "subnet-1"}] });
        open().with("ec2/network-acl", "acl-1", acl)
    };
    let all = "0.0.0.0/0";
    let both = acl(vec![
        entry(100, false, "allow", all, (443, 443)),
        deny(false),
        entry(100, true, "allow", all, (1024, 65535)),
        deny(true),
    ]);
    assert_eq!(from(&both, "198.51.100.7"), "forwarded web");
    let one_way = acl(vec![
        entry(100, false, "allow", all, (443, 443)),
        deny(false),
        entry(100, true, "allow", all, (443, 443)),
        deny(true),
    ]);
    assert_eq!(from(&one_way, "198.51.100.7"), "dropped");
    let lower_wins = acl(vec![
        entry(200, false, "allow", all, (443, 443)),
        entry(100, false, "deny", "198.51.100.0/24", (443, 443)),
    ]);
    assert_eq!(from(&lower_wins, "198.51.100.7"), "dropped");
    assert_eq!(from(&lower_wins, "203.0.113.7"), "forwarded web");
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
#[test]
fn an_account_calls_from_its_nat_gateways_and_machines() {
    let nat = |more: Value| {
        let mut nat = json!({ "NatGatewayId": "nat-1", "State": "available", "VpcId": "vpc-1" });
        let fields = nat.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        nat
    };
    let account = Account::new()
        .with("ec2/nat-gateway", "nat-1", nat(json!({ "ConnectivityType": "public",
            "NatGatewayAddresses": [
                { "PublicIp": "203.0.113.1", "IsPrimary": true, "Status": "succeeded" },
                { "PublicIp": "203.0.113.2", "Status": "succeeded" },
                { "PublicIp": "203.0.113.3", "Status": "failed" }] })))
        .with("ec2/nat-gateway", "nat-2", nat(json!({ "NatGatewayId": "nat-2",
            "ConnectivityType": "private",
            "NatGatewayAddresses": [{ "PrivateIp": "10.0.0.4" }] })))
        .with("ec2/nat-gateway", "nat-3", nat(json!({ "NatGatewayId": "nat-3",
            "AvailabilityMode": "regional", "NatGatewayAddresses": [{ "PublicIp": "203.0.113.9" }] })))
        .with("ec2/instance", "i-1", json!({ "InstanceId": "i-1", "VpcId": "vpc-1",
            "State": {"Name": "running"}, "NetworkInterfaces": [
                { "Association": {"PublicIp": "198.51.100.1", "IpOwnerId": "amazon"} }] }))
        .with("ec2/instance", "i-2", json!({ "InstanceId": "i-2", "PublicIpAddress": "198.51.100.2" }))
        .with("ec2/address", "eipalloc-1", json!({ "AllocationId": "eipalloc-1",
            "PublicIp": "198.51.100.2" }))
        .with("ec2/route-table", "rtb-1", json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1",
            "Associations": [{"Main": true}], "Routes": [
                { "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1" },
                { "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1" }] }))
        .with("ec2/subnet", "subnet-9", json!({ "SubnetId": "subnet-9", "VpcId": "vpc-1",
            "Ipv6CidrBlockAssociationSet": [{ "Ipv6CidrBlock": "2001:db8:1::/64" }] }));
    let estate = account.estate();
    let all = egress::all(&estate.aws.cloud);
    let mut told: Vec<_> = all
        .iter()
        .map(|one| (one.net.value.to_string(), one.through, one.stays))
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let (nat, machine, v6) = (Through::Nat, Through::Machine, Through::Ipv6);
    assert_eq!(
        told,
        [
            ("198.51.100.1/32".to_owned(), machine, Stays::UntilStopped),
            ("198.51.100.2/32".to_owned(), machine, Stays::Always),
            ("2001:db8:1::/64".to_owned(), v6, Stays::Always),
            ("203.0.113.1/32".to_owned(), nat, Stays::Always),
            ("203.0.113.2/32".to_owned(), nat, Stays::Always),
            ("203.0.113.9/32".to_owned(), nat, Stays::WithOthers),
        ]
    );
    let routes = Routes::read(&estate.aws.cloud);
    let subnets = ["subnet-9".to_owned()];
    let own = egress::of_workload(&subnets, Some("vpc-1"), &routes, &all);
    let own: Vec<String> = own
        .known()
        .expect("it is known")
        .iter()
        .map(|one| one.net.value.to_string())
        .collect();
    assert_eq!(own, ["203.0.113.1/32", "203.0.113.2/32"]);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>: the narrowest route that
/// fits takes it.
#[test]
fn two_halves_are_a_default_route() {
    let target = |routes: Value| {
        let table = json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": routes,
                            "Associations": [{"SubnetId": "subnet-1"}] });
        let estate = Account::new()
            .with("ec2/route-table", "rtb-1", table)
            .estate();
        let routes = Routes::read(&estate.aws.cloud);
        routes.target("subnet-1", Some("vpc-1"), false).cloned()
    };
    let to = |net: &str, nat: &str| json!({ "DestinationCidrBlock": net, "NatGatewayId": nat });
    let nat = |id: &str| Some(Target::Nat(id.to_owned()));
    let (all, low, high) = ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1");
    assert_eq!(
        target(json!([to(low, "nat-1"), to(high, "nat-1")])),
        nat("nat-1")
    );
    let over_all = json!([to(all, "nat-2"), to(low, "nat-1"), to(high, "nat-1")]);
    assert_eq!(target(over_all), nat("nat-1"));
    assert_eq!(
        target(json!([to(all, "nat-1"), to(high, "nat-1")])),
        nat("nat-1")
    );
    for mixed in [
        json!([to(all, "nat-2"), to(low, "nat-1")]),
        json!([to(low, "nat-1"), to(high, "nat-2")]),
        json!([to(low, "nat-1")]),
    ] {
        assert!(matches!(target(mixed), Some(Target::Elsewhere(_))));
    }
    let mut gone = to(all, "nat-1");
    gone["State"] = "blackhole".into();
    assert_eq!(target(json!([gone])), Some(Target::Nowhere));
}

/// The main table is that of subnets without one of their own, which only all tables can tell.
#[test]
fn the_main_table_counts_where_all_are_known() {
    let table = json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1",
        "Associations": [{"Main": true}],
        "Routes": [{ "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1" }] });
    let nat = json!({ "NatGatewayId": "nat-1", "VpcId": "vpc-1",
                      "NatGatewayAddresses": [{ "PublicIp": "203.0.113.1" }] });
    let subnet = json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1" });
    let account = Account::new().with("ec2/route-table", "rtb-1", table).with(
        "ec2/nat-gateway",
        "nat-1",
        nat,
    );
    // No subnet is known that would use it.
    assert!(account.estate().aws.egress.iter().all(|one| !one.is_used()));
    let account = account.with("ec2/subnet", "subnet-1", subnet);
    assert!(account.estate().aws.egress.iter().all(|one| one.is_used()));
    let own = json!({ "RouteTableId": "rtb-2", "VpcId": "vpc-1", "Routes": [],
                      "Associations": [{"SubnetId": "subnet-1"}] });
    let account = account.with("ec2/route-table", "rtb-2", own);
    assert!(account.estate().aws.egress.iter().all(|one| !one.is_used()));
}
