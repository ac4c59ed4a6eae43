//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html>

use serde_json::{Value, json};

use super::account::{Account, With, forwarded, outcome, request};

const LB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2";
const HOST: &str = "web-1.eu-west-1.elb.amazonaws.com";

pub fn balancer(rules: Value) -> Account {
    Account::new()
        .with(
            "elbv2/load-balancer",
            LB,
            json!({ "LoadBalancerArn": LB, "LoadBalancerName": "web", "DNSName": HOST,
                    "Type": "application", "Scheme": "internet-facing",
                    "SecurityGroups": ["sg-1"], "AvailabilityZones": [{"SubnetId": "subnet-1"}] }),
        )
        .with(
            "elbv2/listeners",
            LB,
            json!({ "Listeners": [{ "ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS" }] }),
        )
        .with("elbv2/rules", LISTENER, json!({ "Rules": rules }))
        .with(
            "ec2/security-group",
            "sg-1",
            json!({ "GroupId": "sg-1", "GroupName": "web", "IpPermissions": [
                { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                  "IpRanges": [{"CidrIp": "0.0.0.0/0"}] }] }),
        )
}

fn rule(priority: &str, conditions: Value, actions: Value) -> Value {
    json!({ "Priority": priority, "IsDefault": priority == "default",
            "Conditions": conditions, "Actions": actions })
}

fn forward(group: &str) -> Value {
    json!([{ "Type": "forward", "TargetGroupArn":
        format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{group}/3") }])
}

fn fixed(status: u16) -> Value {
    json!([{ "Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status.to_string()} }])
}

fn get(path: &str) -> why403::request::Request {
    request("GET", &format!("https://{HOST}{path}"))
}

#[test]
fn the_rule_with_the_lowest_number_takes_it() {
    let account = balancer(json!([
        rule("default", json!([]), fixed(404)),
        rule(
            "20",
            json!([{ "Field": "path-pattern", "Values": ["/api/*"] }]),
            forward("late")
        ),
        rule(
            "10",
            json!([{ "Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/v?/*"]} }]),
            forward("early")
        ),
    ]));
    assert_eq!(account.outcome(&get("/api/v1/orders")), "forwarded early");
    assert_eq!(
        account.outcome(&get("/api/orders?x=/api/v1/")),
        "forwarded late"
    );
    assert_eq!(account.outcome(&get("/API/orders")), "404");
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>
#[test]
fn conditions_are_all_asked() {
    let conditions = json!([
        { "Field": "host-header", "HostHeaderConfig": {"Values": ["*.shop.test"]} },
        { "Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]} },
        { "Field": "http-header", "HttpHeaderConfig":
            {"HttpHeaderName": "User-Agent", "Values": ["*chrome*", "*safari*"]} },
        { "Field": "query-string", "QueryStringConfig":
            {"Values": [{"Key": "version", "Value": "v1"}, {"Value": "*example*"}]} },
    ]);
    let account = balancer(json!([
        rule("1", conditions, forward("all")),
        rule("default", json!([]), fixed(403)),
    ]));
    let url = "https://api.shop.test/?version=V1";
    let sent = |method: &str, url: &str| {
        account.outcome(&request(method, url).header("User-Agent", "A Chrome of sorts"))
    };
    assert_eq!(sent("GET", url), "forwarded all");
    assert_eq!(
        sent("GET", "https://api.shop.test/?q=an-example"),
        "forwarded all"
    );
    assert_eq!(sent("POST", url), "403 condition");
    assert_eq!(sent("GET", "https://api.shop.test/"), "403 condition");
    assert_eq!(account.outcome(&request("GET", url)), "403 condition");
}

#[test]
fn source_ip_is_the_other_end_of_the_connection() {
    let account = balancer(json!([
        rule(
            "1",
            json!([{ "Field": "source-ip", "SourceIpConfig": {"Values": ["203.0.113.0/24"]} }]),
            forward("office")
        ),
        rule("default", json!([]), fixed(403)),
    ]));
    assert_eq!(
        account.outcome(&get("/").from("203.0.113.7")),
        "forwarded office"
    );
    let through_proxy = get("/")
        .from("198.51.100.7")
        .header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(account.outcome(&through_proxy), "403 condition");
    let courses = account.send(&through_proxy.clone().from("203.0.113.7"));
    let header = forwarded(&courses[0]).headers.get("X-Forwarded-For");
    assert_eq!(header.unwrap().known().unwrap(), "203.0.113.7, 203.0.113.7");
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html>
#[test]
fn who_is_not_known_is_sent_away_or_let_in() {
    let account = |policy: &str| {
        balancer(json!([rule(
            "default",
            json!([]),
            json!([
                { "Type": "forward", "Order": 2, "TargetGroupArn": "arn:aws:x:targetgroup/web/1" },
                { "Type": "authenticate-oidc", "Order": 1,
                  "AuthenticateOidcConfig": {"OnUnauthenticatedRequest": policy} },
            ])
        )]))
    };
    assert_eq!(account("deny").outcome(&get("/")), "401 credential");
    assert_eq!(account("authenticate").outcome(&get("/")), "302");
    assert_eq!(account("allow").outcome(&get("/")), "forwarded web");
    let session = get("/").header("Cookie", "AWSELBAuthSessionCookie-0=x");
    assert_eq!(account("deny").outcome(&session), "forwarded web");
}

#[test]
fn a_secret_header_that_is_not_here_is_a_condition() {
    let conditions = json!([{ "Field": "http-header",
                              "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify"} }]);
    let account = balancer(json!([
        rule("1", conditions, forward("web")),
        rule("default", json!([]), fixed(403)),
    ]));
    assert_eq!(account.outcome(&get("/")), "403 condition");
    let courses = account.send(&get("/").header("X-Origin-Verify", "guess"));
    let outcomes: Vec<String> = courses.iter().map(outcome).collect();
    assert_eq!(outcomes, ["forwarded web", "403 condition"]);
}

#[test]
fn every_rule_that_can_be_reached_has_an_example() {
    let account = balancer(json!([
        rule(
            "1",
            json!([{ "Field": "path-pattern", "Values": ["/a*"] }]),
            forward("a")
        ),
        rule(
            "2",
            json!([{ "Field": "path-pattern", "Values": ["/ab"] }]),
            forward("shadowed")
        ),
        rule("default", json!([]), fixed(403)),
    ]));
    let estate = account.estate();
    let gate = &estate.aws.load_balancers[0];
    let doors = why403::gate::Gate::doors(gate);
    let examples: Vec<bool> = doors.iter().map(|door| door.example.is_ok()).collect();
    assert_eq!(examples, [true, false, true]);
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>:
/// what an expression says is decided where it does not matter how AWS reads it.
#[test]
fn an_expression_may_be_read_in_two_ways() {
    let by = |field: &str, config: Value| {
        let condition = json!([{ "Field": field, config["key"].as_str().unwrap(): config["of"] }]);
        balancer(json!([
            rule("1", condition, forward("fits")),
            rule("default", json!([]), fixed(404)),
        ]))
    };
    let path = |expression: &str| {
        by(
            "path-pattern",
            json!({ "key": "PathPatternConfig", "of": {"RegexValues": [expression]} }),
        )
    };
    let outcomes = |account: &Account, request: &why403::request::Request| {
        let all = account.send(request);
        all.iter().map(outcome).collect::<Vec<_>>()
    };
    let whole = path("^/api/?(.*)$");
    assert_eq!(outcomes(&whole, &get("/api/x")), ["forwarded fits"]);
    assert_eq!(outcomes(&whole, &get("/shop")), ["404"]);
    // A part of the path, or all of it; in any case, or in this one.
    let part = path("/api/");
    assert_eq!(outcomes(&part, &get("/api/x")), ["forwarded fits", "404"]);
    assert_eq!(outcomes(&whole, &get("/API/x")), ["forwarded fits", "404"]);
    assert_eq!(
        outcomes(&path("(/api"), &get("/x")),
        ["forwarded fits", "404"]
    );
    let header = by(
        "http-header",
        json!({ "key": "HttpHeaderConfig",
                "of": {"HttpHeaderName": "X-Plan", "RegexValues": ["^(gold|silver)$"]} }),
    );
    let with = |plan: &str| get("/").header("X-Plan", plan);
    assert_eq!(outcomes(&header, &with("gold")), ["forwarded fits"]);
    assert_eq!(outcomes(&header, &with("tin")), ["404"]);
    assert_eq!(outcomes(&header, &get("/")), ["404"]);
    let host = by(
        "host-header",
        json!({ "key": "HostHeaderConfig", "of": {"RegexValues": ["^[a-z0-9.-]+$"]} }),
    );
    assert_eq!(outcomes(&host, &get("/")), ["forwarded fits"]);
}

/// In a query a wildcard can be escaped.
#[test]
fn a_wildcard_of_a_query_can_be_escaped() {
    let by = |value: &str| {
        let condition = json!([{ "Field": "query-string",
            "QueryStringConfig": {"Values": [{"Key": "q", "Value": value}]} }]);
        balancer(json!([
            rule("1", condition, forward("fits")),
            rule("default", json!([]), fixed(404)),
        ]))
    };
    assert_eq!(by("a*").outcome(&get("/?q=ab")), "forwarded fits");
    assert_eq!(by("a\\*").outcome(&get("/?q=ab")), "404");
    assert_eq!(by("a\\*").outcome(&get("/?q=a*")), "forwarded fits");
}
