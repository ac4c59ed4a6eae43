"""What all of them are made with."""

from seed import REGION, policy

ACCOUNT = "123456789012"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_abc"


class Garden:
    """The account, and under which ids the named things are in it."""

    def __init__(self, aws):
        self.aws = aws
        self.ids = {}
        self.urls = {}

    def plant(self, name, id):
        self.ids.setdefault(name, []).append(id)
        return id

    def rest(self, name, **more):
        return Rest(self, name, **more)

    def http(self, name, **more):
        return Http(self, name, **more)


class Rest:
    """A REST API that nothing is wrong with, but for what is said."""

    def __init__(self, garden, name, kind="REGIONAL", family=None, region=REGION, allow=None, **more):
        self.garden, self.name, self.region = garden, name, region
        self.gateway = garden.aws("apigateway", region)
        if allow:
            more["policy"] = policy(*allow)
        endpoint = {"types": [kind]}
        if family:
            endpoint["ipAddressType"] = family
        made = self.gateway.create_rest_api(name=name, endpointConfiguration=endpoint, **more)
        self.id = garden.plant(name, made["id"])
        root = self.gateway.get_resources(restApiId=self.id)["items"][0]["id"]
        self.resources = {"/": root}

    def resource(self, path):
        if path not in self.resources:
            parent, part = path.rsplit("/", 1)
            made = self.gateway.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part
            )
            self.resources[path] = made["id"]
        return self.resources[path]

    def method(self, path, verb, authorization="NONE", answers=None, **more):
        """A method; `answers` are headers that the integration's answer sets."""
        answers = {f"method.response.header.{name}": f"'{value}'" for name, value in (answers or {}).items()}
        key = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}
        self.gateway.put_method(**key, authorizationType=authorization, **more)
        self.gateway.put_method_response(
            **key, statusCode="200", responseParameters={name: True for name in answers}
        )
        if verb == "OPTIONS":
            templates = {"application/json": '{"statusCode": 200}'}
            self.gateway.put_integration(**key, type="MOCK", requestTemplates=templates)
        else:
            uri = "http://backend.shop.test" + path
            self.gateway.put_integration(**key, type="HTTP", integrationHttpMethod="GET", uri=uri)
        self.gateway.put_integration_response(**key, statusCode="200", responseParameters=answers)
        return self

    def page(self, path, verb, *arguments, **more):
        """A method whose answer pages of other origins may read."""
        return self.method(path, verb, *arguments, answers={"Access-Control-Allow-Origin": "*"}, **more)

    def options(self, path, *arguments, headers="authorization,content-type,x-api-key,x-amz-date", **more):
        answers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET,PUT,OPTIONS",
            "Access-Control-Allow-Headers": headers,
        }
        return self.method(path, "OPTIONS", *arguments, answers=answers, **more)

    def pool(self):
        """An authorizer that asks for the tokens of a user pool."""
        made = self.gateway.create_authorizer(
            restApiId=self.id,
            name="pool",
            type="COGNITO_USER_POOLS",
            providerARNs=[POOL],
            identitySource="method.request.header.Authorization",
        )
        return {"authorizerId": made["id"]}

    def readable_errors(self):
        """Pages can read what API Gateway itself answers."""
        for kind in ["DEFAULT_4XX", "DEFAULT_5XX"]:
            self.gateway.put_gateway_response(
                restApiId=self.id,
                responseType=kind,
                responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
            )
        return self

    def deploy(self, stage="prod"):
        self.gateway.create_deployment(restApiId=self.id, stageName=stage)
        host = f"https://{self.id}.execute-api.{self.region}.amazonaws.com"
        self.garden.urls[self.name] = f"{host}/{stage}"
        return self


class Http:
    """An HTTP API, deployed as it changes."""

    def __init__(self, garden, name, **more):
        self.gateway = garden.aws("apigatewayv2")
        self.id = self.gateway.create_api(Name=name, ProtocolType="HTTP", **more)["ApiId"]
        garden.plant(name, self.id)
        garden.urls[name] = f"https://{self.id}.execute-api.{REGION}.amazonaws.com"
        self.integration = self.gateway.create_integration(
            ApiId=self.id,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="GET",
            IntegrationUri="https://backend.shop.test/",
            PayloadFormatVersion="1.0",
        )["IntegrationId"]
        self.gateway.create_stage(ApiId=self.id, StageName="$default", AutoDeploy=True)

    def route(self, key, **more):
        target = f"integrations/{self.integration}"
        self.gateway.create_route(ApiId=self.id, RouteKey=key, Target=target, **more)
        return self

    def tokens(self):
        """An authorizer that asks for tokens."""
        made = self.gateway.create_authorizer(
            ApiId=self.id,
            Name="tokens",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Audience": ["shop"], "Issuer": "https://login.shop.test"},
        )
        return {"AuthorizationType": "JWT", "AuthorizerId": made["AuthorizerId"]}


def allow(resource="execute-api:/*", principal="*", **more):
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": resource,
        **more,
    }


def deny(**more):
    return {**allow(**more), "Effect": "Deny"}
