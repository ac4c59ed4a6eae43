//! A snapshot of a large account.

use serde_json::{Map, Value, json};

const ACCOUNT: &str = "123456789012";
const REGIONS: usize = 20;
const APIS: usize = 300;
const GROUPS: usize = 5_000;
const MACHINES: usize = 1_000;
const BALANCERS: usize = 60;

/// The text of a snapshot of APIs and security groups; a `whole` one has machines in networks,
/// balancers and web ACLs, too.
pub fn write(whole: bool) -> String {
    let mut resources = Map::new();
    for api in 0..APIS {
        add_api(&mut resources, api);
    }
    for group in 0..GROUPS {
        add_group(&mut resources, group);
    }
    if whole {
        (0..REGIONS).for_each(|region| add_network(&mut resources, region));
        (0..REGIONS).for_each(|region| add_web_acl(&mut resources, region));
        (0..MACHINES).for_each(|machine| add_machine(&mut resources, machine));
        (0..BALANCERS).for_each(|balancer| add_balancer(&mut resources, balancer));
    }
    let snapshot = json!({
        "why403-snapshot": 1,
        "accounts": [{ "account": ACCOUNT, "partition": "aws" }],
        "operations": operations(),
        "resources": resources,
    });
    snapshot.to_string()
}

fn operations() -> Vec<Value> {
    let fetched = [
        ("apigateway", "GetRestApis"),
        ("apigateway", "GetDomainNames"),
        ("apigateway", "GetUsagePlans"),
        ("apigatewayv2", "GetApis"),
        ("apigatewayv2", "GetDomainNames"),
        ("ec2", "DescribeSecurityGroups"),
        ("ec2", "DescribeNetworkAcls"),
        ("ec2", "DescribeSubnets"),
        ("ec2", "DescribeRouteTables"),
        ("ec2", "DescribeNatGateways"),
        ("ec2", "DescribeAddresses"),
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeNetworkInterfaces"),
        ("ec2", "DescribeManagedPrefixLists"),
        ("elbv2", "DescribeLoadBalancers"),
        ("wafv2", "GetWebACL"),
        ("wafv2", "GetIPSet"),
    ];
    let all =
        (0..REGIONS).flat_map(|region| fetched.map(|(service, name)| (region, service, name)));
    all.map(|(region, service, operation)| {
        json!({
            "account": ACCOUNT, "region": name(region), "service": service,
            "operation": operation, "state": "fetched",
        })
    })
    .collect()
}

fn add_group(resources: &mut Map<String, Value>, group: usize) {
    let id = group_id(group);
    let ranges: Vec<Value> = (0..10)
        .map(|host| json!({ "CidrIp": format!("203.0.{}.{host}/32", group % 256) }))
        .collect();
    let content = json!({
        "GroupId": id, "GroupName": format!("group-{group}"), "VpcId": "vpc-1",
        "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges,
        }],
    });
    resources.insert(address(group, "ec2/security-group", &id), content);
}

fn add_api(resources: &mut Map<String, Value>, api: usize) {
    let id = format!("a{api:09}");
    let cors = json!({
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Headers": "'content-type,authorization'",
    });
    let paths = (0..25).map(|path| {
        let authorization = ["NONE", "AWS_IAM", "CUSTOM"][path % 3];
        let method = json!({
            "authorizationType": authorization, "authorizerId": "auth1",
            "methodIntegration": { "type": "AWS_PROXY" },
        });
        json!({
            "id": format!("r{path}"), "path": format!("/path{path}/{{id}}"),
            "resourceMethods": {
                "GET": method, "POST": method,
                "OPTIONS": {
                    "authorizationType": "NONE",
                    "methodIntegration": {
                        "type": "MOCK",
                        "integrationResponses": { "200": { "responseParameters": cors } },
                    },
                },
            },
        })
    });
    let paths: Vec<Value> = paths.collect();
    let mut put = |kind: &str, content: Value| {
        resources.insert(address(api, &format!("apigateway/{kind}"), &id), content);
    };
    put(
        "rest-api",
        json!({
            "id": id, "name": format!("api-{api}"),
            "endpointConfiguration": { "types": ["REGIONAL"] },
            "policy": { "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": { "IpAddress": { "aws:SourceIp": ["203.0.113.0/24"] } },
            }] },
        }),
    );
    put("resources", json!({ "items": paths }));
    put(
        "authorizers",
        json!({ "items": [{
            "id": "auth1", "name": "tokens", "type": "TOKEN",
            "identitySource": "method.request.header.Authorization",
        }] }),
    );
    put("gateway-responses", json!({ "items": [] }));
    put(
        "stages",
        json!({ "item": [{ "stageName": "prod" }, { "stageName": "dev" }] }),
    );
}

/// A network with a private and a public subnet, and a NAT gateway between them.
fn add_network(resources: &mut Map<String, Value>, region: usize) {
    let mut put = |kind: &str, id: &str, content: Value| {
        resources.insert(address(region, kind, id), content);
    };
    put(
        "ec2/vpc",
        "vpc-1",
        json!({ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16" }),
    );
    for (subnet, route) in [
        ("public", json!({ "GatewayId": "igw-1" })),
        ("private", json!({ "NatGatewayId": "nat-1" })),
    ] {
        put(
            "ec2/subnet",
            &format!("subnet-{subnet}"),
            json!({ "SubnetId": format!("subnet-{subnet}"), "VpcId": "vpc-1" }),
        );
        let mut way = route;
        way["DestinationCidrBlock"] = "0.0.0.0/0".into();
        way["State"] = "active".into();
        put(
            "ec2/route-table",
            &format!("rtb-{subnet}"),
            json!({
                "RouteTableId": format!("rtb-{subnet}"), "VpcId": "vpc-1", "Routes": [way],
                "Associations": [{ "SubnetId": format!("subnet-{subnet}"), "Main": false }],
            }),
        );
    }
    put(
        "ec2/nat-gateway",
        "nat-1",
        json!({
            "NatGatewayId": "nat-1", "SubnetId": "subnet-public", "VpcId": "vpc-1",
            "State": "available", "ConnectivityType": "public",
            "NatGatewayAddresses": [{
                "AllocationId": "eipalloc-1", "PublicIp": format!("198.51.100.{region}"),
            }],
        }),
    );
    let entry = |number: u32, action: &str, egress: bool| {
        json!({
            "RuleNumber": number, "RuleAction": action, "Egress": egress,
            "CidrBlock": "0.0.0.0/0", "Protocol": "-1",
        })
    };
    put(
        "ec2/network-acl",
        "acl-1",
        json!({
            "NetworkAclId": "acl-1", "VpcId": "vpc-1",
            "Entries": [
                entry(100, "allow", false), entry(32767, "deny", false),
                entry(100, "allow", true), entry(32767, "deny", true),
            ],
            "Associations": [{ "SubnetId": "subnet-public", "NetworkAclId": "acl-1" }],
        }),
    );
}

/// A machine with a public address and five security groups.
fn add_machine(resources: &mut Map<String, Value>, machine: usize) {
    let id = format!("i-{machine:08x}");
    // Groups of its own region.
    let groups: Vec<Value> = (0..5)
        .map(|group| json!({ "GroupId": group_id((machine * 5 + group) * REGIONS % GROUPS + machine % REGIONS) }))
        .collect();
    let content = json!({
        "InstanceId": id, "SubnetId": "subnet-public", "State": { "Name": "running" },
        "NetworkInterfaces": [{
            "SubnetId": "subnet-public", "Groups": groups,
            "Association": {
                "PublicIp": format!("192.0.{}.{}", machine / 250, machine % 250),
                "IpOwnerId": "amazon",
            },
        }],
    });
    resources.insert(address(machine, "ec2/instance", &id), content);
}

/// A web ACL with a set of 1,000 addresses, and the ways to write rules that most have.
fn add_web_acl(resources: &mut Map<String, Value>, region: usize) {
    let arn = |kind: &str, name: &str| {
        let region = self::name(region);
        format!("arn:aws:wafv2:{region}:{ACCOUNT}:regional/{kind}/{name}/1")
    };
    let set = arn("ipset", "office");
    let addresses: Vec<String> = (0..1_000)
        .map(|host| format!("203.0.{}.{}/32", host / 250, host % 250))
        .collect();
    let content = json!({ "IPSet": {
        "Name": "office", "ARN": set, "IPAddressVersion": "IPV4", "Addresses": addresses,
    }});
    resources.insert(address(region, "wafv2/ip-set", &set), content);
    let managed = |number: usize, name: &str| {
        json!({
            "Name": name, "Priority": number, "OverrideAction": { "None": {} },
            "Statement": { "ManagedRuleGroupStatement": { "VendorName": "AWS", "Name": name } },
        })
    };
    let acl = arn("webacl", "edge");
    let content = json!({ "WebACL": {
        "Name": "edge", "ARN": acl, "DefaultAction": { "Allow": {} },
        "Rules": [
            {
                "Name": "admin", "Priority": 0, "Action": { "Block": {} },
                "Statement": { "AndStatement": { "Statements": [
                    { "ByteMatchStatement": {
                        "SearchString": "/admin", "FieldToMatch": { "UriPath": {} },
                        "PositionalConstraint": "STARTS_WITH",
                        "TextTransformations": [{ "Priority": 0, "Type": "LOWERCASE" }],
                    }},
                    { "NotStatement": { "Statement": { "IPSetReferenceStatement": { "ARN": set } } } },
                ]}},
            },
            managed(1, "AWSManagedRulesCommonRuleSet"),
            managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
        ],
    }});
    resources.insert(address(region, "wafv2/web-acl", &acl), content);
    let balancers: Vec<String> = (0..BALANCERS)
        .filter(|balancer| balancer % REGIONS == region)
        .map(balancer_arn)
        .collect();
    resources.insert(
        address(region, "wafv2/resources-for-web-acl", &acl),
        json!({ "ResourceArns": balancers }),
    );
}

/// A balancer with 20 rules.
fn add_balancer(resources: &mut Map<String, Value>, balancer: usize) {
    let arn = balancer_arn(balancer);
    let listener = format!("{arn}/listener").replace(":loadbalancer/", ":listener/");
    let mut put = |kind: &str, id: &str, content: Value| {
        resources.insert(address(balancer, kind, id), content);
    };
    put(
        "elbv2/load-balancer",
        &arn,
        json!({
            "LoadBalancerArn": arn, "LoadBalancerName": format!("web-{balancer}"),
            "DNSName": format!("web-{balancer}.{}.elb.amazonaws.com", name(balancer)),
            "Type": "application", "Scheme": "internet-facing",
            "SecurityGroups": [group_id(balancer)],
            "AvailabilityZones": [{ "SubnetId": "subnet-public" }],
        }),
    );
    put(
        "elbv2/listeners",
        &arn,
        json!({ "Listeners": [{ "ListenerArn": listener, "Port": 443, "Protocol": "HTTPS" }] }),
    );
    let group = arn.replace(":loadbalancer/app/", ":targetgroup/");
    let rules = (0..20).map(|number| {
        json!({
            "Priority": (number + 1).to_string(), "IsDefault": false,
            "Conditions": [{
                "Field": "path-pattern",
                "PathPatternConfig": { "Values": [format!("/service{number}/*")] },
            }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
        })
    });
    let last = json!({
        "Priority": "default", "IsDefault": true, "Conditions": [],
        "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }],
    });
    let rules: Vec<Value> = rules.chain([last]).collect();
    put("elbv2/rules", &listener, json!({ "Rules": rules }));
}

fn balancer_arn(balancer: usize) -> String {
    let region = name(balancer);
    format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:loadbalancer/app/web-{balancer}/1")
}

fn group_id(group: usize) -> String {
    format!("sg-{group:08x}")
}

fn name(number: usize) -> String {
    format!("eu-west-{}", number % REGIONS + 1)
}

fn address(number: usize, kind: &str, id: &str) -> String {
    format!("aws://{ACCOUNT}/{}/{kind}/{id}", name(number))
}
