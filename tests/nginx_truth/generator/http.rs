//! The outer levels: maps, geo, upstreams, servers.

use super::values::{PATHS, REGEXES};
use super::{Level, Maker, line};
use crate::tree::Node;

const NAMES: &[&str] = &[
    "a.test",
    "b.test www.b.test",
    "*.a.test",
    ".c.test",
    "www.*",
    r"~^(?<part>\w+)\.r\.test$",
    "_",
    "A.Test *.deep.a.test",
    "\"\"",
    "\"\" b.test",
    r"~^(?<part>docs|api)\.(.+)$",
    r"~^(.+)\.DEEP\. *.deep.a.test",
];

/// Hosts that requests ask for, beside an address.
const HOSTS: &[&str] = &[
    "a.test",
    "b.test",
    "www.b.test",
    "x.a.test",
    "y.deep.a.test",
    "c.test",
    "z.c.test",
    "www.other",
    "sub.r.test",
    "docs.r.test",
    "api.a.test",
    "unknown.test",
];

impl Maker {
    pub(super) fn http(&mut self) -> Vec<Node> {
        self.ipv6 = self.random.chance(20);
        self.hops = self.random.chance(20);
        self.capturing_maps = self.random.chance(50);
        let mut nodes = vec![
            self.map("$m1"),
            self.map("$m2"),
            self.map("$m3"),
            self.geo(),
            Node::block(
                "map $arg_a $backend",
                vec![
                    line("default 127.0.0.1:UPA"),
                    line("one group"),
                    line("127.0.0.7 \"\""),
                ],
            ),
            Node::block("upstream group", vec![line("server 127.0.0.1:UPB")]),
            line("limit_req_zone $binary_remote_addr zone=rate:1m rate=1000r/s"),
            line("limit_conn_zone $server_name zone=number:1m"),
        ];
        nodes.extend(self.settings(Level::Http));
        let servers = self.random.between(1, 3);
        let default = self.random.below(servers * 2);
        let wildcard_default = self.random.below(servers * 2);
        self.addresses.push(("127.0.0.1", "PORT1"));
        for at in 0..servers {
            let mut listens = self.listens(at == default, at == wildcard_default);
            if self.hops && at == 0 {
                listens.push(line("listen 127.0.0.1:PORT2"));
                self.addresses.push(("127.0.0.1", "PORT2"));
            }
            nodes.push(self.server(listens));
        }
        self.hosts.extend(HOSTS);
        nodes.push(self.definitions());
        nodes
    }

    /// A server that nobody asks for; it makes variables known that others may use without
    /// setting them.
    fn definitions(&self) -> Node {
        let mut block = vec![line("listen 127.0.0.1:PORT1")];
        if self.ipv6 {
            block.push(line("listen [::1]:PORT1"));
        }
        block.extend([
            line("server_name nobody.invalid"),
            line("set $s1 \"\""),
            line("set $s2 \"\""),
            Node::block("if ($host ~ (?<part>never))", vec![line("set $s1 \"\"")]),
            line("auth_request_set $auth_user $upstream_http_x_user"),
        ]);
        Node::block("server", block)
    }

    fn map(&mut self, name: &str) -> Node {
        let subject = loop {
            let variable = self.variable();
            // What a map captures may not be what it asks for, see `capturing_maps`.
            if variable == "$1" && self.capturing_maps {
                continue;
            }
            // A map may not depend on itself, in however many steps.
            if variable > name || !variable.starts_with("$m") {
                break variable;
            }
        };
        let mut entries = Vec::new();
        let mut keys = Vec::new();
        for _ in 0..self.random.between(1, 3) {
            let regexes = if self.capturing_maps { 0 } else { 2 };
            let key = match self.random.between(regexes, 4) {
                0 => format!("~{}", self.pattern()),
                1 => format!("~*{}", self.pattern()),
                2 => self.pick(&["*.test", ".a.test", "www.*"]).to_string(),
                _ => self.word().to_string(),
            };
            if !keys.contains(&key) {
                entries.push(line(format!("{key} {}", self.map_value())));
                keys.push(key);
            }
        }
        if self.random.chance(60) {
            entries.push(line(format!("default {}", self.map_value())));
        }
        if self.random.chance(30)
            || keys
                .iter()
                .any(|key| key.contains('*') && !key.starts_with('~'))
        {
            entries.insert(0, line("hostnames"));
        }
        if self.random.chance(10) {
            entries.push(line("volatile"));
        }
        Node::block(format!("map {subject} {name}"), entries)
    }

    fn map_value(&mut self) -> &'static str {
        let capture = if self.capturing_maps { "$1" } else { "1" };
        self.pick(&[
            "1",
            "0",
            "\"\"",
            "one",
            "$http_x_token",
            capture,
            "$uri",
            "/api",
            "127.0.0.1:UPA",
            "off",
        ])
    }

    fn geo(&mut self) -> Node {
        let subject = self.pick(&["", "$remote_addr ", "$arg_a ", "$http_x_forwarded_for "]);
        let mut entries = vec![line(format!("{} {}", self.range(), self.word()))];
        if self.random.chance(70) {
            entries.push(line(format!("default {}", self.pick(&["0", "\"\"", "no"]))));
        }
        if self.random.chance(20) {
            entries.push(line("proxy 127.0.0.0/8"));
        }
        Node::block(format!("geo {subject}$g1"), entries)
    }

    /// On a specific address, and on all addresses and a specific one of another port.
    fn listens(&mut self, default: bool, wildcard_default: bool) -> Vec<Node> {
        let flag = |default| if default { " default_server" } else { "" };
        let mut nodes = Vec::new();
        if self.random.chance(25) {
            let flag = flag(wildcard_default);
            let address = self.pick(&["*:PORT3", "0.0.0.0:PORT3"]);
            nodes.push(line(format!("listen {address}{flag}")));
            self.addresses.push(("127.0.0.1", "PORT3"));
            self.addresses.push(("127.0.0.2", "PORT3"));
        }
        if self.random.chance(15) {
            nodes.push(line("listen 127.0.0.2:PORT3"));
            self.addresses.push(("127.0.0.2", "PORT3"));
        }
        if nodes.is_empty() || self.random.chance(80) {
            let flag = flag(default);
            nodes.push(line(format!("listen 127.0.0.1:PORT1{flag}")));
            if self.ipv6 {
                nodes.push(line(format!("listen [::1]:PORT1{flag}")));
            }
        }
        nodes
    }

    fn server(&mut self, mut block: Vec<Node>) -> Node {
        if self.random.chance(90) {
            block.push(line(format!("server_name {}", self.pick(NAMES))));
        }
        if self.random.chance(90) {
            let root = self.pick(&["ROOT/www", "ROOT/www", "ROOT/www", "ROOT/www/$part"]);
            block.push(line(format!("root {root}")));
        }
        let mut body = self.settings(Level::Server);
        body.extend(self.rewrites(Level::Server));
        body.extend(self.locations_of_server());
        // A copy is a subrequest: it would run the server's rewrites again, beside the request.
        let rewrites = ["set", "if", "rewrite", "break", "return"];
        if self.random.chance(8) && !body.iter().any(|node| rewrites.contains(&node.name())) {
            body.push(line("mirror /mirror-up"));
        }
        let is_inner = |node: &Node| node.head.ends_with("PORT2");
        body.extend(self.targets());
        if self.hops && !block.iter().any(is_inner) {
            self.locations.insert("/hop/".to_string());
            body.push(self.hop());
        }
        self.shuffle(&mut body);
        block.extend(body);
        Node::block("server", block)
    }

    fn locations_of_server(&mut self) -> Vec<Node> {
        let mut heads = std::collections::BTreeSet::new();
        let mut nodes = Vec::new();
        if self.random.chance(65) {
            heads.insert("/".to_string());
            let mut rest = self.location("/", 0);
            if let Some(block) = &mut rest.block
                && !block.iter().any(|node| node.name().ends_with("_pass"))
            {
                block.push(line("proxy_pass http://127.0.0.1:UPA"));
            }
            nodes.push(rest);
        }
        for _ in 0..self.random.between(1, 5) {
            let head = match self.random.below(12) {
                0..5 => self.pick(PATHS).to_string(),
                5..7 => format!("= {}", self.pick(PATHS)),
                7..9 => format!("^~ {}", self.pick(PATHS)),
                9 => format!("~* {}", self.pick(REGEXES)),
                _ => format!("~ {}", self.pick(REGEXES)),
            };
            // `/a` and `^~ /a` are one location to nginx; `= /a` is another.
            if heads.insert(head.trim_start_matches("^~ ").to_string()) {
                nodes.push(self.location(&head, 0));
            }
        }
        nodes
    }

    /// To another server of the same nginx, which sees nginx itself as its client.
    fn hop(&mut self) -> Node {
        let host = self.pick(&["a.test", "b.test", "$host", "$http_x_token"]);
        let uri = self.pick(&["/", "", "/api/"]);
        Node::block(
            "location /hop/",
            vec![
                line(format!("proxy_set_header Host \"{host}.\"")),
                line("proxy_redirect off"),
                // Without it, the inner server would wait for a body that it was promised.
                line("proxy_pass_request_body on"),
                line("proxy_intercept_errors off"),
                line(format!("proxy_pass http://127.0.0.1:PORT2{uri}")),
            ],
        )
    }

    /// What other directives jump to by name.
    fn targets(&mut self) -> Vec<Node> {
        let mut nodes = vec![
            self.location("@one", 1),
            Node::block(
                "location @two",
                vec![line("proxy_pass http://127.0.0.1:UPB")],
            ),
        ];
        let code = self.pick(&["200", "204", "401", "403", "302", "404"]);
        nodes.push(Node::block(
            "location = /auth-static",
            vec![line(format!("return {code}"))],
        ));
        let mut auth = vec![line(format!(
            "proxy_pass http://127.0.0.1:AUTH{}",
            self.pick(&["", "/check", "$request_uri"])
        ))];
        if self.random.chance(50) {
            auth.push(line("internal"));
        }
        if self.random.chance(15) {
            auth.push(line("proxy_pass_request_headers off"));
        }
        if self.random.chance(15) {
            auth.push(line("deny all"));
        }
        nodes.push(Node::block("location = /auth-up", auth));
        nodes.push(Node::block(
            "location = /mirror-up",
            vec![
                line("internal"),
                line("client_max_body_size 0"),
                line("proxy_pass http://127.0.0.1:MIRROR$request_uri"),
            ],
        ));
        nodes.push(Node::block(
            "location @login",
            vec![line("return 302 /login?back=$request_uri")],
        ));
        if self.random.chance(50) {
            nodes.push(Node::block(
                "location /internal",
                vec![line("internal"), line("return 200 inside")],
            ));
        }
        nodes
    }
}
