//! Lists of several pages, and how few calls an empty account costs.

use std::collections::BTreeMap;

use serde_json::json;

use crate::server::{Reply, Server};
use crate::{one_api, snapshot};

#[test]
fn pages_are_joined() {
    let server = Server::start(|call, before| match call.name.as_str() {
        "/restapis/abc/resources" if before == 0 => {
            Reply::json(r#"{"position":"p2","item":[{"id":"one","path":"/"}]}"#)
        }
        "/restapis/abc/resources" => Reply::json(r#"{"item":[{"id":"two","path":"/two"}]}"#),
        _ => one_api(call),
    });
    let run = snapshot(&server, &["--services", "apigateway"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(
        run.document("eu-west-1/apigateway/resources/abc"),
        &json!({ "items": [{ "id": "one", "path": "/" }, { "id": "two", "path": "/two" }] })
    );
    let calls = server.named("/restapis/abc/resources");
    assert!(calls[1].query.contains("position=p2"), "{calls:?}");
    assert!(
        calls
            .iter()
            .all(|call| call.query.contains("embed=methods")),
        "{calls:?}"
    );
}

#[test]
fn a_page_that_names_itself_as_the_next_one_is_not_asked_for_ever() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/resources" => {
            Reply::json(r#"{"position":"again","item":[{"id":"one","path":"/"}]}"#)
        }
        _ => one_api(call),
    });
    let run = snapshot(&server, &["--services", "apigateway"]);
    assert_eq!(run.code(), 2);
    assert_eq!(server.named("/restapis/abc/resources").len(), 2);
    assert_eq!(run.error("GetResources"), "the list of pages does not end");
    assert!(
        run.document("eu-west-1/apigateway/resources/abc").is_null(),
        "half a list is none"
    );
}

#[test]
fn a_marker_after_the_last_page_leads_to_an_empty_one() {
    let acl = r#"{"Name":"web","Id":"1","ARN":"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/web/1"}"#;
    let server = Server::start(move |call, before| match call.name.as_str() {
        "ListWebACLs" if call.query.is_empty() && before == 0 => {
            Reply::json(format!(r#"{{"NextMarker":"web","WebACLs":[{acl}]}}"#))
        }
        "ListWebACLs" => Reply::json(r#"{"NextMarker":"web","WebACLs":[]}"#),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--services", "wafv2"]);
    assert_eq!(run.code(), 0, "{}", run.said());
}

#[test]
fn a_region_without_anything_costs_a_call_a_service() {
    let server = Server::start(|_, _| Reply::Empty);
    let run = snapshot(&server, &["--region", "eu-west-1,eu-north-1"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let mut calls: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for call in server.calls() {
        // Both kinds of API are signed for one service.
        let service = match call.name.starts_with("/v2/") {
            true => "apigatewayv2".to_owned(),
            false => call.service,
        };
        calls
            .entry((call.region, service))
            .or_default()
            .push(call.name);
    }
    // Web ACLs of CloudFront are asked for in the region in which its services are.
    assert!(calls.values().all(|names| names.len() == 1), "{calls:#?}");
    assert_eq!(calls.len(), 2 * 6 + 3, "{calls:#?}");
    assert_eq!(run.snapshot()["resources"], json!({}));
}

#[test]
fn all_regions_are_those_that_are_enabled() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "DescribeRegions" => Reply::json(
            "<DescribeRegionsResponse><regionInfo>\
             <item><regionName>us-east-1</regionName></item>\
             <item><regionName>eu-central-1</regionName></item>\
             </regionInfo></DescribeRegionsResponse>",
        ),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--region", "all", "--services", "lambda"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(
        run.snapshot()["accounts"][0]["regions"],
        json!(["eu-central-1", "us-east-1"])
    );
}

#[test]
fn the_same_answers_make_the_same_file() {
    let server = Server::start(|call, _| one_api(call));
    let mut texts = Vec::new();
    for _ in 0..2 {
        let mut snapshot = snapshot(&server, &[]).snapshot().clone();
        snapshot["time"] = json!(null);
        texts.push(snapshot.to_string());
    }
    assert_eq!(texts[0], texts[1]);
}
