//! Security groups (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>)
//! and network ACLs (<https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>) before a
//! machine with a public address.

use serde_json::{Value as Json, json};
use why403::estate::Estate;
use why403::gate::{Gate, Knowledge};
use why403::request::{Known, Request};

use crate::{account, request, told};

const ADDRESS: &str = "203.0.113.10";

fn opening(ports: (u16, u16), sources: &[&str]) -> Json {
    let of = |key: &str, is: &dyn Fn(&&&str) -> bool| -> Vec<Json> {
        let fitting = sources.iter().filter(is);
        fitting.map(|one| json!({key: one})).collect()
    };
    json!({
        "IpProtocol": "tcp", "FromPort": ports.0, "ToPort": ports.1,
        "IpRanges": of("CidrIp", &|one| one.contains('.')),
        "Ipv6Ranges": of("CidrIpv6", &|one| one.contains(':')),
        "PrefixListIds": of("PrefixListId", &|one| one.starts_with("pl-")),
        "UserIdGroupPairs": of("GroupId", &|one| one.starts_with("sg-")),
    })
}

fn entry(number: u32, action: &str, egress: bool, net: &str, ports: Option<(u16, u16)>) -> Json {
    let mut entry = json!({
        "RuleNumber": number, "RuleAction": action, "Egress": egress, "CidrBlock": net,
        "Protocol": if ports.is_some() { "6" } else { "-1" },
    });
    if let Some((from, to)) = ports {
        entry["PortRange"] = json!({"From": from, "To": to});
    }
    entry
}

fn open_acl() -> Vec<Json> {
    let all = |egress| {
        [
            entry(100, "allow", egress, "0.0.0.0/0", None),
            entry(32767, "deny", egress, "0.0.0.0/0", None),
        ]
    };
    [all(false), all(true)].concat()
}

fn estate(groups: &[(&str, Vec<Json>)], acl: Vec<Json>) -> Estate {
    let ids = groups.iter().map(|(id, _)| json!({"GroupId": id}));
    let mut documents = vec![
        (
            "eu-west-1/ec2/instance/i-1".to_owned(),
            json!({
                "InstanceId": "i-1", "SubnetId": "subnet-1", "State": {"Name": "running"},
                "NetworkInterfaces": [{
                    "SubnetId": "subnet-1", "Groups": ids.collect::<Vec<_>>(),
                    "Association": {"PublicIp": ADDRESS, "IpOwnerId": "amazon"},
                }],
            }),
        ),
        (
            "eu-west-1/ec2/network-acl/acl-1".to_owned(),
            json!({
                "NetworkAclId": "acl-1", "Entries": acl,
                "Associations": [{"SubnetId": "subnet-1", "NetworkAclId": "acl-1"}],
            }),
        ),
        (
            "eu-west-1/ec2/prefix-list/pl-1".to_owned(),
            json!({
                "PrefixListId": "pl-1", "PrefixListName": "partners",
                "Entries": [{"Cidr": "192.0.2.0/24"}],
            }),
        ),
    ];
    for (id, openings) in groups {
        documents.push((
            format!("eu-west-1/ec2/security-group/{id}"),
            json!({"GroupId": id, "GroupName": id, "IpPermissions": openings}),
        ));
    }
    let documents: Vec<(&str, Json)> = documents
        .iter()
        .map(|(address, document)| (address.as_str(), document.clone()))
        .collect();
    account(&documents, &[("ec2", "DescribeSecurityGroups")])
}

fn call(from: Option<&str>, port: u16) -> Request {
    let mut call = request("GET", ADDRESS, &[]);
    call.port = port;
    if let Some(from) = from {
        call.from = Known::Is(from.parse().expect("an address"));
    }
    call
}

/// `open`, `dropped`, or `assumed` to be open.
fn said(estate: &Estate, from: Option<&str>, port: u16) -> &'static str {
    let gate = &estate.aws.interfaces[0];
    let request = call(from, port);
    let course = gate.pass(&request).remove(0);
    match told(gate, &request)[0].as_str() {
        "handled" if course.is_assumed() => "assumed",
        "handled" => "open",
        "dropped" => "dropped",
        other => panic!("{other}"),
    }
}

#[test]
fn it_is_known_by_its_address_and_its_name() {
    let estate = estate(&[("sg-1", vec![])], open_acl());
    let gate = &estate.aws.interfaces[0];
    for (host, knows) in [
        (ADDRESS, Knowledge::Named),
        (
            "ec2-203-0-113-10.eu-west-1.compute.amazonaws.com",
            Knowledge::Named,
        ),
        (
            "ec2-203-0-113-11.eu-west-1.compute.amazonaws.com",
            Knowledge::Nothing,
        ),
        ("203.0.113.11", Knowledge::Nothing),
    ] {
        assert_eq!(gate.knows(&request("GET", host, &[])), knows, "{host}");
    }
}

#[test]
fn what_one_rule_of_one_group_opens_is_open() {
    let office = opening((443, 443), &["198.51.100.0/24", "2001:db8::/32"]);
    let web = opening((80, 90), &["0.0.0.0/0"]);
    let estate = estate(&[("sg-1", vec![office]), ("sg-2", vec![web])], open_acl());
    for (from, port, expected) in [
        (Some("198.51.100.7"), 443, "open"),
        (Some("203.0.113.7"), 443, "dropped"),
        (Some("203.0.113.7"), 80, "open"),
        (Some("203.0.113.7"), 91, "dropped"),
        (None, 80, "open"),
        (None, 443, "assumed"),
        (None, 22, "dropped"),
    ] {
        assert_eq!(said(&estate, from, port), expected, "{from:?} {port}");
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html>
#[test]
fn prefix_lists_are_networks_and_groups_are_private_addresses() {
    let openings = vec![opening((443, 443), &["pl-1", "sg-9"])];
    let estate = estate(&[("sg-1", openings)], open_acl());
    for (from, expected) in [
        ("192.0.2.7", "open"),
        ("198.51.100.7", "dropped"),
        // It may be a member of that group.
        ("10.0.1.7", "assumed"),
    ] {
        assert_eq!(said(&estate, Some(from), 443), expected, "{from}");
    }
    let unread = vec![opening((443, 443), &["pl-2"])];
    let estate = self::estate(&[("sg-1", unread)], open_acl());
    assert_eq!(said(&estate, Some("198.51.100.7"), 443), "assumed");
}

#[test]
fn of_a_network_acl_the_lowest_number_that_fits_decides() {
    let all = || vec![("sg-1", vec![opening((0, 65535), &["0.0.0.0/0"])])];
    let mut acl = open_acl();
    acl.push(entry(
        90,
        "deny",
        false,
        "198.51.100.0/24",
        Some((443, 443)),
    ));
    acl.push(entry(
        80,
        "allow",
        false,
        "198.51.100.7/32",
        Some((443, 443)),
    ));
    let estate = estate(&all(), acl);
    for (from, port, expected) in [
        ("198.51.100.7", 443, "open"),
        ("198.51.100.8", 443, "dropped"),
        ("198.51.100.8", 80, "open"),
    ] {
        assert_eq!(said(&estate, Some(from), port), expected, "{from} {port}");
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>
#[test]
fn answers_need_a_way_back() {
    let all = || vec![("sg-1", vec![opening((0, 65535), &["0.0.0.0/0"])])];
    let with = |ports: (u16, u16)| {
        let acl = vec![
            entry(100, "allow", false, "0.0.0.0/0", None),
            entry(32767, "deny", false, "0.0.0.0/0", None),
            entry(100, "allow", true, "0.0.0.0/0", Some(ports)),
            entry(32767, "deny", true, "0.0.0.0/0", None),
        ];
        said(&estate(&all(), acl), Some("198.51.100.7"), 443)
    };
    assert_eq!(with((443, 443)), "dropped");
    assert_eq!(with((1024, 65535)), "open");
    // Linux uses these, other systems others.
    assert_eq!(with((32768, 60999)), "assumed");
}
