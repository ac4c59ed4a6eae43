//! An API of which there is what `get-export` prints, and neither resources nor authorizers
//! (PAGE: api-gateway-swagger-extensions, api-gateway-export-api).

use serde_json::{Value as Json, json};
use why403::estate::Estate;

use crate::account::{Account, courses, end, header, preflight, status, to, with};

fn mock(headers: Json) -> Json {
    json!({
        "type": "mock",
        "responses": { "default": { "statusCode": "200", "responseParameters": headers } },
    })
}

fn document() -> Json {
    let lambda =
        json!({ "type": "aws_proxy", "uri": "arn:aws:apigateway:eu-west-1:lambda:path/x" });
    let asks = |scheme: &str, scopes: Json| json!({ "security": [{ scheme: scopes }], "x-amazon-apigateway-integration": lambda });
    let cors = mock(json!({
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Headers": "'x-token'",
    }));
    json!({
        "openapi": "3.0.1",
        "paths": {
            "/open/{id}": {
                "parameters": [{ "name": "id", "in": "path" }],
                "x-amazon-apigateway-any-method": { "x-amazon-apigateway-integration": lambda },
            },
            "/signed": {
                "get": {
                    "x-amazon-apigateway-auth": { "type": "AWS_IAM" },
                    "x-amazon-apigateway-integration": lambda,
                },
                "post": asks("sigv4", json!([])),
            },
            "/keyed": { "get": asks("api_key", json!([])) },
            "/scoped": { "get": asks("pool", json!(["orders/read"])) },
            "/tokens": {
                "get": asks("tokens", json!([])),
                "options": { "x-amazon-apigateway-integration": cors },
            },
            "/unknown": { "get": asks("basic", json!([])) },
        },
        "components": { "securitySchemes": {
            "sigv4": { "type": "apiKey", "name": "Authorization", "in": "header",
                       "x-amazon-apigateway-authtype": "awsSigv4" },
            "api_key": { "type": "apiKey", "name": "x-api-key", "in": "header" },
            "basic": { "type": "http", "scheme": "basic" },
            "tokens": { "type": "apiKey", "name": "X-Token", "in": "header",
                        "x-amazon-apigateway-authtype": "custom",
                        "x-amazon-apigateway-authorizer": { "type": "token" } },
            "pool": { "type": "apiKey", "name": "Authorization", "in": "header",
                      "x-amazon-apigateway-authtype": "cognito_user_pools",
                      "x-amazon-apigateway-authorizer": {
                          "type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:p"] } },
        }},
        "x-amazon-apigateway-gateway-responses": {
            "UNAUTHORIZED": { "statusCode": 418, "responseParameters": {
                "gatewayresponse.header.X-Why": "'no token'" } },
        },
    })
}

fn estate(export: Json) -> Estate {
    Account::default()
        .rest(json!({}), json!({}))
        .without("apigateway", "resources", "a1")
        .without("apigateway", "authorizers", "a1")
        .without("apigateway", "gateway-responses", "a1")
        .add("apigateway", "export", "a1/prod", export)
        .estate()
}

#[test]
fn methods_ask_for_what_the_export_says() {
    let estate = estate(document());
    let status = |method: &str, path: &str| status(&estate, "a1", &to("a1", method, path));
    assert_eq!(status("GET", "/prod/open/7"), 200);
    assert_eq!(status("PUT", "/prod/open/7"), 200);
    assert_eq!(status("GET", "/prod/other"), 403);
    assert_eq!(status("GET", "/prod/signed"), 403);
    assert_eq!(status("POST", "/prod/signed"), 403);
    assert_eq!(status("GET", "/prod/keyed"), 403);
    assert_eq!(status("GET", "/prod/scoped"), 418);
    assert_eq!(status("GET", "/prod/tokens"), 418);
    // What API Gateway does not know as a scheme it does not ask for.
    assert_eq!(status("GET", "/prod/unknown"), 200);
}

#[test]
fn a_token_is_looked_for_in_the_header_of_its_scheme() {
    let estate = estate(document());
    let request = with(to("a1", "GET", "/prod/tokens"), &[("X-Token", "abc")]);
    let ends: Vec<u16> = courses(&estate, "a1", &request).iter().map(end).collect();
    assert_eq!(ends, [200, 403]);
    let refused = &courses(&estate, "a1", &to("a1", "GET", "/prod/tokens"))[0];
    assert_eq!(header(refused, "X-Why").as_deref(), Some("no token"));
    let answer = &courses(
        &estate,
        "a1",
        &preflight("a1", "/prod/tokens", "https://app.test"),
    )[0];
    let allowed = header(answer, "Access-Control-Allow-Headers");
    assert_eq!((end(answer), allowed.as_deref()), (200, Some("x-token")));
}

/// Without the extensions of API Gateway an export says nothing of what a method asks for.
#[test]
fn a_plain_export_tells_no_credentials() {
    let mut plain = document();
    for path in plain["paths"].as_object_mut().unwrap().values_mut() {
        for method in path.as_object_mut().unwrap().values_mut() {
            if let Some(method) = method.as_object_mut() {
                method.remove("x-amazon-apigateway-integration");
            }
        }
    }
    let estate = estate(plain);
    let gate = estate.gates().next().expect("the API");
    assert_eq!(gate.doors().len(), 0);
}
