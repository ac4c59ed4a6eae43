//! WebSocket APIs, and domains with mappings to several APIs.

use serde_json::{Map, Value as Json, json};

use super::{Generator, SIGNERS};
use crate::case::Ask;

const DOMAIN: &str = "shared.shop.example";

impl Generator {
    pub(super) fn web_socket(&mut self) -> Json {
        let mut routes = Map::new();
        if self.chance(85) {
            let auth = *self.pick(&["NONE", "AWS_IAM", "AWS_IAM", "CUSTOM"]);
            routes.insert("$connect".to_owned(), json!({ "auth": auth }));
        }
        routes.insert("$default".to_owned(), json!({ "auth": "NONE" }));
        json!({ "kind": "ws", "routes": routes })
    }

    pub(super) fn web_socket_ask(&mut self, label: &str) -> Ask {
        let ask = Ask::new(label, "GET", "/prod").upgrade();
        match self.below(4) {
            0 => ask,
            1 | 2 => {
                let signer = *self.pick(&SIGNERS);
                ask.by(signer)
            }
            _ => {
                let word = *self.pick(&["Bearer allow", "Bearer deny"]);
                ask.header("Authorization", word)
            }
        }
    }

    /// One domain; the mapping of all else may be missing.
    pub(super) fn shared(&mut self, apis: &Map<String, Json>) -> Json {
        let mut mappings = Vec::new();
        for (base, label) in [
            ("", "rest0"),
            ("v1", "rest1"),
            ("v1/orders", "rest2"),
            ("web", "http0"),
            ("web/v2", "http1"),
        ] {
            if self.chance(70) {
                let stage = &apis[label]["stages"][0];
                mappings.push(json!([base, label, stage]));
            }
        }
        json!({ DOMAIN: mappings })
    }

    pub(super) fn shared_ask(&mut self) -> Ask {
        let base = *self.pick(&[
            "",
            "/v1",
            "/v1/orders",
            "/v1/orders",
            "/web",
            "/web/v2",
            "/webs",
        ]);
        let path = *self.pick(&["/orders", "/orders/7", "/nowhere"]);
        let mut ask = Ask::new("rest0", "GET", &format!("{base}{path}")).host(DOMAIN);
        ask.from = self.address();
        ask
    }
}
