//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html>

use serde_json::{Value, json};
use why403::request::Request;

use super::account::{Account, With, forwarded, request};

const API: &str = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const ALL_BUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const ALL: [&str; 7] = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"];

fn distribution(more: Value) -> Account {
    let mut behavior = json!({ "TargetOriginId": "api", "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": { "Items": ALL, "CachedMethods": {"Items": ["HEAD", "GET"]} },
        "CachePolicyId": CACHING_DISABLED });
    let fields = behavior.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    Account::new().with(
        "cloudfront/distribution",
        "E1",
        json!({ "Id": "E1", "DomainName": "d1.cloudfront.net", "DistributionConfig": {
            "Enabled": true, "Aliases": { "Items": ["shop.test"] },
            "Origins": { "Items": [{ "Id": "api", "DomainName": API, "OriginPath": "/prod",
                "CustomHeaders": { "Items": [{ "HeaderName": "X-Origin-Verify" }] },
                "CustomOriginConfig": { "HTTPPort": 80, "HTTPSPort": 443,
                                        "OriginProtocolPolicy": "https-only" } }] },
            "DefaultCacheBehavior": behavior,
            "CacheBehaviors": { "Items": [{ "PathPattern": "/static/*", "TargetOriginId": "api",
                "ViewerProtocolPolicy": "allow-all", "AllowedMethods": { "Items": ["GET", "HEAD"] },
                "CachePolicyId": CACHING_DISABLED }] },
        } }),
    )
}

fn sent(account: &Account, method: &str) -> Request {
    let request = request(method, "https://shop.test/orders?page=2")
        .header("Authorization", "Bearer x")
        .header("X-Api-Key", "k")
        .header("Content-Type", "application/json")
        .header("Cookie", "session=1; theme=dark");
    forwarded(&account.send(&request)[0]).clone()
}

#[test]
fn the_behavior_of_the_path_decides() {
    let account = distribution(json!({}));
    let to = |method: &str, url: &str| account.outcome(&request(method, url));
    assert_eq!(
        to("POST", "https://shop.test/orders"),
        format!("forwarded https://{API}:443")
    );
    assert_eq!(to("POST", "https://shop.test/static/a.js"), "403 method");
    assert_eq!(to("OPTIONS", "https://shop.test/static/a.js"), "403 method");
    assert_eq!(to("GET", "http://shop.test/"), "301");
    let foreign = request("GET", "https://d1.cloudfront.net/").header("Host", "other.test");
    assert_eq!(account.outcome(&foreign), "403 condition");
    assert_eq!(
        account.outcome(&request("GET", "https://shop.test/").body(1)),
        "403 form"
    );
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html#add-origin-custom-headers-forward-authorization>
#[test]
fn the_credential_of_a_read_is_taken_off() {
    let plain = distribution(json!({}));
    let get = sent(&plain, "GET");
    assert!(!get.headers.has("Authorization") && !get.headers.has("X-Api-Key"));
    assert!(!get.headers.has("Cookie") && get.headers.has("Content-Type"));
    assert_eq!(
        (get.host.as_str(), get.target.to_string().as_str()),
        (API, "/prod/orders")
    );
    assert!(get.headers.has("X-Origin-Verify"));
    assert!(sent(&plain, "POST").headers.has("Authorization"));
    assert!(sent(&plain, "OPTIONS").headers.has("Authorization"));
    let all = distribution(json!({ "OriginRequestPolicyId": ALL_BUT_HOST }));
    let get = sent(&all, "GET");
    assert!(get.headers.has("Authorization") && get.headers.has("X-Api-Key"));
    assert!(!get.headers.has("Host"));
    assert_eq!(get.target, "/prod/orders?page=2");
    let cookies = get.headers.get("Cookie").expect("cookies").known();
    assert_eq!(cookies.expect("known"), "session=1; theme=dark");
}

#[test]
fn the_host_of_the_viewer_is_handed_on_by_all_viewer() {
    let account = distribution(json!({ "OriginRequestPolicyId": ALL_VIEWER }));
    let get = sent(&account, "GET");
    assert_eq!(get.host, API);
    assert_eq!(
        get.headers.get("Host").unwrap().known().unwrap(),
        "shop.test"
    );
}

#[test]
fn policies_of_ones_own_are_read() {
    let account = distribution(json!({ "CachePolicyId": "own" })).with(
        "cloudfront/cache-policy",
        "own",
        json!({ "CachePolicy": { "Id": "own", "CachePolicyConfig": { "Name": "own",
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "HeadersConfig": { "HeaderBehavior": "whitelist",
                                   "Headers": { "Items": ["Authorization"] } },
                "CookiesConfig": { "CookieBehavior": "whitelist",
                                   "Cookies": { "Items": ["session"] } },
                "QueryStringsConfig": { "QueryStringBehavior": "none" } } } } }),
    );
    let get = sent(&account, "GET");
    assert!(get.headers.has("Authorization") && !get.headers.has("X-Api-Key"));
    assert_eq!(
        get.headers.get("Cookie").unwrap().known().unwrap(),
        "session=1"
    );
    // Of a policy that is not here, anything may be handed on.
    let unknown = distribution(json!({ "CachePolicyId": "gone" }));
    let header = sent(&unknown, "GET").headers.get("Authorization").cloned();
    assert!(header.expect("it may be there").known().is_none());
}

#[test]
fn the_older_settings_hand_most_headers_on() {
    let account = distribution(json!({ "CachePolicyId": null, "ForwardedValues": {
        "QueryString": true, "Cookies": {"Forward": "none"}, "Headers": {"Items": []} } }));
    let get = sent(&account, "GET");
    assert!(!get.headers.has("Authorization") && get.headers.has("X-Api-Key"));
    assert!(!get.headers.has("Cookie"));
    assert_eq!(get.target, "/prod/orders?page=2");
    let named = distribution(json!({ "CachePolicyId": null, "ForwardedValues": {
        "QueryString": true, "Cookies": {"Forward": "none"},
        "Headers": {"Items": ["Authorization", "Host"]} } }));
    assert!(sent(&named, "GET").headers.has("Authorization"));
    assert!(sent(&named, "GET").headers.has("Host"));
    // Beside a policy they count for nothing.
    let both = distribution(json!({
        "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "ForwardedValues": {"QueryString": false, "Cookies": {"Forward": "none"}} }));
    assert!(sent(&both, "GET").headers.has("Authorization"));
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>
#[test]
fn signed_urls_and_functions_are_conditions() {
    let signed = distribution(json!({ "TrustedKeyGroups": { "Enabled": true, "Items": ["k"] } }));
    assert_eq!(
        signed.outcome(&request("GET", "https://shop.test/")),
        "403 credential"
    );
    let url = "https://shop.test/?Signature=x&Key-Pair-Id=y";
    assert!(
        signed
            .outcome(&request("GET", url))
            .starts_with("forwarded")
    );
    let function = distribution(json!({ "FunctionAssociations": { "Items": [{
        "FunctionARN": "arn:aws:cloudfront::123456789012:function/auth",
        "EventType": "viewer-request" }] } }));
    let courses = function.send(&request("GET", "https://shop.test/"));
    assert_eq!(courses.len(), 2);
    assert!(courses[0].is_conditional());
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html>
#[test]
fn a_policy_puts_cors_on_answers() {
    let simple = "60669652-455b-4ae9-85a4-c4c02393f86c";
    let account = distribution(json!({ "ResponseHeadersPolicyId": simple }));
    let page = request("GET", "https://shop.test/").header("Origin", "https://app.test");
    let courses = account.send(&page);
    assert_eq!(
        courses[0].response_headers()[0].name,
        "Access-Control-Allow-Origin"
    );
    let courses = account.send(&request("GET", "https://shop.test/"));
    assert!(courses[0].response_headers().is_empty());
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html>
#[test]
fn an_error_may_be_shown_as_a_page() {
    let page = json!({ "ErrorCode": 403, "ResponsePagePath": "/index.html",
                       "ResponseCode": "200", "ErrorCachingMinTTL": 10 });
    let account = Account::new().with(
        "cloudfront/distribution",
        "E1",
        json!({ "Id": "E1", "DomainName": "d1.cloudfront.net", "DistributionConfig": {
            "Enabled": true, "CustomErrorResponses": { "Quantity": 1, "Items": [page] },
            "Origins": { "Items": [{ "Id": "api", "DomainName": API,
                "CustomOriginConfig": { "OriginProtocolPolicy": "https-only" } }] },
            "DefaultCacheBehavior": { "TargetOriginId": "api", "ViewerProtocolPolicy": "https-only",
                "AllowedMethods": { "Items": ["GET", "HEAD"] }, "CachePolicyId": CACHING_DISABLED },
        } }),
    );
    for (method, outcome) in [("POST", "403 method"), ("GET", "forwarded")] {
        let request = request(method, "https://d1.cloudfront.net/");
        assert!(account.outcome(&request).starts_with(outcome));
        let steps = format!("{:?}", account.send(&request)[0].steps);
        assert!(
            steps.contains("/index.html with 200 in the place of 403"),
            "{steps}"
        );
    }
}
