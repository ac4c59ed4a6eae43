//! Layers of all kinds, with options of all kinds.

use serde_json::{Value, json};

use super::*;

impl Generator {
    pub(super) fn layer(&mut self) -> Value {
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
}
