//! A small account, and requests to its APIs.

use serde_json::{Map, Value as Json, json};
use why403::estate::{Estate, Input};
use why403::gate::{Course, Gate, Knowledge};
use why403::request::{Headers, Known, Request, Scheme};

pub const OWNER: &str = "123456789012";
const REGION: &str = "eu-west-1";

#[derive(Default)]
pub struct Account {
    resources: Map<String, Json>,
    missing: Vec<Json>,
}

impl Account {
    pub fn add(self, service: &str, kind: &str, id: &str, content: Json) -> Account {
        self.of(OWNER, REGION, service, kind, id, content)
    }

    pub fn of(
        mut self,
        account: &str,
        region: &str,
        service: &str,
        kind: &str,
        id: &str,
        content: Json,
    ) -> Account {
        let address = format!("aws://{account}/{region}/{service}/{kind}/{id}");
        self.resources.insert(address, content);
        self
    }

    /// A user with a policy of this effect for all calls; `None` for one without.
    pub fn user(self, account: &str, name: &str, effect: Option<&str>) -> Account {
        let arn = format!("arn:aws:iam::{account}:user/{name}");
        let policies: Vec<Json> = effect
            .map(|effect| {
                let statement =
                    json!({ "Effect": effect, "Action": "execute-api:Invoke", "Resource": "*" });
                json!({ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": statement } })
            })
            .into_iter()
            .collect();
        let user = json!({ "UserName": name, "Arn": arn.clone(), "UserPolicyList": policies });
        self.of(account, "global", "iam", "user", &arn, user)
    }

    /// A REST API `a1` with one stage, `prod`; resources as path, verb and method.
    pub fn rest(self, api: Json, resources: Json) -> Account {
        self.rest_named("a1", api, resources)
    }

    pub fn rest_named(self, id: &str, mut api: Json, resources: Json) -> Account {
        api["id"] = id.into();
        api["name"] = id.into();
        if api.get("endpointConfiguration").is_none() {
            api["endpointConfiguration"] = json!({ "types": ["REGIONAL"] });
        }
        let paths = resources.as_object().expect("paths").iter();
        let items: Vec<Json> = paths
            .map(|(path, methods)| json!({ "id": path, "path": path, "resourceMethods": methods }))
            .collect();
        let responses = api["responses"].take();
        let authorizers = api["authorizers"].take();
        self.add("apigateway", "rest-api", id, api)
            .add("apigateway", "resources", id, json!({ "items": items }))
            .add("apigateway", "authorizers", id, list("items", authorizers))
            .add(
                "apigateway",
                "gateway-responses",
                id,
                list("items", responses),
            )
            .add(
                "apigateway",
                "stages",
                id,
                json!({ "item": [{ "stageName": "prod" }] }),
            )
    }

    /// An HTTP API `h1` with the stage `$default`; routes as key and settings.
    pub fn http(self, api: Json, routes: Json) -> Account {
        self.http_named("h1", api, routes, "$default")
    }

    pub fn http_named(self, id: &str, mut api: Json, routes: Json, stage: &str) -> Account {
        api["ApiId"] = id.into();
        api["Name"] = id.into();
        if api.get("ProtocolType").is_none() {
            api["ProtocolType"] = "HTTP".into();
        }
        let keys = routes.as_object().expect("routes").iter();
        let items: Vec<Json> = keys
            .map(|(key, route)| {
                let mut route = route.clone();
                route["RouteKey"] = key.as_str().into();
                route
            })
            .collect();
        let authorizers = api["authorizers"].take();
        self.add("apigatewayv2", "api", id, api)
            .add("apigatewayv2", "routes", id, json!({ "Items": items }))
            .add(
                "apigatewayv2",
                "authorizers",
                id,
                list("Items", authorizers),
            )
            .add(
                "apigatewayv2",
                "stages",
                id,
                json!({ "Items": [{ "StageName": stage }] }),
            )
            .add("apigatewayv2", "integrations", id, json!({ "Items": [] }))
    }

    pub fn denied(mut self, operation: &str) -> Account {
        self.missing.push(json!({
            "account": OWNER, "region": REGION, "service": "apigateway", "operation": operation,
            "state": "denied", "error": "AccessDeniedException",
        }));
        self
    }

    pub fn without(mut self, service: &str, kind: &str, id: &str) -> Account {
        let address = format!("aws://{OWNER}/{REGION}/{service}/{kind}/{id}");
        self.resources.remove(&address).expect("such a document");
        self
    }

    pub fn estate(self) -> Estate {
        let rest = [
            "GetRestApis",
            "GetDomainNames",
            "GetUsagePlans",
            "GetApiKeys",
        ];
        let rest = rest.map(|name| ("apigateway", name));
        let operations = rest.into_iter().chain([("apigatewayv2", "GetDomainNames")]);
        let mut operations: Vec<Json> = operations
            .map(|(service, name)| {
                json!({
                    "account": OWNER, "region": REGION, "service": service, "operation": name,
                    "state": "fetched",
                })
            })
            .collect();
        operations.extend(self.missing);
        let snapshot = json!({
            "why403-snapshot": 1,
            "time": "2026-11-28T00:00:00Z",
            "accounts": [{ "account": OWNER, "partition": "aws", "regions": [REGION] }],
            "operations": operations,
            "resources": self.resources,
        });
        let input = Input::Snapshot {
            name: "account.json".to_owned(),
            text: snapshot.to_string().into_bytes().into(),
        };
        Estate::read(&[input], &[]).expect("an estate")
    }
}

fn list(key: &str, items: Json) -> Json {
    match items {
        Json::Null => json!({ key: [] }),
        items => json!({ key: items }),
    }
}

/// The courses of a request through an API.
pub fn courses(estate: &Estate, id: &str, request: &Request) -> Vec<Course> {
    gate(estate, id).pass(request)
}

/// The only course of a request, and its status; 200 for what goes on.
pub fn status(estate: &Estate, id: &str, request: &Request) -> u16 {
    let courses = courses(estate, id, request);
    let [course] = courses.as_slice() else {
        panic!("{} courses: {courses:#?}", courses.len());
    };
    end(course)
}

pub fn end(course: &Course) -> u16 {
    match course.admits() {
        true => 200,
        false => course.status().expect("a status"),
    }
}

pub fn header(course: &Course, name: &str) -> Option<String> {
    let mut headers = course.response_headers().iter();
    let found = headers.find(|one| one.name.eq_ignore_ascii_case(name.as_bytes()))?;
    Some(found.value.known()?.to_string())
}

/// The API to which a request belongs, as far as it is certain.
pub fn knows<'i>(estate: &Estate, ids: &[&'i str], request: &Request) -> Vec<&'i str> {
    let named = ids.iter().copied();
    named
        .filter(|id| gate(estate, id).knows(request) == Knowledge::Named)
        .collect()
}

pub fn gate<'e>(estate: &'e Estate, id: &str) -> &'e dyn Gate {
    let end = format!("({id})");
    let mut gates = estate.gates();
    gates
        .find(|gate| gate.name().name.ends_with(&end))
        .expect("the API")
}

/// To the API's own host.
pub fn to(id: &str, method: &str, target: &str) -> Request {
    at(
        &format!("{id}.execute-api.{REGION}.amazonaws.com"),
        method,
        target,
    )
}

pub fn at(host: &str, method: &str, target: &str) -> Request {
    Request {
        method: method.to_owned(),
        scheme: Scheme::Https,
        host: host.to_owned(),
        port: 443,
        target: target.into(),
        headers: Headers::default(),
        from: Known::Is("203.0.113.7".parse().expect("an address")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

pub fn signed(mut request: Request, account: &str, name: &str) -> Request {
    request.signed_by = Some(Known::Is(format!("arn:aws:iam::{account}:user/{name}")));
    request
}

pub fn with(mut request: Request, headers: &[(&str, &str)]) -> Request {
    for (name, value) in headers {
        request.headers.push(*name, *value);
    }
    request
}

pub fn preflight(id: &str, target: &str, origin: &str) -> Request {
    let headers = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
    with(to(id, "OPTIONS", target), &headers)
}

pub fn policy(statements: Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

pub fn statement(effect: &str, principal: Json, condition: Json) -> Json {
    let mut statement = json!({
        "Effect": effect, "Principal": principal, "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

/// Bearer and a JSON Web Token with these claims; nobody looks at its signature.
pub fn bearer(claims: &Json) -> String {
    let parts = [json!({ "alg": "RS256" }), claims.clone()];
    let [header, body] = parts.map(|part| base64url(part.to_string().as_bytes()));
    format!("Bearer {header}.{body}.x")
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..=chunk.len() {
            out.push(LETTERS[(bits >> (18 - 6 * at)) as usize & 63] as char);
        }
    }
    out
}
