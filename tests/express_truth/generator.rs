//! Stacks and requests made by chance, the same for each seed.

mod layers;
mod requests;

use serde_json::{Value, json};

use crate::ask::Ask;

pub struct Generator {
    state: u64,
    version: u8,
    /// express-oauth2-jwt-bearer makes a URL of the path, and `//api` is a host to it.
    makes_urls: bool,
    /// Two packages of sessions do not go together.
    session: &'static str,
    /// Who comes with a key alone is asked for no scopes: which user that is nobody says.
    has_key: bool,
    has_grant: bool,
}

/// Paths that both versions read alike.
const PATHS: [&str; 10] = [
    "/",
    "/api",
    "/api/orders",
    "/api/:id",
    "/files",
    "/api/orders/",
    "/:area/:id",
    "/api/v-:id",
    "/Api",
    "/api/:id/items",
];
const PATHS_OF_4: [&str; 9] = [
    "*",
    "/api/*",
    "/:id?",
    "/api/:id(\\d+)",
    "/a(pi)?",
    "/api/(orders|items)",
    "/ap+i",
    "/:id.json",
    "/api/:a-:b",
];
const PATHS_OF_5: [&str; 8] = [
    "/{*rest}",
    "/*rest",
    "/api{/:id}",
    "/api/:id.json",
    "/api/{*rest}",
    "/:a-:b",
    "/{api/}orders",
    "/api/*rest/end",
];
const ORIGINS: [&str; 3] = [
    "https://app.test",
    "https://evil.test",
    "http://app.test:8080",
];

impl Generator {
    pub fn new(seed: u64, case: u64, version: u8) -> Generator {
        let mut generator = Generator {
            state: seed ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(version),
            version,
            makes_urls: false,
            session: "express-session",
            has_key: false,
            has_grant: false,
        };
        if generator.one_in(3) {
            generator.session = "cookie-session";
        }
        generator
    }

    /// SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    pub fn manifest(&mut self) -> Value {
        let count = 1 + self.below(5);
        let mut stack: Vec<Value> = (0..count).map(|_| self.registration(2)).collect();
        let routes = 1 + self.below(3);
        stack.extend((0..routes).map(|_| self.route()));
        if self.one_in(3) {
            let middleware = self.layer();
            stack.push(middleware);
        }
        if self.one_in(3) {
            stack.push(self.error_handler());
        }
        let mut settings = serde_json::Map::new();
        if self.one_in(2) {
            let values = [
                json!(true),
                json!(1),
                json!(2),
                json!("loopback"),
                json!("127.0.0.2/32"),
                json!(["127.0.0.1", "127.0.0.2"]),
                json!(false),
            ];
            let value = values[self.below(values.len())].clone();
            settings.insert("trust proxy".into(), value);
        }
        if self.one_in(6) {
            settings.insert("strict routing".into(), json!(true));
        }
        if self.one_in(6) {
            settings.insert("case sensitive routing".into(), json!(true));
        }
        let listen = self.pick(&["::", "127.0.0.1", "0.0.0.0"]);
        json!({
            "manifest": "express/v1",
            "express": self.version,
            "settings": settings,
            "network": { "listen": listen },
            "middleware": {
                "corsAllow": { "use": "cors", "with": { "origin": { "$fn": "(origin, done) => done(null, true)" } } },
                "corsDeny": { "use": "cors", "with": { "origin": { "$fn": "(origin, done) => done(null, false)" } } },
                "corsFail": { "use": "cors", "with": { "origin": { "$fn": "(origin, done) => done(new Error('Not allowed by CORS'))" } } },
            },
            "stack": stack,
        })
    }

    fn registration(&mut self, depth: usize) -> Value {
        match self.below(8) {
            0 if depth > 0 => self.router(depth - 1),
            1 => self.route(),
            _ => {
                let mut layer = self.layer();
                if self.one_in(4) {
                    let at = self.path();
                    layer = match layer {
                        Value::String(name) => json!({ "use": name, "at": at }),
                        mut layer => {
                            layer["at"] = json!(at);
                            layer
                        }
                    };
                }
                layer
            }
        }
    }

    fn router(&mut self, depth: usize) -> Value {
        let before: Vec<Value> = match self.one_in(2) {
            true => vec![self.layer()],
            false => Vec::new(),
        };
        let count = 1 + self.below(3);
        let mut stack: Vec<Value> = (0..count).map(|_| self.registration(depth)).collect();
        stack.push(self.route());
        let mut options = serde_json::Map::new();
        if self.one_in(5) {
            options.insert("strict".into(), json!(true));
        }
        if self.one_in(5) {
            options.insert("caseSensitive".into(), json!(true));
        }
        let at = self.path();
        json!({ "router": { "at": at, "options": options, "before": before, "stack": stack } })
    }

    fn path(&mut self) -> &'static str {
        let own: &[&str] = match self.version {
            4 => &PATHS_OF_4,
            _ => &PATHS_OF_5,
        };
        let other: &[&str] = match self.version {
            4 => &PATHS_OF_5,
            _ => &PATHS_OF_4,
        };
        match self.below(60) {
            0 => self.pick(other),
            1..=12 => self.pick(own),
            _ => self.pick(&PATHS),
        }
    }

    fn route(&mut self) -> Value {
        let methods = self.pick(&[
            "GET", "POST", "GET,POST", "PUT", "DELETE", "ALL", "OPTIONS", "GET",
        ]);
        let path = self.path();
        let mut chain = Vec::new();
        if self.one_in(3) {
            chain.push(self.layer());
        }
        if !self.one_in(8) {
            chain.push(json!("inline:handler"));
        }
        if chain.is_empty() {
            chain.push(json!("inline:passes"));
        }
        json!({ "route": format!("{methods} {path}"), "chain": chain })
    }

    fn error_handler(&mut self) -> Value {
        match self.one_in(2) {
            true => json!({ "error": "inline:error-handler" }),
            false => json!({ "error": "inline:error-handler", "with": { "status": 418 } }),
        }
    }
}
