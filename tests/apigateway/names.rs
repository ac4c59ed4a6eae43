//! Hosts, domains and mappings.

use serde_json::json;
use why403::gate::Knowledge;

use crate::account::{Account, at, courses, end, gate, knows, status, to, with};

const OPEN: &str = "NONE";

fn apis(ids: &[&str]) -> Account {
    ids.iter().fold(Account::default(), |account, id| {
        let all = json!({ "ANY": { "authorizationType": OPEN } });
        account.rest_named(id, json!({}), json!({ "/": all.clone(), "/{proxy+}": all }))
    })
}

fn mapping(id: &str, key: &str) -> serde_json::Value {
    json!({ "ApiMappingId": key, "ApiId": id, "ApiMappingKey": key, "Stage": "prod" })
}

/// The table of rest-api-mappings.
#[test]
fn the_longest_mapping_of_a_domain_leads() {
    let ids = ["api1", "api2", "api3", "api4"];
    let mappings = [
        mapping("api1", ""),
        mapping("api2", "orders/v1/items"),
        mapping("api3", "orders/v2/items"),
        mapping("api4", "orders/v2/items/categories"),
    ];
    let name = "api.example.com";
    let estate = apis(&ids)
        .add(
            "apigatewayv2",
            "domain-name",
            name,
            json!({ "DomainName": name }),
        )
        .add(
            "apigatewayv2",
            "api-mappings",
            name,
            json!({ "Items": mappings }),
        )
        .estate();
    for (path, api) in [
        ("/orders/v1/items", "api2"),
        ("/orders/v2/items", "api3"),
        ("/orders/v1/items/123", "api2"),
        ("/orders/v2/items/categories/5", "api4"),
        ("/customers", "api1"),
    ] {
        let request = at(name, "GET", path);
        assert_eq!(knows(&estate, &ids, &request), [api], "{path}");
        assert_eq!(status(&estate, api, &request), 200, "{path}");
    }
}

/// rest-api-mappings: only the paths of mappings are looked at, and not the routes.
#[test]
fn a_domain_refuses_what_no_mapping_has() {
    let name = "api.example.com";
    let estate = apis(&["api1"])
        .add(
            "apigatewayv2",
            "domain-name",
            name,
            json!({ "DomainName": name }),
        )
        .add(
            "apigatewayv2",
            "api-mappings",
            name,
            json!({ "Items": [mapping("api1", "v1")] }),
        )
        .estate();
    let request = at(name, "GET", "/v10/orders");
    assert_eq!(gate(&estate, "api1").knows(&request), Knowledge::Default);
    assert_eq!(status(&estate, "api1", &request), 403);
}

/// how-to-custom-domains: `*.example.com` and `a.example.com` can behave differently.
#[test]
fn a_wildcard_has_what_no_name_has() {
    let ids = ["wild", "own"];
    let domain = |account: Account, name: &str, api: &str| {
        account
            .add(
                "apigatewayv2",
                "domain-name",
                name,
                json!({ "DomainName": name }),
            )
            .add(
                "apigatewayv2",
                "api-mappings",
                name,
                json!({ "Items": [mapping(api, "")] }),
            )
    };
    let account = domain(apis(&ids), "*.example.com", "wild");
    let estate = domain(account, "a.example.com", "own").estate();
    let known = |host: &str| knows(&estate, &ids, &at(host, "GET", "/orders"));
    assert_eq!(known("a.example.com"), ["own"]);
    assert_eq!(known("b.example.com"), ["wild"]);
    assert_eq!(known("b.c.example.com"), [""; 0]);
}

/// rest-api-disable-default-endpoint.
#[test]
fn the_own_host_can_be_switched_off() {
    let open = json!({ "authorizationType": OPEN });
    let estate = Account::default()
        .rest(
            json!({ "disableExecuteApiEndpoint": true }),
            json!({ "/orders": { "GET": open } }),
        )
        .http(
            json!({ "DisableExecuteApiEndpoint": true }),
            json!({ "GET /orders": { "AuthorizationType": OPEN } }),
        )
        .estate();
    assert_eq!(status(&estate, "a1", &to("a1", "GET", "/prod/orders")), 403);
    assert_eq!(status(&estate, "h1", &to("h1", "GET", "/orders")), 403);
}

/// apigateway-private-api-test-invoke-url: by the name of the endpoint with a header, and by a name
/// that holds both ids.
#[test]
fn a_private_api_has_names_of_its_endpoint() {
    let estate = apis(&["a1"]).estate();
    let ids = ["a1"];
    let of_both = "a1-vpce-0123456789abcdef0.execute-api.eu-west-1.amazonaws.com";
    assert_eq!(knows(&estate, &ids, &at(of_both, "GET", "/prod")), ["a1"]);
    let of_endpoint = "vpce-0123456789abcdef0-01234567.execute-api.eu-west-1.vpce.amazonaws.com";
    let request = at(of_endpoint, "GET", "/prod");
    assert_eq!(knows(&estate, &ids, &request), [""; 0]);
    let request = with(request, &[("x-apigw-api-id", "a1")]);
    assert_eq!(knows(&estate, &ids, &request), ["a1"]);
}

/// rest-api-mutual-tls: the domain asks for a certificate, and the API's own host does not.
#[test]
fn a_domain_may_ask_for_a_certificate() {
    let name = "api.example.com";
    let estate = apis(&["a1"])
        .add(
            "apigatewayv2",
            "domain-name",
            name,
            json!({ "DomainName": name,
                    "MutualTlsAuthentication": { "TruststoreUri": "s3://trust/store.pem" } }),
        )
        .add(
            "apigatewayv2",
            "api-mappings",
            name,
            json!({ "Items": [mapping("a1", "")] }),
        )
        .estate();
    let all = courses(&estate, "a1", &at(name, "GET", "/orders"));
    assert_eq!(all.iter().map(end).collect::<Vec<_>>(), [200, 403]);
    assert!(all[0].is_conditional(), "{:?}", all[0].conditions);
    let own = courses(&estate, "a1", &to("a1", "GET", "/prod/orders"));
    assert_eq!(own.iter().map(end).collect::<Vec<_>>(), [200]);
}

/// Rules may lead elsewhere than mappings: whose the domain is nobody knows.
#[test]
fn a_domain_may_go_by_routing_rules() {
    let name = "api.example.com";
    let estate = apis(&["a1"])
        .add(
            "apigatewayv2",
            "domain-name",
            name,
            json!({ "DomainName": name, "RoutingMode": "ROUTING_RULE_ONLY" }),
        )
        .add(
            "apigatewayv2",
            "api-mappings",
            name,
            json!({ "Items": [mapping("a1", "shop")] }),
        )
        .estate();
    let none: [&str; 0] = [];
    assert_eq!(knows(&estate, &["a1"], &at(name, "GET", "/x")), none);
}

/// How escapes and empty parts are looked at is not documented.
#[test]
fn a_path_may_be_read_in_two_ways() {
    let open = json!({ "GET": { "authorizationType": OPEN } });
    let rest = Account::default()
        .rest(
            json!({}),
            json!({ "/orders/{id}": open.clone(), "/my orders": open }),
        )
        .estate();
    let http = Account::default()
        .http(json!({}), json!({ "GET /orders/{id}": {} }))
        .estate();
    let ends = |estate: &why403::estate::Estate, id: &str, path: &str| {
        let all = courses(estate, id, &to(id, "GET", path));
        all.iter().map(end).collect::<Vec<_>>()
    };
    assert_eq!(ends(&rest, "a1", "/prod/orders/a%20b"), [200]);
    assert_eq!(ends(&rest, "a1", "/prod/orders/a%2Fb"), [200, 403]);
    assert_eq!(ends(&rest, "a1", "/prod/my%20orders"), [403, 200]);
    assert_eq!(ends(&rest, "a1", "/prod//orders/1"), [200, 403]);
    assert_eq!(ends(&http, "h1", "/orders/a%2Fb"), [200, 404]);
    assert_eq!(ends(&http, "h1", "/orders/1/"), [404, 200]);
}
