//! REST APIs and requests to them.

use serde_json::{Map, Value as Json, json};

use super::{Generator, SIGNERS};
use crate::case::Ask;

const PATHS: [&str; 7] = [
    "/",
    "/orders",
    "/orders/{id}",
    "/orders/{id}/items",
    "/orders/new",
    "/{proxy+}",
    "/files/{proxy+}",
];

const ASKED: [&str; 13] = [
    "",
    "/",
    "/orders",
    "/orders",
    "/orders",
    "/orders/",
    "/orders/7",
    "/orders/7/items",
    "/orders/new",
    "/files/a/b",
    "/files",
    "/ORDERS",
    "/nowhere",
];

const VERBS: [&str; 5] = ["GET", "POST", "DELETE", "OPTIONS", "ANY"];

impl Generator {
    pub(super) fn rest(&mut self, label: &str) -> Json {
        let mut resources = Map::new();
        // Of each API a part of the paths, the first ones always.
        for path in ["/orders", "/orders/{id}"] {
            resources.insert(path.to_owned(), self.methods());
        }
        for path in PATHS {
            if self.chance(35) {
                let methods = self.methods();
                resources.entry(path).or_insert(methods);
            }
        }
        let stages: &[&str] = match self.chance(50) {
            true => &["prod"],
            false => &["prod", "dev"],
        };
        let plans = match self.below(3) {
            0 => json!({}),
            1 => json!({ "plan": ["prod"] }),
            _ => json!({ "plan": ["prod"], "other": [stages[stages.len() - 1]] }),
        };
        let mut api = json!({
            "kind": "rest",
            "policy": self.resource_policy(label),
            "resources": resources,
            "authorizers": self.rest_authorizers(),
            "responses": self.responses(),
            "stages": stages,
            "plans": plans,
            "keys": self.keys(label, &plans),
        });
        if self.chance(8) {
            api["disabled"] = true.into();
        }
        if self.chance(40) {
            api["domains"] = self.domains(label, stages);
        }
        api
    }

    fn methods(&mut self) -> Json {
        let mut methods = Map::new();
        for verb in VERBS {
            if self.chance(if verb == "GET" { 80 } else { 35 }) {
                methods.insert(verb.to_owned(), self.method(verb));
            }
        }
        methods.into()
    }

    fn method(&mut self, verb: &str) -> Json {
        let is_open = verb == "OPTIONS" && self.chance(60);
        let mut method = match self.below(10) {
            _ if is_open => json!({ "auth": "NONE" }),
            0..4 => json!({ "auth": "NONE" }),
            4..8 => json!({ "auth": "AWS_IAM" }),
            8 => json!({ "auth": "CUSTOM", "authorizer": "token" }),
            _ => json!({ "auth": "CUSTOM", "authorizer": "request" }),
        };
        if self.chance(12) {
            method["key"] = true.into();
        }
        if self.chance(40) {
            method["headers"] = json!({ "Access-Control-Allow-Origin": "'https://shop.test'" });
        }
        method
    }

    fn rest_authorizers(&mut self) -> Json {
        let mut token = json!({ "type": "TOKEN", "source": "method.request.header.Authorization" });
        if self.chance(50) {
            token["expression"] = "^Bearer [a-z]+$".into();
        }
        let source = *self.pick(&[
            "method.request.header.Authorization",
            "method.request.header.Authorization, method.request.querystring.tenant",
        ]);
        let ttl = *self.pick(&[0, 300]);
        json!({ "token": token, "request": { "type": "REQUEST", "source": source, "ttl": ttl } })
    }

    /// Each says by its header which it is.
    fn responses(&mut self) -> Json {
        let mut responses = Map::new();
        for kind in [
            "DEFAULT_4XX",
            "DEFAULT_5XX",
            "ACCESS_DENIED",
            "MISSING_AUTHENTICATION_TOKEN",
            "UNAUTHORIZED",
            "INVALID_API_KEY",
        ] {
            if !self.chance(if kind.starts_with("DEFAULT") { 50 } else { 25 }) {
                continue;
            }
            let mut response = json!({});
            if self.chance(80) {
                let name = kind.to_ascii_lowercase().replace('_', "-");
                response["headers"] =
                    json!({ "Access-Control-Allow-Origin": format!("'https://{name}.test'") });
            }
            if self.chance(20) {
                response["status"] = self.pick(&["401", "403", "404", "418"]).to_string().into();
            }
            responses.insert(kind.to_owned(), response);
        }
        responses.into()
    }

    fn keys(&mut self, label: &str, plans: &Json) -> Json {
        match plans.get("plan") {
            None => json!({}),
            Some(_) if self.chance(15) => json!({}),
            Some(_) => json!({
                "right": { "value": key("right", label), "enabled": true, "plans": ["plan"] },
                "disabled": { "value": key("disabled", label), "enabled": false, "plans": ["plan"] },
                "loose": { "value": key("loose", label), "enabled": true, "plans": [] },
            }),
        }
    }

    fn domains(&mut self, label: &str, stages: &[&str]) -> Json {
        let name = format!("{label}.shop.example");
        let mut mappings = vec![json!(["v1", stages[0]])];
        if self.chance(50) {
            mappings.push(json!(["beta", stages[stages.len() - 1]]));
        }
        if self.chance(50) {
            mappings.push(json!(["", stages[0]]));
        }
        if self.chance(30) {
            mappings.push(json!(["any", null]));
        }
        json!({ name: mappings })
    }

    pub(super) fn rest_asks(&mut self, label: &str, api: &Json) -> Vec<Ask> {
        let count = 8;
        (0..count).map(|_| self.rest_ask(label, api)).collect()
    }

    fn rest_ask(&mut self, label: &str, api: &Json) -> Ask {
        let verb = *self.pick(&[
            "GET", "GET", "GET", "POST", "DELETE", "OPTIONS", "PUT", "HEAD",
        ]);
        let path = *self.pick(&ASKED);
        let stage = *self.pick(&["prod", "prod", "prod", "prod", "prod", "dev", "Prod"]);
        let mut ask = match self.chance(25) && api.get("domains").is_some() {
            true => {
                let base = *self.pick(&["/v1", "/v1", "/beta", "", "/any/prod", "/v10"]);
                let ask = Ask::new(label, verb, &slash(format!("{base}{path}")));
                ask.host(&format!("{label}.shop.example"))
            }
            false => Ask::new(label, verb, &format!("/{stage}{path}")),
        };
        ask.from = self.address();
        if self.chance(20) {
            ask.target.push_str("?tenant=7");
        }
        ask = self.origin(ask);
        ask = match self.below(10) {
            0..3 => ask,
            3..7 => {
                let signer = *self.pick(&SIGNERS);
                ask.by(signer)
            }
            _ => {
                let word = *self.pick(&[
                    "allow",
                    "allow",
                    "Bearer allow",
                    "Bearer method",
                    "Bearer deny",
                    "Bearer silent",
                    "Bearer Allow",
                ]);
                ask.header("Authorization", word)
            }
        };
        self.with_key(ask, label, api, stage)
    }

    fn with_key(&mut self, ask: Ask, label: &str, api: &Json, stage: &str) -> Ask {
        let name = match self.below(6) {
            0..3 => "right",
            3 => "disabled",
            4 => "loose",
            _ => return ask,
        };
        let in_plan = api["plans"]["plan"].as_array();
        let has_stage = in_plan.is_some_and(|stages| stages.iter().any(|one| one == stage));
        let is_right = name == "right" && api["keys"].get(name).is_some() && has_stage;
        ask.key(&key(name, label), is_right)
    }
}

/// The value of a key, which is another one for each API of the account.
fn key(name: &str, label: &str) -> String {
    format!("key-{name}-{label}-abcdefghijklmnop")
}

fn slash(target: String) -> String {
    match target.starts_with('/') {
        true => target,
        false => format!("/{target}"),
    }
}
