//! HTTP and WebSocket APIs.

use serde_json::{Value as Json, json};

use crate::account::{
    Account, OWNER, bearer, courses, end, gate, header, preflight, signed, status, to, with,
};

const SHOP: &str = "https://shop.test";

fn route(kind: &str) -> Json {
    match kind {
        "jwt" => json!({ "AuthorizationType": "JWT", "AuthorizerId": "j" }),
        kind => json!({ "AuthorizationType": kind }),
    }
}

fn api(cors: bool) -> Json {
    let mut api = json!({ "authorizers": [{
        "AuthorizerId": "j", "Name": "tokens", "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": { "Audience": ["shop"], "Issuer": "https://login.test/" },
    }] });
    if cors {
        api["CorsConfiguration"] = json!({
            "AllowOrigins": [SHOP], "AllowMethods": ["GET"], "AllowHeaders": ["authorization"],
        });
    }
    api
}

/// The table of http-api-develop-routes.
#[test]
fn the_most_specific_route_takes_a_request() {
    let keys = [
        "GET /pets/dog/1",
        "GET /pets/dog/{id}",
        "GET /pets/{proxy+}",
        "ANY /{proxy+}",
        "$default",
    ];
    let routes: serde_json::Map<String, Json> = keys
        .iter()
        .map(|key| ((*key).to_owned(), route("NONE")))
        .collect();
    let estate = Account::default().http(json!({}), routes.into()).estate();
    for (method, path, key) in [
        ("GET", "/pets/dog/1", keys[0]),
        ("GET", "/pets/dog/2", keys[1]),
        ("GET", "/pets/cat/1", keys[2]),
        ("POST", "/test/5", keys[3]),
        ("GET", "/", keys[4]),
    ] {
        let course = &courses(&estate, "h1", &to("h1", method, path))[0];
        let door = course.door().expect("a door") as usize;
        let name = &gate(&estate, "h1").doors()[door].name;
        assert!(name.ends_with(key), "{method} {path}: {name}");
    }
}

/// http-api-develop-routes: a full match first, a match with a greedy variable second.
#[test]
fn a_full_match_goes_before_a_greedy_one() {
    let routes =
        json!({ "GET /orders/{proxy+}": route("AWS_IAM"), "ANY /{shop}/items": route("NONE") });
    let estate = Account::default().http(json!({}), routes).estate();
    assert_eq!(
        status(&estate, "h1", &to("h1", "GET", "/orders/items")),
        200
    );
    assert_eq!(status(&estate, "h1", &to("h1", "GET", "/orders/7")), 403);
}

/// http-api-develop-routes: without a stage or a route it is Not Found.
#[test]
fn what_nothing_takes_is_not_found() {
    let routes = json!({ "GET /orders": route("NONE") });
    let estate = Account::default()
        .http_named("h1", json!({}), routes, "prod")
        .estate();
    assert_eq!(status(&estate, "h1", &to("h1", "GET", "/prod/orders")), 200);
    assert_eq!(
        status(&estate, "h1", &to("h1", "GET", "/prod/nowhere")),
        404
    );
    assert_eq!(status(&estate, "h1", &to("h1", "GET", "/orders")), 404);
}

#[test]
fn whether_a_slash_at_the_end_matters_is_open() {
    let estate = Account::default()
        .http(json!({}), json!({ "GET /orders": route("NONE") }))
        .estate();
    let found = courses(&estate, "h1", &to("h1", "GET", "/orders/"));
    let ends: Vec<u16> = found.iter().map(end).collect();
    assert_eq!(ends, [404, 200]);
    assert!(found.iter().all(|course| course.is_conditional()));
}

/// http-api-cors: preflights are answered also without a route for them; `$default` takes them,
/// and so does ANY, with their authorizer; `OPTIONS /{proxy+}` goes before `$default`.
#[test]
fn a_preflight_is_answered_or_judged_by_the_route_that_takes_it() {
    for (routes, expected) in [
        (json!({ "GET /orders": route("jwt") }), 204),
        (json!({ "$default": route("jwt") }), 401),
        (json!({ "$default": route("NONE") }), 204),
        (json!({ "ANY /orders": route("jwt") }), 401),
        (json!({ "ANY /{proxy+}": route("AWS_IAM") }), 403),
        (
            json!({ "$default": route("jwt"), "OPTIONS /{proxy+}": route("NONE") }),
            204,
        ),
    ] {
        let estate = Account::default().http(api(true), routes.clone()).estate();
        let found = courses(&estate, "h1", &preflight("h1", "/orders", SHOP));
        assert_eq!(found.len(), 1, "{routes}");
        assert_eq!(found[0].status(), Some(expected), "{routes}");
    }
}

/// http-api-cors tells of the headers, and not of the status of a preflight that is refused.
#[test]
fn a_preflight_of_another_origin_gets_no_headers() {
    let estate = Account::default()
        .http(api(true), json!({ "GET /orders": route("NONE") }))
        .estate();
    let found = &courses(
        &estate,
        "h1",
        &preflight("h1", "/orders", "https://other.test"),
    )[0];
    assert_eq!(found.status(), None);
    assert_eq!(header(found, "Access-Control-Allow-Origin"), None);
    let found = &courses(&estate, "h1", &preflight("h1", "/orders", SHOP))[0];
    assert_eq!(
        header(found, "Access-Control-Allow-Origin").as_deref(),
        Some(SHOP)
    );
    assert_eq!(
        header(found, "Access-Control-Allow-Methods").as_deref(),
        Some("GET")
    );
}

/// Without a configuration OPTIONS is a method like others.
#[test]
fn without_cors_a_preflight_needs_a_route() {
    let estate = Account::default()
        .http(api(false), json!({ "GET /orders": route("NONE") }))
        .estate();
    assert_eq!(
        status(&estate, "h1", &preflight("h1", "/orders", SHOP)),
        404
    );
}

/// http-api-jwt-authorizer: issuer, audience or client, and a scope of the route.
#[test]
fn a_token_is_held_against_the_authorizer_and_the_route() {
    let mut orders = route("jwt");
    orders["AuthorizationScopes"] = json!(["orders.read"]);
    let estate = Account::default()
        .http(api(false), json!({ "GET /orders": orders }))
        .estate();
    let right = json!({ "iss": "https://login.test/", "aud": "shop", "scope": "orders.read" });
    let but = |key: &str, value: Json| {
        let mut claims = right.clone();
        claims[key] = value;
        claims
    };
    for (claims, first) in [
        (right.clone(), 200),
        (but("iss", json!("https://other.test/")), 401),
        (but("aud", json!("other")), 401),
        (but("aud", json!(["other", "shop"])), 200),
        (but("scope", json!("orders.write")), 403),
        (
            json!({ "iss": "https://login.test/", "client_id": "shop", "scp": ["orders.read"] }),
            200,
        ),
    ] {
        let headers = [("Authorization", bearer(&claims))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let found = courses(&estate, "h1", &with(to("h1", "GET", "/orders"), &headers));
        assert_eq!(end(&found[0]), first, "{claims}");
    }
}

/// http-api-vs-rest: there are no resource policies, so that nobody of another account gets in.
#[test]
fn nobody_of_another_account_signs_well_enough() {
    let estate = Account::default()
        .http(json!({}), json!({ "GET /orders": route("AWS_IAM") }))
        .user(OWNER, "ann", Some("Allow"))
        .user("999988887777", "eve", Some("Allow"))
        .estate();
    let request = || to("h1", "GET", "/orders");
    assert_eq!(status(&estate, "h1", &request()), 403);
    assert_eq!(status(&estate, "h1", &signed(request(), OWNER, "ann")), 200);
    assert_eq!(
        status(&estate, "h1", &signed(request(), "999988887777", "eve")),
        403
    );
}

fn web_socket(routes: Json) -> Account {
    let api = json!({ "ProtocolType": "WEBSOCKET" });
    Account::default().http_named("w1", api, routes, "prod")
}

/// apigateway-websocket-control-access-iam: the ARN of a route ends with its key.
#[test]
fn to_connect_takes_a_policy_of_the_route() {
    let arn = format!("arn:aws:iam::{OWNER}:user/ann");
    let statement = |resource: &str| {
        let resource = format!("arn:aws:execute-api:eu-west-1:{OWNER}:w1/{resource}");
        let statement =
            json!({ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource });
        json!([{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": statement } }])
    };
    for (resource, expected) in [("prod/$connect", 200), ("prod/GET/*", 403)] {
        let user = json!({ "UserName": "ann", "Arn": arn, "UserPolicyList": statement(resource) });
        let estate = web_socket(json!({ "$connect": route("AWS_IAM"), "$default": route("NONE") }))
            .of(OWNER, "global", "iam", "user", &arn, user)
            .estate();
        let request = to("w1", "GET", "/prod");
        assert_eq!(status(&estate, "w1", &request), 403);
        assert_eq!(
            status(&estate, "w1", &signed(request, OWNER, "ann")),
            expected,
            "{resource}"
        );
    }
}

/// apigateway-websocket-api-route-keys-connect-disconnect: `$connect` need not be there.
#[test]
fn without_a_route_to_connect_anybody_does() {
    let estate = web_socket(json!({ "$default": route("NONE") })).estate();
    assert_eq!(status(&estate, "w1", &to("w1", "GET", "/prod")), 200);
}
