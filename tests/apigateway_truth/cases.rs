//! Cases with a name: first what the simulation once had wrong, then where the emulator does
//! otherwise than AWS documents.

use serde_json::{Value as Json, json};

use crate::case::{Ask, Case};

pub struct Named {
    pub name: &'static str,
    pub case: Case,
    /// The status that the emulator was seen to answer, of each request.
    pub seen: Vec<u16>,
    /// The exception that it is, where we say something else.
    pub excepted: Option<&'static str>,
}

const SIGNED: &str = "user/ann";
const KEY: &str = "key-of-ann-abcdefghijklmnop";
const SHOP: &str = "https://shop.test";

pub fn cases() -> Vec<Named> {
    let mut all = agreed();
    all.extend(of_rest());
    all.extend(of_http());
    all
}

fn agreed() -> Vec<Named> {
    let same = |name, api, asks: Vec<(Ask, u16)>| named(name, api, asks, None);
    vec![
        same(
            "an address list is for those whom no identity policy allows",
            rest(json!({
                "policy": allow(json!({ "IpAddress": { "aws:SourceIp": "127.0.0.9" } })),
                "resources": { "/orders": { "GET": { "auth": "NONE" }, "POST": { "auth": "AWS_IAM" } } },
            })),
            vec![
                (get("/prod/orders"), 403),
                (Ask::new("a", "POST", "/prod/orders").by(SIGNED), 200),
            ],
        ),
        same(
            "a denied list of addresses is for all",
            rest(json!({
                "policy": { "Version": "2012-10-17", "Statement": [
                    statement("Allow", json!({})),
                    statement("Deny", json!({ "NotIpAddress": { "aws:SourceIp": "127.0.0.9" } })),
                ] },
                "resources": { "/orders": { "GET": { "auth": "NONE" }, "POST": { "auth": "AWS_IAM" } } },
            })),
            vec![
                (get("/prod/orders"), 403),
                (Ask::new("a", "POST", "/prod/orders").by(SIGNED), 403),
            ],
        ),
        same(
            "a policy for one verb leaves preflights out",
            rest(json!({
                "policy": { "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                    "Resource": "execute-api:/*/GET/*",
                }] },
                "resources": { "/orders": { "GET": { "auth": "NONE" }, "OPTIONS": { "auth": "NONE" } } },
            })),
            vec![(get("/prod/orders"), 200), (options("/prod/orders"), 403)],
        ),
        same(
            "a template of a path in a policy never matches",
            rest(json!({
                "policy": { "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                    "Resource": "execute-api:/prod/GET/orders/{id}",
                }] },
                "resources": { "/orders/{id}": { "GET": { "auth": "NONE" } } },
            })),
            vec![(get("/prod/orders/7"), 403)],
        ),
        same(
            "a signature does not help where none is asked for",
            rest(json!({
                "policy": { "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::000000000000:user/ann" },
                    "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
                }] },
                "resources": { "/orders": { "GET": { "auth": "NONE" } } },
            })),
            vec![(get("/prod/orders").by(SIGNED), 403)],
        ),
        same(
            "what a resource does not serve, one that takes the rest may",
            rest(json!({ "resources": {
                "/orders": { "POST": { "auth": "AWS_IAM" } },
                "/{proxy+}": { "ANY": { "auth": "NONE" } },
            } })),
            vec![
                (get("/prod/orders"), 200),
                (get("/prod/nowhere"), 200),
                (get("/prod"), 403),
            ],
        ),
        same(
            "a key of no plan of the stage is no key",
            rest(json!({
                "stages": ["prod", "dev"],
                "plans": { "plan": ["prod"] },
                "keys": { "ann": { "value": KEY, "enabled": true, "plans": ["plan"] } },
                "resources": { "/orders": { "GET": { "auth": "NONE", "key": true } } },
            })),
            vec![
                (get("/prod/orders").key(KEY, true), 200),
                (get("/dev/orders").key(KEY, false), 403),
                (get("/prod/orders"), 403),
            ],
        ),
        same(
            "the headers of an answer stand beside an empty pattern",
            rest(json!({ "resources": { "/orders": {
                "OPTIONS": { "auth": "NONE", "headers": { "Access-Control-Allow-Origin": "'*'" } },
            } } })),
            vec![(options("/prod/orders"), 200)],
        ),
        same(
            "a signature is a credential, too, if not the right one",
            rest(json!({
                "authorizers": { "token": { "type": "TOKEN", "source": "method.request.header.Authorization" } },
                "resources": { "/orders": { "GET": { "auth": "CUSTOM", "authorizer": "token" } } },
            })),
            vec![
                (get("/prod/orders").by(SIGNED), 403),
                (get("/prod/orders"), 401),
            ],
        ),
        same(
            "a gateway response that is set for its type does not inherit",
            rest(json!({
                "responses": {
                    "DEFAULT_4XX": { "headers": { "Access-Control-Allow-Origin": "'*'" } },
                    "MISSING_AUTHENTICATION_TOKEN": {},
                },
                "resources": { "/orders": { "GET": { "auth": "AWS_IAM" } } },
            })),
            vec![(get("/prod/orders"), 403)],
        ),
        same(
            "of several mappings the longest leads",
            rest(json!({
                "stages": ["prod", "dev"],
                "domains": { "api.shop.example": [["v1", "prod"], ["", "dev"]] },
                "resources": { "/orders": { "GET": { "auth": "NONE" } } },
            })),
            vec![
                (at_domain("/v1/orders"), 200),
                (at_domain("/orders"), 200),
                (at_domain("/v10/orders"), 403),
                (at_domain("/prod/orders"), 403),
            ],
        ),
        same(
            "a whole match goes before one of the rest",
            http(json!({ "routes": {
                "GET /orders/{proxy+}": { "auth": "AWS_IAM" },
                "ANY /{shop}/orders": { "auth": "NONE" },
            } })),
            vec![(get("/orders/orders"), 200), (get("/orders/7"), 403)],
        ),
        same(
            "a token of another audience is none, and one without the scope may not",
            http(json!({
                "authorizers": { "jwt": jwt() },
                "routes": { "GET /orders": { "auth": "JWT", "authorizer": "jwt", "scopes": ["orders.read"] } },
            })),
            vec![
                (
                    get("/orders").claims(json!({ "aud": "shop", "scope": "orders.read" })),
                    200,
                ),
                (
                    get("/orders").claims(json!({ "aud": "other", "scope": "orders.read" })),
                    401,
                ),
                (
                    get("/orders").claims(json!({ "aud": "shop", "scope": "orders" })),
                    403,
                ),
                (get("/orders"), 401),
            ],
        ),
        same(
            "a WebSocket asks for the source of its authorizer",
            json!({ "kind": "ws", "routes": { "$connect": { "auth": "CUSTOM" } } }),
            vec![
                (get("/prod").upgrade(), 401),
                (
                    get("/prod")
                        .upgrade()
                        .header("Authorization", "Bearer allow"),
                    101,
                ),
                (
                    get("/prod")
                        .upgrade()
                        .header("Authorization", "Bearer deny"),
                    403,
                ),
            ],
        ),
        same(
            "without $connect anybody is connected",
            json!({ "kind": "ws", "routes": { "$default": { "auth": "NONE" } } }),
            vec![(get("/prod").upgrade(), 101)],
        ),
        same(
            "what no route takes is 404",
            http(json!({ "routes": { "GET /orders": { "auth": "NONE" } } })),
            vec![(get("/nowhere"), 404), (get("/orders"), 200)],
        ),
    ]
}

fn of_rest() -> Vec<Named> {
    let open = || json!({ "/orders": { "GET": { "auth": "NONE" } } });
    vec![
        named(
            "a signed call of no method",
            rest(json!({
                "responses": { "DEFAULT_4XX": { "headers": { "Access-Control-Allow-Origin": "'*'" } } },
                "resources": open(),
            })),
            vec![(get("/prod/nowhere").by("user/eve"), 403)],
            Some("a signed call of no method is judged by IAM"),
        ),
        named(
            "headers of what IAM denies",
            rest(json!({
                "responses": { "DEFAULT_4XX": { "headers": { "Access-Control-Allow-Origin": "'*'" } } },
                "resources": { "/orders": { "GET": { "auth": "AWS_IAM" } } },
            })),
            vec![(get("/prod/orders").by("user/eve"), 403)],
            Some("what IAM denies passes by the gateway responses"),
        ),
        named(
            "a boundary beside a policy for everybody",
            rest(json!({
                "policy": allow(json!({ "IpAddress": { "aws:SourceIp": "127.0.0.0/8" } })),
                "resources": { "/orders": { "GET": { "auth": "AWS_IAM" } } },
            })),
            vec![(get("/prod/orders").by("user/bounded"), 403)],
            Some("a boundary limits what everybody is granted"),
        ),
        named(
            "the own host is switched off",
            rest(json!({ "disabled": true, "resources": open() })),
            vec![(get("/prod/orders"), 200)],
            Some("the API's own host cannot be switched off"),
        ),
        named(
            "DEFAULT_4XX with a status",
            rest(
                json!({ "responses": { "DEFAULT_4XX": { "status": "418" } }, "resources": open() }),
            ),
            vec![(get("/prod/nowhere"), 403)],
            Some("the status of DEFAULT_4XX is its own"),
        ),
        named(
            "a path that no mapping has",
            rest(
                json!({ "domains": { "api.shop.example": [["v1", "prod"]] }, "resources": open() }),
            ),
            vec![(at_domain("/v10/orders"), 404)],
            Some("a domain without a mapping is left to other services"),
        ),
        named(
            "a resource policy that denies before the authorizer is asked",
            rest(json!({
                "policy": { "Version": "2012-10-17", "Statement": [
                    statement("Deny", json!({ "IpAddress": { "aws:SourceIp": "127.0.0.0/8" } })),
                ] },
                "authorizers": { "token": { "type": "TOKEN", "source": "method.request.header.Authorization" } },
                "resources": { "/orders": { "GET": { "auth": "CUSTOM", "authorizer": "token" } } },
            })),
            vec![(
                get("/prod/orders").header("Authorization", "Bearer allow"),
                200,
            )],
            Some("resource policies are not asked beside a Lambda authorizer"),
        ),
        named(
            "an authorizer that raises Unauthorized",
            rest(json!({
                "authorizers": { "token": { "type": "TOKEN", "source": "method.request.header.Authorization" } },
                "resources": { "/orders": { "GET": { "auth": "CUSTOM", "authorizer": "token" } } },
            })),
            vec![(
                get("/prod/orders").header("Authorization", "unauthorized"),
                401,
            )],
            Some("an authorizer has two ways to refuse, of which we tell one"),
        ),
    ]
}

fn of_http() -> Vec<Named> {
    let cors = || json!({ "AllowOrigins": [SHOP], "AllowMethods": ["GET"] });
    let preflight = |target: &str| {
        let ask = options(target).header("Origin", SHOP);
        ask.header("Access-Control-Request-Method", "GET")
    };
    vec![
        named(
            "OPTIONS for a route that takes all methods",
            http(json!({ "routes": { "ANY /orders": { "auth": "NONE" } } })),
            vec![(preflight("/orders"), 403)],
            Some("OPTIONS of an HTTP API without a CORS configuration is 403"),
        ),
        named(
            "a preflight that the authorizer of $default sees",
            http(json!({
                "cors": cors(),
                "authorizers": { "jwt": jwt() },
                "routes": { "$default": { "auth": "JWT", "authorizer": "jwt" } },
            })),
            vec![(preflight("/orders"), 204)],
            Some("a preflight comes before the stage and the authorizer"),
        ),
        named(
            "a bearer token where a signature is asked for",
            http(json!({ "routes": { "GET /orders": { "auth": "AWS_IAM" } } })),
            vec![(get("/orders").header("Authorization", "Bearer x"), 200)],
            Some("any Authorization header is a signature to an HTTP API"),
        ),
        named(
            "no stage, and none that takes all paths",
            http(json!({ "stages": ["prod"], "routes": { "GET /": { "auth": "NONE" } } })),
            vec![(get("/"), 200)],
            Some("the root of an HTTP API needs no stage"),
        ),
        named(
            "headers of a refusal",
            http(json!({
                "cors": cors(),
                "authorizers": { "jwt": jwt() },
                "routes": { "GET /orders": { "auth": "JWT", "authorizer": "jwt" } },
            })),
            vec![(get("/orders").header("Origin", SHOP), 401)],
            Some("refusals of an HTTP API have no headers of CORS"),
        ),
    ]
}

fn named(
    name: &'static str,
    api: Json,
    asks: Vec<(Ask, u16)>,
    excepted: Option<&'static str>,
) -> Named {
    let (asks, seen) = asks.into_iter().unzip();
    let account = json!({
        "users": {
            "ann": { "policies": [{ "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*" },
            ] }] },
            "eve": { "policies": [] },
            "bounded": { "policies": [], "boundary": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
            ] } },
        },
        "roles": {},
        "apis": { "a": api },
    });
    Named {
        name,
        case: Case { account, asks },
        seen,
        excepted,
    }
}

fn rest(mut api: Json) -> Json {
    api["kind"] = "rest".into();
    with_stages(api, json!(["prod"]))
}

fn http(mut api: Json) -> Json {
    api["kind"] = "http".into();
    with_stages(api, json!(["$default"]))
}

fn with_stages(mut api: Json, stages: Json) -> Json {
    if api.get("stages").is_none() {
        api["stages"] = stages;
    }
    api
}

fn jwt() -> Json {
    json!({ "type": "JWT", "source": "$request.header.Authorization", "audience": ["shop"] })
}

fn statement(effect: &str, condition: Json) -> Json {
    json!({
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": condition,
    })
}

fn allow(condition: Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": [statement("Allow", condition)] })
}

fn get(target: &str) -> Ask {
    Ask::new("a", "GET", target)
}

fn options(target: &str) -> Ask {
    Ask::new("a", "OPTIONS", target)
}

fn at_domain(target: &str) -> Ask {
    get(target).host("api.shop.example")
}
