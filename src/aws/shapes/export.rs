//! What is kept of an API as it was deployed: the OpenAPI document of an export, without schemas,
//! examples, templates, and what is sent to the backend.

use serde_json::{Map, Value};

use crate::aws::secrets;

/// Keys that are kept whole.
const WHOLE: [&str; 12] = [
    "openapi",
    "security",
    "servers",
    "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-auth",
    "x-amazon-apigateway-authorizer",
    "x-amazon-apigateway-authtype",
    "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-cors",
    "x-amazon-apigateway-endpoint-configuration",
    "x-amazon-apigateway-policy",
    "swagger",
];

const INTEGRATION: [&str; 6] = [
    "type",
    "uri",
    "httpMethod",
    "connectionType",
    "connectionId",
    "credentials",
];

/// The document, without what nobody reads of it.
pub fn kept(export: &Value) -> Value {
    let mut out = whole(export);
    copy(export, &mut out, "info", |info| {
        pick(info, &["title", "version"])
    });
    copy(export, &mut out, "paths", |paths| entries(paths, path));
    copy(export, &mut out, "components", |components| {
        let mut out = Map::new();
        copy(components, &mut out, "securitySchemes", |schemes| {
            entries(schemes, scheme)
        });
        Value::Object(out)
    });
    copy(export, &mut out, "securityDefinitions", |schemes| {
        entries(schemes, scheme)
    });
    copy(
        export,
        &mut out,
        "x-amazon-apigateway-gateway-responses",
        |responses| entries(responses, |response| answer(response, &["statusCode"])),
    );
    Value::Object(out)
}

/// A path has a method under each verb.
fn path(path: &Value) -> Value {
    entries(path, |method| {
        let mut out = whole(method);
        copy(method, &mut out, "operationId", Value::clone);
        copy(method, &mut out, "parameters", parameters);
        copy(method, &mut out, "responses", |responses| {
            entries(responses, |response| {
                let mut out = Map::new();
                copy(response, &mut out, "headers", |headers| {
                    entries(headers, |_| Value::Object(Map::new()))
                });
                Value::Object(out)
            })
        });
        copy(
            method,
            &mut out,
            "x-amazon-apigateway-integration",
            |integration| {
                let Value::Object(mut out) = pick(integration, &INTEGRATION) else {
                    return Value::Null;
                };
                if let Some(uri) = integration.get("uri").and_then(Value::as_str) {
                    out.insert("uri".to_owned(), secrets::url(uri).into());
                }
                copy(integration, &mut out, "responses", |responses| {
                    entries(responses, |response| answer(response, &["statusCode"]))
                });
                Value::Object(out)
            },
        );
        Value::Object(out)
    })
}

fn parameters(parameters: &Value) -> Value {
    let all = parameters.as_array().into_iter().flatten();
    all.map(|one| pick(one, &["name", "in", "required"]))
        .collect()
}

fn scheme(scheme: &Value) -> Value {
    let mut out = whole(scheme);
    for key in ["type", "name", "in", "scheme"] {
        copy(scheme, &mut out, key, Value::clone);
    }
    // An authorizer is whole but for what it may bring along.
    if let Some(Value::Object(authorizer)) = out.get_mut("x-amazon-apigateway-authorizer") {
        authorizer.retain(|name, value| !is_secret(name, value));
    }
    Value::Object(out)
}

/// An answer with the headers that it sets.
fn answer(answer: &Value, keys: &[&str]) -> Value {
    let Value::Object(mut out) = pick(answer, keys) else {
        return Value::Null;
    };
    copy(answer, &mut out, "responseParameters", |parameters| {
        let all = parameters.as_object().into_iter().flatten();
        let harmless = all.filter(|(name, value)| {
            secrets::may_be_written(name, value.as_str().unwrap_or_default())
        });
        Value::Object(
            harmless
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    });
    Value::Object(out)
}

fn is_secret(name: &str, value: &Value) -> bool {
    let named = ["identityValidationExpression", "authorizerCredentials"];
    let text = value.as_str().unwrap_or_default();
    !named.contains(&name) && name.contains("ecret") && !text.is_empty()
}

fn whole(from: &Value) -> Map<String, Value> {
    match pick(from, &WHOLE) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn pick(from: &Value, keys: &[&str]) -> Value {
    let mut out = Map::new();
    for key in keys {
        copy(from, &mut out, key, Value::clone);
    }
    Value::Object(out)
}

fn copy(from: &Value, to: &mut Map<String, Value>, key: &str, make: impl Fn(&Value) -> Value) {
    if let Some(value) = from.get(key) {
        to.insert(key.to_owned(), make(value));
    }
}

fn entries(from: &Value, make: impl Fn(&Value) -> Value) -> Value {
    let all = from.as_object().into_iter().flatten();
    Value::Object(all.map(|(key, value)| (key.clone(), make(value))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sent_to_the_backend_is_left_out() {
        let export = json!({
            "openapi": "3.0.1",
            "info": { "title": "shop", "version": "1", "description": "long" },
            "paths": { "/orders": { "get": {
                "security": [{ "sigv4": [] }],
                "x-amazon-apigateway-integration": {
                    "type": "http_proxy",
                    "uri": "https://orders.shop.test",
                    "requestParameters": { "integration.request.header.Authorization": "'Bearer x'" },
                    "requestTemplates": { "application/json": "{}" },
                    "responses": { "default": {
                        "statusCode": "200",
                        "responseParameters": {
                            "method.response.header.Access-Control-Allow-Credentials": "'true'"
                        }
                    } }
                }
            } } },
            "components": { "schemas": { "Order": {} }, "securitySchemes": { "sigv4": {
                "type": "apiKey", "name": "Authorization", "in": "header",
                "x-amazon-apigateway-authtype": "awsSigv4"
            } } }
        });
        let kept = kept(&export);
        let text = kept.to_string();
        assert!(
            !text.contains("Bearer") && !text.contains("requestTemplates"),
            "{text}"
        );
        assert_eq!(kept["info"], json!({ "title": "shop", "version": "1" }));
        assert_eq!(kept["components"].get("schemas"), None);
        let method = &kept["paths"]["/orders"]["get"];
        assert_eq!(method["security"], json!([{ "sigv4": [] }]));
        let answer = &method["x-amazon-apigateway-integration"]["responses"]["default"];
        assert_eq!(
            answer["responseParameters"]["method.response.header.Access-Control-Allow-Credentials"],
            "'true'"
        );
    }
}
