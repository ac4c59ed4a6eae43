"""Pages of other origins, and the OPTIONS requests that go before theirs."""

from .planting import allow

COGNITO = "COGNITO_USER_POOLS"


def options_missing(garden, name, is_bad):
    api = garden.rest(name).page("/orders", "PUT")
    if not is_bad:
        api.options("/orders")
        # Needs no preflight, for want of a header of its own.
        api.page("/catalogue", "GET")
        # Takes OPTIONS, too.
        api.page("/carts", "ANY")
    api.deploy()


def asks_for_token(garden, name, is_bad):
    api = garden.rest(name).readable_errors()
    pool = api.pool()
    api.page("/orders", "GET", COGNITO, **pool)
    api.options("/orders", *([COGNITO] if is_bad else []), **(pool if is_bad else {}))
    api.deploy()


def asks_for_signature(garden, name, is_bad):
    api = garden.rest(name).readable_errors()
    api.page("/orders", "GET")
    api.options("/orders", "AWS_IAM" if is_bad else "NONE")
    api.deploy()


def asks_for_key(garden, name, is_bad):
    api = garden.rest(name).readable_errors()
    api.page("/orders", "GET")
    api.options("/orders", apiKeyRequired=is_bad)
    api.deploy()
    if is_bad:
        # The key itself is in order.
        plan(garden, name, api)


def policy_leaves_options_out(garden, name, is_bad):
    verbs = ["GET"] if is_bad else ["GET", "OPTIONS"]
    api = garden.rest(name, allow=[allow(resource=[f"execute-api:/prod/{verb}/*" for verb in verbs])])
    api.readable_errors().page("/orders", "GET").options("/orders").deploy()


def default_route_takes_options(garden, name, is_bad):
    cors = {"AllowOrigins": ["https://shop.test"], "AllowMethods": ["GET"], "AllowHeaders": ["authorization"]}
    api = garden.http(name, CorsConfiguration=cors)
    api.route("$default", **api.tokens())
    if not is_bad:
        api.route("OPTIONS /{proxy+}")


def errors_without_cors(garden, name, is_bad):
    api = garden.rest(name)
    api.page("/orders", "GET", COGNITO, **api.pool()).options("/orders")
    if not is_bad:
        api.readable_errors()
    api.deploy()


def error_of_its_own_without_cors(garden, name, is_bad):
    """A type that is set takes nothing from DEFAULT_4XX."""
    api = garden.rest(name).readable_errors()
    api.page("/orders", "GET", COGNITO, **api.pool()).options("/orders")
    header = "Access-Control-Allow-Origin" if not is_bad else "WWW-Authenticate"
    api.gateway.put_gateway_response(
        restApiId=api.id,
        responseType="UNAUTHORIZED",
        responseParameters={f"gatewayresponse.header.{header}": "'*'"},
    )
    api.deploy()


def allow_headers(garden, name, is_bad):
    api = garden.rest(name).readable_errors()
    api.page("/orders", "GET", COGNITO, **api.pool())
    api.options("/orders", headers="content-type" if is_bad else "content-type,authorization")
    api.deploy()


def allow_headers_of_configuration(garden, name, is_bad):
    cors = {
        "AllowOrigins": ["https://shop.test"],
        "AllowMethods": ["GET"],
        "AllowHeaders": ["content-type"] if is_bad else ["content-type", "authorization"],
    }
    api = garden.http(name, CorsConfiguration=cors)
    api.route("GET /orders", **api.tokens())


def allow_methods(garden, name, is_bad):
    """The page saves by PUT (save.js)."""
    cors = {
        "AllowOrigins": ["https://shop.test"],
        "AllowMethods": ["GET"] if is_bad else ["GET", "PUT"],
        "AllowHeaders": ["content-type"],
    }
    garden.http(name, CorsConfiguration=cors).route("GET /orders").route("PUT /orders")


def plan(garden, name, api, stage="prod", has_key=True):
    gateway = garden.aws("apigateway")
    stages = [{"apiId": api.id, "stage": stage}]
    made = gateway.create_usage_plan(name=name, apiStages=stages)["id"]
    garden.plant(name, made)
    if has_key:
        key = gateway.create_api_key(name=name, enabled=True)["id"]
        gateway.create_usage_plan_key(usagePlanId=made, keyId=key, keyType="API_KEY")


PLANTED = [
    ("apigw-options-missing", options_missing),
    ("apigw-options-authorized", asks_for_token),
    ("apigw-options-authorized--iam", asks_for_signature),
    ("apigw-options-authorized--key", asks_for_key),
    ("apigw-options-authorized--policy", policy_leaves_options_out),
    ("apigw-options-authorized--default", default_route_takes_options),
    ("apigw-errors-without-cors", errors_without_cors),
    ("apigw-errors-without-cors--own", error_of_its_own_without_cors),
    ("apigw-allow-headers-incomplete", allow_headers),
    ("apigw-allow-headers-incomplete--http", allow_headers_of_configuration),
    ("cors-method-not-allowed", allow_methods),
]
