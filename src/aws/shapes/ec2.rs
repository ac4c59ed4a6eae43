//! Addresses and what lets packets through.

use aws_sdk_ec2::types::*;
use serde_json::Value;

use crate::aws::document::{Document, shape, words};

shape! {
    SecurityGroup {
        "GroupId" group_id,
        "GroupName" group_name,
        "Description" description,
        "OwnerId" owner_id,
        "VpcId" vpc_id,
        "IpPermissions" ip_permissions,
        "IpPermissionsEgress" ip_permissions_egress,
        "Tags" tags => names,
    }
    IpPermission {
        "IpProtocol" ip_protocol,
        "FromPort" from_port,
        "ToPort" to_port,
        "UserIdGroupPairs" user_id_group_pairs,
        "IpRanges" ip_ranges,
        "Ipv6Ranges" ipv6_ranges,
        "PrefixListIds" prefix_list_ids,
    }
    IpRange { "CidrIp" cidr_ip, "Description" description }
    Ipv6Range { "CidrIpv6" cidr_ipv6, "Description" description }
    PrefixListId { "PrefixListId" prefix_list_id, "Description" description }
    UserIdGroupPair {
        "UserId" user_id,
        "GroupId" group_id,
        "VpcId" vpc_id,
        "VpcPeeringConnectionId" vpc_peering_connection_id,
        "Description" description,
    }
    NetworkAcl {
        "NetworkAclId" network_acl_id,
        "VpcId" vpc_id,
        "IsDefault" is_default,
        "Associations" associations,
        "Entries" entries,
        "Tags" tags => names,
    }
    NetworkAclAssociation { "NetworkAclId" network_acl_id, "SubnetId" subnet_id }
    NetworkAclEntry {
        "RuleNumber" rule_number,
        "RuleAction" rule_action,
        "Egress" egress,
        "Protocol" protocol,
        "CidrBlock" cidr_block,
        "Ipv6CidrBlock" ipv6_cidr_block,
        "PortRange" port_range,
        "IcmpTypeCode" icmp_type_code,
    }
    PortRange { "From" from, "To" to }
    IcmpTypeCode { "Code" code, "Type" r#type }
    ManagedPrefixList {
        "PrefixListId" prefix_list_id,
        "PrefixListName" prefix_list_name,
        "PrefixListArn" prefix_list_arn,
        "AddressFamily" address_family,
        "OwnerId" owner_id,
        "State" state,
        "Version" version,
        "MaxEntries" max_entries,
        "Tags" tags => names,
    }
    PrefixListEntry { "Cidr" cidr, "Description" description }
    NatGateway {
        "NatGatewayId" nat_gateway_id,
        "State" state,
        "ConnectivityType" connectivity_type,
        "AvailabilityMode" availability_mode,
        "AutoProvisionZones" auto_provision_zones,
        "AutoScalingIps" auto_scaling_ips,
        "SubnetId" subnet_id,
        "VpcId" vpc_id,
        "NatGatewayAddresses" nat_gateway_addresses,
        "Tags" tags => names,
    }
    NatGatewayAddress {
        "AllocationId" allocation_id,
        "NetworkInterfaceId" network_interface_id,
        "PrivateIp" private_ip,
        "PublicIp" public_ip,
        "IsPrimary" is_primary,
        "Status" status,
        "AvailabilityZone" availability_zone,
    }
    Address {
        "AllocationId" allocation_id,
        "AssociationId" association_id,
        "Domain" domain,
        "InstanceId" instance_id,
        "NetworkInterfaceId" network_interface_id,
        "PrivateIpAddress" private_ip_address,
        "PublicIp" public_ip,
        "PublicIpv4Pool" public_ipv4_pool,
        "Tags" tags => names,
    }
    RouteTable {
        "RouteTableId" route_table_id,
        "VpcId" vpc_id,
        "Associations" associations,
        "PropagatingVgws" propagating_vgws,
        "Routes" routes,
        "Tags" tags => names,
    }
    RouteTableAssociation {
        "Main" main,
        "RouteTableId" route_table_id,
        "SubnetId" subnet_id,
        "GatewayId" gateway_id,
    }
    PropagatingVgw { "GatewayId" gateway_id }
    Route {
        "DestinationCidrBlock" destination_cidr_block,
        "DestinationIpv6CidrBlock" destination_ipv6_cidr_block,
        "DestinationPrefixListId" destination_prefix_list_id,
        "EgressOnlyInternetGatewayId" egress_only_internet_gateway_id,
        "GatewayId" gateway_id,
        "InstanceId" instance_id,
        "NatGatewayId" nat_gateway_id,
        "TransitGatewayId" transit_gateway_id,
        "LocalGatewayId" local_gateway_id,
        "CarrierGatewayId" carrier_gateway_id,
        "NetworkInterfaceId" network_interface_id,
        "VpcPeeringConnectionId" vpc_peering_connection_id,
        "CoreNetworkArn" core_network_arn,
        "Origin" origin,
        "State" state,
    }
    Subnet {
        "SubnetId" subnet_id,
        "VpcId" vpc_id,
        "AvailabilityZone" availability_zone,
        "CidrBlock" cidr_block,
        "Ipv6CidrBlockAssociationSet" ipv6_cidr_block_association_set,
        "AssignIpv6AddressOnCreation" assign_ipv6_address_on_creation,
        "Ipv6Native" ipv6_native,
        "MapPublicIpOnLaunch" map_public_ip_on_launch,
        "EnableDns64" enable_dns64,
        "DefaultForAz" default_for_az,
        "Tags" tags => names,
    }
    SubnetIpv6CidrBlockAssociation {
        "Ipv6CidrBlock" ipv6_cidr_block,
        "Ipv6CidrBlockState" ipv6_cidr_block_state,
    }
    SubnetCidrBlockState { "State" state }
    Vpc {
        "VpcId" vpc_id,
        "CidrBlock" cidr_block,
        "CidrBlockAssociationSet" cidr_block_association_set,
        "Ipv6CidrBlockAssociationSet" ipv6_cidr_block_association_set,
        "IsDefault" is_default,
        "OwnerId" owner_id,
        "Tags" tags => names,
    }
    VpcCidrBlockAssociation { "CidrBlock" cidr_block, "CidrBlockState" cidr_block_state }
    VpcIpv6CidrBlockAssociation {
        "Ipv6CidrBlock" ipv6_cidr_block,
        "Ipv6CidrBlockState" ipv6_cidr_block_state,
    }
    VpcCidrBlockState { "State" state }
    VpcEndpoint {
        "VpcEndpointId" vpc_endpoint_id,
        "VpcEndpointType" vpc_endpoint_type,
        "VpcId" vpc_id,
        "ServiceName" service_name,
        "State" state,
        "PolicyDocument" policy_document,
        "RouteTableIds" route_table_ids,
        "SubnetIds" subnet_ids,
        "Groups" groups,
        "IpAddressType" ip_address_type,
        "PrivateDnsEnabled" private_dns_enabled,
        "NetworkInterfaceIds" network_interface_ids,
        "DnsEntries" dns_entries,
        "OwnerId" owner_id,
        "ServiceRegion" service_region,
        "Tags" tags => names,
    }
    SecurityGroupIdentifier { "GroupId" group_id, "GroupName" group_name }
    DnsEntry { "DnsName" dns_name, "HostedZoneId" hosted_zone_id }
    NetworkInterface {
        "NetworkInterfaceId" network_interface_id,
        "InterfaceType" interface_type,
        "Description" description,
        "Association" association,
        "Attachment" attachment,
        "AvailabilityZone" availability_zone,
        "Groups" groups,
        "Ipv6Addresses" ipv6_addresses,
        "PrivateIpAddress" private_ip_address,
        "PrivateIpAddresses" private_ip_addresses,
        "OwnerId" owner_id,
        "RequesterId" requester_id,
        "RequesterManaged" requester_managed,
        "Status" status,
        "SubnetId" subnet_id,
        "VpcId" vpc_id,
        "TagSet" tag_set => names,
    }
    NetworkInterfaceAssociation {
        "AllocationId" allocation_id,
        "IpOwnerId" ip_owner_id,
        "PublicIp" public_ip,
    }
    NetworkInterfaceAttachment {
        "AttachmentId" attachment_id,
        "DeviceIndex" device_index,
        "InstanceId" instance_id,
        "InstanceOwnerId" instance_owner_id,
        "Status" status,
    }
    NetworkInterfaceIpv6Address { "Ipv6Address" ipv6_address }
    NetworkInterfacePrivateIpAddress {
        "Association" association,
        "Primary" primary,
        "PrivateIpAddress" private_ip_address,
    }
    GroupIdentifier { "GroupId" group_id, "GroupName" group_name }
    InternetGateway {
        "InternetGatewayId" internet_gateway_id,
        "Attachments" attachments,
        "Tags" tags => names,
    }
    EgressOnlyInternetGateway {
        "EgressOnlyInternetGatewayId" egress_only_internet_gateway_id,
        "Attachments" attachments,
        "Tags" tags => names,
    }
    InternetGatewayAttachment { "State" state, "VpcId" vpc_id }
    Instance {
        "InstanceId" instance_id,
        "State" state,
        "IamInstanceProfile" iam_instance_profile,
        "SecurityGroups" security_groups,
        "SubnetId" subnet_id,
        "VpcId" vpc_id,
        "PrivateIpAddress" private_ip_address,
        "PublicIpAddress" public_ip_address,
        "Ipv6Address" ipv6_address,
        "NetworkInterfaces" network_interfaces,
        "Tags" tags => names,
    }
    InstanceState { "Code" code, "Name" name }
    IamInstanceProfile { "Arn" arn, "Id" id }
    InstanceNetworkInterface {
        "NetworkInterfaceId" network_interface_id,
        "Association" association,
        "Groups" groups,
        "Ipv6Addresses" ipv6_addresses,
        "PrivateIpAddress" private_ip_address,
        "SubnetId" subnet_id,
        "VpcId" vpc_id,
    }
    InstanceNetworkInterfaceAssociation { "IpOwnerId" ip_owner_id, "PublicIp" public_ip }
    InstanceIpv6Address { "Ipv6Address" ipv6_address }
}

words! {
    RuleAction, PrefixListState, NatGatewayState, ConnectivityType, AvailabilityMode,
    AutoProvisionZonesState, AutoScalingIpsState,
    NatGatewayAddressStatus, DomainType, RouteOrigin, RouteState, SubnetCidrBlockStateCode,
    VpcCidrBlockStateCode, VpcEndpointType, State, IpAddressType, NetworkInterfaceType,
    AttachmentStatus, NetworkInterfaceStatus, InstanceStateName,
}

/// Of the tags only the name: the others are for other eyes.
fn names(tags: &Option<Vec<Tag>>) -> Option<Value> {
    let tags = tags.as_ref()?.iter();
    let names = tags.filter(|tag| tag.key.as_deref() == Some("Name"));
    Some(names.filter_map(Document::document).collect())
}

shape! {
    Tag { "Key" key, "Value" value }
}
