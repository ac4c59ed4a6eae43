//! Requests that aim at what the configuration has.

use super::Maker;
use crate::case::{Answer, Exchange, loopback};
use crate::server::{RIGHT_PASSWORD, WRONG_PASSWORD};

const PATHS: &[&str] = &[
    "/",
    "/api",
    "/api/",
    "/apix",
    "/API/v1/users",
    "/api/v1/users",
    "/api/x.txt",
    "/api%2fv1%2Fusers",
    "/%61pi/v1/a%20b",
    "//api//v1/users",
    "/api/../docs/page.html",
    "/api/./v1/",
    "/docs",
    "/docs/",
    "/docs/page.html",
    "/docs/../../x",
    "/empty",
    "/empty/",
    "/a.txt",
    "/a.txt/",
    "/403.html",
    "/old/thing",
    "/old",
    "/x/y/z",
    "/x/y",
    "/internal",
    "/auth-up",
    "/auth-static",
    "/missing",
    "/a%00b",
    "/caf%c3%a9/%ff",
    "/api/a+b;c=1,d&e",
    "/api/#frag",
    "/index.html",
    "/static/x.php",
    "/api/%3Fq",
];

impl Maker {
    pub(super) fn exchange(&mut self) -> Exchange {
        let mut exchange = Exchange::new("request");
        self.sender(&mut exchange);
        let method = match self.random.below(20) {
            0..9 => "GET",
            9 => "HEAD",
            10..13 => "POST",
            13 => "PUT",
            14 => "DELETE",
            15..18 => "OPTIONS",
            18 => self.pick(&["PATCH", "TRACE", "FOO"]),
            _ => "GET",
        };
        let mut target = self.request_target();
        if self.random.chance(4) {
            let hosts: Vec<_> = self.hosts.iter().copied().collect();
            let port = self.pick(&["", "", ":PORT1", ":1"]);
            target = format!("http://{}{port}{target}", self.pick(&hosts));
        }
        exchange.lines.push(format!("{method} {target} HTTP/1.1"));
        let hosts: Vec<_> = self.hosts.iter().copied().collect();
        let host = self.pick(&hosts);
        let host = match self.random.below(12) {
            0 => format!("{host}:PORT1"),
            1 => host.to_uppercase(),
            2 => format!("{host}."),
            3 => "127.0.0.1".to_string(),
            _ => host.to_string(),
        };
        exchange.lines.push(format!("Host: {host}"));
        self.request_headers(method, &mut exchange);
        if matches!(method, "POST" | "PUT" | "PATCH") || self.random.chance(3) {
            let body = [0, 5, 10, 20][self.random.below(4)];
            exchange.body = body;
            exchange.lines.push(format!("Content-Length: {body}"));
        }
        self.answers(&mut exchange);
        exchange
    }

    fn sender(&mut self, exchange: &mut Exchange) {
        let from = if self.ipv6 && self.random.chance(30) {
            "::1"
        } else {
            self.pick(&["127.0.0.1", "127.0.0.1", "127.0.0.7", "127.0.0.9"])
        };
        if let Ok(from) = from.parse() {
            exchange.from = from;
            exchange.to = loopback(from);
        }
        if exchange.from.is_ipv4() {
            let at = self.random.below(self.addresses.len());
            let (address, port) = self.addresses[at];
            exchange.port = port.to_string();
            exchange.to = address.parse().unwrap_or(exchange.to);
        }
    }

    fn request_target(&mut self) -> String {
        let mut target = if self.random.chance(70) && !self.locations.is_empty() {
            let at = self.random.below(self.locations.len());
            let path = self.locations.iter().nth(at).cloned().unwrap_or_default();
            let tail = self.pick(&[
                "",
                "",
                "users",
                "/",
                "x.txt",
                "v1/users",
                "page.html",
                "../docs/",
                "%20b",
                "/v1",
            ]);
            format!("{path}{tail}")
        } else {
            self.pick(PATHS).to_string()
        };
        if self.random.chance(25) {
            target.push_str(self.pick(&[
                "?a=1",
                "?a=one&b=2",
                "?",
                "?a=127.0.0.7",
                "?a=%2e&c",
                "?x=?&a=",
            ]));
        }
        target
    }

    fn request_headers(&mut self, method: &str, exchange: &mut Exchange) {
        let preflight = method == "OPTIONS" && self.random.chance(80);
        for (percent, text) in [
            (if preflight { 100 } else { 15 }, "Origin: http://o.test"),
            (
                if preflight { 100 } else { 2 },
                "Access-Control-Request-Method: POST",
            ),
            (
                if preflight { 80 } else { 0 },
                "Access-Control-Request-Headers: authorization",
            ),
            (12, "X-Token: one"),
            (5, "x_token: under"),
            (3, "X_API_KEY: key"),
            (3, "X.Dotted: dot"),
            (3, "X-One: 1"),
            (10, "Cookie: a=b; token=GET; c=d"),
            (4, "Cookie: token=second"),
            (3, "Accept: */*"),
            (2, "X-Token: two"),
            (2, "Connection: X-Token"),
            (2, "Connection: keep-alive"),
            (2, "Upgrade: websocket"),
            (2, "TE: trailers"),
            (2, "Origin: http://second.test"),
            (2, "X-Empty:"),
            (2, "X-Real-IP: 198.51.100.7"),
        ] {
            if self.random.chance(percent) {
                exchange.lines.push(text.to_string());
            }
        }
        if self.random.chance(25) {
            let value = self.pick(&[
                RIGHT_PASSWORD,
                RIGHT_PASSWORD,
                WRONG_PASSWORD,
                "Bearer abc",
                "Basic",
                "basic YW5uOnNlY3JldA==",
            ]);
            exchange.lines.push(format!("Authorization: {value}"));
        }
        if self.random.chance(1) {
            exchange
                .lines
                .push("Authorization: Bearer again".to_string());
        }
        if self.random.chance(15) {
            let chain = self.pick(&[
                "198.51.100.7",
                "198.51.100.7, 127.0.0.9",
                "203.0.113.1, 198.51.100.7",
                "unknown",
                "2001:db8::1",
                "198.51.100.7:4000",
            ]);
            exchange.lines.push(format!("X-Forwarded-For: {chain}"));
        }
        if self.random.chance(10) {
            let referer = self.pick(&[
                "http://a.test/api/x",
                "http://x.a.test/",
                "nothing",
                "http://sub.r.test/",
                "https://evil/",
            ]);
            exchange.lines.push(format!("Referer: {referer}"));
        }
    }

    fn answers(&mut self, exchange: &mut Exchange) {
        let status = |pick: &str| pick.parse().unwrap_or(200);
        exchange.upstream.status =
            status(self.pick(&["200", "200", "200", "401", "403", "404", "500", "201"]));
        exchange.auth.status = status(self.pick(&["200", "200", "401", "403", "500", "404"]));
        for (percent, name, value) in [
            (12, "Access-Control-Allow-Origin", "http://up.test"),
            (8, "X-One", "up"),
            (5, "Server", "up"),
            (5, "X-Powered-By", "up"),
            (1, "X-Accel-Redirect", "/internal/x"),
        ] {
            if self.random.chance(percent) {
                exchange
                    .upstream
                    .headers
                    .push((name.to_string(), value.to_string()));
            }
        }
        exchange.auth = Answer {
            status: exchange.auth.status,
            headers: vec![("X-User".to_string(), "ann".to_string())],
        };
    }
}
