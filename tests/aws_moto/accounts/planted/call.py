"""APIs that refuse whoever calls them, and those that the code beside this folder calls."""

from seed import REGION

from .planting import ACCOUNT, allow
from .preflight import COGNITO, plan

ELSEWHERE = "eu-central-1"


def no_plan_with_stage(garden, name, is_bad):
    api = garden.rest(name).method("/orders", "GET", apiKeyRequired=True).deploy().deploy("dev")
    plan(garden, name, api, "dev")
    if not is_bad:
        plan(garden, name, api)


def plan_without_key(garden, name, is_bad):
    api = garden.rest(name).method("/orders", "GET", apiKeyRequired=True).deploy()
    plan(garden, name, api, has_key=not is_bad)


def key_from_no_authorizer(garden, name, is_bad):
    api = garden.rest(name, apiKeySource="AUTHORIZER" if is_bad else "HEADER")
    api.method("/orders", "GET", apiKeyRequired=True).deploy()
    plan(garden, name, api)


def key_not_sent(garden, name, _):
    """The call makes the difference."""
    api = garden.rest(name).method("/orders", "GET", apiKeyRequired=True).deploy()
    plan(garden, name, api)


def kept_answer(garden, name, is_bad):
    api = garden.rest(name)
    path = "2015-03-31/functions"
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:authorizer"
    made = api.gateway.create_authorizer(
        restApiId=api.id,
        name="tokens",
        type="TOKEN",
        authorizerUri=f"arn:aws:apigateway:{REGION}:lambda:path/{path}/{function}/invocations",
        identitySource="method.request.header.Authorization",
        **({} if is_bad else {"authorizerResultTtlInSeconds": 0}),
    )
    for verb in ["GET", "POST"]:
        api.method("/orders", verb, "CUSTOM", authorizerId=made["id"])
    api.deploy()


def own_host_off(garden, name, is_bad):
    api = garden.rest(name, disableExecuteApiEndpoint=True).method("/orders", "GET").deploy()
    if not is_bad:
        domain(garden, name, api)


def signature_wanted(garden, name, _):
    """The calls make the difference."""
    garden.rest(name).method("/orders", "GET", "AWS_IAM").deploy()


def signature_wanted_by_url(garden, name, _):
    function_url(garden, name, "AWS_IAM", ["InvokeFunctionUrl", "InvokeFunction"])


def route_called(garden, name, _):
    """The calls name what is there, and what is not; a custom domain has no stage in its path."""
    api = garden.rest(name).method("/orders", "GET").deploy()
    domain(garden, name, api)


def private_without_policy(garden, name, is_bad):
    more = {} if is_bad else {"allow": [allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}})]}
    garden.rest(name, kind="PRIVATE", **more).method("/orders", "GET").deploy()


def private_dns(garden, name, is_bad):
    """In a region of its own, for it concerns all public APIs of a region."""
    ec2 = garden.aws("ec2", ELSEWHERE)
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.0.0/24")["Subnet"]["SubnetId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{ELSEWHERE}.execute-api",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        PrivateDnsEnabled=is_bad,
    )
    garden.plant(name, endpoint["VpcEndpoint"]["VpcEndpointId"])
    if is_bad:
        garden.rest(name, region=ELSEWHERE).method("/orders", "GET").deploy()


def scope_of_route(garden, name, is_bad):
    api = garden.http(name)
    path = "ledger" if is_bad else "orders"
    api.route(f"GET /{path}", AuthorizationScopes=[f"{path}/read"], **api.tokens())


def scope_of_method(garden, name, is_bad):
    api = garden.rest(name)
    path = "ledger" if is_bad else "orders"
    api.method(f"/{path}", "GET", COGNITO, authorizationScopes=[f"{path}/read"], **api.pool()).deploy()


def url_for_everybody(garden, name, is_bad):
    """Since October 2025 two permissions are needed."""
    function_url(garden, name, "NONE", ["InvokeFunctionUrl"] + ([] if is_bad else ["InvokeFunction"]))


def url_without_policy(garden, name, is_bad):
    function_url(garden, name, "NONE", [] if is_bad else ["InvokeFunctionUrl", "InvokeFunction"])


def function_url(garden, name, kind, actions):
    functions = garden.aws("lambda")
    role = garden.aws.role(name + "-function")
    garden.plant(name, garden.aws.function(name, role))
    made = functions.create_function_url_config(FunctionName=name, AuthType=kind)
    garden.urls[name] = made["FunctionUrl"].rstrip("/")
    for action in actions:
        functions.add_permission(
            FunctionName=name,
            StatementId=action,
            Action="lambda:" + action,
            Principal="*",
            **{
                "InvokeFunctionUrl": {"FunctionUrlAuthType": kind},
                "InvokeFunction": {"InvokedViaFunctionUrl": True},
            }[action],
        )


def domain(garden, name, api):
    host = f"{name}.shop.test"
    api.gateway.create_domain_name(domainName=host, endpointConfiguration={"types": ["REGIONAL"]})
    api.gateway.create_base_path_mapping(domainName=host, restApiId=api.id, stage="prod")
    garden.urls[name] = f"https://{host}"


PLANTED = [
    ("api-key-unreachable", no_plan_with_stage),
    ("api-key-unreachable--key", plan_without_key),
    ("api-key-unreachable--authorizer", key_from_no_authorizer),
    ("api-key-not-sent", key_not_sent),
    ("authorizer-cache-too-narrow", kept_answer),
    ("default-endpoint-disabled", own_host_off),
    ("iam-endpoint-unsigned", signature_wanted),
    ("iam-endpoint-unsigned--python", signature_wanted),
    ("iam-endpoint-unsigned--shell", signature_wanted),
    ("iam-endpoint-unsigned--url", signature_wanted_by_url),
    ("route-not-deployed", route_called),
    ("private-api-without-policy", private_without_policy),
    ("private-dns-captures-public-api", private_dns),
    ("scope-not-granted", scope_of_route),
    ("scope-not-granted--method", scope_of_method),
    ("function-url-permission-missing", url_for_everybody),
    ("function-url-permission-missing--policy", url_without_policy),
]
