//! Locations, and what answers in them.

use std::collections::BTreeSet;

use super::values::REGEXES;
use super::{Level, Maker, line};
use crate::tree::Node;

impl Maker {
    /// `head` is what follows the word `location`.
    pub(super) fn location(&mut self, head: &str, depth: usize) -> Node {
        let regex = head.starts_with('~');
        let named = head.starts_with('@');
        let exact = head.starts_with('=');
        if !regex && !named {
            let path = head.trim_start_matches(['=', '^', '~', ' ']);
            self.locations.insert(path.to_string());
        }
        let mut block = self.settings(Level::Location);
        block.extend(self.rewrites(Level::Location));
        if self.random.chance(4) {
            self.referers(&mut block);
        }
        if self.random.chance(if named { 0 } else { 4 }) {
            block.push(line("internal"));
        }
        self.content(&mut block, !regex && !named, named);
        if self.random.chance(9) {
            let limit = self.limit_except();
            block.push(limit);
        }
        if depth < 3 && !exact && !named && self.random.chance(20) {
            block.extend(self.nested(head, depth));
        }
        self.shuffle(&mut block);
        Node::block(format!("location {head}"), block)
    }

    fn nested(&mut self, outer: &str, depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut heads = BTreeSet::new();
        let prefix = outer.trim_start_matches(['^', '~', ' ']);
        for _ in 0..self.random.between(1, 2) {
            let tail = self.pick(&["x", "v1/", "users", "page.html", "/v1"]);
            let head = match self.random.below(5) {
                0..2 if prefix.starts_with('/') && !outer.starts_with("~") => {
                    format!("{prefix}{tail}")
                }
                2 if prefix.starts_with('/') && !outer.starts_with("~") => {
                    format!("^~ {prefix}{tail}")
                }
                3 if prefix.starts_with('/') && !outer.starts_with("~") => {
                    format!("= {prefix}{tail}")
                }
                _ => format!("~ {}", self.pick(REGEXES)),
            };
            if heads.insert(head.trim_start_matches("^~ ").to_string()) {
                nodes.push(self.location(&head, depth + 1));
            }
        }
        nodes
    }

    /// The directive that makes the answer, or none: then files are served.
    fn content(&mut self, block: &mut Vec<Node>, prefix: bool, named: bool) {
        match self.random.below(100) {
            0..52 => block.push(self.proxy_pass(prefix)),
            52..60 => block.push(self.returns()),
            60..68 => block.push(self.try_files()),
            68..72 => self.gateway("fastcgi", "FASTCGI", block),
            72..74 => self.gateway("scgi", "SCGI", block),
            74..76 => self.gateway("uwsgi", "UWSGI", block),
            76..78 if !named => block.push(line("alias ROOT/www/docs/")),
            78 => block.push(line("stub_status")),
            79 => block.push(line("empty_gif")),
            80..84 => {
                let files = self.try_files();
                // nginx counts below zero where the file's path is shorter than the location's
                // and the upstream's path takes its place.
                let shorter = files.head.contains("/a.txt");
                block.push(files);
                block.push(self.proxy_pass(prefix && !shorter));
            }
            _ => {}
        }
        // `alias` and `root` in one location are a duplicate to nginx; so is a second `try_files`.
        if block.iter().any(|node| node.name() == "alias") {
            block.retain(|node| node.name() != "root");
        }
    }

    fn proxy_pass(&mut self, prefix: bool) -> Node {
        let host = self.pick(&["127.0.0.1:UPA", "127.0.0.1:UPA", "group"]);
        let uri = match self.random.below(10) {
            0..2 if prefix => self.pick(&["/", "/pub/", "/new", "/x?y=1"]),
            2 => self.pick(&[
                "$request_uri",
                "$uri",
                "/v$arg_a",
                "/$1$is_args$args",
                "/$part$uri",
            ]),
            _ => "",
        };
        match self.random.below(30) {
            0 => line("proxy_pass http://$backend"),
            1 => line("proxy_pass http://$backend$uri"),
            _ => line(format!("proxy_pass http://{host}{uri}")),
        }
    }

    fn try_files(&mut self) -> Node {
        let first = self.pick(&[
            "$uri",
            "$uri $uri/",
            "/missing",
            "$uri.html",
            "/docs$uri",
            "/a.txt",
            "$uri/",
        ]);
        let last = self.pick(&[
            "=404",
            "=403",
            "=204",
            "@one",
            "@two",
            "/docs/page.html",
            "/api/v1/users?q=1",
            "/403.html",
            "/missing",
        ]);
        line(format!("try_files {first} {last}"))
    }

    fn gateway(&mut self, kind: &str, port: &str, block: &mut Vec<Node>) {
        block.push(line(format!("{kind}_pass 127.0.0.1:{port}")));
        if self.random.chance(85) {
            block.push(line(format!("{kind}_param REQUEST_METHOD $request_method")));
            block.push(line(format!("{kind}_param REQUEST_URI $request_uri")));
        }
        if self.random.chance(25) {
            let flag = self.pick(&["", " if_not_empty"]);
            let name = self.pick(&[
                "HTTP_AUTHORIZATION",
                "HTTP_X_TOKEN",
                "HTTP_HOST",
                "REMOTE_USER",
            ]);
            block.push(line(format!("{kind}_param {name} {}{flag}", self.value())));
        }
        for (percent, text) in [
            (6, "intercept_errors on"),
            (6, "pass_request_headers off"),
            (6, "hide_header X-One"),
        ] {
            if self.random.chance(percent) {
                block.push(line(format!("{kind}_{text}")));
            }
        }
    }

    fn limit_except(&mut self) -> Node {
        let methods = self.pick(&["GET", "GET POST", "POST", "GET OPTIONS", "HEAD"]);
        let mut block = Vec::new();
        match self.random.below(6) {
            0 => self.basic(&mut block),
            1 => self.address_rules(&mut block),
            2 => block.push(line("proxy_pass http://group")),
            _ => block.push(line("deny all")),
        }
        Node::block(format!("limit_except {methods}"), block)
    }
}
