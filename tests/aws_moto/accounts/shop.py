"""An account in which each kind of document occurs, with secrets in all places that may hold one."""

from seed import policy

SECRET = "planted-secret"


def seed(aws):
    names = {}
    for part in [network, rest_apis, http_apis, functions, identities, load_balancers, web_acls, distributions]:
        names.update(part(aws, names))
    return names


def network(aws, _):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{at}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for at, zone in enumerate(["eu-west-1a", "eu-west-1b"])
    ]
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    ec2.create_egress_only_internet_gateway(VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address["AllocationId"])
    nat = nat["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[1])
    group = ec2.create_security_group(GroupName="web", Description="of the web", VpcId=vpc)["GroupId"]
    partners = ec2.create_managed_prefix_list(
        PrefixListName="partners",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "198.51.100.0/24", "Description": "the partner"}],
    )["PrefixList"]["PrefixListId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "203.0.113.0/24", "Description": "office"}],
                "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}],
                "PrefixListIds": [{"PrefixListId": partners}],
            }
        ],
    )
    ec2.create_tags(
        Resources=[group],
        Tags=[{"Key": "Name", "Value": "web"}, {"Key": "token", "Value": SECRET}],
    )
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.eu-west-1.execute-api",
        VpcEndpointType="Interface",
        SubnetIds=subnets[:1],
        SecurityGroupIds=[group],
    )["VpcEndpoint"]["VpcEndpointId"]
    interface = ec2.create_network_interface(SubnetId=subnets[0], Groups=[group])
    instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnets[0])
    return {
        "vpc": vpc,
        "subnets": subnets,
        "nat": nat,
        "address": address["AllocationId"],
        "route_table": table,
        "security_group": group,
        "prefix_list": partners,
        "vpc_endpoint": endpoint,
        "interface": interface["NetworkInterface"]["NetworkInterfaceId"],
        "instance": instance["Instances"][0]["InstanceId"],
    }


def rest_apis(aws, _):
    gateway = aws("apigateway")
    allowed = policy({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"})
    api = gateway.create_rest_api(name="orders", policy=allowed)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    orders = gateway.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    authorizer = gateway.create_authorizer(
        restApiId=api,
        name="pool",
        type="COGNITO_USER_POOLS",
        providerARNs=["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"],
        identitySource="method.request.header.Authorization",
    )["id"]
    aws.method(api, orders, "GET", "COGNITO_USER_POOLS", "https://orders.shop.test/", authorizerId=authorizer)
    aws.method(api, orders, "OPTIONS")
    gateway.put_integration(
        restApiId=api,
        resourceId=orders,
        httpMethod="GET",
        type="HTTP_PROXY",
        integrationHttpMethod="GET",
        uri="https://orders.shop.test/",
        requestParameters={"integration.request.header.Authorization": f"'Bearer {SECRET}'"},
    )
    gateway.put_gateway_response(
        restApiId=api,
        responseType="DEFAULT_4XX",
        responseParameters={
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            "gatewayresponse.header.Access-Control-Allow-Credentials": "'true'",
        },
    )
    deployment = gateway.create_deployment(restApiId=api, stageName="prod")["id"]
    gateway.create_stage(
        restApiId=api,
        stageName="beta",
        deploymentId=deployment,
        variables={"backend": "beta.shop.test", "backendToken": SECRET},
    )
    key = gateway.create_api_key(name="partner", value=SECRET + "-of-a-key-0123456789", enabled=True)["id"]
    plan = gateway.create_usage_plan(name="partners", apiStages=[{"apiId": api, "stage": "prod"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway.create_domain_name(domainName="api.shop.test", endpointConfiguration={"types": ["REGIONAL"]})
    gateway.create_base_path_mapping(domainName="api.shop.test", basePath="v1", restApiId=api, stage="prod")
    return {"rest_api": api, "authorizer": authorizer, "api_key": key, "usage_plan": plan}


def http_apis(aws, _):
    gateway = aws("apigatewayv2")
    api = gateway.create_api(
        Name="carts",
        ProtocolType="HTTP",
        CorsConfiguration={"AllowOrigins": ["https://shop.test"], "AllowMethods": ["GET"]},
    )["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="GET",
        IntegrationUri="https://carts.shop.test/",
        PayloadFormatVersion="1.0",
    )["IntegrationId"]
    authorizer = gateway.create_authorizer(
        ApiId=api,
        Name="tokens",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": "https://login.shop.test"},
    )["AuthorizerId"]
    gateway.create_route(
        ApiId=api,
        RouteKey="GET /carts",
        Target=f"integrations/{integration}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer,
        AuthorizationScopes=["carts:read"],
    )
    gateway.create_stage(
        ApiId=api,
        StageName="$default",
        AutoDeploy=True,
        StageVariables={"password": SECRET},
    )
    return {"http_api": api}


def functions(aws, _):
    role = aws.role("orders-function")
    function = aws.function("orders", role, {"DATABASE_PASSWORD": SECRET})
    url = aws("lambda").create_function_url_config(FunctionName="orders", AuthType="AWS_IAM")
    aws("lambda").add_permission(
        FunctionName="orders",
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="AWS_IAM",
    )
    # Has neither a URL nor a policy.
    aws.function("mails", role)
    return {"function": function, "function_url": url["FunctionUrl"], "role": role}


def identities(aws, _):
    iam = aws("iam")
    iam.create_user(UserName="ada")
    invoke = policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"})
    iam.put_user_policy(UserName="ada", PolicyName="invoke", PolicyDocument=invoke)
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    managed = iam.create_policy(PolicyName="invokers", PolicyDocument=invoke)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="orders-function", PolicyArn=managed)
    return {"policy": managed}


def load_balancers(aws, names):
    elb = aws("elbv2")
    balancer = elb.create_load_balancer(
        Name="web", Subnets=names["subnets"], SecurityGroups=[names["security_group"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=names["vpc"])
    group = group["TargetGroups"][0]["TargetGroupArn"]
    certificate = aws("acm").request_certificate(DomainName="web.shop.test")["CertificateArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}],
    )["Listeners"][0]["ListenerArn"]
    oidc = {
        "Issuer": "https://login.shop.test",
        "AuthorizationEndpoint": "https://login.shop.test/authorize",
        "TokenEndpoint": "https://login.shop.test/token",
        "UserInfoEndpoint": "https://login.shop.test/me",
        "ClientId": "shop",
        "ClientSecret": SECRET,
    }
    elb.create_rule(
        ListenerArn=listener,
        Priority=10,
        Conditions=[
            {"Field": "path-pattern", "Values": ["/admin/*"]},
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": [SECRET]},
            },
        ],
        Actions=[
            {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": oidc},
            {"Type": "forward", "Order": 2, "TargetGroupArn": group},
        ],
    )
    return {"load_balancer": balancer, "listener": listener}


def web_acls(aws, names):
    waf = aws("wafv2")
    offices = waf.create_ip_set(
        Name="offices", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["203.0.113.0/24"]
    )["Summary"]["ARN"]
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    transformations = [{"Priority": 0, "Type": "NONE"}]

    def matches(name, priority, header, text):
        statement = {
            "SearchString": text.encode(),
            "FieldToMatch": {"SingleHeader": {"Name": header}},
            "TextTransformations": transformations,
            "PositionalConstraint": "EXACTLY",
        }
        return rule(name, priority, {"ByteMatchStatement": statement})

    def rule(name, priority, statement):
        return {
            "Name": name,
            "Priority": priority,
            "Statement": statement,
            "Action": {"Allow": {}},
            "VisibilityConfig": visibility,
        }

    acl = waf.create_web_acl(
        Name="web",
        Scope="REGIONAL",
        DefaultAction={"Block": {}},
        VisibilityConfig=visibility,
        Rules=[
            rule("offices", 0, {"IPSetReferenceStatement": {"ARN": offices}}),
            matches("agents", 1, "user-agent", "shop-client"),
            matches("proof", 2, "x-origin-verify", SECRET),
        ],
    )["Summary"]["ARN"]
    waf.associate_web_acl(WebACLArn=acl, ResourceArn=names["load_balancer"])
    return {"web_acl": acl, "ip_set": offices}


def distributions(aws, names):
    cloudfront = aws("cloudfront")
    made = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "shop",
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "api",
                        "DomainName": names["rest_api"] + ".execute-api.eu-west-1.amazonaws.com",
                        "CustomHeaders": {
                            "Quantity": 1,
                            "Items": [{"HeaderName": "X-Origin-Verify", "HeaderValue": SECRET}],
                        },
                        "CustomOriginConfig": {
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                        },
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "https-only",
                # CachingDisabled and AllViewer, which AWS manages.
                "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                "OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",
            },
        }
    )
    return {"distribution": made["Distribution"]["Id"]}
