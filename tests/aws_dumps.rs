//! What AWS's commands print is read as it is: each kind of file alone, and all of an account
//! together.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use why403::estate::{Estate, Input};
use why403::gate::{Course, End, Gate};
use why403::gates::aws::kinds::{self, Kind};
use why403::request::{Headers, Known, Request, Scheme};

/// Files in a folder, by their paths in it.
fn read(files: &[(&str, Json)]) -> Estate {
    let printed = files
        .iter()
        .map(|(path, content)| (*path, printed(content)));
    read_texts(&printed.collect::<Vec<_>>())
}

fn read_texts(files: &[(&str, String)]) -> Estate {
    let folder = TempDir::new().expect("a folder");
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    Estate::read(&[Input::Path(folder.path().to_path_buf())], &[]).expect("an estate")
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("to make it");
    fs::write(path, text).expect("to write");
}

/// As the commands print: four spaces, and a line feed at the end.
fn printed(content: &Json) -> String {
    let mut out = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, indent);
    serde::Serialize::serialize(content, &mut serializer).expect("JSON");
    String::from_utf8(out).expect("text") + "\n"
}

fn ids(estate: &Estate, kind: &'static Kind) -> Vec<String> {
    let all = estate.aws.cloud.all(kind);
    all.map(|resource| resource.id().to_owned()).collect()
}

fn told(estate: &Estate) -> Vec<&str> {
    let problems = estate.problems.iter();
    problems.map(|problem| problem.message.as_str()).collect()
}

fn rest_apis(names: &[&str]) -> Json {
    let items: Vec<Json> = names
        .iter()
        .map(|id| {
            json!({
                "id": id, "name": format!("api {id}"), "createdDate": "2026-11-02T10:00:00+01:00",
                "apiKeySource": "HEADER", "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" },
                // The service escapes it once more than JSON asks for.
                "policy": r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5\/*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"203.0.113.0\/24\"}}}]}"#,
                "tags": {}, "disableExecuteApiEndpoint": false, "rootResourceId": "r0",
            })
        })
        .collect();
    json!({ "items": items })
}

fn resources() -> Json {
    let method = json!({ "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false,
        "methodIntegration": { "type": "AWS_PROXY", "httpMethod": "POST", "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:orders/invocations" } });
    json!({ "items": [
        { "id": "r0", "path": "/" },
        { "id": "r1", "parentId": "r0", "pathPart": "orders", "path": "/orders", "resourceMethods": { "GET": method } },
    ] })
}

fn stages() -> Json {
    json!({ "item": [{ "deploymentId": "d1", "stageName": "prod", "cacheClusterEnabled": false, "methodSettings": {} }] })
}

/// `openapi` stands first in it.
fn export(api: &str) -> String {
    format!(
        r#"{{
  "openapi" : "3.0.1",
  "info" : {{ "title" : "orders", "version" : "2026-11-02T09:00:00Z" }},
  "servers" : [ {{
    "url" : "https://{api}.execute-api.eu-west-1.amazonaws.com/{{basePath}}",
    "variables" : {{ "basePath" : {{ "default" : "prod" }} }}
  }} ],
  "paths" : {{ "/orders" : {{ "get" : {{ }} }} }}
}}"#
    )
}

fn security_groups() -> Json {
    json!({ "SecurityGroups": [{
        "GroupId": "sg-0123456789abcdef0", "GroupName": "web", "Description": "web", "OwnerId": "123456789012",
        "SecurityGroupArn": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0123456789abcdef0",
        "VpcId": "vpc-1", "IpPermissionsEgress": [],
        "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [],
            "IpRanges": [{ "CidrIp": "203.0.113.0/24" }], "Ipv6Ranges": [], "PrefixListIds": [] }],
    }] })
}

fn nat_gateways() -> Json {
    json!({ "NatGateways": [{
        "CreateTime": "2026-01-01T00:00:00+00:00", "NatGatewayId": "nat-0123456789abcdef0", "State": "available",
        "SubnetId": "subnet-1", "VpcId": "vpc-1", "ConnectivityType": "public", "Tags": [],
        "NatGatewayAddresses": [{ "AllocationId": "eipalloc-1", "NetworkInterfaceId": "eni-1", "PrivateIp": "10.0.0.5", "PublicIp": "198.51.100.7", "IsPrimary": true }],
    }] })
}

const ACL: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/11111111-2222-3333-4444-555555555555";
const IP_SET: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/office/11111111-2222-3333-4444-555555555556";

fn web_acl() -> Json {
    json!({
        "WebACL": { "Name": "shop", "Id": "11111111-2222-3333-4444-555555555555", "ARN": ACL,
            "DefaultAction": { "Block": {} }, "Rules": [], "Capacity": 1,
            "VisibilityConfig": { "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "shop" } },
        "LockToken": "22222222-2222-3333-4444-555555555555",
    })
}

fn ip_set() -> Json {
    json!({
        "IPSet": { "Name": "office", "Id": "11111111-2222-3333-4444-555555555556", "ARN": IP_SET,
            "IPAddressVersion": "IPV4", "Addresses": ["203.0.113.0/24"] },
        "LockToken": "22222222-2222-3333-4444-555555555555",
    })
}

fn get(from: &str, path: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        scheme: Scheme::Https,
        host: "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com".to_owned(),
        port: 443,
        target: path.into(),
        headers: Headers::default(),
        from: Known::Is(from.parse().expect("an address")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

fn first(estate: &Estate, request: &Request) -> Course {
    let gate: &dyn Gate = estate.gates().next().expect("a gate");
    gate.pass(request).into_iter().next().expect("a course")
}

/// Each kind of file that stands for itself, alone in a folder.
#[test]
fn each_file_is_read_alone() {
    let arn = "arn:aws:iam::123456789012:role/reader";
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef";
    let listener =
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/1";
    let rule = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/0123456789abcdef/1/2";
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    let cases: Vec<(Json, &'static Kind, &str)> = vec![
        (rest_apis(&["a1b2c3d4e5"]), &kinds::REST_API, "a1b2c3d4e5"),
        (
            security_groups(),
            &kinds::SECURITY_GROUP,
            "sg-0123456789abcdef0",
        ),
        (nat_gateways(), &kinds::NAT_GATEWAY, "nat-0123456789abcdef0"),
        (web_acl(), &kinds::WEB_ACL, ACL),
        (ip_set(), &kinds::IP_SET, IP_SET),
        (
            json!({ "Items": [{ "ApiEndpoint": "https://h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com", "ApiId": "h1h2h3h4h5", "Name": "shop", "ProtocolType": "HTTP" }] }),
            &kinds::HTTP_API,
            "h1h2h3h4h5",
        ),
        (
            json!({ "items": [{ "id": "u1", "name": "gold", "apiStages": [{ "apiId": "a1b2c3d4e5", "stage": "prod" }] }] }),
            &kinds::USAGE_PLAN,
            "u1",
        ),
        (
            json!({ "items": [{ "domainName": "api.shop.example", "endpointConfiguration": { "types": ["REGIONAL"] } }] }),
            &kinds::DOMAIN_NAME,
            "api.shop.example",
        ),
        (
            json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{ "RoleName": "reader", "Arn": arn }], "Policies": [], "IsTruncated": false }),
            &kinds::ROLE,
            arn,
        ),
        (
            json!({ "LoadBalancers": [{ "LoadBalancerArn": balancer }] }),
            &kinds::LOAD_BALANCER,
            balancer,
        ),
        (
            json!({ "Listeners": [{ "ListenerArn": listener, "LoadBalancerArn": balancer, "Port": 443 }] }),
            &kinds::LISTENERS,
            balancer,
        ),
        (
            json!({ "Rules": [{ "RuleArn": rule, "Priority": "default", "IsDefault": true }] }),
            &kinds::RULES,
            listener,
        ),
        (
            json!({ "FunctionUrlConfigs": [{ "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "FunctionArn": function, "AuthType": "NONE" }] }),
            &kinds::FUNCTION_URL,
            function,
        ),
        (
            json!({ "Policy": format!(r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"url","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"{function}"}}]}}"#), "RevisionId": "r" }),
            &kinds::FUNCTION_POLICY,
            function,
        ),
        (
            json!({ "Reservations": [{ "ReservationId": "r-1", "Instances": [{ "InstanceId": "i-0123456789abcdef0" }] }] }),
            &kinds::INSTANCE,
            "i-0123456789abcdef0",
        ),
        (
            json!({ "VpcEndpoints": [{ "VpcEndpointId": "vpce-0123456789abcdef0", "ServiceName": "com.amazonaws.eu-west-1.execute-api" }] }),
            &kinds::VPC_ENDPOINT,
            "vpce-0123456789abcdef0",
        ),
    ];
    for (content, kind, id) in cases {
        let estate = read(&[("account.json", content)]);
        assert_eq!(ids(&estate, kind), [id], "{}", kind.name);
        assert_eq!(told(&estate), [""; 0], "{}", kind.name);
    }
}

/// A folder as somebody fills it by hand.
#[test]
fn all_of_them_are_read_together() {
    let files = [
        ("apis.json", rest_apis(&["a1b2c3d4e5"])),
        ("resources.json", resources()),
        ("stages.json", stages()),
        ("groups.json", security_groups()),
        ("nat.json", nat_gateways()),
        ("acl.json", web_acl()),
        ("ips.json", ip_set()),
    ];
    let files = files
        .iter()
        .map(|(path, content)| (*path, printed(content)));
    let files = files.chain([("export.json", export("a1b2c3d4e5"))]);
    let estate = read_texts(&files.collect::<Vec<_>>());
    assert_eq!(told(&estate), [""; 0]);
    assert_eq!(ids(&estate, &kinds::EXPORT), ["a1b2c3d4e5/prod"]);
    let open = first(&estate, &get("203.0.113.7", "/prod/orders"));
    assert!(matches!(open.end, End::Handled { .. }), "{open:?}");
    let other = first(&estate, &get("198.51.100.7", "/prod/orders"));
    assert_eq!(other.status(), Some(403));
    let nowhere = first(&estate, &get("203.0.113.7", "/prod/nowhere"));
    assert_eq!(nowhere.status(), Some(403));
}

/// A given file is read whatever its name and folder; among others, what a test plays back is not.
#[test]
fn what_a_test_plays_back_is_no_account() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("tests/fixtures/groups.json");
    write(&file, &printed(&security_groups()));
    let estate = Estate::read(&[Input::Path(folder.path().to_path_buf())], &[]).expect("an estate");
    assert_eq!(ids(&estate, &kinds::SECURITY_GROUP), [""; 0]);
    let estate = Estate::read(&[Input::Path(file)], &[]).expect("an estate");
    assert_eq!(
        ids(&estate, &kinds::SECURITY_GROUP),
        ["sg-0123456789abcdef0"]
    );
}

/// Of several APIs the name of a file or folder says which; nothing is guessed.
#[test]
fn a_part_needs_to_say_of_what() {
    let apis = || rest_apis(&["a1b2c3d4e5", "f6g7h8i9j0"]);
    let unsaid = "this looks like the resources of something, and nothing says of what";
    for (path, expected, problems) in [
        ("f6g7h8i9j0/resources.json", vec!["f6g7h8i9j0"], vec![]),
        ("resources-a1b2c3d4e5.json", vec!["a1b2c3d4e5"], vec![]),
        ("resources.json", vec![], vec![unsaid]),
    ] {
        let estate = read(&[("apis.json", apis()), (path, resources())]);
        assert_eq!(ids(&estate, &kinds::RESOURCES), expected, "{path}");
        assert_eq!(told(&estate), problems, "{path}");
    }
    let estate = read(&[("resources.json", resources())]);
    assert!(told(&estate).contains(&unsaid), "{:?}", told(&estate));
}

/// An export says by its URL of which API it is.
#[test]
fn an_export_says_of_what_it_is() {
    let both = || {
        (
            "apis.json",
            printed(&rest_apis(&["a1b2c3d4e5", "f6g7h8i9j0"])),
        )
    };
    let estate = read_texts(&[both(), ("export.json", export("f6g7h8i9j0"))]);
    assert_eq!(ids(&estate, &kinds::EXPORT), ["f6g7h8i9j0/prod"]);
    assert_eq!(told(&estate), [""; 0]);

    let swagger = r#"{
  "swagger" : "2.0",
  "info" : { "title" : "orders" },
  "host" : "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
  "basePath" : "/prod",
  "paths" : { "/orders" : { "get" : { } } }
}"#;
    let estate = read_texts(&[both(), ("export.json", swagger.to_owned())]);
    assert_eq!(ids(&estate, &kinds::EXPORT), ["a1b2c3d4e5/prod"]);

    let one = ("apis.json", printed(&rest_apis(&["a1b2c3d4e5"])));
    let estate = read_texts(&[one, ("export.json", export("other"))]);
    assert_eq!(ids(&estate, &kinds::EXPORT), [""; 0]);
    assert_eq!(
        told(&estate),
        ["this is the export of the REST API other, which is not here"]
    );
}

/// What was not printed is not known, and why.
#[test]
fn an_api_without_its_parts_is_not_guessed() {
    let estate = read(&[("apis.json", rest_apis(&["a1b2c3d4e5"]))]);
    let course = first(&estate, &get("203.0.113.7", "/prod/orders"));
    let End::Unknown { because, .. } = &course.end else {
        panic!("{course:?}");
    };
    assert_eq!(
        because.0,
        "the answer to apigateway:GetResources is not here"
    );
}

/// A command may have been asked for some alone, so nobody can say that something is not there.
#[test]
fn what_is_not_listed_may_be_there() {
    let plans = json!({ "items": [{ "id": "u1", "name": "gold", "apiStages": [{ "apiId": "a1b2c3d4e5", "stage": "dev" }] }] });
    let mut keyed = resources();
    keyed["items"][1]["resourceMethods"]["GET"]["apiKeyRequired"] = true.into();
    let dumps = [
        ("apis.json", printed(&rest_apis(&["a1b2c3d4e5"]))),
        ("resources.json", printed(&keyed)),
        ("stages.json", printed(&stages())),
        ("plans.json", printed(&plans)),
    ];
    // What a snapshot says of another account and region says nothing of these.
    let elsewhere = r#"{ "why403-snapshot": 1, "operations": [{ "account": "210987654321", "region": "us-east-1",
        "service": "apigateway", "operation": "GetUsagePlans", "state": "fetched", "count": 0 }] }"#;
    let with_snapshot = dumps
        .iter()
        .cloned()
        .chain([("snapshot.json", elsewhere.to_owned())]);
    for files in [dumps.to_vec(), with_snapshot.collect()] {
        let estate = read_texts(&files);
        let mut request = get("203.0.113.7", "/prod/orders");
        request.headers.push("x-api-key", "secret");
        let course = first(&estate, &request);
        assert!(course.admits() && course.is_conditional(), "{course:?}");
    }
}

/// Of what is a part of something one page is no part.
#[test]
fn a_page_is_not_the_whole() {
    let page = |mut content: Json| {
        content["NextToken"] = "eyJ".into();
        content
    };
    let listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1";
    let rule = |number: u8, id: u8, priority: &str| json!({ "RuleArn": format!("{listener}/{number}/{id}"), "Priority": priority });
    for (content, expected) in [
        (
            page(resources()),
            "this is one page of several: `NextToken` says that the list goes on",
        ),
        (
            json!({ "Rules": [rule(1, 1, "10")] }),
            "these are not all rules of arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/1: the default one is missing",
        ),
        (
            json!({ "Rules": [rule(1, 1, "default"), rule(2, 2, "default")] }),
            "these rules are of several owners",
        ),
    ] {
        let estate = read(&[
            ("apis.json", rest_apis(&["a1b2c3d4e5"])),
            ("part.json", content),
        ]);
        assert_eq!(told(&estate), [expected]);
        assert!(estate.problems.iter().all(|problem| problem.fatal));
        assert_eq!(ids(&estate, &kinds::RESOURCES), [""; 0]);
        assert_eq!(ids(&estate, &kinds::RULES), [""; 0]);
    }
}

/// Nothing that `get-rest-apis` prints says of which account and region an API is; its policy may.
#[test]
fn the_place_of_an_api_stands_in_its_policy() {
    let role = "arn:aws:iam::123456789012:role/reader";
    let details = |resource: &str| {
        let statement =
            json!({ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource });
        let policy = json!({ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } });
        json!({ "RoleDetailList": [{ "RoleName": "reader", "Arn": role, "RolePolicyList": [policy], "AttachedManagedPolicies": [] }] })
    };
    let mut signed = resources();
    signed["items"][1]["resourceMethods"]["GET"]["authorizationType"] = "AWS_IAM".into();
    let other = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*";
    let own = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*";
    for (has_policy, resource, expected) in [
        (true, own, vec![true]),
        (true, other, vec![false]),
        // Without one, it may be any.
        (false, other, vec![true, false]),
    ] {
        let mut apis = rest_apis(&["a1b2c3d4e5"]);
        if !has_policy {
            apis["items"][0]["policy"] = Json::Null;
        }
        let estate = read(&[
            ("apis.json", apis),
            ("resources.json", signed.clone()),
            ("stages.json", stages()),
            ("iam.json", details(resource)),
        ]);
        let mut request = get("198.51.100.7", "/prod/orders");
        let session = "arn:aws:sts::123456789012:assumed-role/reader/session";
        request.signed_by = Some(Known::Is(session.to_owned()));
        let gate: &dyn Gate = estate.gates().next().expect("a gate");
        let ends: Vec<bool> = gate.pass(&request).iter().map(Course::admits).collect();
        assert_eq!(ends, expected, "{has_policy} {resource}");
    }
}

/// Tools that sort keys put the mark of a snapshot at its end.
#[test]
fn a_snapshot_with_sorted_keys_is_still_one() {
    let groups: serde_json::Map<String, Json> = (0..50)
        .map(|number| {
            let id = format!("sg-{number:08x}");
            let address = format!("aws://123456789012/eu-west-1/ec2/security-group/{id}");
            (address, json!({ "GroupId": id, "IpPermissions": [] }))
        })
        .collect();
    let estate = read(&[(
        "account.json",
        json!({
            "accounts": [{ "account": "123456789012" }],
            "operations": [],
            "resources": groups,
            "time": "2026-11-28T09:00:00Z",
            "why403-snapshot": 1,
        }),
    )]);
    assert_eq!(told(&estate), [""; 0]);
    assert_eq!(ids(&estate, &kinds::SECURITY_GROUP).len(), 50);
}

/// A host has no region that nobody told: of several things that tell it, each is enough.
#[test]
fn the_region_of_an_api_is_not_invented() {
    let mut apis = rest_apis(&["a1b2c3d4e5"]);
    let of_policy = printed(&apis);
    apis["items"][0]["policy"] = Json::Null;
    let apis = printed(&apis);
    let mut with_acl = stages();
    with_acl["item"][0]["webAclArn"] = ACL.into();
    let (plain, with_acl) = (printed(&stages()), printed(&with_acl));
    let export = export("a1b2c3d4e5");
    for (apis, stages, export, region) in [
        (&apis, &plain, None, "REGION"),
        (&of_policy, &plain, None, "eu-west-1"),
        (&apis, &with_acl, None, "eu-west-1"),
        (&apis, &plain, Some(export), "eu-west-1"),
    ] {
        let mut files = vec![
            ("apis.json", apis.clone()),
            ("resources.json", printed(&resources())),
            ("stages.json", stages.clone()),
        ];
        files.extend(export.map(|export| ("export.json", export)));
        let estate = read_texts(&files);
        let door = &estate.aws.rest[0].doors()[0];
        let example = door.example.as_ref().expect("an example");
        assert_eq!(
            example.host,
            format!("a1b2c3d4e5.execute-api.{region}.amazonaws.com")
        );
        assert_eq!(first(&estate, example).door(), Some(door.id));
    }
}
