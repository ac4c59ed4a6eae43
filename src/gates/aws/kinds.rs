//! The kinds of documents that tell of an account: which service has it, what it is called in an
//! address, and which operation of that service's API brings it.

/// What a document is about.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// As the commands of AWS call it: `apigateway`.
    pub service: &'static str,
    /// `rest-api`
    pub name: &'static str,
    /// As the service's API reference names it: `GetRestApis`.
    pub operation: &'static str,
    /// The key by which the command that prints all of a kind lists them: `SecurityGroups`.
    pub listed: Option<&'static str>,
    /// The key of one that tells it from all others: `GroupId`.
    pub id: &'static str,
}

const fn one(
    service: &'static str,
    name: &'static str,
    operation: &'static str,
    listed: &'static str,
    id: &'static str,
) -> Kind {
    Kind {
        service,
        name,
        operation,
        listed: Some(listed),
        id,
    }
}

/// A document that belongs to another one, whose id it has: the routes of an API.
const fn part(service: &'static str, name: &'static str, operation: &'static str) -> Kind {
    Kind {
        service,
        name,
        operation,
        listed: None,
        id: "",
    }
}

pub static REST_API: Kind = one("apigateway", "rest-api", "GetRestApis", "items", "id");
pub static RESOURCES: Kind = part("apigateway", "resources", "GetResources");
pub static AUTHORIZERS: Kind = part("apigateway", "authorizers", "GetAuthorizers");
pub static GATEWAY_RESPONSES: Kind = part("apigateway", "gateway-responses", "GetGatewayResponses");
pub static STAGES: Kind = part("apigateway", "stages", "GetStages");
pub static DEPLOYMENTS: Kind = part("apigateway", "deployments", "GetDeployments");
pub static EXPORT: Kind = part("apigateway", "export", "GetExport");
pub static DOMAIN_NAME: Kind = one(
    "apigateway",
    "domain-name",
    "GetDomainNames",
    "items",
    "domainName",
);
pub static BASE_PATH_MAPPINGS: Kind =
    part("apigateway", "base-path-mappings", "GetBasePathMappings");
pub static USAGE_PLAN: Kind = one("apigateway", "usage-plan", "GetUsagePlans", "items", "id");
pub static USAGE_PLAN_KEYS: Kind = part("apigateway", "usage-plan-keys", "GetUsagePlanKeys");
pub static API_KEY: Kind = one("apigateway", "api-key", "GetApiKeys", "items", "id");

pub static HTTP_API: Kind = one("apigatewayv2", "api", "GetApis", "Items", "ApiId");
pub static ROUTES: Kind = part("apigatewayv2", "routes", "GetRoutes");
pub static HTTP_AUTHORIZERS: Kind = part("apigatewayv2", "authorizers", "GetAuthorizers");
pub static HTTP_STAGES: Kind = part("apigatewayv2", "stages", "GetStages");
pub static INTEGRATIONS: Kind = part("apigatewayv2", "integrations", "GetIntegrations");
pub static HTTP_DOMAIN_NAME: Kind = one(
    "apigatewayv2",
    "domain-name",
    "GetDomainNames",
    "Items",
    "DomainName",
);
pub static API_MAPPINGS: Kind = part("apigatewayv2", "api-mappings", "GetApiMappings");

pub static WEB_ACL: Kind = one("wafv2", "web-acl", "GetWebACL", "WebACL", "ARN");
pub static IP_SET: Kind = one("wafv2", "ip-set", "GetIPSet", "IPSet", "ARN");
pub static REGEX_PATTERN_SET: Kind = one(
    "wafv2",
    "regex-pattern-set",
    "GetRegexPatternSet",
    "RegexPatternSet",
    "ARN",
);
pub static RULE_GROUP: Kind = one("wafv2", "rule-group", "GetRuleGroup", "RuleGroup", "ARN");
pub static RESOURCES_FOR_WEB_ACL: Kind =
    part("wafv2", "resources-for-web-acl", "ListResourcesForWebACL");

pub static LOAD_BALANCER: Kind = one(
    "elbv2",
    "load-balancer",
    "DescribeLoadBalancers",
    "LoadBalancers",
    "LoadBalancerArn",
);
pub static LISTENERS: Kind = part("elbv2", "listeners", "DescribeListeners");
pub static RULES: Kind = part("elbv2", "rules", "DescribeRules");
pub static LOAD_BALANCER_ATTRIBUTES: Kind = part(
    "elbv2",
    "load-balancer-attributes",
    "DescribeLoadBalancerAttributes",
);

pub static DISTRIBUTION: Kind = one(
    "cloudfront",
    "distribution",
    "GetDistributionConfig",
    "Distribution",
    "Id",
);
pub static CACHE_POLICY: Kind = one(
    "cloudfront",
    "cache-policy",
    "GetCachePolicy",
    "CachePolicy",
    "Id",
);
pub static ORIGIN_REQUEST_POLICY: Kind = one(
    "cloudfront",
    "origin-request-policy",
    "GetOriginRequestPolicy",
    "OriginRequestPolicy",
    "Id",
);
pub static RESPONSE_HEADERS_POLICY: Kind = one(
    "cloudfront",
    "response-headers-policy",
    "GetResponseHeadersPolicy",
    "ResponseHeadersPolicy",
    "Id",
);

pub static FUNCTION_URL: Kind = one(
    "lambda",
    "function-url",
    "ListFunctionUrlConfigs",
    "FunctionUrlConfigs",
    "FunctionArn",
);
pub static FUNCTION_POLICY: Kind = part("lambda", "policy", "GetPolicy");
pub static FUNCTION: Kind = one(
    "lambda",
    "function",
    "ListFunctions",
    "Functions",
    "FunctionArn",
);

pub static ROLE: Kind = one(
    "iam",
    "role",
    "GetAccountAuthorizationDetails",
    "RoleDetailList",
    "Arn",
);
pub static USER: Kind = one(
    "iam",
    "user",
    "GetAccountAuthorizationDetails",
    "UserDetailList",
    "Arn",
);
pub static GROUP: Kind = one(
    "iam",
    "group",
    "GetAccountAuthorizationDetails",
    "GroupDetailList",
    "Arn",
);
pub static POLICY: Kind = one(
    "iam",
    "policy",
    "GetAccountAuthorizationDetails",
    "Policies",
    "Arn",
);

pub static SECURITY_GROUP: Kind = one(
    "ec2",
    "security-group",
    "DescribeSecurityGroups",
    "SecurityGroups",
    "GroupId",
);
pub static NETWORK_ACL: Kind = one(
    "ec2",
    "network-acl",
    "DescribeNetworkAcls",
    "NetworkAcls",
    "NetworkAclId",
);
pub static PREFIX_LIST: Kind = one(
    "ec2",
    "prefix-list",
    "DescribeManagedPrefixLists",
    "PrefixLists",
    "PrefixListId",
);
pub static NAT_GATEWAY: Kind = one(
    "ec2",
    "nat-gateway",
    "DescribeNatGateways",
    "NatGateways",
    "NatGatewayId",
);
pub static ADDRESS: Kind = one(
    "ec2",
    "address",
    "DescribeAddresses",
    "Addresses",
    "AllocationId",
);
pub static ROUTE_TABLE: Kind = one(
    "ec2",
    "route-table",
    "DescribeRouteTables",
    "RouteTables",
    "RouteTableId",
);
pub static SUBNET: Kind = one("ec2", "subnet", "DescribeSubnets", "Subnets", "SubnetId");
pub static VPC: Kind = one("ec2", "vpc", "DescribeVpcs", "Vpcs", "VpcId");
pub static VPC_ENDPOINT: Kind = one(
    "ec2",
    "vpc-endpoint",
    "DescribeVpcEndpoints",
    "VpcEndpoints",
    "VpcEndpointId",
);
pub static NETWORK_INTERFACE: Kind = one(
    "ec2",
    "network-interface",
    "DescribeNetworkInterfaces",
    "NetworkInterfaces",
    "NetworkInterfaceId",
);
pub static INTERNET_GATEWAY: Kind = one(
    "ec2",
    "internet-gateway",
    "DescribeInternetGateways",
    "InternetGateways",
    "InternetGatewayId",
);
pub static EGRESS_ONLY_INTERNET_GATEWAY: Kind = one(
    "ec2",
    "egress-only-internet-gateway",
    "DescribeEgressOnlyInternetGateways",
    "EgressOnlyInternetGateways",
    "EgressOnlyInternetGatewayId",
);
/// Lies in its reservation.
pub static INSTANCE: Kind = one(
    "ec2",
    "instance",
    "DescribeInstances",
    "Instances",
    "InstanceId",
);

pub static KINDS: &[&Kind] = &[
    &REST_API,
    &RESOURCES,
    &AUTHORIZERS,
    &GATEWAY_RESPONSES,
    &STAGES,
    &DEPLOYMENTS,
    &EXPORT,
    &DOMAIN_NAME,
    &BASE_PATH_MAPPINGS,
    &USAGE_PLAN,
    &USAGE_PLAN_KEYS,
    &API_KEY,
    &HTTP_API,
    &ROUTES,
    &HTTP_AUTHORIZERS,
    &HTTP_STAGES,
    &INTEGRATIONS,
    &HTTP_DOMAIN_NAME,
    &API_MAPPINGS,
    &WEB_ACL,
    &IP_SET,
    &REGEX_PATTERN_SET,
    &RULE_GROUP,
    &RESOURCES_FOR_WEB_ACL,
    &LOAD_BALANCER,
    &LISTENERS,
    &RULES,
    &LOAD_BALANCER_ATTRIBUTES,
    &DISTRIBUTION,
    &CACHE_POLICY,
    &ORIGIN_REQUEST_POLICY,
    &RESPONSE_HEADERS_POLICY,
    &FUNCTION_URL,
    &FUNCTION_POLICY,
    &FUNCTION,
    &ROLE,
    &USER,
    &GROUP,
    &POLICY,
    &SECURITY_GROUP,
    &NETWORK_ACL,
    &PREFIX_LIST,
    &NAT_GATEWAY,
    &ADDRESS,
    &ROUTE_TABLE,
    &SUBNET,
    &VPC,
    &VPC_ENDPOINT,
    &NETWORK_INTERFACE,
    &INTERNET_GATEWAY,
    &EGRESS_ONLY_INTERNET_GATEWAY,
    &INSTANCE,
];

/// The kind that an address names.
pub fn named(service: &str, name: &str) -> Option<&'static Kind> {
    let mut kinds = KINDS.iter();
    kinds
        .find(|kind| kind.service == service && kind.name == name)
        .copied()
}
