//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>

use serde_json::{Value, json};
use why403::request::{Known, Request};

use super::account::{Account, With, outcome, request};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
const URL: &str = "https://abcdef.lambda-url.eu-west-1.on.aws/";

fn url(auth: &str, created: &str, statements: Value, more: Value) -> Account {
    let mut config = json!({ "FunctionUrl": URL, "FunctionArn": FUNCTION, "AuthType": auth,
                             "CreationTime": created });
    let fields = config.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Account::new()
        .with("lambda/function-url", FUNCTION, config)
        .with("lambda/policy", FUNCTION, json!({ "Policy": policy }))
}

fn allow(action: &str, condition: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": "*", "Action": action, "Resource": FUNCTION,
            "Condition": condition })
}

fn invoke_url(kind: &str) -> Value {
    allow(
        "lambda:InvokeFunctionUrl",
        json!({ "StringEquals": {"lambda:FunctionUrlAuthType": kind} }),
    )
}

fn invoke() -> Value {
    allow(
        "lambda:InvokeFunction",
        json!({ "Bool": {"lambda:InvokedViaFunctionUrl": "true"} }),
    )
}

const NEW: &str = "2026-03-01T10:00:00.000Z";
const OLD: &str = "2024-03-01T10:00:00.000Z";

fn get() -> Request {
    request("GET", URL)
}

#[test]
fn a_new_url_needs_both_rights() {
    let of = |created: &str, statements: Value| {
        url("NONE", created, statements, json!({})).outcome(&get())
    };
    assert_eq!(of(NEW, json!([invoke_url("NONE"), invoke()])), "handled");
    assert_eq!(of(NEW, json!([invoke_url("NONE")])), "403 grant");
    assert_eq!(of(NEW, json!([invoke()])), "403 grant");
    // By now: AWS granted exceptions for a time.
    assert_eq!(of(OLD, json!([invoke_url("NONE")])), "403 grant");
    assert_eq!(of(OLD, json!([])), "403 grant");
    assert_eq!(
        of(NEW, json!([invoke_url("AWS_IAM"), invoke()])),
        "403 grant"
    );
}

#[test]
fn a_function_without_a_policy_lets_nobody_in() {
    let account = url("NONE", NEW, json!([]), json!({})).with(
        "lambda/policy",
        FUNCTION,
        json!({ "Policy": null }),
    );
    assert_eq!(account.outcome(&get()), "403 grant");
}

#[test]
fn iam_asks_for_a_signature() {
    let account = url("AWS_IAM", NEW, json!([]), json!({})).with(
        "iam/role",
        "arn:aws:iam::123456789012:role/worker",
        json!({
            "RoleName": "worker", "Arn": "arn:aws:iam::123456789012:role/worker",
            "RolePolicyList": [{ "PolicyName": "call", "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
                "Resource": FUNCTION }] } }],
            "AttachedManagedPolicies": [] }),
    );
    assert_eq!(account.outcome(&get()), "403 signature");
    let mut signed = get();
    signed.signed_by = Some(Known::Is("arn:aws:iam::123456789012:role/worker".into()));
    assert_eq!(account.outcome(&signed), "handled");
    let cors = json!({ "Cors": { "AllowOrigins": ["https://app.test"], "AllowMethods": ["*"],
                                 "AllowHeaders": ["authorization"] } });
    let with_cors = url("AWS_IAM", NEW, json!([]), cors);
    let preflight = request("OPTIONS", URL)
        .header("Origin", "https://app.test")
        .header("Access-Control-Request-Method", "GET");
    let courses = with_cors.send(&preflight);
    assert_eq!(outcome(&courses[0]), "200");
    assert_eq!(courses[0].response_headers().len(), 3);
    assert_eq!(account.outcome(&preflight), "403 signature");
}
