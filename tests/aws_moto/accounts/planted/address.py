"""Addresses, and other things that a request has or has not, in resource policies."""

from .edge import ALL_VIEWER_EXCEPT_HOST, distribution
from .planting import ACCOUNT, allow, deny


def private_range(garden, name, is_bad):
    nets = ["10.0.0.0/8", "192.168.7.9"] if is_bad else ["203.0.113.0/24", "198.51.100.25"]
    condition = {"IpAddress": {"aws:SourceIp": nets}}
    garden.rest(name, allow=[allow(Condition=condition)]).method("/orders", "GET").deploy()


def private_range_beside_public(garden, name, is_bad):
    """On a private API the addresses of its network are in another key."""
    kind, key = ("REGIONAL", "aws:SourceIp") if is_bad else ("PRIVATE", "aws:VpcSourceIp")
    condition = {"NotIpAddress": {key: ["172.16.0.0/12"]}}
    statements = [allow(), deny(Condition=condition)]
    garden.rest(name, kind=kind, allow=statements).method("/orders", "GET").deploy()


def endpoint_of_public_api(garden, name, is_bad):
    condition = {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    kind = "REGIONAL" if is_bad else "PRIVATE"
    statements = [allow(), deny(Condition=condition)]
    garden.rest(name, kind=kind, allow=statements).method("/orders", "GET").deploy()


def names_callers_without_signature(garden, name, is_bad):
    role = garden.aws.role(name)
    statement = allow(principal={"AWS": role})
    garden.rest(name, allow=[statement]).method("/orders", "GET", "NONE" if is_bad else "AWS_IAM").deploy()


def organization_without_signature(garden, name, is_bad):
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    garden.rest(name, allow=[allow(Condition=condition)]).method(
        "/orders", "GET", "NONE" if is_bad else "AWS_IAM"
    ).deploy()


def other_account(garden, name, is_bad):
    """Who is of another account has to be named, and to sign."""
    statement = allow(principal={"AWS": f"arn:aws:iam::{ACCOUNT[::-1]}:root"})
    garden.rest(name, allow=[statement]).method("/orders", "GET", "NONE" if is_bad else "AWS_IAM").deploy()


def address_of_private_api(garden, name, is_bad):
    """Behind a VPC endpoint another key has the sender's address."""
    key, net = ("aws:SourceIp", "203.0.113.0/24") if is_bad else ("aws:VpcSourceIp", "10.20.0.0/16")
    statements = [allow(), deny(Condition={"NotIpAddress": {key: [net]}})]
    garden.rest(name, kind="PRIVATE", allow=statements).method("/orders", "GET").deploy()


def only_some_of_a_group(garden, name, is_bad):
    """why403.yaml says that 203.0.113.7 and 198.51.100.7 call it."""
    nets = ["203.0.113.0/28"] if is_bad else ["203.0.113.0/28", "198.51.100.0/28"]
    condition = {"IpAddress": {"aws:SourceIp": nets}}
    garden.rest(name, allow=[allow(Condition=condition)]).method("/orders", "GET").deploy()


def list_behind_distribution(garden, name, is_bad):
    """In the good twin the list is of the distribution's own networks."""
    nets = ["203.0.113.0/24"] if is_bad else ["130.176.0.0/17", "15.158.0.0/16", "64.252.64.0/18", "52.46.0.0/18"]
    condition = {"IpAddress": {"aws:SourceIp": nets}}
    api = garden.rest(name, allow=[allow(Condition=condition)]).method("/orders", "GET").deploy()
    distribution(garden, name, api, hands_on=ALL_VIEWER_EXCEPT_HOST)


def list_without_ipv6(garden, name, is_bad):
    nets = ["203.0.113.0/24"] if is_bad else ["203.0.113.0/24", "2001:db8::/32"]
    condition = {"IpAddress": {"aws:SourceIp": nets}}
    api = garden.rest(name, allow=[allow(Condition=condition)], family="dualstack")
    api.method("/orders", "GET").deploy()


def two_of_three_gateways(garden, name, is_bad):
    ec2 = garden.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    addresses = []
    for at, zone in enumerate(["eu-west-1a", "eu-west-1b", "eu-west-1c"]):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.50.{at}.0/24", AvailabilityZone=zone)
        subnet = subnet["Subnet"]["SubnetId"]
        address = ec2.allocate_address(Domain="vpc")
        made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address["AllocationId"])
        gateway = garden.plant(name, made["NatGateway"]["NatGatewayId"])
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        addresses.append(address["PublicIp"])
    condition = {"IpAddress": {"aws:SourceIp": addresses[:2] if is_bad else addresses}}
    garden.rest(name, allow=[allow(Condition=condition)]).method("/orders", "GET").deploy()


PLANTED = [
    ("private-range-in-public-allowlist", private_range),
    ("private-range-in-public-allowlist--deny", private_range_beside_public),
    ("policy-condition-never-matches", endpoint_of_public_api),
    ("policy-condition-never-matches--role", names_callers_without_signature),
    ("policy-condition-never-matches--organization", organization_without_signature),
    ("policy-condition-never-matches--account", other_account),
    ("policy-condition-never-matches--private", address_of_private_api),
    ("egress-not-allowed", only_some_of_a_group),
    ("allowlist-sees-proxy", list_behind_distribution),
    ("ipv6-not-allowed", list_without_ipv6),
    ("egress-partly-allowed", two_of_three_gateways),
]
