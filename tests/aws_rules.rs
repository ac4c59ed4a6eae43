//! What the rules say of an account and of the source beside it, where a page has no room for it.

use serde_json::{Map, Value, json};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::finding::{Finding, Severity};
use why403::rules::RULES;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

#[derive(Default)]
struct Account {
    resources: Map<String, Value>,
    files: Vec<(&'static str, String)>,
}

impl Account {
    /// `apigateway/rest-api`, and the id.
    fn with(mut self, kind: &str, id: &str, document: Value) -> Account {
        let region = match kind.starts_with("cloudfront/") {
            true => "global",
            false => REGION,
        };
        let address = format!("aws://{ACCOUNT}/{region}/{kind}/{id}");
        self.resources.insert(address, document);
        self
    }

    fn file(mut self, path: &'static str, text: impl Into<String>) -> Account {
        self.files.push((path, text.into()));
        self
    }

    /// All findings, notes included.
    fn findings(&self) -> Vec<Finding> {
        let estate = self.estate();
        assert!(estate.problems.is_empty(), "{:?}", estate.problems);
        findings(&estate)
    }

    fn estate(&self) -> Estate {
        let operation = |region: &str, service: &str, name: &str| {
            json!({ "account": ACCOUNT, "region": region, "service": service,
                    "operation": name, "state": "fetched" })
        };
        let snapshot = json!({
            "accounts": [{ "account": ACCOUNT, "partition": "aws", "regions": [REGION] }],
            "operations": [
                operation(REGION, "wafv2", "GetWebACL"),
                operation(REGION, "apigateway", "GetDomainNames"),
                operation("global", "cloudfront", "GetDistributionConfig"),
            ],
            "resources": self.resources,
        });
        let folder = tempfile::tempdir().unwrap();
        // The mark of a snapshot stands in front.
        let text = snapshot
            .to_string()
            .replacen('{', "{\"why403-snapshot\":1,", 1);
        std::fs::write(folder.path().join("account.json"), text).unwrap();
        for (path, text) in &self.files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        Estate::read(&[Input::of(folder.path()).unwrap()], &known).unwrap()
    }

    fn of(&self, rule: &str) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.retain(|finding| finding.rule == rule);
        findings
    }
}

/// All of them, notes included.
fn findings(estate: &Estate) -> Vec<Finding> {
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    check(estate, RULES, &settings).findings
}

mod authorizers {
    use super::*;

    const RULE: &str = "authorizer-cache-too-narrow";
    const NARROW: &str = "exports.handler = async (event) => ({ policyDocument: { Statement: [
        { Effect: 'Allow', Resource: event.methodArn }] } })";

    fn uri(function: &str) -> String {
        let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
        format!("arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations")
    }

    /// A REST API whose methods ask the authorizer of this function.
    fn rest(account: Account, id: &str, function: &str, resources: Value) -> Account {
        let paths = resources.as_object().unwrap().iter();
        let items: Vec<Value> = paths
            .map(|(path, verbs)| {
                let verbs = verbs.as_array().unwrap().iter();
                let method = json!({ "authorizationType": "CUSTOM", "authorizerId": "a" });
                let methods: Map<String, Value> = verbs
                    .map(|verb| (verb.as_str().unwrap().to_owned(), method.clone()))
                    .collect();
                json!({ "path": path, "resourceMethods": methods })
            })
            .collect();
        let api = json!({ "id": id, "name": id, "endpointConfiguration": {"types": ["REGIONAL"]} });
        let authorizer = json!({ "id": "a", "name": "tokens", "type": "TOKEN",
            "authorizerUri": uri(function), "identitySource": "method.request.header.X-Token" });
        account
            .with("apigateway/rest-api", id, api)
            .with("apigateway/resources", id, json!({ "items": items }))
            .with(
                "apigateway/authorizers",
                id,
                json!({ "items": [authorizer] }),
            )
            .with("apigateway/gateway-responses", id, json!({ "items": [] }))
            .with(
                "apigateway/stages",
                id,
                json!({ "item": [{ "stageName": "prod" }] }),
            )
    }

    fn severities(account: &Account) -> Vec<Severity> {
        let found = account.of(RULE);
        assert!(found.iter().all(|one| one.witness.is_some()));
        found.iter().map(|finding| finding.severity).collect()
    }

    /// One that takes all paths is several methods; one of a thing is seldom asked for two things.
    #[test]
    fn one_method_may_take_many_paths() {
        let of = |resources: Value| {
            let account = rest(Account::default(), "a1", "shop-authorizer", resources);
            severities(&account.file("authorizer.js", NARROW))
        };
        assert_eq!(of(json!({ "/{proxy+}": ["GET"] })), [Severity::Warning]);
        assert_eq!(of(json!({ "/orders": ["ANY"] })), [Severity::Warning]);
        assert_eq!(of(json!({ "/orders/{id}": ["GET"] })), [Severity::Note]);
        assert_eq!(of(json!({ "/orders": ["GET"] })), []);
        assert_eq!(of(json!({ "/orders": ["GET", "OPTIONS"] })), []);
    }

    /// A file is the source of a function if it has more of its name than of any other's.
    #[test]
    fn each_function_has_its_own_file() {
        let two = || {
            let orders = json!({ "/orders": ["GET", "POST"] });
            let account = rest(Account::default(), "a1", "shop-authorizer", orders.clone());
            rest(account, "b2", "billing-authorizer", orders)
        };
        let apis = |account: Account| -> Vec<String> {
            let found = account.of(RULE).into_iter();
            found.map(|one| one.message).collect()
        };
        assert_eq!(apis(two().file("authorizer.js", NARROW)).len(), 0);
        let one = apis(two().file("functions/shop/authorizer.js", NARROW));
        assert!(one.len() == 1 && one[0].contains("of a1"), "{one:?}");
        let wide =
            "exports.handler = async () => ({ principalId: 'user', policyDocument: { Statement: [
            { Effect: 'Allow', Resource: '*' }] } })";
        let both = two()
            .file("lambda/billing/authorizer.js", NARROW)
            .file("lambda/shop/authorizer.js", wide);
        let one = apis(both);
        assert!(one.len() == 1 && one[0].contains("of b2"), "{one:?}");
        // Two files that may be it.
        let orders = json!({ "/orders": ["GET", "POST"] });
        let twice = rest(Account::default(), "a1", "shop-authorizer", orders)
            .file("a/authorizer.js", NARROW)
            .file("b/authorizer.js", wide);
        assert_eq!(apis(twice).len(), 0);
    }

    #[test]
    fn a_decision_by_the_route_is_a_note() {
        let route = |key: &str| json!({ "RouteKey": key, "AuthorizationType": "CUSTOM", "AuthorizerId": "a" });
        let api = |sources: Value, ttl: u32| {
            let authorizer = json!({ "AuthorizerId": "a", "Name": "tokens",
                "AuthorizerType": "REQUEST", "AuthorizerUri": uri("authorizer"),
                "EnableSimpleResponses": true, "AuthorizerResultTtlInSeconds": ttl,
                "IdentitySource": sources });
            let api = json!({ "ApiId": "h1", "Name": "shop", "ProtocolType": "HTTP" });
            let routes = [route("GET /orders"), route("POST /orders")];
            Account::default()
                .with("apigatewayv2/api", "h1", api)
                .with("apigatewayv2/routes", "h1", json!({ "Items": routes }))
                .with(
                    "apigatewayv2/authorizers",
                    "h1",
                    json!({ "Items": [authorizer] }),
                )
                .with("apigatewayv2/integrations", "h1", json!({ "Items": [] }))
                .with(
                    "apigatewayv2/stages",
                    "h1",
                    json!({ "Items": [{ "StageName": "$default" }] }),
                )
                .file(
                    "authorizer.js",
                    "exports.handler = async (event) => ({
                        isAuthorized: event.routeKey !== 'POST /orders' || isAdmin(event) })",
                )
        };
        let header = json!(["$request.header.Authorization"]);
        let found = api(header.clone(), 60).of(RULE);
        let [one] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(one.severity, Severity::Note);
        assert!(
            one.message.contains("goes for all of its routes"),
            "{}",
            one.message
        );
        assert_eq!(severities(&api(header, 0)), []);
        let by_route = json!(["$request.header.Authorization", "$context.routeKey"]);
        assert_eq!(severities(&api(by_route, 60)), []);
    }
}

mod apis {
    use super::*;

    const ACL: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1";

    /// A REST API with a stage `prod`, behind a web ACL with these rules.
    fn api(id: &str, resources: Value, rules: Value) -> Account {
        stages(id, resources, &["prod"]).with(
            "wafv2/web-acl",
            ACL,
            json!({ "WebACL": { "Name": "shop", "ARN": ACL, "DefaultAction": {"Allow": {}},
                                "Rules": rules } }),
        )
    }

    fn stages(id: &str, resources: Value, names: &[&str]) -> Account {
        let paths = resources.as_object().unwrap().iter();
        let items: Vec<Value> = paths
            .map(|(path, methods)| json!({ "path": path, "resourceMethods": methods }))
            .collect();
        let stages: Vec<Value> = names
            .iter()
            .map(|name| json!({ "stageName": name, "webAclArn": ACL }))
            .collect();
        Account::default()
            .with(
                "apigateway/rest-api",
                id,
                json!({ "id": id, "name": id, "endpointConfiguration": {"types": ["REGIONAL"]} }),
            )
            .with("apigateway/resources", id, json!({ "items": items }))
            .with("apigateway/authorizers", id, json!({ "items": [] }))
            .with("apigateway/gateway-responses", id, json!({ "items": [] }))
            .with("apigateway/stages", id, json!({ "item": stages }))
    }

    fn managed(name: &str) -> Value {
        json!([{ "Name": name, "Priority": 0, "OverrideAction": {"None": {}},
            "Statement": { "ManagedRuleGroupStatement": { "VendorName": "AWS", "Name": name } } }])
    }

    fn severities(found: &[Finding]) -> Vec<Severity> {
        found.iter().map(|finding| finding.severity).collect()
    }

    /// What a web ACL stops has a path all the same.
    #[test]
    fn a_call_that_a_web_acl_stops_is_of_a_route() {
        let stops = json!([{ "Name": "admin", "Priority": 0, "Action": {"Block": {}},
            "Statement": { "ByteMatchStatement": { "FieldToMatch": {"UriPath": {}},
                "PositionalConstraint": "CONTAINS", "SearchString": "admin",
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}] } } }]);
        let open = json!({ "/admin": { "GET": { "authorizationType": "NONE" } } });
        let call = |path: &str| {
            let host = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
            let account = api("a1b2c3d4e5", open.clone(), stops.clone());
            account
                .file(
                    "job.py",
                    format!("import requests\nrequests.get('{host}{path}')\n"),
                )
                .of("route-not-deployed")
        };
        assert_eq!(severities(&call("/prod/admin")), []);
        assert_eq!(severities(&call("/prod/orders")), [Severity::Error]);
    }

    /// Who signs a request names the host that is called.
    #[test]
    fn a_host_header_that_is_not_known_leads_nowhere_else() {
        let open = json!({ "/orders": { "GET": { "authorizationType": "NONE" } } });
        let call = |host: &str| {
            let url = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders";
            let text =
                format!("import requests\nrequests.get('{url}', headers={{'host': {host}}})\n");
            let account = api("a1b2c3d4e5", open.clone(), json!([]));
            account.file("job.py", text).of("route-not-deployed")
        };
        assert_eq!(severities(&call("host_of(url)")), []);
        assert_eq!(severities(&call("'b.test'")), [Severity::Error]);
    }

    /// Who deploys to one stage after the other has them differ for a while.
    #[test]
    fn a_stage_may_be_behind_another() {
        let method = json!({ "authorizationType": "NONE" });
        let resources = json!({ "/orders": { "GET": method.clone(), "POST": method } });
        let both = json!({ "paths": { "/orders": { "get": {}, "post": {} } } });
        let one = json!({ "paths": { "/orders": { "get": {} } } });
        let of = |dev: &Value, prod: &Value| {
            let account = stages("a1", resources.clone(), &["dev", "prod"])
                .with("apigateway/export", "a1/dev", dev.clone())
                .with("apigateway/export", "a1/prod", prod.clone());
            severities(&account.of("route-not-deployed"))
        };
        assert_eq!(of(&both, &one), [Severity::Note]);
        // One place is told of once.
        assert_eq!(of(&one, &one), [Severity::Warning]);
        assert_eq!(of(&both, &both), []);
    }

    /// A body in the name of a document may only tell of it.
    #[test]
    fn an_api_may_take_what_tells_of_files() {
        let of = |path: &str| {
            let resources = json!({ path: { "POST": { "authorizationType": "NONE" } } });
            let account = api("a1", resources, managed("AWSManagedRulesCommonRuleSet"));
            severities(&account.of("waf-body-limit"))
        };
        assert_eq!(of("/documents"), [Severity::Note]);
        assert_eq!(of("/orders/import"), [Severity::Warning]);
    }

    /// Pages may have an API key as well as programs.
    #[test]
    fn a_key_may_be_of_a_page() {
        let keyed = json!({ "authorizationType": "NONE", "apiKeyRequired": true });
        let options = json!({ "authorizationType": "NONE", "methodIntegration": { "type": "MOCK",
            "integrationResponses": { "200": { "responseParameters": {
                "method.response.header.Access-Control-Allow-Origin": "'*'" } } } } });
        let of = |resources: Value| {
            let account = api("a1", resources, managed("AWSManagedRulesBotControlRuleSet"))
                .with(
                    "apigateway/usage-plan",
                    "p1",
                    json!({ "id": "p1", "name": "p", "apiStages": [{ "apiId": "a1", "stage": "prod" }] }),
                )
                .with(
                    "apigateway/usage-plan-keys",
                    "p1",
                    json!({ "items": [{ "id": "k1", "name": "k", "type": "API_KEY" }] }),
                );
            severities(&account.of("waf-blocks-machine-clients"))
        };
        let program = json!({ "/orders": { "GET": keyed.clone() } });
        assert_eq!(of(program), [Severity::Warning]);
        let page = json!({ "/orders": { "GET": keyed, "OPTIONS": options } });
        assert_eq!(of(page), [Severity::Note]);
    }

    /// A path of `why403.yaml` may be of several APIs.
    #[test]
    fn a_token_may_be_for_another_api() {
        let api = |account: Account, id: &'static str, scope: &str| {
            account
                .with("apigatewayv2/api", id, json!({ "ApiId": id, "Name": id, "ProtocolType": "HTTP" }))
                .with(
                    "apigatewayv2/routes",
                    id,
                    json!({ "Items": [{ "RouteKey": "GET /orders", "AuthorizationType": "JWT",
                        "AuthorizerId": "j", "AuthorizationScopes": [scope] }] }),
                )
                .with(
                    "apigatewayv2/authorizers",
                    id,
                    json!({ "Items": [{ "AuthorizerId": "j", "Name": "j", "AuthorizerType": "JWT",
                        "IdentitySource": ["$request.header.Authorization"],
                        "JwtConfiguration": { "Audience": ["a"], "Issuer": "https://login.test/" } }] }),
                )
                .with("apigatewayv2/integrations", id, json!({ "Items": [] }))
                .with("apigatewayv2/stages", id, json!({ "Items": [{ "StageName": "$default" }] }))
        };
        let tokens = "tokens:\n  shop:\n    scopes: [orders:read]\n    calls: [GET /orders]\n  admin:\n    scopes: [orders:admin]\n";
        let one = api(Account::default(), "h1", "orders:admin").file("why403.yaml", tokens);
        assert_eq!(severities(&one.of("scope-not-granted")), [Severity::Error]);
        let two = api(one, "h2", "orders:read");
        assert_eq!(severities(&two.of("scope-not-granted")), []);
    }
}

mod distributions {
    use super::*;

    /// Where some of an API asks for nothing, the distribution may be for that alone.
    #[test]
    fn a_distribution_may_be_for_what_is_public() {
        let of = |routes: Value| {
            let host = "h1h1h1h1h1.execute-api.eu-west-1.amazonaws.com";
            let distribution = json!({ "Id": "E1", "DomainName": "d1.cloudfront.net",
                "DistributionConfig": { "Enabled": true,
                    "Origins": { "Items": [{ "Id": "api", "DomainName": host,
                        "CustomOriginConfig": { "OriginProtocolPolicy": "https-only" } }] },
                    "DefaultCacheBehavior": { "TargetOriginId": "api",
                        "ViewerProtocolPolicy": "https-only",
                        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" } } });
            let authorizer = json!({ "AuthorizerId": "j", "Name": "j", "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": { "Audience": ["a"], "Issuer": "https://login.test/" } });
            let api = json!({ "ApiId": "h1h1h1h1h1", "Name": "shop", "ProtocolType": "HTTP" });
            let stages = json!({ "Items": [{ "StageName": "$default" }] });
            let account = Account::default()
                .with("cloudfront/distribution", "E1", distribution)
                .with("apigatewayv2/api", "h1h1h1h1h1", api)
                .with(
                    "apigatewayv2/routes",
                    "h1h1h1h1h1",
                    json!({ "Items": routes }),
                )
                .with(
                    "apigatewayv2/authorizers",
                    "h1h1h1h1h1",
                    json!({ "Items": [authorizer] }),
                )
                .with(
                    "apigatewayv2/integrations",
                    "h1h1h1h1h1",
                    json!({ "Items": [] }),
                )
                .with("apigatewayv2/stages", "h1h1h1h1h1", stages);
            let found = account.of("cloudfront-drops-authorization");
            found.iter().map(|one| one.severity).collect::<Vec<_>>()
        };
        let orders = json!({ "RouteKey": "GET /orders", "AuthorizationType": "JWT",
            "AuthorizerId": "j" });
        let products = json!({ "RouteKey": "GET /products" });
        assert_eq!(of(json!([orders.clone()])), [Severity::Error]);
        assert_eq!(of(json!([orders, products])), [Severity::Warning]);
    }
}

/// Documents of another form than they should be of: no panic, and an end.
#[test]
fn hostile_documents_are_read() {
    let arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/w/1";
    let mut deep = json!({ "ByteMatchStatement": {} });
    for _ in 0..200 {
        deep = json!({ "NotStatement": { "Statement": deep } });
    }
    let wide: Vec<Value> = (0..2_000)
        .map(|at| json!({ "GeoMatchStatement": { "CountryCodes": [at.to_string()] } }))
        .collect();
    let odd = [
        json!(null),
        json!([]),
        json!({}),
        json!("text"),
        json!(7),
        json!([null, [], {}, "x", 7]),
    ];
    for odd in &odd {
        let account = Account::default()
            .with("apigateway/rest-api", "a1", json!({ "id": "a1", "policy": odd, "endpointConfiguration": odd }))
            .with(
                "apigateway/resources",
                "a1",
                json!({ "items": [{ "path": "/{+}//{}/%zz", "resourceMethods": { "GET": odd,
                    "ANY": { "methodIntegration": odd, "authorizationType": odd } } }, odd] }),
            )
            .with("apigateway/authorizers", "a1", json!({ "items": [odd, { "id": "a", "type": odd }] }))
            .with("apigateway/gateway-responses", "a1", json!({ "items": odd }))
            .with("apigateway/stages", "a1", json!({ "item": [{ "stageName": "", "webAclArn": arn }, { "stageName": "p", "webAclArn": odd }] }))
            .with("apigateway/export", "a1/p", json!({ "paths": odd }))
            .with("apigatewayv2/api", "h1", json!({ "ApiId": "h1", "CorsConfiguration": odd }))
            .with("apigatewayv2/routes", "h1", json!({ "Items": [{ "RouteKey": odd }, { "RouteKey": "GET /{proxy+}", "Target": odd }, { "RouteKey": " " }] }))
            .with("apigatewayv2/authorizers", "h1", json!({ "Items": odd }))
            .with("apigatewayv2/stages", "h1", json!({ "Items": [{ "StageName": "$default" }] }))
            .with("apigatewayv2/integrations", "h1", json!({ "Items": odd }))
            .with("apigatewayv2/domain-name", "d", json!({ "DomainName": odd, "MutualTlsAuthentication": odd }))
            .with("apigatewayv2/api-mappings", "d", json!({ "Items": [{ "ApiId": "h1", "ApiMappingKey": odd, "Stage": odd }] }))
            .with("wafv2/web-acl", arn, json!({ "WebACL": { "ARN": arn, "DefaultAction": odd, "AssociationConfig": odd,
                "Rules": [
                    { "Name": "deep", "Priority": 1, "Action": {"Block": {}}, "Statement": deep },
                    { "Name": "wide", "Priority": -1, "Action": {"Block": {}}, "Statement": { "OrStatement": { "Statements": wide } } },
                    { "Name": "odd", "Priority": odd, "Action": odd, "Statement": odd },
                    odd,
                ] } }))
            .with("elbv2/load-balancer", "lb", json!({ "DNSName": odd, "SecurityGroups": odd, "AvailabilityZones": odd }))
            .with("elbv2/listeners", "lb", json!({ "Listeners": [{ "ListenerArn": "l", "Port": 443, "Protocol": "HTTPS" }, { "Port": odd }, odd] }))
            .with("elbv2/rules", "l", json!({ "Rules": [{ "Priority": odd, "Conditions": [odd, { "Field": "path-pattern", "PathPatternConfig": { "RegexValues": ["(a+)+$", "((", odd] } }, { "Field": odd }], "Actions": [odd] }] }))
            .with("cloudfront/distribution", "E1", json!({ "Id": "E1", "DomainName": "d1.cloudfront.net", "DistributionConfig": {
                "Origins": odd, "Aliases": { "Items": ["*", ""] }, "DefaultCacheBehavior": { "TargetOriginId": odd, "ForwardedValues": odd },
                "CacheBehaviors": { "Items": [odd, { "PathPattern": odd, "TargetOriginId": "x" }] },
                "Restrictions": odd, "CustomErrorResponses": odd } }));
        let begin = std::time::Instant::now();
        findings(&account.estate());
        assert!(
            begin.elapsed().as_secs() < 20,
            "{odd}: {:?}",
            begin.elapsed()
        );
    }
}

/// Authorizers that look at a header of their own, and not at Authorization.
mod own_headers {
    use super::*;

    fn account(options: Value) -> Account {
        let cors = |allowed: &str| {
            json!({ "type": "MOCK", "integrationResponses": { "200": { "responseParameters": {
                "method.response.header.Access-Control-Allow-Origin": "'*'",
                "method.response.header.Access-Control-Allow-Headers": allowed,
            }}}})
        };
        let mut options = options;
        options["methodIntegration"] = cors("'authorization'");
        let get = json!({ "authorizationType": "CUSTOM", "authorizerId": "a",
                          "methodIntegration": { "type": "AWS_PROXY" } });
        let api = json!({ "id": "a1", "name": "a1",
                          "endpointConfiguration": { "types": ["REGIONAL"] } });
        Account::default()
            .with("apigateway/rest-api", "a1", api)
            .with(
                "apigateway/resources",
                "a1",
                json!({ "items": [{ "path": "/orders",
                                    "resourceMethods": { "GET": get, "OPTIONS": options } }] }),
            )
            .with(
                "apigateway/authorizers",
                "a1",
                json!({ "items": [{ "id": "a", "name": "tokens", "type": "REQUEST", "identitySource":
                    "method.request.header.X-Token, method.request.querystring.tenant" }] }),
            )
            .with("apigateway/gateway-responses", "a1", json!({ "items": [] }))
            .with(
                "apigateway/stages",
                "a1",
                json!({ "item": [{ "stageName": "prod" }] }),
            )
    }

    #[test]
    fn a_preflight_without_them_is_refused() {
        let options = json!({ "authorizationType": "CUSTOM", "authorizerId": "a" });
        let found = account(options).of("apigw-options-authorized");
        assert_eq!(found.len(), 1);
        let witness = found[0].witness.as_ref().unwrap();
        assert_eq!(witness.course.status(), Some(401));
        assert!(!witness.request.headers.has("X-Token"));
    }

    #[test]
    fn the_preflight_has_to_allow_them() {
        let options = json!({ "authorizationType": "NONE" });
        let found = account(options).of("apigw-allow-headers-incomplete");
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the preflight of GET to https://a1.execute-api.eu-west-1.amazonaws.com/prod/orders\
                 ?tenant=why403-probe does not allow the header X-Token, without which API Gateway \
                 refuses the request"
            ]
        );
    }
}

/// Routes of HTTP APIs for all methods, which take preflights from the CORS configuration.
mod any_routes {
    use super::*;

    fn found(routes: Value, headers: Value) -> Vec<(Severity, String)> {
        let api = json!({ "ApiId": "h1", "Name": "shop", "ProtocolType": "HTTP",
            "CorsConfiguration": { "AllowOrigins": ["https://app.shop.test"],
                "AllowMethods": ["GET", "POST"], "AllowHeaders": headers } });
        let authorizer = json!({ "AuthorizerId": "j", "Name": "tokens", "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": { "Issuer": "https://login.shop.test", "Audience": ["shop"] } });
        let account = Account::default()
            .with("apigatewayv2/api", "h1", api)
            .with("apigatewayv2/routes", "h1", json!({ "Items": routes }))
            .with(
                "apigatewayv2/authorizers",
                "h1",
                json!({ "Items": [authorizer] }),
            )
            .with("apigatewayv2/integrations", "h1", json!({ "Items": [] }))
            .with(
                "apigatewayv2/stages",
                "h1",
                json!({ "Items": [{ "StageName": "$default" }] }),
            );
        let found = account.of("apigw-options-authorized").into_iter();
        found.map(|one| (one.severity, one.message)).collect()
    }

    fn with_tokens(key: &str) -> Value {
        json!({ "RouteKey": key, "AuthorizationType": "JWT", "AuthorizerId": "j" })
    }

    #[test]
    fn their_authorizer_is_asked_for_preflights() {
        let any = || with_tokens("ANY /{proxy+}");
        let told = found(json!([any()]), json!(["authorization", "content-type"]));
        let [(Severity::Warning, message)] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(message.contains("is answered 401"), "{message}");
        // Pages are not to send a token: programs call it.
        assert_eq!(found(json!([any()]), json!(["content-type"])), []);
        let open = json!({ "RouteKey": "OPTIONS /{proxy+}", "AuthorizationType": "NONE" });
        assert_eq!(found(json!([any(), open]), json!(["authorization"])), []);
        let named = json!([with_tokens("GET /orders"), with_tokens("POST /orders")]);
        assert_eq!(found(named, json!(["authorization"])), []);
    }
}
