//! REST APIs.

use serde_json::{Value as Json, json};
use why403::gate::End;
use why403::request::Known;

use crate::account::{
    Account, OWNER, bearer, courses, end, header, policy, signed, statement, status, to, with,
};

const STRANGER: &str = "999988887777";

fn iam() -> Json {
    json!({ "/orders": { "GET": { "authorizationType": "AWS_IAM" } } })
}

fn open() -> Json {
    json!({ "/orders": { "GET": { "authorizationType": "NONE" } } })
}

/// Table B of apigateway-authorization-flow: of another account both have to allow.
#[test]
fn across_accounts_both_have_to_allow() {
    let api = |policy: Option<Json>| json!({ "policy": policy });
    let all = || policy(json!([statement("Allow", json!("*"), Json::Null)]));
    let theirs = || {
        policy(json!([statement(
            "Allow",
            json!({ "AWS": STRANGER }),
            Json::Null
        )]))
    };
    let other = || {
        policy(json!([statement(
            "Allow",
            json!({ "AWS": OWNER }),
            Json::Null
        )]))
    };
    let deny = || policy(json!([statement("Deny", json!("*"), Json::Null)]));
    for (policy, identity, expected) in [
        (None, Some("Allow"), 403),
        (Some(theirs()), Some("Allow"), 200),
        (Some(all()), Some("Allow"), 200),
        (Some(other()), Some("Allow"), 403),
        (Some(deny()), Some("Allow"), 403),
        (Some(theirs()), None, 403),
        (Some(theirs()), Some("Deny"), 403),
    ] {
        let estate = Account::default()
            .rest(api(policy.clone()), iam())
            .user(STRANGER, "eve", identity)
            .estate();
        let request = signed(to("a1", "GET", "/prod/orders"), STRANGER, "eve");
        assert_eq!(
            status(&estate, "a1", &request),
            expected,
            "{policy:?} {identity:?}"
        );
    }
}

/// apigateway-authorization-flow: a deny comes before the function is asked; else what either
/// allows is allowed (Table A).
#[test]
fn a_lambda_authorizer_stands_beside_the_policy() {
    let elsewhere = json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } });
    let here = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } });
    let says = |effect: &str, condition: &Json| {
        policy(json!([statement(effect, json!("*"), condition.clone())]))
    };
    for (policy, expected) in [
        (None, vec![200, 403]),
        (Some(says("Allow", &elsewhere)), vec![200, 403]),
        (Some(says("Deny", &here)), vec![403]),
        (Some(says("Deny", &elsewhere)), vec![200, 403]),
    ] {
        let api = json!({
            "policy": policy,
            "authorizers": [{ "id": "l", "name": "gate", "type": "TOKEN",
                "identitySource": "method.request.header.Authorization" }],
        });
        let methods = json!({ "GET": { "authorizationType": "CUSTOM", "authorizerId": "l" } });
        let estate = Account::default()
            .rest(api, json!({ "/orders": methods }))
            .estate();
        let request = with(to("a1", "GET", "/prod/orders"), &[("Authorization", "x")]);
        let ends: Vec<u16> = courses(&estate, "a1", &request).iter().map(end).collect();
        assert_eq!(ends, expected, "{policy:?}");
        if expected.len() == 2 {
            assert_eq!(status(&estate, "a1", &to("a1", "GET", "/prod/orders")), 401);
        }
    }
}

/// apigateway-integrate-with-cognito: with scopes it is an access token, without an ID token.
#[test]
fn cognito_tells_tokens_by_the_scopes_of_the_method() {
    let api = json!({ "authorizers": [{ "id": "c", "name": "pool", "type": "COGNITO_USER_POOLS",
        "identitySource": "method.request.header.Authorization", "providerARNs": ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p"] }] });
    let method = |scopes: Json| json!({ "authorizationType": "COGNITO_USER_POOLS", "authorizerId": "c", "authorizationScopes": scopes });
    let resources = json!({
        "/plain": { "GET": method(json!([])) },
        "/scoped": { "GET": method(json!(["orders/read"])) },
    });
    let estate = Account::default().rest(api, resources).estate();
    let id = json!({ "token_use": "id", "aud": "client" });
    let access = |scope: &str| json!({ "token_use": "access", "scope": scope });
    for (path, claims, first) in [
        ("/prod/plain", id.clone(), 200),
        ("/prod/plain", access("orders/read"), 401),
        ("/prod/scoped", id, 401),
        ("/prod/scoped", access("orders/read x"), 200),
        ("/prod/scoped", access("orders/write"), 401),
    ] {
        let request = with(
            to("a1", "GET", path),
            &[("Authorization", &bearer(&claims))],
        );
        let found = courses(&estate, "a1", &request);
        assert_eq!(end(&found[0]), first, "{path} {claims}");
    }
}

/// apigateway-authorization-flow says of Cognito that the policy has to allow, and has a table by
/// which it need not.
#[test]
fn what_the_guide_says_both_ways_is_open() {
    let elsewhere = json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } });
    let api = json!({
        "policy": policy(json!([statement("Allow", json!("*"), elsewhere)])),
        "authorizers": [{ "id": "c", "name": "pool", "type": "COGNITO_USER_POOLS" }],
    });
    let method = json!({ "authorizationType": "COGNITO_USER_POOLS", "authorizerId": "c" });
    let estate = Account::default()
        .rest(api, json!({ "/orders": { "GET": method } }))
        .estate();
    let token = bearer(&json!({ "token_use": "id" }));
    let request = with(
        to("a1", "GET", "/prod/orders"),
        &[("Authorization", &token)],
    );
    let found = courses(&estate, "a1", &request);
    let ends: Vec<(u16, bool)> = found
        .iter()
        .map(|one| (end(one), one.is_conditional()))
        .collect();
    assert!(
        ends.contains(&(200, true)) && ends.contains(&(403, true)),
        "{ends:?}"
    );
}

/// supported-gateway-response-types: the status of DEFAULT_4XX is that of all others, and a type
/// that is set itself has nothing of it.
#[test]
fn gateway_responses_inherit_as_a_whole() {
    let origin = "gatewayresponse.header.Access-Control-Allow-Origin";
    let api = json!({ "responses": [
        { "responseType": "DEFAULT_4XX", "defaultResponse": false, "statusCode": "404",
          "responseParameters": { origin: "'*'" } },
        { "responseType": "ACCESS_DENIED", "defaultResponse": false, "responseParameters": {} },
        // As the service lists those that nobody has set.
        { "responseType": "MISSING_AUTHENTICATION_TOKEN", "defaultResponse": true, "statusCode": "403",
          "responseParameters": { origin: "'*'" } },
    ] });
    let estate = Account::default()
        .rest(api, iam())
        .user(OWNER, "eve", None)
        .estate();
    let request = to("a1", "GET", "/prod/orders");
    let missing = &courses(&estate, "a1", &request)[0];
    assert_eq!(end(missing), 404);
    assert_eq!(
        header(missing, "Access-Control-Allow-Origin").as_deref(),
        Some("*")
    );
    let denied = &courses(&estate, "a1", &signed(request, OWNER, "eve"))[0];
    assert_eq!(end(denied), 403);
    assert_eq!(header(denied, "Access-Control-Allow-Origin"), None);
}

/// A stage that does not exist is nobody's gateway response.
#[test]
fn a_stage_that_is_not_there_is_forbidden() {
    let api = json!({ "responses": [{ "responseType": "DEFAULT_4XX", "statusCode": "404" }] });
    let estate = Account::default().rest(api, open()).estate();
    assert_eq!(status(&estate, "a1", &to("a1", "GET", "/Prod/orders")), 403);
    assert_eq!(
        status(&estate, "a1", &to("a1", "GET", "/prod/orders/")),
        200
    );
    assert_eq!(
        status(&estate, "a1", &to("a1", "GET", "/prod/nowhere")),
        404
    );
}

/// apigateway-resource-policies-create-attach: what is not deployed is not served.
#[test]
fn what_the_deployment_lacks_is_no_method() {
    let resources = json!({ "/orders": {
        "GET": { "authorizationType": "NONE" }, "POST": { "authorizationType": "NONE" },
    } });
    let export = json!({ "openapi": "3.0.1", "paths": { "/orders": { "get": {} } } });
    let estate = Account::default()
        .rest(json!({}), resources)
        .add("apigateway", "export", "a1/prod", export)
        .estate();
    assert_eq!(status(&estate, "a1", &to("a1", "GET", "/prod/orders")), 200);
    assert_eq!(
        status(&estate, "a1", &to("a1", "POST", "/prod/orders")),
        403
    );
}

/// api-gateway-api-key-source and api-gateway-api-usage-plans: a key is good for the stages of its
/// plans.
#[test]
fn a_key_needs_a_plan_of_the_stage() {
    let method = json!({ "authorizationType": "NONE", "apiKeyRequired": true });
    let plan = |stage: &str| json!({ "id": "p1", "name": "gold", "apiStages": [{ "apiId": "a1", "stage": stage }] });
    let keys = json!({ "items": [{ "id": "k1", "name": "ann", "type": "API_KEY" }] });
    let request = with(to("a1", "GET", "/prod/orders"), &[("x-api-key", "secret")]);
    for (stage, enabled, expected) in [
        ("prod", true, vec![200, 403]),
        ("prod", false, vec![403]),
        ("dev", true, vec![403]),
    ] {
        let estate = Account::default()
            .rest(json!({}), json!({ "/orders": { "GET": method.clone() } }))
            .add("apigateway", "usage-plan", "p1", plan(stage))
            .add("apigateway", "usage-plan-keys", "p1", keys.clone())
            .add(
                "apigateway",
                "api-key",
                "k1",
                json!({ "id": "k1", "enabled": enabled }),
            )
            .estate();
        let ends: Vec<u16> = courses(&estate, "a1", &request).iter().map(end).collect();
        assert_eq!(ends, expected, "{stage} {enabled}");
        assert_eq!(status(&estate, "a1", &to("a1", "GET", "/prod/orders")), 403);
    }
}

#[test]
fn the_key_of_an_authorizer_needs_an_authorizer() {
    let api = json!({ "apiKeySource": "AUTHORIZER" });
    let method = json!({ "authorizationType": "NONE", "apiKeyRequired": true });
    let estate = Account::default()
        .rest(api, json!({ "/orders": { "GET": method } }))
        .estate();
    let request = with(to("a1", "GET", "/prod/orders"), &[("x-api-key", "secret")]);
    assert_eq!(status(&estate, "a1", &request), 403);
}

/// What was not fetched is not known, and what rests on it is conditional.
#[test]
fn what_was_not_fetched_is_not_known() {
    let estate = Account::default()
        .rest(json!({}), open())
        .without("apigateway", "resources", "a1")
        .denied("GetResources")
        .estate();
    let found = courses(&estate, "a1", &to("a1", "GET", "/prod/orders"));
    let End::Unknown { because, .. } = &found[0].end else {
        panic!("{found:?}");
    };
    assert_eq!(because.0, "apigateway:GetResources was denied");

    let estate = Account::default()
        .rest(json!({}), iam())
        .without("apigateway", "gateway-responses", "a1")
        .estate();
    let found = courses(&estate, "a1", &to("a1", "GET", "/prod/orders"));
    assert!(found[0].is_assumed() && end(&found[0]) == 403, "{found:?}");
}

/// What was taken out of an API is served until it is deployed again.
#[test]
fn what_only_the_deployment_has_is_not_known() {
    let paths = json!({ "paths": { "/orders": { "get": {} }, "/old/{id}": { "get": {} } } });
    let estate = Account::default()
        .rest(json!({}), open())
        .add("apigateway", "export", "a1/prod", paths)
        .estate();
    let end = |path: &str| {
        courses(&estate, "a1", &to("a1", "GET", path))[0]
            .end
            .clone()
    };
    assert!(matches!(end("/prod/old/1"), End::Unknown { .. }));
    assert!(matches!(end("/prod/orders"), End::Handled { .. }));
    assert!(matches!(end("/prod/none"), End::Answered { .. }));
}

/// What a request has for the parts of the path goes on in their places, and so does its query.
#[test]
fn what_is_behind_gets_path_and_query() {
    let to_shop = |uri: &str| json!({ "authorizationType": "NONE", "methodIntegration": { "type": "HTTP_PROXY", "uri": uri } });
    let estate = Account::default()
        .rest(
            json!({}),
            json!({
                "/orders/{id}": { "GET": to_shop("https://shop.test/v1/{id}") },
                "/files/{proxy+}": { "GET": to_shop("https://shop.test/{proxy}?from=api") },
                "/odd": { "GET": to_shop("https://shop.test/{nothing}") },
            }),
        )
        .estate();
    let sent = |path: &str| match &courses(&estate, "a1", &to("a1", "GET", path))[0].end {
        End::Forwarded { request, .. } => request.url(),
        _ => "nowhere".to_owned(),
    };
    assert_eq!(sent("/prod/orders/7?a=1"), "https://shop.test/v1/7?a=1");
    assert_eq!(
        sent("/prod/files/a/b.txt?a=1"),
        "https://shop.test/a/b.txt?from=api&a=1"
    );
    assert_eq!(sent("/prod/odd"), "nowhere");
}

/// IAM's reference_policies_condition-keys: of a session the key has the ARN of the role, with the
/// role's path.
#[test]
fn a_condition_sees_the_role_behind_a_session() {
    let role = format!("arn:aws:iam::{OWNER}:role/shop/worker");
    let allows = json!({ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*" });
    let worker = json!({ "RoleName": "worker", "Arn": role, "RolePolicyList": [
        { "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": allows } },
    ] });
    for (named, expected) in [(role.as_str(), 200), ("arn:aws:iam::*:role/other/*", 403)] {
        let unless = json!({ "ArnNotLike": { "aws:PrincipalArn": named } });
        let statements = json!([
            statement("Allow", json!("*"), Json::Null),
            statement("Deny", json!("*"), unless),
        ]);
        let account = Account::default()
            .rest(
                json!({ "policy": policy(statements) }),
                json!({ "/orders": { "GET": { "authorizationType": "AWS_IAM" } } }),
            )
            .of(OWNER, "global", "iam", "role", &role, worker.clone());
        let mut request = to("a1", "GET", "/prod/orders");
        let session = format!("arn:aws:sts::{OWNER}:assumed-role/worker/today");
        request.signed_by = Some(Known::Is(session));
        assert_eq!(
            status(&account.estate(), "a1", &request),
            expected,
            "{named}"
        );
    }
}
