//! The table of all operations that a fetch calls: from it come the calls, the limits of their
//! rate, and the policy that allows them.

use clap::ValueEnum;

/// A service, by the name that it has in addresses and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Service {
    #[value(name = "apigateway")]
    ApiGateway,
    #[value(name = "apigatewayv2")]
    ApiGatewayV2,
    #[value(name = "cloudfront")]
    CloudFront,
    #[value(name = "ec2")]
    Ec2,
    #[value(name = "elbv2")]
    Elb,
    #[value(name = "iam")]
    Iam,
    #[value(name = "lambda")]
    Lambda,
    /// Who we are, and becoming somebody else; always called.
    #[value(skip)]
    Sts,
    #[value(name = "wafv2")]
    Waf,
}

impl Service {
    /// Those that can be asked for.
    pub const ALL: [Service; 8] = [
        Service::ApiGateway,
        Service::ApiGatewayV2,
        Service::CloudFront,
        Service::Ec2,
        Service::Elb,
        Service::Iam,
        Service::Lambda,
        Service::Waf,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Service::ApiGateway => "apigateway",
            Service::ApiGatewayV2 => "apigatewayv2",
            Service::CloudFront => "cloudfront",
            Service::Ec2 => "ec2",
            Service::Elb => "elbv2",
            Service::Iam => "iam",
            Service::Lambda => "lambda",
            Service::Sts => "sts",
            Service::Waf => "wafv2",
        }
    }

    /// What stands before the colon of an action in a policy.
    pub fn prefix(self) -> &'static str {
        match self {
            // Both kinds of API are read with the verb GET of one service.
            Service::ApiGateway | Service::ApiGatewayV2 => "apigateway",
            Service::Elb => "elasticloadbalancing",
            other => other.name(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    pub service: Service,
    pub name: &'static str,
    /// The TYPE of the documents that it brings; empty for one that says only what to ask next.
    pub brings: &'static str,
    /// API Gateway has one action for all that is read, and tells resources apart by their paths.
    pub path: Option<&'static str>,
    /// Whether it is called only when asked for.
    pub opt_in: bool,
}

macro_rules! operations {
    ($($id:ident = $service:ident $name:literal $brings:literal $($path:literal)? $(, $opt_in:ident)?;)*) => {
        $(pub const $id: Operation = Operation {
            service: Service::$service,
            name: $name,
            brings: $brings,
            path: operations!(@path $($path)?),
            opt_in: operations!(@opt $($opt_in)?),
        };)*

        pub static OPERATIONS: &[&Operation] = &[$(&$id),*];
    };
    (@path) => { None };
    (@path $path:literal) => { Some($path) };
    (@opt) => { false };
    (@opt opt_in) => { true };
}

operations! {
    GET_API_KEYS = ApiGateway "GetApiKeys" "api-key" "/apikeys", opt_in;
    GET_AUTHORIZERS = ApiGateway "GetAuthorizers" "authorizers" "/restapis/*";
    GET_BASE_PATH_MAPPINGS = ApiGateway "GetBasePathMappings" "base-path-mappings" "/domainnames/*";
    GET_DEPLOYMENTS = ApiGateway "GetDeployments" "deployments" "/restapis/*";
    GET_DOMAIN_NAMES = ApiGateway "GetDomainNames" "domain-name" "/domainnames";
    GET_EXPORT = ApiGateway "GetExport" "export" "/restapis/*";
    GET_GATEWAY_RESPONSES = ApiGateway "GetGatewayResponses" "gateway-responses" "/restapis/*";
    GET_RESOURCES = ApiGateway "GetResources" "resources" "/restapis/*";
    GET_REST_APIS = ApiGateway "GetRestApis" "rest-api" "/restapis";
    GET_STAGES = ApiGateway "GetStages" "stages" "/restapis/*";
    GET_USAGE_PLAN_KEYS = ApiGateway "GetUsagePlanKeys" "usage-plan-keys" "/usageplans/*/keys", opt_in;
    GET_USAGE_PLANS = ApiGateway "GetUsagePlans" "usage-plan" "/usageplans";

    GET_API_MAPPINGS = ApiGatewayV2 "GetApiMappings" "api-mappings" "/domainnames/*";
    GET_APIS = ApiGatewayV2 "GetApis" "api" "/apis";
    GET_HTTP_AUTHORIZERS = ApiGatewayV2 "GetAuthorizers" "authorizers" "/apis/*";
    GET_HTTP_DOMAIN_NAMES = ApiGatewayV2 "GetDomainNames" "domain-name" "/domainnames";
    GET_INTEGRATIONS = ApiGatewayV2 "GetIntegrations" "integrations" "/apis/*";
    GET_ROUTES = ApiGatewayV2 "GetRoutes" "routes" "/apis/*";
    GET_HTTP_STAGES = ApiGatewayV2 "GetStages" "stages" "/apis/*";

    GET_CACHE_POLICY = CloudFront "GetCachePolicy" "cache-policy";
    GET_DISTRIBUTION_CONFIG = CloudFront "GetDistributionConfig" "distribution";
    GET_ORIGIN_REQUEST_POLICY = CloudFront "GetOriginRequestPolicy" "origin-request-policy";
    GET_RESPONSE_HEADERS_POLICY = CloudFront "GetResponseHeadersPolicy" "response-headers-policy";
    LIST_DISTRIBUTIONS = CloudFront "ListDistributions" "";

    DESCRIBE_ADDRESSES = Ec2 "DescribeAddresses" "address";
    DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS = Ec2 "DescribeEgressOnlyInternetGateways" "egress-only-internet-gateway";
    DESCRIBE_INSTANCES = Ec2 "DescribeInstances" "instance";
    DESCRIBE_INTERNET_GATEWAYS = Ec2 "DescribeInternetGateways" "internet-gateway";
    DESCRIBE_MANAGED_PREFIX_LISTS = Ec2 "DescribeManagedPrefixLists" "prefix-list";
    DESCRIBE_NAT_GATEWAYS = Ec2 "DescribeNatGateways" "nat-gateway";
    DESCRIBE_NETWORK_ACLS = Ec2 "DescribeNetworkAcls" "network-acl";
    DESCRIBE_NETWORK_INTERFACES = Ec2 "DescribeNetworkInterfaces" "network-interface";
    DESCRIBE_REGIONS = Ec2 "DescribeRegions" "";
    DESCRIBE_ROUTE_TABLES = Ec2 "DescribeRouteTables" "route-table";
    DESCRIBE_SECURITY_GROUPS = Ec2 "DescribeSecurityGroups" "security-group";
    DESCRIBE_SUBNETS = Ec2 "DescribeSubnets" "subnet";
    DESCRIBE_VPC_ENDPOINTS = Ec2 "DescribeVpcEndpoints" "vpc-endpoint";
    DESCRIBE_VPCS = Ec2 "DescribeVpcs" "vpc";
    GET_MANAGED_PREFIX_LIST_ENTRIES = Ec2 "GetManagedPrefixListEntries" "prefix-list";

    DESCRIBE_LISTENERS = Elb "DescribeListeners" "listeners";
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES = Elb "DescribeLoadBalancerAttributes" "load-balancer-attributes";
    DESCRIBE_LOAD_BALANCERS = Elb "DescribeLoadBalancers" "load-balancer";
    DESCRIBE_RULES = Elb "DescribeRules" "rules";

    // Users, roles, groups and policies.
    GET_ACCOUNT_AUTHORIZATION_DETAILS = Iam "GetAccountAuthorizationDetails" "";

    GET_POLICY = Lambda "GetPolicy" "policy";
    LIST_FUNCTION_URL_CONFIGS = Lambda "ListFunctionUrlConfigs" "function-url";
    LIST_FUNCTIONS = Lambda "ListFunctions" "function";

    // Needs a permission only for the account whose role is assumed.
    ASSUME_ROLE = Sts "AssumeRole" "";
    // Needs no permission.
    GET_CALLER_IDENTITY = Sts "GetCallerIdentity" "";

    GET_IP_SET = Waf "GetIPSet" "ip-set";
    GET_REGEX_PATTERN_SET = Waf "GetRegexPatternSet" "regex-pattern-set";
    GET_RULE_GROUP = Waf "GetRuleGroup" "rule-group";
    GET_WEB_ACL = Waf "GetWebACL" "web-acl";
    LIST_RESOURCES_FOR_WEB_ACL = Waf "ListResourcesForWebACL" "resources-for-web-acl";
    LIST_WEB_ACLS = Waf "ListWebACLs" "";
}
