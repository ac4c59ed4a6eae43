//! Private APIs, and public ones from within a VPC.

use serde_json::{Value as Json, json};
use why403::request::Request;

use crate::account::{Account, OWNER, courses, end, policy, signed, statement, status, to};

const ENDPOINT: &str = "vpce-0123456789abcdef0";

fn account(api: Json) -> Account {
    let mut api = api;
    api["endpointConfiguration"] = json!({ "types": ["PRIVATE"] });
    let resources = json!({ "/orders": {
        "GET": { "authorizationType": "NONE" },
        "POST": { "authorizationType": "AWS_IAM" },
    } });
    Account::default()
        .rest(api, resources)
        .user(OWNER, "ann", Some("Allow"))
        .add("ec2", "vpc-endpoint", ENDPOINT, endpoint(Json::Null))
}

fn endpoint(policy: Json) -> Json {
    json!({
        "VpcEndpointId": ENDPOINT, "VpcId": "vpc-1", "PrivateDnsEnabled": true,
        "ServiceName": "com.amazonaws.eu-west-1.execute-api", "PolicyDocument": policy,
    })
}

fn through(method: &str) -> Request {
    Request {
        vpc_endpoint: Some(ENDPOINT.to_owned()),
        ..to("a1", method, "/prod/orders")
    }
}

/// apigateway-private-apis: until there is a resource policy, all calls fail.
#[test]
fn without_a_policy_it_admits_nobody() {
    let estate = account(json!({})).estate();
    assert_eq!(status(&estate, "a1", &through("GET")), 403);
}

/// apigateway-resource-policies-examples: by VPC and by VPC endpoint.
#[test]
fn a_policy_may_ask_for_the_endpoint() {
    for (condition, expected) in [
        (
            json!({ "StringEquals": { "aws:SourceVpce": ENDPOINT } }),
            200,
        ),
        (
            json!({ "StringEquals": { "aws:SourceVpce": "vpce-2" } }),
            403,
        ),
        (json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }), 200),
        (json!({ "StringEquals": { "aws:SourceVpc": "vpc-2" } }), 403),
        (
            json!({ "IpAddress": { "aws:VpcSourceIp": "203.0.113.0/24" } }),
            200,
        ),
    ] {
        let policy = policy(json!([statement("Allow", json!("*"), condition.clone())]));
        let estate = account(json!({ "policy": policy })).estate();
        assert_eq!(
            status(&estate, "a1", &through("GET")),
            expected,
            "{condition}"
        );
    }
}

/// apigateway-resource-policies-examples: the endpoint rewrites the sender's address; by IAM's guide
/// the key is missing then. Of a public network both come to the same.
#[test]
fn an_endpoint_hides_the_address() {
    let public = json!({ "aws:SourceIp": "203.0.113.0/24" });
    let all = || statement("Allow", json!("*"), Json::Null);
    let denying = |condition| json!([all(), statement("Deny", json!("*"), condition)]);
    for (statements, expected) in [
        (
            json!([statement(
                "Allow",
                json!("*"),
                json!({ "IpAddress": public })
            )]),
            Some(403),
        ),
        (denying(json!({ "NotIpAddress": public })), Some(403)),
        (denying(json!({ "IpAddress": public })), Some(200)),
        (
            denying(json!({ "NotIpAddress": { "aws:SourceIp": "10.0.0.0/8" } })),
            None,
        ),
    ] {
        let estate = account(json!({ "policy": policy(statements.clone()) })).estate();
        let courses = courses(&estate, "a1", &through("GET"));
        let known = match courses.as_slice() {
            [course] => Some(end(course)),
            _ => None,
        };
        assert_eq!(known, expected, "{statements}");
    }
}

/// apigateway-vpc-endpoint-policies: both have to allow.
#[test]
fn the_policy_of_the_endpoint_has_a_say() {
    let all = policy(json!([statement("Allow", json!("*"), Json::Null)]));
    let other = json!({
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:eu-west-1:123456789012:other/*",
    });
    for (policy, expected) in [(all.clone(), 200), (policy(json!([other])), 403)] {
        let estate = account(json!({ "policy": all }))
            .add("ec2", "vpc-endpoint", ENDPOINT, endpoint(policy))
            .estate();
        let request = signed(through("POST"), OWNER, "ann");
        assert_eq!(status(&estate, "a1", &request), expected);
    }
}

/// apigateway-private-api-test-invoke-url: such a VPC does not get to public APIs by their own host.
#[test]
fn a_public_api_is_not_behind_the_endpoint() {
    let open = json!({ "authorizationType": "NONE" });
    let estate = Account::default()
        .rest(json!({}), json!({ "/orders": { "GET": open } }))
        .http(
            json!({}),
            json!({ "GET /orders": { "AuthorizationType": "NONE" } }),
        )
        .add("ec2", "vpc-endpoint", ENDPOINT, endpoint(Json::Null))
        .estate();
    assert_eq!(status(&estate, "a1", &to("a1", "GET", "/prod/orders")), 200);
    assert_eq!(status(&estate, "a1", &through("GET")), 403);
    let request = Request {
        vpc_endpoint: Some(ENDPOINT.to_owned()),
        ..to("h1", "GET", "/orders")
    };
    assert_eq!(status(&estate, "h1", &request), 403);
}
