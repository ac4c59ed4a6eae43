//! Stacks and requests made by chance, the same for each seed.

use serde_json::{Value, json};

/// A request of the test.
pub struct Ask {
    pub method: String,
    pub path: String,
    /// `<valid>` and `<invalid>` stand for tokens that only the server can make, and `<token:{…}>`
    /// for one that is signed rightly and has these claims, too.
    pub headers: Vec<(String, String)>,
    /// The loopback address that it comes from.
    pub from: String,
}

impl Ask {
    pub fn shown(&self) -> String {
        format!(
            "{} {} {:?} from {}",
            self.method, self.path, self.headers, self.from
        )
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether what this layer looks at is right.
    pub fn is_right_for(&self, layer: &str) -> bool {
        let authorization = self.header("Authorization").unwrap_or_default();
        let claims = self.claims();
        match layer {
            "csurf" | "csrf-csrf" | "csrf-sync" | "lusca:csrf" => false,
            "express-basic-auth" => authorization.ends_with("cHJvYmU6cHJvYmU="),
            "passport:authenticate" if self.path.contains("username=probe&password=probe") => true,
            "passport:authenticate" if authorization.ends_with("cHJvYmU6cHJvYmU=") => true,
            "inline:api-key" => self.header("x-api-key") == Some("<valid>"),
            "express-oauth2-jwt-bearer:auth" if claims["aud"] != AUDIENCE => false,
            _ => authorization.ends_with("<valid>") || self.has_signed() && claims["exp"] != 1,
        }
    }

    fn has_signed(&self) -> bool {
        self.header("Authorization")
            .is_some_and(|header| header.contains("<token:"))
    }

    /// What its token says.
    pub fn claims(&self) -> Value {
        let mut claims = json!({
            "sub": "probe", "iss": "https://issuer.test/", "aud": AUDIENCE,
            "scope": "read", "roles": ["user"], "exp": 4102444800u64,
        });
        let header = self.header("Authorization").unwrap_or_default();
        let given = header
            .split_once("<token:")
            .and_then(|(_, rest)| rest.strip_suffix('>'));
        if let Some(given) = given {
            let more: Value = serde_json::from_str(given).expect("claims");
            for (name, value) in more.as_object().expect("an object") {
                claims[name] = value.clone();
            }
        }
        claims
    }

    /// Whether its token grants one of these ways: `a and b or c`.
    pub fn grants(&self, ways: &str) -> bool {
        if !self.has_signed()
            && !self
                .header("Authorization")
                .is_some_and(|one| one.contains('<'))
        {
            return false;
        }
        let claims = self.claims();
        let texts =
            ["scope", "roles", "permissions", "sub", "tier"].map(|name| match &claims[name] {
                Value::String(text) => text.split(' ').map(str::to_owned).collect(),
                Value::Array(items) => items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            });
        let has = texts.concat();
        let mut ways = ways.split(" or ");
        ways.any(|way| {
            way.split(" and ")
                .all(|name| has.iter().any(|one| one == name))
        })
    }
}

const AUDIENCE: &str = "why403";

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

    fn layer(&mut self) -> Value {
        match self.below(15) {
            0..=3 => self.cors(),
            4..=6 => self.auth(),
            7 => self.limit(),
            8 => self.csrf(),
            9 => self.address(),
            10 => self.headers(),
            11 => self.proxy(),
            12 => self.grant(),
            13 => json!({ "use": "express:static", "with": { "fallthrough": !self.one_in(3) } }),
            _ => json!(self.pick(&[
                "helmet",
                "express:json",
                "cookie-parser",
                self.session,
                "inline:passes"
            ])),
        }
    }

    fn cors(&mut self) -> Value {
        let options = [
            json!({}),
            json!({ "origin": ORIGINS[0] }),
            json!({ "origin": [ORIGINS[0], ORIGINS[2]], "credentials": true }),
            json!({ "origin": true, "credentials": true }),
            json!({ "origin": false }),
            json!({ "origin": "" }),
            json!({ "origin": { "$undefined": 1 } }),
            json!({ "origin": { "$regex": "\\.test$", "flags": "" } }),
            json!({ "origin": ["*"] }),
            json!({ "origin": [] }),
            json!({ "origin": "*", "credentials": "true" }),
            json!({ "allowedHeaders": ["Content-Type"] }),
            json!({ "allowedHeaders": "Authorization,Content-Type", "methods": ["GET", "POST"] }),
            json!({ "headers": "X-Old" }),
            json!({ "allowedHeaders": [] }),
            json!({ "preflightContinue": true }),
            json!({ "optionsSuccessStatus": 200, "methods": "*" }),
            json!({ "origin": { "$env": "WHY403_NOT_SET", "default": ORIGINS[0] } }),
        ];
        match self.below(24) {
            0 => json!("corsAllow"),
            1 => json!("corsDeny"),
            2 => json!("corsFail"),
            3 => json!("cors"),
            _ => {
                let options = options[self.below(options.len())].clone();
                json!({ "use": "cors", "with": options })
            }
        }
    }

    fn auth(&mut self) -> Value {
        let choices = [
            json!("express-jwt@8"),
            json!({ "use": "express-jwt@8", "with": { "credentialsRequired": false } }),
            json!({ "use": "express-jwt@8", "with": { "requestProperty": "user" } }),
            json!({ "use": "express-jwt@8", "with": { "audience": "why403" } }),
            json!({ "use": "express-jwt@8", "with": { "unless": { "path": ["/api", { "$regex": "^/files" }] } } }),
            json!("express-oauth2-jwt-bearer:auth"),
            json!({ "use": "express-oauth2-jwt-bearer:auth", "with": { "authRequired": false } }),
            json!({ "use": "passport:authenticate", "args": ["jwt"] }),
            json!({ "use": "passport:authenticate", "args": ["bearer"] }),
            json!({ "use": "passport:authenticate", "args": ["basic"] }),
            json!({ "use": "passport:authenticate", "args": ["jwt", { "assignProperty": "account" }] }),
            json!({ "use": "passport:authenticate", "args": ["jwt", { "failWithError": true }] }),
            json!({ "use": "passport:authenticate", "args": ["jwt", { "failureRedirect": "/login" }] }),
            json!({ "use": "express-basic-auth" }),
            json!({ "use": "inline:bearer", "with": { "compares": "exact" } }),
            json!({ "use": "inline:bearer", "with": { "compares": "second-word", "skipsOptions": true } }),
            json!({ "use": "inline:bearer", "with": { "byError": true, "status": 403 } }),
            json!({ "use": "inline:bearer", "with": { "compares": "any" } }),
            json!({ "use": "inline:api-key", "with": { "header": "x-api-key", "status": 403 } }),
        ];
        let choice = choices[self.below(choices.len())].clone();
        self.makes_urls |= choice.to_string().contains("oauth2");
        if choice.to_string().contains("api-key") {
            if self.has_grant {
                return json!("express-jwt@8");
            }
            self.has_key = true;
        }
        choice
    }

    /// Proxies of three packages, in the forms in which people write them.
    fn proxy(&mut self) -> Value {
        let of = |name: &str, args: Value| json!({ "use": name, "args": args });
        let target = "http://upstream.test";
        let decorate = |body: &str| json!({ "$fn": format!("(out, req) => {{ {body} }}") });
        let bodies = [
            "out.removeHeader('authorization')",
            "out.setHeader('Authorization', 'Bearer service')",
            "out.setHeader('X-Service', 'orders'); out.removeHeader('Authorization');",
            "if (req.headers['x-api-key']) out.removeHeader('Authorization')",
            "if (!req.headers['x-api-key']) return; out.setHeader('x-service', `orders`)",
            "const key = req.headers['x-api-key']; if (key) { out.setHeader('X-Service', key) }",
            "",
        ];
        let options = [
            "out.headers['authorization'] = 'Bearer service'; return out",
            "delete out.headers['authorization']; return out",
            "delete out.headers.authorization; return out;",
            "delete out.headers['Authorization']; return out",
            "out.headers['X-Service'] = 'orders'; out.headers.authorization = ''; return out",
            "if (req.get('X-Api-Key')) { out.headers['x-service'] = req.headers['x-api-key'] } return out",
            "return out",
        ];
        let old = decorate(bodies[self.below(bodies.len())]);
        let new = decorate(bodies[self.below(bodies.len())]);
        let decorator = decorate(options[self.below(options.len())]);
        let change = self.one_in(2);
        match self.below(12) {
            0 => of(
                "http-proxy-middleware@2",
                json!([{ "target": target, "changeOrigin": change, "onProxyReq": old, "on": { "proxyReq": new } }]),
            ),
            1 => of(
                "http-proxy-middleware@2",
                json!(["/api", { "target": target, "onProxyReq": old, "changeOrigin": change }]),
            ),
            2 => of(
                "http-proxy-middleware@2",
                json!([["/api/orders", "/files"], { "target": format!("{target}/v1/"), "pathRewrite": { "^/api": "", "^/files": "/file" } }]),
            ),
            3 => of(
                "http-proxy-middleware@2",
                json!([format!("{target}/api"), { "changeOrigin": change }]),
            ),
            4 => of(
                "http-proxy-middleware@2",
                json!([{ "target": target, "headers": { "Authorization": "Basic abc" } }]),
            ),
            5 => of(
                "http-proxy-middleware@3",
                json!([{ "target": target, "changeOrigin": change, "on": { "proxyReq": new }, "onProxyReq": old }]),
            ),
            6 => of(
                "http-proxy-middleware@3",
                json!([{ "target": format!("{target}/v1"), "pathFilter": "/api", "pathRewrite": { "^/api/": "/" } }]),
            ),
            7 => of(
                "http-proxy-middleware@3",
                json!([{ "target": target, "pathFilter": ["/orders", "/files"], "headers": { "x-service": "orders" }, "on": { "proxyReq": new } }]),
            ),
            8 => of(
                "http-proxy-middleware@3",
                json!([{ "target": target, "auth": "probe:probe" }]),
            ),
            9 => of(
                "express-http-proxy",
                json!([target, { "preserveHostHdr": change }]),
            ),
            10 => of(
                "express-http-proxy",
                json!([format!("{target}/ignored"), { "proxyReqOptDecorator": decorator }]),
            ),
            _ => of("express-http-proxy", json!(["http://upstream.test"])),
        }
    }

    /// Scopes, looked for in the property where they are or where they are not.
    fn grant(&mut self) -> Value {
        if self.has_key {
            return json!("helmet");
        }
        self.has_grant = true;
        let choices = [
            json!({ "use": "express-jwt-authz", "args": [["write"]] }),
            json!({ "use": "express-jwt-authz", "args": [["read"], { "customUserKey": "auth" }] }),
            json!({ "use": "express-jwt-authz", "args": [["read"], { "failWithError": true }] }),
            json!({ "use": "express-jwt-permissions:check", "args": ["other"] }),
            json!({ "use": "express-jwt-permissions:check", "args": [["perm"], { "requestProperty": "auth" }] }),
            json!({ "use": "express-jwt-permissions:check", "args": ["perm", { "requestProperty": "auth.payload" }] }),
            json!({ "use": "inline:passes", "with": { "puts": ["user"] } }),
            json!({ "use": "inline:passes", "with": { "puts": ["auth"] } }),
            json!({ "use": "express-jwt@8", "with": { "requestProperty": "user" } }),
            json!({ "use": "express-oauth2-jwt-bearer:requiredScopes", "args": ["read"] }),
            json!({ "use": "express-oauth2-jwt-bearer:requiredScopes", "args": ["read write"] }),
            json!({ "use": "express-oauth2-jwt-bearer:scopeIncludesAny", "args": [["write", "all"]] }),
            json!({ "use": "express-oauth2-jwt-bearer:claimIncludes", "args": ["roles", "user"] }),
            json!({ "use": "express-oauth2-jwt-bearer:claimEquals", "args": ["sub", "probe"] }),
            json!({ "use": "express-oauth2-jwt-bearer:claimEquals", "args": ["tier", "gold"] }),
            json!({ "use": "express-jwt-authz", "args": [["read", "write"]] }),
            json!({ "use": "express-jwt-authz", "args": [["read", "write"], { "checkAllScopes": true, "customUserKey": "auth" }] }),
            json!({ "use": "express-jwt-authz", "args": [["perm"], { "customScopeKey": "permissions", "customUserKey": "auth", "failWithError": true }] }),
            json!({ "use": "express-jwt-authz", "args": [[]] }),
            json!({ "use": "express-jwt-permissions:check", "args": ["perm"] }),
            json!({ "use": "express-jwt-permissions:check", "args": [["perm", "other"], { "requestProperty": "auth" }] }),
            json!({ "use": "express-jwt-permissions:check", "args": [[["read"], ["perm", "other"]], { "requestProperty": "auth.payload", "permissionsProperty": "scope" }] }),
            json!({ "use": "inline:roles", "with": { "anyOf": ["user", "admin"], "from": "roles" } }),
            json!({ "use": "inline:roles", "with": { "allOf": ["user", "admin"], "from": "roles", "anonymous": 401, "byError": true } }),
        ];
        choices[self.below(choices.len())].clone()
    }

    fn limit(&mut self) -> Value {
        let limit = if self.one_in(3) { 0 } else { 100_000 };
        match self.below(4) {
            0 => json!({ "use": "express-rate-limit", "with": {
                "limit": limit, "skip": { "$fn": "request => request.method === 'OPTIONS'" } } }),
            1 => {
                json!({ "use": "express-rate-limit", "with": { "max": limit, "statusCode": 403 } })
            }
            _ => json!({ "use": "express-rate-limit", "with": { "limit": limit } }),
        }
    }

    fn csrf(&mut self) -> Value {
        let choices = [
            json!("csurf"),
            json!({ "use": "csurf", "with": { "cookie": true } }),
            json!("csrf-csrf"),
            json!("csrf-sync"),
            json!("lusca:csrf"),
        ];
        choices[self.below(choices.len())].clone()
    }

    fn address(&mut self) -> Value {
        let ips = [
            json!(["127.0.0.1"]),
            json!(["127.0.0.2", "127.0.0.3"]),
            json!(["127.0.0.0/8"]),
            json!(["::ffff:127.0.0.1"]),
            json!(["203.0.113.7"]),
            json!([]),
        ];
        let ips = ips[self.below(ips.len())].clone();
        let trust = [json!(false), json!(true), json!(1), json!("127.0.0.0/8")];
        let trust = trust[self.below(trust.len())].clone();
        match self.below(4) {
            0 => json!({ "use": "express-ipfilter", "args": [ips] }),
            1 => json!({ "use": "express-ipfilter", "args": [ips, { "mode": "allow" }] }),
            2 => {
                json!({ "use": "express-ipfilter", "args": [ips, { "mode": "allow", "trustProxy": trust }] })
            }
            _ => {
                let from = self.pick(&["req.ip", "socket", "x-forwarded-for"]);
                json!({ "use": "inline:ip-allow", "with": { "ips": ips, "from": from } })
            }
        }
    }

    fn headers(&mut self) -> Value {
        let sets = [
            json!({ "Access-Control-Allow-Origin": "*" }),
            json!({ "Access-Control-Allow-Origin": { "$request": "origin" }, "Access-Control-Allow-Credentials": "true" }),
            json!({ "Access-Control-Allow-Origin": ORIGINS[0], "Access-Control-Allow-Headers": "Content-Type, Authorization" }),
        ];
        let set = sets[self.below(sets.len())].clone();
        match self.below(3) {
            0 => json!({ "use": "inline:headers", "with": { "set": set, "endsOptions": 204 } }),
            1 => json!({ "use": "inline:headers", "with": { "set": set, "endsOptions": 200 } }),
            _ => json!({ "use": "inline:headers", "with": { "set": set } }),
        }
    }

    pub fn requests(&mut self) -> Vec<Ask> {
        let count = 3 + self.below(4);
        (0..count).map(|_| self.request()).collect()
    }

    fn request(&mut self) -> Ask {
        let path = self.pick(&[
            "/",
            "/api",
            "/api/orders",
            "/api/orders/",
            "/API/orders",
            "/api/17",
            "/api/x.json",
            "//api/orders",
            "/files/a",
            "/apix",
            "/api.json",
            "/api/17/items",
            "/orders",
            "/api/a/end",
            "/%61pi/orders",
            "/api/orders?q=1",
            "/api/v-7",
            "/files",
        ]);
        let path = match self.makes_urls {
            true => path.trim_start_matches("//api"),
            false => path,
        };
        let path = if path.is_empty() { "/" } else { path };
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.into(), value.into()));
        let preflight = self.one_in(3);
        let method = match preflight {
            true => "OPTIONS",
            false => self.pick(&["GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]),
        };
        if preflight || self.one_in(2) {
            add("Origin", self.pick(&ORIGINS));
        }
        if preflight {
            add(
                "Access-Control-Request-Method",
                self.pick(&["GET", "POST", "DELETE"]),
            );
            match self.below(3) {
                0 => add("Access-Control-Request-Headers", "authorization"),
                1 => add(
                    "Access-Control-Request-Headers",
                    "content-type, Authorization",
                ),
                _ => {}
            }
        } else {
            let form = self.pick(&[
                "",
                "",
                "Bearer <valid>",
                "Bearer <valid>",
                "bearer <valid>",
                "Bearer <invalid>",
                r#"Bearer <token:{"scope":"read write"}>"#,
                r#"Bearer <token:{"scope":["write"],"roles":["admin","user"]}>"#,
                r#"Bearer <token:{"scope":null,"permissions":["perm","other"]}>"#,
                r#"Bearer <token:{"permissions":"perm","roles":"admin","tier":"gold"}>"#,
                r#"Bearer <token:{"exp":1}>"#,
                r#"Bearer <token:{"aud":"other"}>"#,
                "Bearer  <valid>",
                "Bearer: <valid>",
                "Token <valid>",
                "<valid>",
                "Bearer",
                "Basic cHJvYmU6cHJvYmU=",
                "Basic cHJvYmU6d3Jvbmc=",
            ]);
            if !form.is_empty() {
                add("Authorization", form);
            }
            if self.one_in(4) {
                add("x-api-key", self.pick(&["<valid>", "<invalid>"]));
            }
        }
        if self.one_in(3) {
            add(
                "X-Forwarded-For",
                self.pick(&[
                    "203.0.113.7",
                    "10.0.0.1, 203.0.113.7",
                    "203.0.113.7, 127.0.0.2",
                ]),
            );
        }
        if self.one_in(8) {
            add("X-CSRF-Token", "wrong");
        }
        if self.one_in(4) {
            add("X-Upstream-Cors", "1");
        }
        let from = self.pick(&["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
        Ask {
            method: method.into(),
            path: path.into(),
            headers,
            from: from.into(),
        }
    }
}
