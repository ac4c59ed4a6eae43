"""Makes an account as a plan says, and asks for it as AWS's commands do."""

import io
import json
import os
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ACCOUNT = "000000000000"
REGION = "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}],
}


class Made:
    def __init__(self):
        self.ids = {}
        # Of who signs: access key, secret, token.
        self.credentials = {}
        self.arns = {}

    def named(self, value):
        """A policy or setting with the ids of the APIs in place of their labels."""
        text = json.dumps(value)
        for label, id in self.ids.items():
            text = text.replace(f"<{label}>", id)
        return json.loads(text)


def client(port, service, keys=("test", "test", None)):
    return boto3.client(
        service, region_name=REGION, endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=keys[0], aws_secret_access_key=keys[1], aws_session_token=keys[2],
        config=Config(retries={"max_attempts": 1}),
    )


def make(plan, port, served):
    reset = urllib.request.Request(f"http://127.0.0.1:{port}/_ministack/reset", method="POST")
    urllib.request.urlopen(reset, timeout=60).read()
    made = Made()
    uri = function(client(port, "iam"), client(port, "lambda"))
    for label, api in plan["apis"].items():
        build, service = {"rest": (rest, "apigateway"), "http": (http, "apigatewayv2"), "ws": (web_socket, "apigatewayv2")}[api["kind"]]
        build(client(port, service), label, api, made, uri, served)
    shared(client(port, "apigatewayv2"), plan.get("domains", {}), made)
    identities(client(port, "iam"), client(port, "sts"), plan, made)
    return made


def function(iam, client):
    trust = json.dumps({**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]})
    iam.create_role(RoleName="authorizer", AssumeRolePolicyDocument=trust)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.write(os.path.join(os.path.dirname(__file__), "authorizer.py"), "authorizer.py")
    made = client.create_function(
        FunctionName="authorizer", Runtime="python3.11", Handler="authorizer.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/authorizer", Code={"ZipFile": code.getvalue()},
    )
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{made['FunctionArn']}/invocations"


def identities(iam, sts, plan, made):
    for name, user in plan["users"].items():
        iam.create_user(UserName=name)
        for at, policy in enumerate(user["policies"]):
            iam.put_user_policy(UserName=name, PolicyName=f"p{at}", PolicyDocument=json.dumps(made.named(policy)))
        if user.get("boundary"):
            boundary = iam.create_policy(PolicyName=f"{name}-boundary", PolicyDocument=json.dumps(made.named(user["boundary"])))
            iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary["Policy"]["Arn"])
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made.credentials[f"user/{name}"] = (key["AccessKeyId"], key["SecretAccessKey"], None)
        made.arns[f"user/{name}"] = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    for name, role in plan["roles"].items():
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        for at, policy in enumerate(role["policies"]):
            made_policy = iam.create_policy(PolicyName=f"{name}-p{at}", PolicyDocument=json.dumps(made.named(policy)))
            iam.attach_role_policy(RoleName=name, PolicyArn=made_policy["Policy"]["Arn"])
        session = sts.assume_role(RoleArn=arn, RoleSessionName="session")
        key = session["Credentials"]
        made.credentials[f"role/{name}"] = (key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
        made.arns[f"role/{name}"] = session["AssumedRoleUser"]["Arn"]


def rest(client, label, api, made, uri, served):
    id = client.create_rest_api(
        name=label, endpointConfiguration={"types": ["REGIONAL"]}, apiKeySource=api.get("keySource", "HEADER"),
    )["id"]
    made.ids[label] = id
    patches = []
    if api.get("policy"):
        patches.append({"op": "replace", "path": "/policy", "value": json.dumps(made.named(api["policy"]))})
    if api.get("disabled"):
        patches.append({"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"})
    if patches:
        client.update_rest_api(restApiId=id, patchOperations=patches)
    authorizers = {name: rest_authorizer(client, id, name, one, uri) for name, one in api.get("authorizers", {}).items()}
    root = client.get_resources(restApiId=id)["items"][0]["id"]
    folders = {"": root}
    for path, methods in api["resources"].items():
        at = resource(client, id, folders, path)
        for verb, method in methods.items():
            rest_method(client, id, at, verb, method, authorizers)
    for kind, response in api.get("responses", {}).items():
        given = {f"gatewayresponse.header.{name}": value for name, value in response.get("headers", {}).items()}
        status = {"statusCode": response["status"]} if response.get("status") else {}
        client.put_gateway_response(restApiId=id, responseType=kind, responseParameters=given, **status)
    for stage in api["stages"]:
        client.create_deployment(restApiId=id, stageName=stage)
    plans = {}
    for name, stages in api.get("plans", {}).items():
        plan = client.create_usage_plan(name=name, apiStages=[{"apiId": id, "stage": stage} for stage in stages])
        plans[name] = plan["id"]
    for name, key in api.get("keys", {}).items():
        made_key = client.create_api_key(name=name, value=key["value"], enabled=key["enabled"])
        for plan in key["plans"]:
            client.create_usage_plan_key(usagePlanId=plans[plan], keyId=made_key["id"], keyType="API_KEY")
    for name, mappings in api.get("domains", {}).items():
        known = [item["domainName"] for item in client.get_domain_names().get("items", [])]
        if name not in known:
            client.create_domain_name(domainName=name, endpointConfiguration={"types": ["REGIONAL"]})
        for base, stage in mappings:
            stage = {"stage": stage} if stage else {}
            client.create_base_path_mapping(domainName=name, restApiId=id, basePath=base or "(none)", **stage)


def resource(client, id, folders, path):
    at = ""
    for part in path.strip("/").split("/"):
        if not part:
            continue
        above, at = at, f"{at}/{part}"
        if at not in folders:
            folders[at] = client.create_resource(restApiId=id, parentId=folders[above], pathPart=part)["id"]
    return folders[at]


def rest_authorizer(client, id, name, one, uri):
    given = {"authorizerUri": uri, "authorizerResultTtlInSeconds": one.get("ttl", 0)}
    if one.get("source") is not None:
        given["identitySource"] = one["source"]
    if one.get("expression"):
        given["identityValidationExpression"] = one["expression"]
    return client.create_authorizer(restApiId=id, name=name, type=one["type"], **given)["id"]


def rest_method(client, id, at, verb, method, authorizers):
    where = {"restApiId": id, "resourceId": at, "httpMethod": verb}
    given = {}
    if method.get("authorizer"):
        given["authorizerId"] = authorizers[method["authorizer"]]
    client.put_method(
        **where, authorizationType=method["auth"], apiKeyRequired=method.get("key", False), **given,
    )
    headers = {f"method.response.header.{name}": value for name, value in method.get("headers", {}).items()}
    client.put_method_response(**where, statusCode="200", responseParameters={name: False for name in headers})
    client.put_integration(
        **where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'},
    )
    client.put_integration_response(**where, statusCode="200", responseParameters=headers)


def http(client, label, api, made, uri, served):
    given = {"CorsConfiguration": api["cors"]} if api.get("cors") else {}
    id = client.create_api(Name=label, ProtocolType="HTTP", **given)["ApiId"]
    made.ids[label] = id
    authorizers = {name: http_authorizer(client, id, name, one, uri, served) for name, one in api.get("authorizers", {}).items()}
    target = client.create_integration(
        ApiId=id, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", IntegrationUri=served.url + "/behind",
        PayloadFormatVersion="1.0",
    )["IntegrationId"]
    for key, route in api["routes"].items():
        given = {}
        if route.get("authorizer"):
            given["AuthorizerId"] = authorizers[route["authorizer"]]
        if route.get("scopes"):
            given["AuthorizationScopes"] = route["scopes"]
        client.create_route(ApiId=id, RouteKey=key, AuthorizationType=route["auth"], Target=f"integrations/{target}", **given)
    for stage in api["stages"]:
        client.create_stage(ApiId=id, StageName=stage, AutoDeploy=True)


def web_socket(client, label, api, made, uri, served):
    id = client.create_api(
        Name=label, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action",
    )["ApiId"]
    made.ids[label] = id
    authorizer = client.create_authorizer(
        ApiId=id, Name="lambda", AuthorizerType="REQUEST", AuthorizerUri=uri,
        IdentitySource=["route.request.header.Authorization"],
    )["AuthorizerId"]
    target = client.create_integration(ApiId=id, IntegrationType="MOCK")["IntegrationId"]
    for key, route in api["routes"].items():
        given = {"AuthorizerId": authorizer} if route["auth"] == "CUSTOM" else {}
        client.create_route(ApiId=id, RouteKey=key, AuthorizationType=route["auth"], Target=f"integrations/{target}", **given)
    client.create_stage(ApiId=id, StageName="prod")


def shared(client, domains, made):
    """Domains with mappings to several APIs, of more than one part."""
    for name, mappings in domains.items():
        client.create_domain_name(
            DomainName=name, DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x"}],
        )
        for base, label, stage in mappings:
            given = {"ApiMappingKey": base} if base else {}
            client.create_api_mapping(DomainName=name, ApiId=made.ids[label], Stage=stage, **given)


def http_authorizer(client, id, name, one, uri, served):
    if one["type"] == "JWT":
        given = {"JwtConfiguration": {"Issuer": served.url, "Audience": one["audience"]}}
    else:
        given = {
            "AuthorizerUri": uri, "AuthorizerPayloadFormatVersion": "2.0",
            "AuthorizerResultTtlInSeconds": one.get("ttl", 0), "EnableSimpleResponses": False,
        }
    return client.create_authorizer(
        ApiId=id, Name=name, AuthorizerType=one["type"], IdentitySource=[one["source"]], **given,
    )["AuthorizerId"]


def snapshot(port):
    rest, v2, iam = client(port, "apigateway"), client(port, "apigatewayv2"), client(port, "iam")
    resources, operations = {}, []

    def add(service, kind, id, document, region=REGION):
        document.pop("ResponseMetadata", None)
        resources[f"aws://{ACCOUNT}/{region}/{service}/{kind}/{id}"] = document

    def fetched(service, operation, region=REGION):
        operations.append({"account": ACCOUNT, "region": region, "service": service, "operation": operation, "state": "fetched"})

    for api in rest.get_rest_apis(limit=500)["items"]:
        id = api["id"]
        add("apigateway", "rest-api", id, api)
        add("apigateway", "resources", id, rest.get_resources(restApiId=id, embed=["methods"], limit=500))
        add("apigateway", "authorizers", id, rest.get_authorizers(restApiId=id, limit=500))
        add("apigateway", "gateway-responses", id, rest.get_gateway_responses(restApiId=id, limit=500))
        add("apigateway", "stages", id, rest.get_stages(restApiId=id))
    for plan in rest.get_usage_plans(limit=500)["items"]:
        add("apigateway", "usage-plan", plan["id"], plan)
        keys = rest.get_usage_plan_keys(usagePlanId=plan["id"], limit=500)
        for key in keys["items"]:
            key.pop("value", None)
        add("apigateway", "usage-plan-keys", plan["id"], keys)
    for key in rest.get_api_keys(limit=500)["items"]:
        key.pop("value", None)
        add("apigateway", "api-key", key["id"], key)
    for domain in rest.get_domain_names(limit=500).get("items", []):
        name = domain["domainName"]
        add("apigateway", "domain-name", name, domain)
        add("apigateway", "base-path-mappings", name, rest.get_base_path_mappings(domainName=name, limit=500))
    for api in v2.get_apis(MaxResults="500")["Items"]:
        id = api["ApiId"]
        add("apigatewayv2", "api", id, api)
        add("apigatewayv2", "routes", id, v2.get_routes(ApiId=id, MaxResults="500"))
        add("apigatewayv2", "authorizers", id, v2.get_authorizers(ApiId=id, MaxResults="500"))
        add("apigatewayv2", "stages", id, v2.get_stages(ApiId=id, MaxResults="500"))
        add("apigatewayv2", "integrations", id, v2.get_integrations(ApiId=id, MaxResults="500"))
    for domain in v2.get_domain_names(MaxResults="500")["Items"]:
        name = domain["DomainName"]
        add("apigatewayv2", "domain-name", name, domain)
        add("apigatewayv2", "api-mappings", name, v2.get_api_mappings(DomainName=name, MaxResults="500"))
    for operation in ("GetRestApis", "GetResources", "GetAuthorizers", "GetGatewayResponses", "GetStages", "GetUsagePlans",
                      "GetUsagePlanKeys", "GetApiKeys", "GetDomainNames", "GetBasePathMappings"):
        fetched("apigateway", operation)
    for operation in ("GetApis", "GetRoutes", "GetAuthorizers", "GetStages", "GetIntegrations", "GetDomainNames", "GetApiMappings"):
        fetched("apigatewayv2", operation)
    details = iam.get_account_authorization_details(Filter=["User", "Role", "Group", "LocalManagedPolicy"])
    # The emulator leaves out what AWS has there.
    for user in details["UserDetailList"]:
        boundary = iam.get_user(UserName=user["UserName"])["User"].get("PermissionsBoundary")
        if boundary:
            user["PermissionsBoundary"] = boundary
    lists = {"UserDetailList": "user", "RoleDetailList": "role", "GroupDetailList": "group", "Policies": "policy"}
    for key, kind in lists.items():
        for item in details[key]:
            add("iam", kind, item["Arn"], item, "global")
    fetched("iam", "GetAccountAuthorizationDetails", "global")
    told = {
        "why403-snapshot": 1,
        "time": "2026-11-28T00:00:00Z",
        "accounts": [{"account": ACCOUNT, "partition": "aws", "regions": [REGION]}],
        "operations": operations,
        "resources": resources,
    }
    return json.loads(json.dumps(told, default=str))
