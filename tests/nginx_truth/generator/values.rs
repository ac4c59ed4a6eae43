//! The pools that words are drawn from.

use super::Maker;

pub const PATHS: &[&str] = &[
    "/",
    "/api",
    "/api/",
    "/api/v1/",
    "/api/v1/users",
    "/docs/",
    "/docs",
    "/empty/",
    "/a.txt",
    "/static/",
    "/old",
    "/x/y/",
];

pub const REGEXES: &[&str] = &[
    r"\.txt$",
    r"\.(html|php)$",
    r"^/api/(v\d)/(.*)$",
    r"^/(?<part>[a-z]+)/",
    r"/users",
    r"^/API",
    r"^/old(.*)$",
    r"^/(docs|empty)",
    r"/x(/?)",
];

/// What a request or a match is about.
const SUBJECTS: &[&str] = &[
    "$host",
    "$http_host",
    "$uri",
    "$request_uri",
    "$document_uri",
    "$args",
    "$arg_a",
    "$is_args",
    "$request_method",
    "$remote_addr",
    "$realip_remote_addr",
    "$http_x_token",
    "$http_origin",
    "$http_authorization",
    "$http_x_forwarded_for",
    "$http_referer",
    "$cookie_token",
    "$remote_user",
    "$scheme",
    "$server_name",
    "$content_type",
    "$request_filename",
    "$document_root",
    "$m1",
    "$m2",
    "$m3",
    "$g1",
    "$s1",
    "$s2",
    "$1",
    "$part",
    "$auth_user",
];

const WORDS: &[&str] = &[
    "1",
    "0",
    "one",
    "a.test",
    "GET",
    "POST",
    "OPTIONS",
    "http://o.test",
    "/api",
    "v1",
    "users",
    "127.0.0.1",
];

/// Status codes that `return` and `error_page` are given.
pub const CODES: &[&str] = &[
    "200", "204", "301", "302", "400", "401", "403", "404", "405", "500", "503",
];

pub const RESPONSE_HEADERS: &[&str] = &[
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Credentials",
    "X-One",
    "X-Two",
    "Vary",
];

pub const REQUEST_HEADERS: &[&str] = &[
    "Authorization",
    "Host",
    "X-Token",
    "X-Forwarded-For",
    "Origin",
    "Cookie",
    "X-One",
    "x-api-key",
    "Connection",
    "Accept",
];

impl Maker {
    pub(super) fn variable(&mut self) -> &'static str {
        self.pick(SUBJECTS)
    }

    /// A value of a header or a variable, quoted where it must be.
    pub(super) fn value(&mut self) -> String {
        let variable = loop {
            let variable = self.variable();
            if variable != "$1" || !self.capturing_maps {
                break variable;
            }
        };
        match self.random.below(10) {
            0 => "\"\"".to_string(),
            1 => format!("\"Bearer {variable}\""),
            2 if variable != "$1" => format!("\"{variable}, {}\"", self.word()),
            2 => "\"$1, $1\"".to_string(),
            // A capture has no name that braces could hold.
            3 if variable != "$1" => format!("pre${{{}}}post", &variable[1..]),
            4..7 => variable.to_string(),
            _ => self.pick(WORDS).to_string(),
        }
    }

    pub(super) fn word(&mut self) -> &'static str {
        self.pick(WORDS)
    }

    /// What a subject is matched against in a map or an if: no quotes needed around it.
    pub(super) fn pattern(&mut self) -> &'static str {
        self.pick(&[
            "^/api",
            r"(\d)",
            "^GET$",
            r"\.test$",
            "^(.)(.*)$",
            "^$",
            "one",
            "^127",
            "o",
            "/(v1)/",
            "(?i)API",
        ])
    }

    /// An address or range as allow, deny and geo take it.
    pub(super) fn range(&mut self) -> &'static str {
        self.pick(&[
            "127.0.0.1",
            "127.0.0.7",
            "127.0.0.0/29",
            "127.0.0.0/8",
            "198.51.100.0/24",
            "198.51.100.7",
            "::1",
            "::/0",
            "2001:db8::/32",
            "0.0.0.0/0",
        ])
    }

    /// A path inside the site that some other directive jumps to.
    pub(super) fn target(&mut self) -> &'static str {
        self.pick(&[
            "/403.html",
            "/404.html",
            "/docs/page.html",
            "/missing",
            "/api/v1/users",
            "/a.txt",
            "/old/x",
            "/empty/",
            "/docs/?a=2",
            "/internal",
        ])
    }
}
