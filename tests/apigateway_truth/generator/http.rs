//! HTTP APIs and requests to them.

use serde_json::{Map, Value as Json, json};

use super::{Generator, SIGNERS};
use crate::case::Ask;

const ROUTES: [&str; 11] = [
    "GET /orders",
    "POST /orders",
    "ANY /orders",
    "GET /orders/{id}",
    "GET /orders/new",
    "ANY /orders/{proxy+}",
    "GET /{shop}/orders",
    "ANY /{proxy+}",
    "OPTIONS /{proxy+}",
    "GET /",
    "$default",
];

const ASKED: [&str; 9] = [
    "/",
    "/orders",
    "/orders",
    "/orders/7",
    "/orders/new",
    "/orders/7/items",
    "/shop/orders",
    "/ORDERS",
    "/nowhere",
];

impl Generator {
    pub(super) fn http(&mut self) -> Json {
        let mut routes = Map::new();
        for key in ROUTES {
            if self.chance(if key == "$default" { 25 } else { 40 }) {
                routes.insert(key.to_owned(), self.route());
            }
        }
        let choices: [&[&str]; 4] = [
            &["$default"],
            &["$default"],
            &["$default", "dev"],
            &["prod"],
        ];
        let stages = *self.pick(&choices);
        let mut api = json!({
            "kind": "http",
            "routes": routes,
            "stages": stages,
            "authorizers": {
                "jwt": {
                    "type": "JWT",
                    "source": "$request.header.Authorization",
                    "audience": ["shop"],
                },
                "lambda": { "type": "REQUEST", "source": "$request.header.Authorization" },
            },
        });
        if self.chance(50) {
            api["cors"] = self.cors();
        }
        api
    }

    fn route(&mut self) -> Json {
        match self.below(6) {
            0 | 1 => json!({ "auth": "NONE" }),
            2 => json!({ "auth": "AWS_IAM" }),
            3 => json!({ "auth": "JWT", "authorizer": "jwt" }),
            4 => json!({ "auth": "JWT", "authorizer": "jwt", "scopes": ["orders.read", "admin"] }),
            _ => json!({ "auth": "CUSTOM", "authorizer": "lambda" }),
        }
    }

    fn cors(&mut self) -> Json {
        let mut cors = json!({
            "AllowOrigins": match self.chance(30) {
                true => json!(["*"]),
                false => json!(["https://shop.test"]),
            },
            "AllowMethods": ["GET", "POST"],
        });
        if self.chance(60) {
            cors["AllowHeaders"] = json!(["authorization", "content-type"]);
        }
        if cors["AllowOrigins"][0] != "*" && self.chance(40) {
            cors["AllowCredentials"] = true.into();
        }
        cors
    }

    pub(super) fn http_asks(&mut self, label: &str, _: &Json) -> Vec<Ask> {
        (0..8).map(|_| self.http_ask(label)).collect()
    }

    fn http_ask(&mut self, label: &str) -> Ask {
        let verb = *self.pick(&["GET", "GET", "GET", "POST", "DELETE", "OPTIONS"]);
        let path = *self.pick(&ASKED);
        let stage = *self.pick(&["", "", "", "/prod", "/dev"]);
        let mut ask = Ask::new(label, verb, &format!("{stage}{path}"));
        ask.from = self.address();
        if verb == "OPTIONS" {
            return self.preflight(ask);
        }
        ask = self.origin(ask);
        match self.below(6) {
            0 => ask,
            1 => {
                let signer = *self.pick(&SIGNERS);
                ask.by(signer)
            }
            2 | 3 => {
                let claims = self.claims();
                ask.claims(claims)
            }
            _ => {
                let word = *self.pick(&["allow", "Bearer allow", "Bearer deny", "Bearer silent"]);
                ask.header("Authorization", word)
            }
        }
    }

    fn preflight(&mut self, ask: Ask) -> Ask {
        let origin = *self.pick(&[
            "https://shop.test",
            "https://shop.test",
            "https://other.test",
        ]);
        let method = *self.pick(&["GET", "POST", "DELETE"]);
        let ask = ask
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method);
        match self.chance(40) {
            true => ask.header("Access-Control-Request-Headers", "authorization"),
            false => ask,
        }
    }

    fn claims(&mut self) -> Json {
        let mut claims = json!({ "sub": "ann" });
        match self.below(5) {
            0 => claims["aud"] = "other".into(),
            1 => claims["client_id"] = "shop".into(),
            2 => claims["aud"] = json!(["other", "shop"]),
            _ => claims["aud"] = "shop".into(),
        }
        match self.below(4) {
            0 => claims["scope"] = "orders.read orders.write".into(),
            1 => claims["scope"] = "orders".into(),
            2 => claims["scp"] = json!(["admin"]),
            _ => {}
        }
        if self.chance(10) {
            claims["iss"] = "http://127.0.0.1:1/other".into();
        }
        claims
    }
}
