//! <https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing-order.html>

use serde_json::{Value, json};

use super::account::{Account, With, outcome, request};

const ACL: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1";
const OFFICE: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/office/2";
const URL: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders";

/// An API with one method that is open, behind a web ACL.
fn behind(acl: Value) -> Account {
    let mut document = json!({ "Name": "shop", "ARN": ACL });
    let fields = document.as_object_mut().expect("an object");
    fields.extend(acl.as_object().expect("an object").clone());
    Account::new()
        .with(
            "apigateway/rest-api",
            "a1b2c3d4e5",
            json!({ "id": "a1b2c3d4e5", "name": "shop", "endpointConfiguration": {"types": ["REGIONAL"]} }),
        )
        .with(
            "apigateway/resources",
            "a1b2c3d4e5",
            json!({ "items": [{ "id": "r", "path": "/orders", "resourceMethods": {
                "GET": { "authorizationType": "NONE", "methodIntegration": {"type": "AWS_PROXY"} },
                "POST": { "authorizationType": "NONE", "methodIntegration": {"type": "AWS_PROXY"} },
            } }] }),
        )
        .with("apigateway/authorizers", "a1b2c3d4e5", json!({ "items": [] }))
        .with("apigateway/gateway-responses", "a1b2c3d4e5", json!({ "items": [] }))
        .with(
            "apigateway/stages",
            "a1b2c3d4e5",
            json!({ "item": [{ "stageName": "prod", "webAclArn": ACL }] }),
        )
        .with("wafv2/web-acl", ACL, json!({ "WebACL": document }))
        .with("wafv2/resources-for-web-acl", ACL, json!({ "ResourceArns": [] }))
        .with(
            "wafv2/ip-set",
            OFFICE,
            json!({ "IPSet": { "Name": "office", "ARN": OFFICE, "IPAddressVersion": "IPV4",
                               "Addresses": ["203.0.113.0/24"] } }),
        )
}

fn rule(priority: u32, action: &str, statement: Value) -> Value {
    json!({ "Name": format!("rule-{priority}"), "Priority": priority,
            "Action": { action: {} }, "Statement": statement })
}

fn office() -> Value {
    json!({ "IPSetReferenceStatement": { "ARN": OFFICE } })
}

fn managed(name: &str, more: Value) -> Value {
    let mut statement = json!({ "VendorName": "AWS", "Name": name });
    let fields = statement.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    json!({ "Name": name, "Priority": 5, "OverrideAction": {"None": {}},
            "Statement": { "ManagedRuleGroupStatement": statement } })
}

fn text(field: Value, position: &str, search: &str) -> Value {
    json!({ "ByteMatchStatement": { "FieldToMatch": field, "PositionalConstraint": position,
            "SearchString": search, "TextTransformations": [{"Priority": 0, "Type": "NONE"}] } })
}

#[test]
fn the_default_decides_where_no_rule_does() {
    let blocking =
        behind(json!({ "DefaultAction": {"Block": {}}, "Rules": [rule(0, "Allow", office())] }));
    let get = || request("GET", URL);
    assert_eq!(blocking.outcome(&get().from("203.0.113.9")), "handled");
    assert_eq!(blocking.outcome(&get().from("198.51.100.7")), "403 address");
    // Nobody said from where: both ways, the one that gets through first.
    let both = blocking.send(&get());
    let both: Vec<String> = both.iter().map(outcome).collect();
    assert_eq!(both, ["handled", "403 address"]);
    let open = behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [] }));
    assert_eq!(open.outcome(&get()), "handled");
}

#[test]
fn the_first_rule_that_ends_it_wins() {
    let block = rule(
        1,
        "Block",
        text(json!({"UriPath": {}}), "STARTS_WITH", "L3Byb2Q="),
    );
    let acl = |priority: u32| {
        behind(json!({ "DefaultAction": {"Allow": {}},
                       "Rules": [block, rule(priority, "Allow", office())] }))
    };
    let get = || request("GET", URL).from("203.0.113.9");
    assert_eq!(acl(0).outcome(&get()), "handled");
    assert_eq!(acl(2).outcome(&get()), "403 condition");
    let counted = behind(json!({ "DefaultAction": {"Allow": {}},
        "Rules": [rule(1, "Count", text(json!({"UriPath": {}}), "CONTAINS", "b3JkZXJz"))] }));
    assert_eq!(counted.outcome(&get()), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-logical.html>
#[test]
fn statements_are_combined() {
    let not_office = json!({ "NotStatement": { "Statement": office() } });
    let acl = behind(
        json!({ "DefaultAction": {"Allow": {}}, "Rules": [rule(0, "Block",
        json!({ "AndStatement": { "Statements": [not_office,
            text(json!({"Method": {}}), "EXACTLY", "UE9TVA==")] } }))] }),
    );
    let from = |method: &str, address: &str| acl.outcome(&request(method, URL).from(address));
    assert_eq!(from("POST", "198.51.100.7"), "403 address");
    assert_eq!(from("POST", "203.0.113.7"), "handled");
    assert_eq!(from("GET", "198.51.100.7"), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html>
#[test]
fn an_address_may_come_from_a_header() {
    let statement = |fallback: &str, position: &str| {
        json!({ "IPSetReferenceStatement": { "ARN": OFFICE, "IPSetForwardedIPConfig": {
            "HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback, "Position": position } } })
    };
    let acl = |fallback: &str, position: &str| {
        behind(json!({ "DefaultAction": {"Allow": {}},
                       "Rules": [rule(0, "Block", statement(fallback, position))] }))
    };
    let sent = |value: &str| request("GET", URL).header("X-Forwarded-For", value);
    let first = acl("NO_MATCH", "FIRST");
    assert_eq!(
        first.outcome(&sent("203.0.113.7, 198.51.100.7")),
        "403 address"
    );
    assert_eq!(first.outcome(&sent("198.51.100.7, 203.0.113.7")), "handled");
    assert_eq!(
        first.outcome(&request("GET", URL).from("203.0.113.7")),
        "handled"
    );
    assert_eq!(
        acl("NO_MATCH", "LAST").outcome(&sent("198.51.100.7, 203.0.113.7")),
        "403 address"
    );
    assert_eq!(
        acl("NO_MATCH", "ANY").outcome(&sent("198.51.100.7, 203.0.113.7")),
        "403 address"
    );
    assert_eq!(
        acl("MATCH", "FIRST").outcome(&sent("nonsense")),
        "403 address"
    );
    assert_eq!(
        acl("NO_MATCH", "FIRST").outcome(&sent("nonsense")),
        "handled"
    );
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html>
#[test]
fn the_core_rule_set_has_limits() {
    let name = "AWSManagedRulesCommonRuleSet";
    let acl = |more: Value| {
        behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [managed(name, more)] }))
    };
    let plain = acl(json!({}));
    let get = || request("GET", URL);
    let post = |length: u64| request("POST", URL).body(length);
    assert_eq!(plain.outcome(&get()), "handled");
    assert_eq!(plain.outcome(&post(8_192)), "handled");
    assert_eq!(plain.outcome(&post(8_193)), "403 size");
    assert_eq!(
        plain.outcome(&get().header("User-Agent", "")),
        "403 condition"
    );
    assert_eq!(
        plain.outcome(&get().header("User-Agent", "nmap scripting")),
        "403 condition"
    );
    assert_eq!(
        plain.outcome(&get().header("Cookie", &"c".repeat(10_241))),
        "403 size"
    );
    let long = request("GET", &format!("{URL}?q={}", "q".repeat(2_048)));
    assert_eq!(plain.outcome(&long), "403 size");
    let counted = acl(json!({ "RuleActionOverrides": [
        { "Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}} }] }));
    assert_eq!(counted.outcome(&post(100_000)), "handled");
    let excluded = acl(json!({ "ExcludedRules": [{ "Name": "SizeRestrictions_BODY" }] }));
    assert_eq!(excluded.outcome(&post(100_000)), "handled");
    let scoped = acl(json!({ "ScopeDownStatement":
        text(json!({"UriPath": {}}), "CONTAINS", "dXBsb2Fk") }));
    assert_eq!(scoped.outcome(&post(100_000)), "handled");
    let mut only_counts = managed(name, json!({}));
    only_counts["OverrideAction"] = json!({"Count": {}});
    let acl = behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [only_counts] }));
    assert_eq!(acl.outcome(&post(100_000)), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-match-examples.html>
#[test]
fn a_later_rule_may_go_by_a_label() {
    let group = managed(
        "AWSManagedRulesCommonRuleSet",
        json!({ "RuleActionOverrides": [
            { "Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}} }] }),
    );
    let label = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body";
    let acl = behind(
        json!({ "DefaultAction": {"Allow": {}}, "Rules": [group, rule(9, "Block",
        json!({ "AndStatement": { "Statements": [
            { "LabelMatchStatement": { "Scope": "LABEL", "Key": label } },
            { "NotStatement": { "Statement": text(json!({"UriPath": {}}), "CONTAINS", "dXBsb2Fk") } },
        ] } }))] }),
    );
    assert_eq!(
        acl.outcome(&request("POST", URL).body(9_000)),
        "403 condition"
    );
    assert_eq!(acl.outcome(&request("POST", URL).body(8_000)), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_LabelMatchStatement.html>: a key that is
/// not whole is one of the web ACL's own labels.
#[test]
fn a_part_of_a_label_is_looked_for_at_home() {
    let group = managed(
        "AWSManagedRulesCommonRuleSet",
        json!({ "RuleActionOverrides": [
            { "Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}} }] }),
    );
    let mut marks = rule(1, "Count", text(json!({"UriPath": {}}), "CONTAINS", "/"));
    marks["RuleLabels"] = json!([{ "Name": "seen:path" }]);
    let blocks = |scope: &str, key: &str| {
        let label = json!({ "LabelMatchStatement": { "Scope": scope, "Key": key } });
        behind(json!({ "DefaultAction": {"Allow": {}},
            "Rules": [group.clone(), marks.clone(), rule(9, "Block", label)] }))
        .outcome(&request("POST", URL).body(9_000))
    };
    assert_eq!(blocks("LABEL", "SizeRestrictions_Body"), "handled");
    assert_eq!(blocks("LABEL", "path"), "403 condition");
    assert_eq!(blocks("LABEL", "seen:path"), "403 condition");
    assert_eq!(blocks("NAMESPACE", "seen:"), "403 condition");
    assert_eq!(blocks("NAMESPACE", "awswaf:managed:aws:"), "403 condition");
    assert_eq!(blocks("NAMESPACE", "other:"), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html>
#[test]
fn bot_control_goes_by_the_user_agent() {
    let acl = |more: Value| {
        behind(json!({ "DefaultAction": {"Allow": {}},
                       "Rules": [managed("AWSManagedRulesBotControlRuleSet", more)] }))
    };
    let agent = |agent: &str| request("GET", URL).header("User-Agent", agent);
    let plain = acl(json!({}));
    assert_eq!(plain.outcome(&agent("curl/8.5.0")), "403 condition");
    assert_eq!(plain.outcome(&agent("Shop-Backend/1.0")), "403 condition");
    assert_eq!(
        plain.outcome(&agent("Mozilla/5.0 (X11; Linux x86_64)")),
        "handled"
    );
    assert_eq!(plain.outcome(&request("GET", URL)), "handled");
    let counted = acl(json!({ "RuleActionOverrides": [
        { "Name": "CategoryHttpLibrary", "ActionToUse": {"Count": {}} },
        { "Name": "SignalNonBrowserUserAgent", "ActionToUse": {"Count": {}} }] }));
    assert_eq!(counted.outcome(&agent("curl/8.5.0")), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-for-blocked-requests.html>
#[test]
fn what_is_answered_can_be_set() {
    let set = json!({ "Block": { "CustomResponse": { "ResponseCode": 429,
        "ResponseHeaders": [{ "Name": "Retry-After", "Value": "60" }] } } });
    let acl = behind(json!({ "DefaultAction": set, "Rules": [] }));
    let courses = acl.send(&request("GET", URL));
    assert_eq!(outcome(&courses[0]), "429 condition");
    assert_eq!(courses[0].response_headers()[0].name, "Retry-After");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html>
#[test]
fn who_cannot_solve_a_puzzle_is_kept_out() {
    let acl = |action: &str| {
        behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [rule(0, action, office())] }))
    };
    let get = || request("GET", URL).from("203.0.113.7");
    assert_eq!(acl("Captcha").outcome(&get()), "405 address");
    assert_eq!(acl("Challenge").outcome(&get()), "unknown status");
    let token = get().header("Cookie", "aws-waf-token=x");
    assert_eq!(acl("Captcha").outcome(&token), "handled");
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html>
#[test]
fn what_is_too_long_is_treated_as_set() {
    let acl = |handling: &str, limits: Value| {
        behind(
            json!({ "DefaultAction": {"Allow": {}}, "AssociationConfig": { "RequestBody": limits },
            "Rules": [rule(0, "Block", json!({ "SizeConstraintStatement": {
                "FieldToMatch": {"Body": {"OversizeHandling": handling}},
                "ComparisonOperator": "GT", "Size": 10_000_000,
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}] } }))] }),
        )
    };
    let post = |length: u64| request("POST", URL).body(length);
    assert_eq!(acl("MATCH", json!({})).outcome(&post(20_000)), "403 size");
    assert_eq!(acl("MATCH", json!({})).outcome(&post(10_000)), "handled");
    assert_eq!(acl("NO_MATCH", json!({})).outcome(&post(20_000)), "handled");
    let wide = json!({ "API_GATEWAY": { "DefaultSizeInspectionLimit": "KB_64" } });
    assert_eq!(acl("MATCH", wide.clone()).outcome(&post(60_000)), "handled");
    assert_eq!(acl("MATCH", wide).outcome(&post(200_000)), "403 size");
}

#[test]
fn own_groups_are_followed_and_overridden() {
    let arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/rulegroup/own/3";
    let group = json!({ "RuleGroup": { "Name": "own", "ARN": arn,
                        "Rules": [rule(0, "Block", office())] } });
    let reference = |over: Value, more: Value| {
        let mut statement = json!({ "ARN": arn });
        let fields = statement.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        json!({ "Name": "own", "Priority": 0, "OverrideAction": over,
                "Statement": { "RuleGroupReferenceStatement": statement } })
    };
    let acl =
        |over: Value, more: Value| {
            behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [reference(over, more)] }))
                .with("wafv2/rule-group", arn, group.clone())
        };
    let get = || request("GET", URL).from("203.0.113.7");
    assert_eq!(
        acl(json!({"None": {}}), json!({})).outcome(&get()),
        "403 address"
    );
    assert_eq!(
        acl(json!({"Count": {}}), json!({})).outcome(&get()),
        "handled"
    );
    let counted =
        json!({ "RuleActionOverrides": [{ "Name": "rule-0", "ActionToUse": {"Count": {}} }] });
    assert_eq!(acl(json!({"None": {}}), counted).outcome(&get()), "handled");
}

/// AWS takes no such group; a document may have one all the same.
#[test]
fn a_group_that_refers_to_itself_ends() {
    let arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/rulegroup/own/3";
    let again = |priority: u32| {
        json!({ "Name": "again", "Priority": priority, "OverrideAction": {"None": {}},
                "Statement": { "RuleGroupReferenceStatement": { "ARN": arn } } })
    };
    let rules: Vec<Value> = (0..20).map(again).collect();
    let group = json!({ "RuleGroup": { "Name": "own", "ARN": arn, "Rules": rules } });
    let acl = behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [again(0)] })).with(
        "wafv2/rule-group",
        arn,
        group,
    );
    assert_eq!(acl.outcome(&request("GET", URL)), "handled");
}

#[test]
fn what_nobody_knows_is_a_condition() {
    let conditions = |statement: Value| {
        let acl = behind(json!({ "DefaultAction": {"Allow": {}},
                                 "Rules": [rule(0, "Block", statement)] }));
        let courses = acl.send(&request("GET", URL).from("203.0.113.7"));
        courses.iter().map(outcome).collect::<Vec<_>>()
    };
    let both = ["handled", "403 address"];
    assert_eq!(
        conditions(json!({ "GeoMatchStatement": {"CountryCodes": ["DE"]} })),
        both
    );
    assert_eq!(
        conditions(json!({ "RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"} })),
        ["handled", "403 limit"]
    );
    assert_eq!(
        conditions(json!({ "SqliMatchStatement": {"FieldToMatch": {"Body": {}}} })),
        ["handled"]
    );
    assert_eq!(
        conditions(json!({ "SomethingNewStatement": {} })),
        ["handled", "403 condition"]
    );
}

/// What the JSON of a body holds is not known, and neither is what each of the cookies is.
#[test]
fn what_a_body_holds_is_a_condition() {
    let acl = |statement: Value| {
        behind(json!({ "DefaultAction": {"Allow": {}}, "Rules": [rule(0, "Block", statement)] }))
    };
    let outcomes = |account: &Account, request: &why403::request::Request| {
        let all = account.send(request);
        all.iter().map(outcome).collect::<Vec<_>>()
    };
    let json_body = json!({ "JsonBody": { "MatchPattern": {"All": {}}, "MatchScope": "ALL",
                                          "OversizeHandling": "CONTINUE" } });
    let post = |length: u64| request("POST", URL).body(length);
    for statement in [
        text(json_body.clone(), "CONTAINS", "admin"),
        json!({ "NotStatement": { "Statement": text(json_body, "CONTAINS", "admin") } }),
    ] {
        let acl = acl(statement);
        assert_eq!(outcomes(&acl, &post(100)), ["handled", "403 condition"]);
        let why = format!("{:?}", acl.send(&post(100))[0].conditions[0].what);
        assert!(why.contains("what the body holds is not known"), "{why}");
    }
    let cookies = text(
        json!({ "Cookies": { "MatchPattern": {"All": {}}, "MatchScope": "VALUE",
                             "OversizeHandling": "CONTINUE" } }),
        "EXACTLY",
        "bad",
    );
    let with_cookie = request("GET", URL).header("Cookie", "a=bad");
    assert_eq!(outcomes(&acl(cookies.clone()), &with_cookie).len(), 2);
    assert_eq!(outcomes(&acl(cookies), &request("GET", URL)), ["handled"]);
}
