//! Reading accounts of two emulators of AWS, each of which is faithful where the other is not.

#[path = "../aws_fetch/denial.rs"]
mod denial;
mod denied;
mod emulator;
mod planted;
mod proxy;

use std::collections::BTreeSet;

use emulator::{ACCOUNT, Emulator, Kind};
use serde_json::{Value, json};

/// What `accounts/shop.py` hides wherever there is room for a secret.
const SECRET: &str = "planted-secret";

/// The account as a caller with all permissions sees it.
struct Shop {
    emulator: Emulator,
    names: Value,
    snapshot: Value,
}

impl Shop {
    fn read(kind: Kind) -> Shop {
        let emulator = Emulator::start(kind);
        let names = emulator.seed("shop");
        let (snapshot, code) = emulator.snapshot(&["--with-api-keys"]);
        assert_eq!(code, 0, "{:#}", snapshot["operations"]);
        let shop = Shop {
            emulator,
            names,
            snapshot,
        };
        shop.follows_the_schema();
        shop.has_no_secret();
        shop.has_what_both_emulators_have();
        shop.is_the_same_again();
        shop.is_read_by_check_and_audit();
        shop
    }

    fn name(&self, name: &str) -> &str {
        self.names[name].as_str().unwrap()
    }

    /// The document of a resource of `eu-west-1`, or of `global/…`.
    fn document(&self, address: &str) -> &Value {
        let region = match address.starts_with("global/") {
            true => "",
            false => "eu-west-1/",
        };
        let address = format!("aws://{ACCOUNT}/{region}{address}");
        let found = self.snapshot["resources"].get(&address);
        found.unwrap_or_else(|| panic!("{address} is not there"))
    }

    fn of(&self, kind: &str, name: &str) -> &Value {
        self.document(&format!("{kind}/{}", self.name(name)))
    }

    fn follows_the_schema(&self) {
        let schema = include_str!("../../schemas/snapshot.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&self.snapshot)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    fn has_no_secret(&self) {
        let text = self.snapshot.to_string();
        // In base64, too, as blobs are written.
        for secret in [SECRET, "cGxhbnRlZC1zZWNyZXQ"] {
            let at = text
                .find(secret)
                .map(|at| &text[at.saturating_sub(300)..at + 20]);
            assert_eq!(at, None);
        }
    }

    fn has_what_both_emulators_have(&self) {
        self.has_gateways();
        self.has_networks();
        let listener = self.of("elbv2/rules", "listener");
        let rules = listener["Rules"].as_array().unwrap();
        let admin = rules.iter().find(|rule| rule["Priority"] == "10").unwrap();
        assert_eq!(
            admin["Actions"][0]["AuthenticateOidcConfig"]["ClientId"],
            "shop"
        );
        let header = admin["Conditions"].as_array().unwrap().iter();
        let header = header.filter(|one| one["Field"] == "http-header");
        let header: Vec<_> = header.map(|one| &one["HttpHeaderConfig"]).collect();
        assert_eq!(header, [&json!({ "HttpHeaderName": "X-Origin-Verify" })]);
        self.of("elbv2/load-balancer-attributes", "load_balancer");

        let acl = &self.of("wafv2/web-acl", "web_acl")["WebACL"];
        assert_eq!(acl["DefaultAction"], json!({ "Block": {} }));
        assert_eq!(
            acl["Rules"][1]["Statement"]["ByteMatchStatement"]["SearchString"],
            "c2hvcC1jbGllbnQ="
        );
        let set = &self.of("wafv2/ip-set", "ip_set")["IPSet"];
        assert_eq!(set["Addresses"], json!(["203.0.113.0/24"]));

        let distribution = self.of("global/cloudfront/distribution", "distribution");
        let origin = &distribution["DistributionConfig"]["Origins"]["Items"][0];
        assert_eq!(
            origin["CustomHeaders"]["Items"],
            json!([{ "HeaderName": "X-Origin-Verify" }])
        );

        let role = self.of("global/iam/role", "role");
        let trust = &role["AssumeRolePolicyDocument"]["Statement"][0];
        assert_eq!(
            trust["Principal"],
            json!({ "Service": "lambda.amazonaws.com" })
        );
        let user = self.document(&format!("global/iam/user/arn:aws:iam::{ACCOUNT}:user/ada"));
        assert_eq!(user["GroupList"], json!(["readers"]));
        let policy = self.of("global/iam/policy", "policy");
        let versions = policy["PolicyVersionList"].as_array().unwrap();
        assert_eq!(versions.len(), 1);
        assert!(versions[0]["Document"]["Statement"].is_array());
        let function = self.of("lambda/function", "function");
        assert_eq!(function["Role"], self.name("role"));
    }

    fn has_gateways(&self) {
        let api = self.of("apigateway/rest-api", "rest_api");
        assert_eq!(api["name"], "orders");
        assert!(
            api["policy"]
                .as_str()
                .unwrap()
                .contains("execute-api:Invoke")
        );
        let resources = self.of("apigateway/resources", "rest_api")["items"]
            .as_array()
            .unwrap();
        let orders = resources
            .iter()
            .find(|one| one["path"] == "/orders")
            .unwrap();
        let get = &orders["resourceMethods"]["GET"];
        assert_eq!(get["authorizationType"], "COGNITO_USER_POOLS");
        assert_eq!(get["authorizerId"], self.name("authorizer"));
        assert_eq!(get["methodIntegration"]["uri"], "https://orders.shop.test/");
        let responses = self.of("apigateway/gateway-responses", "rest_api")["items"]
            .as_array()
            .unwrap();
        let default = responses
            .iter()
            .find(|one| one["responseType"] == "DEFAULT_4XX")
            .unwrap();
        assert_eq!(
            default["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Credentials"],
            "'true'"
        );
        let stages = self.of("apigateway/stages", "rest_api")["item"]
            .as_array()
            .unwrap();
        let beta = stages
            .iter()
            .find(|one| one["stageName"] == "beta")
            .unwrap();
        assert_eq!(beta["variables"], json!({ "backend": "beta.shop.test" }));
        for stage in ["beta", "prod"] {
            self.document(&format!(
                "apigateway/export/{}/{stage}",
                self.name("rest_api")
            ));
        }
        assert_eq!(self.of("apigateway/api-key", "api_key")["enabled"], true);
        let keys = self.of("apigateway/usage-plan-keys", "usage_plan");
        assert_eq!(keys["items"][0]["id"], self.name("api_key"));
        let mappings = self.document("apigateway/base-path-mappings/api.shop.test");
        assert_eq!(mappings["items"][0]["restApiId"], self.name("rest_api"));

        let api = self.of("apigatewayv2/api", "http_api");
        assert_eq!(
            api["CorsConfiguration"]["AllowOrigins"],
            json!(["https://shop.test"])
        );
        let route = &self.of("apigatewayv2/routes", "http_api")["Items"][0];
        assert_eq!(route["AuthorizationScopes"], json!(["carts:read"]));
        self.of("apigatewayv2/integrations", "http_api");
        self.of("apigatewayv2/stages", "http_api");
    }

    fn has_networks(&self) {
        let group = self.of("ec2/security-group", "security_group");
        let permission = &group["IpPermissions"][0];
        assert_eq!(permission["FromPort"], 443);
        assert_eq!(permission["IpRanges"][0]["CidrIp"], "203.0.113.0/24");
        assert_eq!(permission["Ipv6Ranges"][0]["CidrIpv6"], "2001:db8::/32");
        assert_eq!(group["Tags"], json!([{ "Key": "Name", "Value": "web" }]));
        let list = self.of("ec2/prefix-list", "prefix_list");
        assert_eq!(list["Entries"][0]["Cidr"], "198.51.100.0/24");
        assert_eq!(self.of("ec2/nat-gateway", "nat")["State"], "available");
        for (kind, name) in [
            ("address", "address"),
            ("instance", "instance"),
            ("network-interface", "interface"),
            ("route-table", "route_table"),
            ("vpc", "vpc"),
            ("vpc-endpoint", "vpc_endpoint"),
        ] {
            self.of(&format!("ec2/{kind}"), name);
        }
        let kinds = self.kinds();
        for kind in [
            "ec2/egress-only-internet-gateway",
            "ec2/internet-gateway",
            "ec2/network-acl",
            "ec2/subnet",
        ] {
            assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
        }
    }

    /// `service/type` of all documents.
    fn kinds(&self) -> BTreeSet<String> {
        let resources = self.snapshot["resources"].as_object().unwrap();
        let kind = |address: &String| {
            let parts: Vec<&str> = address.split('/').collect();
            parts[4..6].join("/")
        };
        resources.keys().map(kind).collect()
    }

    fn is_the_same_again(&self) {
        let (again, _) = self.emulator.snapshot(&["--with-api-keys"]);
        assert_eq!(again["operations"], self.snapshot["operations"]);
        // moto gives an export the time as its version.
        let stable = |document: &Value| {
            let mut document = document.clone();
            if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
                info.remove("version");
            }
            document
        };
        for (address, document) in again["resources"].as_object().unwrap() {
            let before = self.snapshot["resources"].get(address);
            assert_eq!(Some(stable(document)), before.map(stable), "{address}");
        }
    }

    /// What is read from a file and what is read at once come to the same.
    fn is_read_by_check_and_audit(&self) {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| {
            let output = self.emulator.why403(folder.path(), args);
            let text = String::from_utf8(output.stdout).unwrap();
            let text: Value = serde_json::from_str(&text)
                .unwrap_or_else(|_| panic!("{text} {}", String::from_utf8_lossy(&output.stderr)));
            (text, output.status.code())
        };
        let audit = run(&["audit", "--format", "json", "--with-api-keys"]);
        let args = ["snapshot", "-o", "aws.json", "--with-api-keys"];
        let output = self.emulator.why403(folder.path(), &args);
        assert!(output.status.success(), "{output:?}");
        let check = run(&["check", "aws.json", "--format", "json"]);
        assert_eq!(audit.0["findings"], check.0["findings"]);
        for (report, code) in [&audit, &check] {
            assert_ne!(*code, Some(2), "{:#}", report["problems"]);
            let problems = report["problems"].to_string();
            assert!(!problems.contains("is none of the documents"), "{problems}");
        }
    }
}

#[test]
fn moto_is_read() {
    let shop = Shop::read(Kind::Moto);
    let state = |operation: &str| {
        let operations = shop.snapshot["operations"].as_array().unwrap().iter();
        let mut states = operations.filter(|entry| entry["operation"] == operation);
        states
            .rfind(|entry| entry["state"] != "fetched")
            .map(|entry| entry["state"].clone())
    };
    for operation in [
        "ListFunctionUrlConfigs",
        "ListResourcesForWebACL",
        "GetCachePolicy",
    ] {
        assert_eq!(state(operation), Some(json!("unsupported")), "{operation}");
    }
    let nat = shop.of("ec2/nat-gateway", "nat");
    assert_eq!(
        nat["NatGatewayAddresses"][0]["AllocationId"],
        shop.name("address")
    );
    assumes_roles(&shop.emulator);
}

/// Accounts are apart: in the other one there is no API.
fn assumes_roles(emulator: &Emulator) {
    let role = "arn:aws:iam::210987654321:role/audit";
    let (snapshot, code) = emulator.snapshot(&["--assume-role", role, "--services", "apigateway"]);
    assert_eq!(code, 0);
    assert_eq!(snapshot["accounts"][0]["account"], "210987654321");
    assert_eq!(snapshot["resources"], json!({}));
}

#[test]
fn ministack_is_read() {
    let shop = Shop::read(Kind::Ministack);
    let operations = shop.snapshot["operations"].as_array().unwrap();
    assert!(
        operations.iter().all(|entry| entry["state"] == "fetched"),
        "{operations:#?}"
    );
    let responses = shop.of("apigateway/gateway-responses", "rest_api")["items"]
        .as_array()
        .unwrap();
    assert!(responses.iter().any(|one| one["defaultResponse"] == true));
    let authorizer = &shop.of("apigatewayv2/authorizers", "http_api")["Items"][0];
    assert_eq!(authorizer["JwtConfiguration"]["Audience"], json!(["shop"]));
    let url = shop.of("lambda/function-url", "function");
    assert_eq!(url["AuthType"], "AWS_IAM");
    let policy = shop.of("lambda/policy", "function");
    assert!(
        policy["Policy"]
            .as_str()
            .unwrap()
            .contains("lambda:InvokeFunctionUrl")
    );
    let resources = shop.of("wafv2/resources-for-web-acl", "web_acl");
    assert_eq!(
        resources["ResourceArns"],
        json!([shop.name("load_balancer")])
    );
    let request = "global/cloudfront/origin-request-policy/216adef6-5c7f-47e4-b989-5492eafa07d3";
    let headers = &shop.document(request)["OriginRequestPolicy"]["OriginRequestPolicyConfig"];
    assert_eq!(headers["HeadersConfig"]["HeaderBehavior"], "allViewer");
    let export = shop.document(&format!("apigateway/export/{}/prod", shop.name("rest_api")));
    let integration = &export["paths"]["/orders"]["get"]["x-amazon-apigateway-integration"];
    assert_eq!(integration["uri"], "https://orders.shop.test/");
    let mappings = shop.document("apigatewayv2/api-mappings/api.shop.test");
    assert_eq!(mappings["Items"][0]["ApiMappingKey"], "v1");
}

/// Dumps of the CLI and what is fetched are the same documents.
#[test]
fn documents_have_the_keys_of_the_aws_cli() {
    let differs = emulator::script("keys.py", &[]);
    let (count, rest) = differs.trim().split_once(' ').unwrap();
    assert_eq!(rest, "keys", "{differs}");
    assert!(count.parse::<u32>().unwrap() > 800, "{differs}");
}
