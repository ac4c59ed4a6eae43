//! Named cases: what people get wrong, and what was once told wrongly here.

use serde_json::{Value, json};

use crate::ask::Ask;

pub struct Case {
    pub name: &'static str,
    pub stack: Value,
    pub asks: Vec<Ask>,
    /// The status and the Access-Control-Allow-Origin of each answer, as observed.
    pub seen: &'static [(u64, Option<&'static str>)],
}

const APP: &str = "https://app.test";

fn get(path: &str, headers: &[(&str, &str)]) -> Ask {
    ask("GET", path, headers)
}

/// With a token that has these claims beside the usual ones.
fn token(claims: &str) -> Ask {
    with_token("/orders", claims)
}

fn with_token(path: &str, claims: &str) -> Ask {
    get(
        path,
        &[("Authorization", &format!("Bearer <token:{claims}>"))],
    )
}

fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Ask {
    let mut all = vec![("Origin".to_owned(), APP.to_owned())];
    all.extend(
        headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string())),
    );
    Ask {
        method: method.into(),
        path: path.into(),
        headers: all,
        from: "127.0.0.1".into(),
    }
}

fn preflight(method: &str, path: &str, headers: &str) -> Ask {
    let method = ("Access-Control-Request-Method", method);
    match headers {
        "" => ask("OPTIONS", path, &[method]),
        _ => ask(
            "OPTIONS",
            path,
            &[method, ("Access-Control-Request-Headers", headers)],
        ),
    }
}

pub fn cases() -> Vec<Case> {
    let route = || json!({ "route": "GET /orders", "chain": ["inline:handler"] });
    vec![
        Case {
            name: "a limit that reads who calls before anybody is recognised throws",
            stack: json!([
                { "use": "express-rate-limit", "with": {
                    "limit": 9, "keyGenerator": { "$fn": "req => req.auth.sub" } } },
                "cors",
                "express-jwt@8",
                route()
            ]),
            asks: vec![
                get("/orders", &[("Authorization", "Bearer <valid>")]),
                preflight("GET", "/orders", "authorization"),
            ],
            seen: &[(500, None), (500, None)],
        },
        Case {
            name: "a token is asked for before cors",
            stack: json!(["express-oauth2-jwt-bearer:auth", "cors", route()]),
            asks: vec![
                preflight("GET", "/orders", "authorization"),
                get("/orders", &[]),
                get("/orders", &[("Authorization", "Bearer <valid>")]),
            ],
            seen: &[(401, None), (401, None), (200, Some("*"))],
        },
        Case {
            name: "express-jwt lets a preflight pass that announces Authorization, and no other",
            stack: json!(["express-jwt@8", "cors", route()]),
            asks: vec![
                preflight("GET", "/orders", "authorization"),
                preflight("DELETE", "/orders", ""),
                get("/orders", &[]),
            ],
            seen: &[(204, Some("*")), (401, None), (401, None)],
        },
        Case {
            name: "an optional token: what is no token at all is still refused by express-jwt",
            stack: json!([
                "cors",
                { "use": "express-jwt@8", "with": { "credentialsRequired": false } },
                route()
            ]),
            asks: vec![
                get("/orders", &[]),
                get("/orders", &[("Authorization", "Token <valid>")]),
                get("/orders", &[("Authorization", "Bearer <valid> more")]),
            ],
            seen: &[(200, Some("*")), (200, Some("*")), (401, Some("*"))],
        },
        Case {
            name: "the scheme once more is no token, and without a blank there is none",
            stack: json!([
                { "use": "inline:bearer", "with": { "compares": "second-word" } },
                route(),
            ]),
            asks: vec![
                get("/orders", &[("Authorization", "Bearer <valid>")]),
                get("/orders", &[("Authorization", "Bearer Bearer <valid>")]),
                get("/orders", &[("Authorization", "Bearer<valid>")]),
                get("/orders", &[("Authorization", "Bearer: <valid>")]),
            ],
            seen: &[(200, None), (401, None), (401, None), (200, None)],
        },
        Case {
            name: "passport-jwt takes no scheme for a token",
            stack: json!([{ "use": "passport:authenticate", "args": ["jwt"] }, route()]),
            asks: vec![
                get("/orders", &[("Authorization", "bearer <valid>")]),
                get("/orders", &[("Authorization", "Bearer Bearer <valid>")]),
                get("/orders", &[("Authorization", "Bearer<valid>")]),
            ],
            seen: &[(200, None), (401, None), (401, None)],
        },
        Case {
            name: "passport-http-bearer answers 400 to what has not two words",
            stack: json!([{ "use": "passport:authenticate", "args": ["bearer"] }, route()]),
            asks: vec![
                get("/orders", &[("Authorization", "Bearer")]),
                get("/orders", &[("Authorization", "Token <valid>")]),
            ],
            seen: &[(400, None), (401, None)],
        },
        Case {
            name: "cors on a route alone: Express answers the preflight itself",
            stack: json!([{ "route": "DELETE /orders", "chain": ["cors", "inline:handler"] }]),
            asks: vec![
                preflight("DELETE", "/orders", ""),
                ask("DELETE", "/orders", &[]),
            ],
            seen: &[(200, None), (200, Some("*"))],
        },
        Case {
            name: "an origin that is false, empty or undefined switches cors off",
            stack: json!([{ "use": "cors", "with": { "origin": { "$undefined": 1 } } }, route()]),
            asks: vec![preflight("GET", "/orders", ""), get("/orders", &[])],
            seen: &[(200, None), (200, None)],
        },
        Case {
            name: "an origin in a list names the caller, and a function does so only if one asks",
            stack: json!([{ "use": "cors", "with": { "origin": [APP, "https://b.test"] } }, route()]),
            asks: vec![get("/orders", &[])],
            seen: &[(200, Some(APP))],
        },
        Case {
            name: "an error after cors keeps its headers",
            stack: json!([
                "cors",
                { "use": "inline:bearer", "with": { "byError": true, "status": 403 } },
                route()
            ]),
            asks: vec![get("/orders", &[])],
            seen: &[(403, Some("*"))],
        },
        Case {
            name: "a list of IPv4 addresses refuses them on a socket for IPv6",
            stack: json!([
                { "use": "express-ipfilter", "args": [["127.0.0.1"], { "mode": "allow" }] },
                route()
            ]),
            asks: vec![get("/orders", &[])],
            seen: &[(403, None)],
        },
        Case {
            name: "csurf without a session fails for every method, OPTIONS among them",
            stack: json!(["csurf", "cors", route()]),
            asks: vec![preflight("GET", "/orders", ""), get("/orders", &[])],
            seen: &[(500, None), (500, None)],
        },
        Case {
            name: "csrf protection before cors lets a preflight pass, and its refusal has no header",
            stack: json!([
                "cookie-parser", { "use": "csurf", "with": { "cookie": true } }, "cors",
                { "route": "POST /orders", "chain": ["inline:handler"] }
            ]),
            asks: vec![
                preflight("POST", "/orders", ""),
                ask("POST", "/orders", &[]),
            ],
            seen: &[(204, Some("*")), (403, None)],
        },
        Case {
            name: "a mount does not match in the middle of a word, nor behind two slashes",
            stack: json!([{ "use": "cors", "at": "/api" }, { "route": "ALL /apix", "chain": ["inline:handler"] }]),
            asks: vec![get("/apix", &[]), get("/api/x", &[]), get("//api/x", &[])],
            seen: &[(200, None), (404, Some("*")), (404, None)],
        },
        Case {
            name: "a header of the upstream takes the place of what cors has set before a proxy",
            stack: json!([
                "cors",
                { "use": "http-proxy-middleware@3", "with": { "target": "http://upstream.test" } }
            ]),
            asks: vec![
                get("/orders", &[]),
                get("/orders", &[("X-Upstream-Cors", "1")]),
            ],
            seen: &[(200, Some("*")), (200, Some("https://upstream.test"))],
        },
        Case {
            name: "a proxy of version 2 behind a mount asks for the whole path, one of 3 for the rest",
            stack: json!([
                { "use": "http-proxy-middleware@2", "at": "/old", "with": { "target": "http://upstream.test" } },
                { "use": "http-proxy-middleware@3", "at": "/new", "with": { "target": "http://upstream.test" } },
                { "use": "express-http-proxy", "at": "/other", "args": ["http://upstream.test"] }
            ]),
            asks: vec![
                get("/old/orders?a=1", &[]),
                get("/new/orders?a=1", &[]),
                get("/other/orders?a=1", &[]),
            ],
            seen: &[(200, None), (200, None), (200, None)],
        },
        Case {
            name: "each version of the proxy knows its own way of changing a request, and no other",
            stack: json!([
                { "use": "http-proxy-middleware@2", "at": "/old", "with": {
                    "target": "http://upstream.test",
                    "on": { "proxyReq": { "$fn": "out => out.removeHeader('authorization')" } } } },
                { "use": "http-proxy-middleware@3", "at": "/new", "with": {
                    "target": "http://upstream.test",
                    "onProxyReq": { "$fn": "out => out.removeHeader('authorization')" } } }
            ]),
            asks: vec![
                get("/old", &[("Authorization", "Bearer <valid>")]),
                get("/new", &[("Authorization", "Bearer <valid>")]),
            ],
            seen: &[(200, None), (200, None)],
        },
        Case {
            name: "express-jwt 8 fills req.auth, and express-jwt-authz looks at req.user",
            stack: json!([
                "express-jwt@8",
                { "use": "express-jwt-authz", "args": [["read"]] },
                route()
            ]),
            asks: vec![get("/orders", &[("Authorization", "Bearer <valid>")])],
            seen: &[(403, None)],
        },
        Case {
            name: "express-oauth2-jwt-bearer fills req.auth.payload, one level further in",
            stack: json!([
                "express-oauth2-jwt-bearer:auth",
                { "use": "express-jwt-authz", "args": [["read"], { "customUserKey": "auth" }] },
                route()
            ]),
            asks: vec![get("/orders", &[("Authorization", "Bearer <valid>")])],
            seen: &[(403, None)],
        },
        Case {
            name: "a folder of files without fallthrough refuses a preflight",
            stack: json!([
                { "use": "express:static", "with": { "fallthrough": false } }, "cors", route()
            ]),
            asks: vec![preflight("GET", "/orders", ""), get("/none", &[])],
            seen: &[(405, None), (404, None)],
        },
        Case {
            name: "passport-local takes name and password, also out of the query",
            stack: json!([
                { "use": "passport:authenticate", "args": ["local"] },
                { "route": "POST /login", "chain": ["inline:handler"] }
            ]),
            asks: vec![
                ask("POST", "/login?username=probe&password=probe", &[]),
                ask("POST", "/login?username=probe&password=wrong", &[]),
            ],
            seen: &[(200, None), (401, None)],
        },
        Case {
            name: "all of the scopes have to be there, in a text or in a list",
            stack: json!([
                "express-oauth2-jwt-bearer:auth",
                { "use": "express-oauth2-jwt-bearer:requiredScopes", "args": ["read write"] },
                route()
            ]),
            asks: vec![
                get("/orders", &[]),
                token(r#"{"scope":"read"}"#),
                token(r#"{"scope":null}"#),
                token(r#"{"scope":"write read more"}"#),
                token(r#"{"scope":["read","write"]}"#),
                token(r#"{"scope":"read,write"}"#),
            ],
            seen: &[
                (401, None),
                (403, None),
                (403, None),
                (200, None),
                (200, None),
                (403, None),
            ],
        },
        Case {
            name: "scopes are asked for where nobody is recognised before",
            stack: json!([
                { "use": "express-oauth2-jwt-bearer:requiredScopes", "args": ["read"] },
                route()
            ]),
            asks: vec![token(r#"{"scope":"read"}"#)],
            seen: &[(401, None)],
        },
        Case {
            name: "express-jwt fills req.auth, and express-jwt-authz looks at req.user",
            stack: json!(["express-jwt@8", { "use": "express-jwt-authz", "args": [["read"]] }, route()]),
            asks: vec![token(r#"{"scope":"read"}"#)],
            seen: &[(403, None)],
        },
        Case {
            name: "express-jwt-authz behind express-oauth2-jwt-bearer: the claims are one level deeper",
            stack: json!([
                "express-oauth2-jwt-bearer:auth",
                { "use": "express-jwt-authz", "args": [["read"], { "customUserKey": "auth" }] },
                route()
            ]),
            asks: vec![token(r#"{"scope":"read"}"#)],
            seen: &[(403, None)],
        },
        Case {
            name: "express-jwt-authz wants any of its scopes, or all of them if told so",
            stack: json!([
                "express-jwt@8",
                { "use": "express-jwt-authz", "at": "/any", "args": [["a", "b"], { "customUserKey": "auth" }] },
                { "use": "express-jwt-authz", "at": "/all", "args": [["a", "b"], { "customUserKey": "auth", "checkAllScopes": true }] },
                { "route": "ALL /:how", "chain": ["inline:handler"] }
            ]),
            asks: vec![
                with_token("/any", r#"{"scope":"a"}"#),
                with_token("/all", r#"{"scope":"a"}"#),
                with_token("/all", r#"{"scope":"b a"}"#),
            ],
            seen: &[(200, None), (403, None), (200, None)],
        },
        Case {
            name: "express-jwt-permissions: each list is a way of its own",
            stack: json!([
                "express-jwt@8",
                { "use": "express-jwt-permissions:check", "args": [[["a", "b"], ["c"]], { "requestProperty": "auth" }] },
                route()
            ]),
            asks: vec![
                token(r#"{"permissions":["a"]}"#),
                token(r#"{"permissions":["b","a"]}"#),
                token(r#"{"permissions":"c d"}"#),
                token(r#"{"scope":"c"}"#),
            ],
            seen: &[(403, None), (200, None), (200, None), (403, None)],
        },
        Case {
            name: "a claim that is not as it should be is a bad token, and no want of a right",
            stack: json!([
                "express-oauth2-jwt-bearer:auth",
                { "use": "express-oauth2-jwt-bearer:claimEquals", "args": ["tier", "gold"] },
                { "use": "express-oauth2-jwt-bearer:claimIncludes", "args": ["roles", "user", "admin"] },
                route()
            ]),
            asks: vec![
                token("{}"),
                token(r#"{"tier":"gold"}"#),
                token(r#"{"tier":"gold","roles":["admin","user"]}"#),
                token(r#"{"tier":["gold"],"roles":["admin","user"]}"#),
            ],
            seen: &[(401, None), (401, None), (200, None), (401, None)],
        },
        Case {
            name: "a token that is expired, or for another audience",
            stack: json!([
                { "use": "express-jwt@8", "with": { "audience": ["why403", "shop"] } },
                route()
            ]),
            asks: vec![
                token(r#"{"exp":1}"#),
                token(r#"{"nbf":4102444799}"#),
                token(r#"{"aud":"other"}"#),
                token(r#"{"aud":["other","shop"]}"#),
            ],
            seen: &[(401, None), (401, None), (401, None), (200, None)],
        },
    ]
}
