//! Requests, as pages and other callers make them.

use super::*;

impl Generator {
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
