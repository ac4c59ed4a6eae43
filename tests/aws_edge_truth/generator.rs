//! Accounts and requests by chance.

use serde_json::{Map, Value, json};

pub struct Generator(u64);

const HOSTS: [&str; 4] = ["shop.test", "api.shop.test", "www.other.test", "x.test"];
const PATHS: [&str; 8] = [
    "/",
    "/orders",
    "/orders/7",
    "/api/v1/orders",
    "/api/v2/",
    "/static/app.js",
    "/static/deep/app.css",
    "/apiary",
];
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "OPTIONS", "DELETE"];
/// AllViewer, AllViewerExceptHostHeader, CORS-CustomOrigin, UserAgentRefererHeaders.
const MANAGED: [&str; 4] = [
    "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "59781a5b-3903-41f3-afcb-af62929ccde1",
    "acba4595-bd28-49b8-b9fe-13317c0390fa",
];

impl Generator {
    pub fn new(seed: u64, number: u64) -> Generator {
        let mixed =
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut generator = Generator(mixed | 1);
        for _ in 0..8 {
            generator.next();
        }
        generator
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn some<'t>(&mut self, from: &[&'t str]) -> Vec<&'t str> {
        let chosen: Vec<&str> = from.iter().copied().filter(|_| self.one_in(2)).collect();
        match chosen.is_empty() {
            true => vec![self.pick(from)],
            false => chosen,
        }
    }

    pub fn plan(&mut self) -> Value {
        let mut requests: Vec<Value> = (0..24).map(|_| self.call_of_balancer()).collect();
        requests.extend((0..30).map(|_| self.call_of_distribution()));
        let functions = self.functions();
        let names: Vec<String> = functions["urls"]
            .as_object()
            .map(|urls| urls.keys().cloned().collect())
            .unwrap_or_default();
        for name in names {
            requests.extend(
                ["", "ann", "bob", "eve"].map(|signer| self.call_of_function(&name, signer)),
            );
        }
        json!({
            "balancer": self.balancer(),
            "distribution": self.distribution(),
            "functions": functions,
            "requests": requests,
        })
    }

    fn balancer(&mut self) -> Value {
        let count = self.below(6);
        let rules: Vec<Value> = (0..count)
            .map(|at| {
                let conditions: Vec<Value> =
                    (0..1 + self.below(2)).map(|_| self.condition()).collect();
                json!({ "priority": 10 * (at + 1), "conditions": distinct(conditions),
                        "actions": self.actions() })
            })
            .collect();
        json!({ "default": self.actions(), "rules": rules })
    }

    fn condition(&mut self) -> Value {
        match self.below(4) {
            0 => {
                let values = self.some(&["/orders*", "/api/v?/*", "/static/*", "*.js", "/", "*"]);
                json!({ "Field": "path-pattern", "Values": values[..values.len().min(2)] })
            }
            1 => {
                let values = self.some(&["shop.test", "*.shop.test", "*.test", "?.test"]);
                json!({ "Field": "host-header", "Values": values[..values.len().min(2)] })
            }
            2 => {
                let values = self.some(&["GET", "POST", "OPTIONS"]);
                json!({ "Field": "http-request-method",
                        "HttpRequestMethodConfig": {"Values": values[..values.len().min(2)]} })
            }
            _ => {
                let values = self.some(&["*CHROME*", "curl/?.*"]);
                json!({ "Field": "http-header",
                        "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": values} })
            }
        }
    }

    fn actions(&mut self) -> Value {
        let forward = json!({ "Type": "forward", "Order": 2, "TargetGroupArn": "<group>" });
        match self.below(6) {
            0 | 1 => json!([forward]),
            2 => {
                let policy = self.pick(&["deny", "allow", "authenticate"]);
                json!([{ "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
                    "Issuer": "https://login.test", "AuthorizationEndpoint": "https://login.test/a",
                    "TokenEndpoint": "https://login.test/t", "UserInfoEndpoint": "https://login.test/u",
                    "ClientId": "c", "ClientSecret": "s", "OnUnauthenticatedRequest": policy } }, forward])
            }
            3 => json!([{ "Type": "redirect", "RedirectConfig":
                { "Host": "other.test", "StatusCode": self.pick(&["HTTP_301", "HTTP_302"]) } }]),
            _ => json!([{ "Type": "fixed-response", "FixedResponseConfig":
                { "StatusCode": self.pick(&["200", "403", "404", "503"]) } }]),
        }
    }

    fn call_of_balancer(&mut self) -> Value {
        let mut headers = Vec::new();
        if !self.one_in(3) {
            let agent = self.pick(&["curl/8.5.0", "A Chrome of sorts", "other"]);
            headers.push(json!(["User-Agent", agent]));
        }
        json!({ "to": "balancer", "method": self.pick(&METHODS), "host": self.pick(&HOSTS),
                "target": self.pick(&PATHS), "headers": headers })
    }

    fn distribution(&mut self) -> Value {
        let patterns = self.some(&["/static/*", "api/v?/*", "*.js", "/orders"]);
        let behaviors: Vec<Value> = patterns
            .iter()
            .map(|pattern| {
                let mut behavior = self.behavior();
                behavior["pattern"] = json!(pattern);
                behavior
            })
            .collect();
        json!({ "path": self.pick(&["", "/prod"]), "default": self.behavior(), "behaviors": behaviors })
    }

    fn behavior(&mut self) -> Value {
        let methods = self.pick(&[
            &["GET", "HEAD"] as &[&str],
            &["GET", "HEAD", "OPTIONS"],
            &["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        ]);
        let mut behavior = Map::new();
        behavior.insert("methods".into(), json!(methods));
        let viewer = self.pick(&["allow-all", "https-only", "redirect-to-https"]);
        behavior.insert("viewer".into(), json!(viewer));
        if self.one_in(4) {
            behavior.insert("legacy".into(), self.legacy());
            return Value::Object(behavior);
        }
        let names = self.some(&["Authorization", "Origin", "X-Api-Key"]);
        let headers = match self.one_in(2) {
            true => json!({ "HeaderBehavior": "none" }),
            false => json!({ "HeaderBehavior": "whitelist", "Headers": items(&names) }),
        };
        let cache = json!({
            "EnableAcceptEncodingGzip": false,
            "HeadersConfig": headers,
            "CookiesConfig": self.chosen("Cookie", "Cookies", &["a", "b"], true),
            "QueryStringsConfig": self.chosen("QueryString", "QueryStrings", &["page", "q"], true),
        });
        behavior.insert("cache".into(), cache);
        match self.below(3) {
            0 => {}
            1 => {
                behavior.insert("managed".into(), json!(self.pick(&MANAGED)));
            }
            _ => {
                let names = self.some(&["Origin", "X-Api-Key", "Host"]);
                let headers = match self.below(4) {
                    0 => json!({ "HeaderBehavior": "none" }),
                    1 => json!({ "HeaderBehavior": "allViewer" }),
                    2 => json!({ "HeaderBehavior": "allExcept", "Headers": items(&["Host"]) }),
                    _ => json!({ "HeaderBehavior": "whitelist", "Headers": items(&names) }),
                };
                let request = json!({
                    "HeadersConfig": headers,
                    "CookiesConfig": self.chosen("Cookie", "Cookies", &["a", "b"], false),
                    "QueryStringsConfig": self.chosen("QueryString", "QueryStrings", &["page", "q"], false),
                });
                behavior.insert("request".into(), request);
            }
        }
        Value::Object(behavior)
    }

    /// All, none or some; all but some in one of two policies at most, for what two of these come to
    /// is not documented.
    fn chosen(&mut self, key: &str, list: &str, from: &[&str], except: bool) -> Value {
        let names = items(&self.some(from));
        let behavior = format!("{key}Behavior");
        let kind = match self.below(4) {
            0 => "all",
            1 => "whitelist",
            2 if except => "allExcept",
            _ => return json!({ behavior: "none" }),
        };
        match kind {
            "all" => json!({ behavior: kind }),
            _ => json!({ behavior: kind, list: names }),
        }
    }

    fn legacy(&mut self) -> Value {
        let headers = self.pick(&[
            &[] as &[&str],
            &["*"],
            &["Authorization"],
            &["Host", "Origin"],
        ]);
        let names = items(&self.some(&["a", "b"]));
        let cookies = match self.below(3) {
            0 => json!({ "Forward": "none" }),
            1 => json!({ "Forward": "all" }),
            _ => json!({ "Forward": "whitelist", "WhitelistedNames": names }),
        };
        json!({ "QueryString": self.one_in(2), "Cookies": cookies, "Headers": items(headers) })
    }

    fn call_of_distribution(&mut self) -> Value {
        let mut headers = Vec::new();
        if !self.one_in(5) {
            headers.push(json!(["X-Forwarded-Proto", "https"]));
        }
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("X-Api-Key", "k"),
            ("Origin", "https://app.test"),
            ("Cookie", "a=1; b=2"),
        ] {
            if !self.one_in(3) {
                headers.push(json!([name, value]));
            }
        }
        let path = self.pick(&PATHS);
        let query = self.pick(&["", "?page=1", "?page=1&q=shoes"]);
        json!({ "to": "distribution", "method": self.pick(&METHODS),
                "target": format!("{path}{query}"), "headers": headers })
    }

    fn functions(&mut self) -> Value {
        let mut urls = Map::new();
        for name in ["one", "two"] {
            let permissions: Vec<Value> = match self.below(3) {
                0 => Vec::new(),
                1 => vec![
                    json!({ "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM",
                            "Principal": "arn:aws:iam::000000000000:user/bob" }),
                    json!({ "Action": "lambda:InvokeFunction",
                            "Principal": "arn:aws:iam::000000000000:user/bob" }),
                ],
                _ => vec![json!({ "Action": "lambda:InvokeFunctionUrl",
                                  "FunctionUrlAuthType": "AWS_IAM", "Principal": "*" })],
            };
            urls.insert(
                name.into(),
                json!({ "auth": "AWS_IAM", "permissions": permissions }),
            );
        }
        let both = json!(["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]);
        let mut policy = || {
            let resource = self.pick(&["*", "arn:aws:lambda:us-east-1:000000000000:function:one"]);
            match self.below(4) {
                0 => Value::Null,
                1 => statement("Deny", &both, resource),
                _ => statement("Allow", &both, resource),
            }
        };
        let users = json!({ "ann": policy(), "bob": policy(), "eve": policy() });
        json!({ "urls": urls, "users": users })
    }

    fn call_of_function(&mut self, name: &str, signer: &str) -> Value {
        let mut request = json!({ "to": name, "method": self.pick(&["GET", "POST"]),
                                  "target": "/", "headers": [] });
        if !signer.is_empty() {
            request["signer"] = json!(signer);
        }
        request
    }
}

fn statement(effect: &str, actions: &Value, resource: &str) -> Value {
    json!({ "Version": "2012-10-17",
            "Statement": [{ "Effect": effect, "Action": actions, "Resource": resource }] })
}

/// As CloudFront writes a list.
fn items(names: &[&str]) -> Value {
    json!({ "Quantity": names.len(), "Items": names })
}

/// A rule may have one condition of a kind.
fn distinct(conditions: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for condition in conditions {
        if kept.iter().all(|one| one["Field"] != condition["Field"]) {
            kept.push(condition);
        }
    }
    kept
}
