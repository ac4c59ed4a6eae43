"""What stands before APIs and services: distributions, web ACLs, load balancers."""

from seed import REGION

from .preflight import COGNITO

# Policies that AWS manages.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
READING = ["GET", "HEAD"]
ALL = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def drops_authorization(garden, name, is_bad):
    api = garden.rest(name)
    api.method("/orders", "GET", COGNITO, **api.pool()).deploy()
    distribution(garden, name, api, hands_on=None if is_bad else ALL_VIEWER_EXCEPT_HOST)


def forwards_host(garden, name, is_bad):
    api = garden.rest(name).method("/orders", "GET").deploy()
    distribution(garden, name, api, hands_on=ALL_VIEWER if is_bad else ALL_VIEWER_EXCEPT_HOST)


def method_not_allowed(garden, name, is_bad):
    api = garden.rest(name).method("/orders", "GET").method("/orders", "POST").deploy()
    distribution(garden, name, api, methods=READING if is_bad else ALL)


def distribution(garden, name, api, methods=ALL, hands_on=None):
    behavior = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": len(methods),
            "Items": methods,
            "CachedMethods": {"Quantity": 2, "Items": READING},
        },
        "CachePolicyId": CACHING_DISABLED,
    }
    if hands_on:
        behavior["OriginRequestPolicyId"] = hands_on
    origin = {
        "Id": "api",
        "DomainName": f"{api.id}.execute-api.{REGION}.amazonaws.com",
        "OriginPath": "/prod",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    made = garden.aws("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": name,
            "Comment": name,
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behavior,
        }
    )["Distribution"]
    garden.plant(name, made["Id"])


def long_bodies(garden, name, is_bad):
    """The limit of the web ACL itself is higher than that of the group."""
    api = garden.rest(name).method("/orders", "POST").deploy()
    size = {
        "SizeConstraintStatement": {
            "FieldToMatch": {"Body": {"OversizeHandling": "CONTINUE"}},
            "ComparisonOperator": "GT",
            "Size": 15000,
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    counted = [] if is_bad else ["SizeRestrictions_BODY"]
    web_acl(
        garden,
        name,
        api,
        {"Statement": size, "Action": {"Block": {}}},
        managed("AWSManagedRulesCommonRuleSet", counted),
    )


def programs(garden, name, is_bad):
    """The method asks for a signature, which browsers do not have."""
    api = garden.rest(name).method("/orders", "GET", "AWS_IAM").deploy()
    counted = [] if is_bad else ["CategoryHttpLibrary", "SignalNonBrowserUserAgent"]
    web_acl(garden, name, api, managed("AWSManagedRulesBotControlRuleSet", counted))


def managed(group, counted):
    statement = {"VendorName": "AWS", "Name": group}
    if counted:
        statement["RuleActionOverrides"] = [{"Name": rule, "ActionToUse": {"Count": {}}} for rule in counted]
    return {"Statement": {"ManagedRuleGroupStatement": statement}, "OverrideAction": {"None": {}}}


def web_acl(garden, name, api, *rules):
    waf = garden.aws("wafv2")
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    rules = [
        {"Name": f"rule-{at}", "Priority": at, "VisibilityConfig": visibility, **rule}
        for at, rule in enumerate(rules)
    ]
    made = waf.create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility, Rules=rules
    )["Summary"]["ARN"]
    garden.plant(name, made)
    stage = f"arn:aws:apigateway:{REGION}::/restapis/{api.id}/stages/prod"
    waf.associate_web_acl(WebACLArn=made, ResourceArn=stage)


def login_for_preflights(garden, name, is_bad):
    """A page calls what is behind; in the good twin a rule for OPTIONS stands above."""
    ec2, elb = garden.aws("ec2"), garden.aws("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.40.{at}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for at, zone in enumerate(["eu-west-1a", "eu-west-1b"])
    ]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    everybody = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])
    # A load balancer of AWS has them. Without any in a region, its networks are not read.
    ec2.create_network_interface(SubnetId=subnets[0], Groups=[group])
    # At most 32 characters.
    short = "good-login" if name.startswith("good") else "bad-login"
    balancer = elb.create_load_balancer(Name=short, Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
    balancer = garden.plant(name, balancer["LoadBalancerArn"])
    target = elb.create_target_group(Name=short, Protocol="HTTP", Port=80, VpcId=vpc)
    target = target["TargetGroups"][0]["TargetGroupArn"]
    certificate = garden.aws("acm").request_certificate(DomainName=f"{name}.shop.test")["CertificateArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    garden.plant(name, listener)
    garden.urls[name] = f"https://{name}.shop.test"
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": [f"{name}.shop.test"]}}
    options = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["OPTIONS"]}}
    oidc = {
        "Issuer": "https://login.shop.test",
        "AuthorizationEndpoint": "https://login.shop.test/authorize",
        "TokenEndpoint": "https://login.shop.test/token",
        "UserInfoEndpoint": "https://login.shop.test/me",
        "ClientId": "shop",
        "ClientSecret": "secret",
        "OnUnauthenticatedRequest": "authenticate",
    }
    forward = {"Type": "forward", "TargetGroupArn": target}
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": oidc}
    rules = [([host], [login, {**forward, "Order": 2}])]
    if not is_bad:
        rules.insert(0, ([host, options], [forward]))
    for at, (conditions, actions) in enumerate(rules):
        elb.create_rule(ListenerArn=listener, Priority=at + 1, Conditions=conditions, Actions=actions)


PLANTED = [
    ("cloudfront-drops-authorization", drops_authorization),
    ("cloudfront-forwards-host", forwards_host),
    ("cloudfront-method-not-allowed", method_not_allowed),
    ("waf-body-limit", long_bodies),
    ("waf-blocks-machine-clients", programs),
    ("load-balancer-authenticates-preflight", login_for_preflights),
]
