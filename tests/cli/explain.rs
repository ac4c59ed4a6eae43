//! `explain`: its exit codes, and what it says of a request.

use super::*;

#[test]
fn explain_exits_with_its_verdict() {
    assert_eq!(code(SHOP, &["explain", "http://shop.test/closed"]), Some(1));
    assert_eq!(
        code(OPEN, &["explain", "POST", "http://shop.test/x"]),
        Some(0)
    );
    let args = ["explain", "http://shop.test/closed", "--exit-zero"];
    assert_eq!(code(SHOP, &args), Some(0));
}

#[test]
fn explain_names_the_line_and_hides_the_credential() {
    let shop = folder(SHOP);
    let args = [
        "explain",
        "http://shop.test/closed/x?token=hush",
        "-H",
        "Authorization: Bearer hush",
    ];
    let human = stdout(&why403(shop.path(), &args));
    assert!(human.contains("by nginx.conf:14"), "{human}");
    assert!(human.contains("✗ nginx.conf:14"), "{human}");
    assert!(
        human.contains("Bearer <redacted>") && !human.contains("hush"),
        "{human}"
    );

    let json = stdout(&why403(
        shop.path(),
        &[&args[..], &["--format", "json"]].concat(),
    ));
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["verdict"], "denied");
    assert_eq!(document["courses"][0]["culprit"]["line"], 14);
    assert!(!json.contains("hush"), "{json}");

    let open = stdout(&why403(
        shop.path(),
        &[&args[..], &["--show-secrets"]].concat(),
    ));
    assert!(open.contains("Bearer hush"), "{open}");
}

#[test]
fn explain_asks_the_gate_that_knows_the_host() {
    let two = tempfile::tempdir().unwrap();
    for (file, name, status) in [
        ("a.conf", "*.shop.test", 403),
        ("b.conf", "~^api[0-9]+\\.", 401),
        ("c.conf", "_", 404),
    ] {
        let text = format!(
            "events {{}}\nhttp {{ server {{ listen 80; server_name {name}; return {status}; }} }}\n"
        );
        fs::write(two.path().join(file), text).unwrap();
    }
    for (url, status) in [
        ("http://www.shop.test/", "403"),
        ("http://api7.test/", "401"),
    ] {
        let text = stdout(&why403(two.path(), &["explain", url]));
        assert!(text.contains(&format!("denied: with {status}")), "{text}");
    }
}

#[test]
fn explain_says_that_no_server_has_the_name() {
    let file = tempfile::tempdir().unwrap();
    let servers = "server { listen 80; server_name a.test; return 403; }
         server { listen 80; server_name b.test; return 204; }";
    let text = format!("events {{}}\nhttp {{ {servers} }}\n");
    fs::write(file.path().join("nginx.conf"), text).unwrap();
    let told = |url| {
        let args = ["explain", url, "--format", "json"];
        stdout(&why403(file.path(), &args))
    };
    let default = "enters server a.test, the default: no server here has the name c.test";
    assert!(told("http://c.test/").contains(default));
    assert!(!told("http://b.test/").contains("the default"));
}

/// An access log has the method and the URL in one; so has who copies from it.
#[test]
fn method_and_url_may_be_one_word() {
    let shop = folder(SHOP);
    let told = stdout(&why403(
        shop.path(),
        &["explain", "POST http://shop.test/closed"],
    ));
    assert!(told.starts_with("POST http://shop.test/closed\n"), "{told}");
}

/// A web ACL of many rules that go by what cannot be seen has more ways than anybody would read:
/// each end is told once, and by what leads to it.
#[test]
fn each_end_is_told_once() {
    let lb = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
    let listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2";
    let acl = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/1";
    let geo = |number: u32, country: &str, action: &str| {
        serde_json::json!({
            "Name": country, "Priority": number, "Action": { action: {} },
            "Statement": { "GeoMatchStatement": { "CountryCodes": [country] } },
        })
    };
    let counted = (10..20).map(|number| geo(number, &format!("C{number}"), "Count"));
    let rules: Vec<_> = [
        geo(1, "AA", "Block"),
        geo(2, "BB", "Block"),
        geo(3, "CC", "Block"),
    ]
    .into_iter()
    .chain(counted)
    .collect();
    let place = "aws://123456789012/eu-west-1";
    let snapshot = serde_json::json!({
        "why403-snapshot": 1,
        "accounts": [{ "account": "123456789012" }],
        "operations": [],
        "resources": {
            format!("{place}/elbv2/load-balancer/{lb}"): {
                "LoadBalancerArn": lb, "DNSName": "web.eu-west-1.elb.amazonaws.com",
                "Type": "application", "SecurityGroups": ["sg-1"],
            },
            format!("{place}/elbv2/listeners/{lb}"): {
                "Listeners": [{ "ListenerArn": listener, "Port": 80, "Protocol": "HTTP" }],
            },
            format!("{place}/elbv2/rules/{listener}"): { "Rules": [{
                "Priority": "default", "IsDefault": true, "Conditions": [],
                "Actions": [{ "Type": "fixed-response",
                              "FixedResponseConfig": { "StatusCode": "200" } }],
            }]},
            format!("{place}/wafv2/web-acl/{acl}"): { "WebACL": {
                "Name": "edge", "ARN": acl, "DefaultAction": { "Allow": {} }, "Rules": rules,
            }},
            format!("{place}/wafv2/resources-for-web-acl/{acl}"): { "ResourceArns": [lb] },
        },
    });
    let account = tempfile::tempdir().unwrap();
    fs::write(account.path().join("account.json"), snapshot.to_string()).unwrap();
    let told = stdout(&why403(
        account.path(),
        &[
            "explain",
            "http://web.eu-west-1.elb.amazonaws.com/",
            "--from",
            "192.0.2.1",
        ],
    ));
    let ways: Vec<&str> = told
        .lines()
        .filter(|line| {
            ["when", "otherwise", "supposing"]
                .iter()
                .any(|word| line.starts_with(word))
        })
        .collect();
    let expected = [
        "supposing that it would change nothing that the security group sg-1 is not here",
        "when the sender's address is in a network of AA",
        "otherwise, when the sender's address is in a network of BB",
        "otherwise, when the sender's address is in a network of CC",
        "otherwise",
    ];
    assert_eq!(ways, expected, "{told}");
    assert!(told.ends_with("\n  answered with 200\n"), "{told}");
}

/// It is somebody else's, and no API that was read refuses it.
#[test]
fn another_host_of_aws_reaches_none_of_our_apis() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = r#"{ "why403-snapshot": 1, "resources": {
        "aws://123456789012/eu-west-1/apigateway/rest-api/abc": { "id": "abc", "name": "shop" } } }"#;
    std::fs::write(folder.path().join("aws.json"), snapshot).unwrap();
    for host in ["xyz.execute-api.eu-west-1.amazonaws.com", "shop.test"] {
        let output = why403(folder.path(), &["explain", &format!("https://{host}/prod")]);
        assert_eq!(output.status.code(), Some(0));
        let said = stdout(&output);
        assert!(
            said.ends_with("not known: it reaches nothing of what was read\n"),
            "{said}"
        );
    }
}
