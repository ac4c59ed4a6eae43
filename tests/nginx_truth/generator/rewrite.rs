//! The rewrite module's directives, which run one after another.

use super::values::CODES;
use super::{Level, Maker, line};
use crate::tree::Node;

impl Maker {
    pub(super) fn rewrites(&mut self, level: Level) -> Vec<Node> {
        let mut nodes = Vec::new();
        let often = if level == Level::Server { 1 } else { 2 };
        if self.random.chance(12 * often) {
            nodes.push(self.set());
        }
        if self.random.chance(9 * often) {
            nodes.push(self.rewrite());
        }
        while self.random.chance(11 * often) {
            nodes.push(self.condition(level));
        }
        if self.random.chance(3) {
            nodes.push(line("break"));
        }
        if self
            .random
            .chance(if level == Level::Server { 3 } else { 8 })
        {
            nodes.push(self.returns());
        }
        nodes
    }

    fn set(&mut self) -> Node {
        let name = self.pick(&["$s1", "$s2"]);
        line(format!("set {name} {}", self.value()))
    }

    pub(super) fn returns(&mut self) -> Node {
        let code = self.pick(CODES);
        match self.random.below(6) {
            0 => line(format!("return {code} \"text {}\"", self.variable())),
            1 => line(format!(
                "return 301 https://{}$request_uri",
                self.pick(&["$host", "other.test"])
            )),
            2 => line(format!("return 302 {}", self.target())),
            3 => line("return http://other.test/$1"),
            _ => line(format!("return {code}")),
        }
    }

    fn rewrite(&mut self) -> Node {
        let (regex, to) = *[
            ("^/old(.*)$", "/api$1"),
            ("^/api/(.*)$", "/v2/$1"),
            ("^/(\\w+)/(.*)$", "/$2?from=$1"),
            ("/users", "/docs/page.html?"),
            ("^", "/internal"),
            ("^/docs", "/empty/"),
            ("^/x/(?<part>.*)$", "/$part"),
            ("^/api", "http://other.test/moved"),
            ("\\.txt$", "/403.html"),
        ]
        .get(self.random.below(9))
        .unwrap_or(&("^", "/"));
        let flag = self.pick(&[
            "",
            " last",
            " last",
            " break",
            " break",
            " redirect",
            " permanent",
        ]);
        line(format!("rewrite {regex} {to}{flag}"))
    }

    fn condition(&mut self, level: Level) -> Node {
        // A capture is no variable that an if may ask for.
        let subject = loop {
            let variable = self.variable();
            if variable != "$1" {
                break variable;
            }
        };
        let test = match self.random.below(12) {
            0..2 => subject.to_string(),
            2..4 => format!("{subject} = {}", self.word()),
            4 => format!("{subject} != {}", self.word()),
            5 => format!(
                "$request_method = {}",
                self.pick(&["OPTIONS", "POST", "GET"])
            ),
            6 => format!("{subject} ~ {}", self.pattern()),
            7 => format!("{subject} ~* {}", self.pattern()),
            8 => format!("{subject} !~ {}", self.pattern()),
            9 => format!("{subject} !~* {}", self.pattern()),
            10 => format!(
                "{} $request_filename",
                self.pick(&["-f", "!-f", "-d", "!-d", "-e", "!-e"])
            ),
            _ => format!("$uri ~ {}", self.pattern()),
        };
        let mut block = Vec::new();
        match self.random.below(10) {
            0..5 => block.push(self.returns()),
            5..7 => block.push(self.set()),
            7 => block.push(self.rewrite()),
            8 => block.push(line("break")),
            _ => {}
        }
        if level == Level::Location {
            self.response_settings(&mut block);
            if self.random.chance(12) {
                block.push(line(format!(
                    "proxy_pass http://{}",
                    self.pick(&["group", "127.0.0.1:UPA"])
                )));
            }
            if self.random.chance(5) {
                self.error_settings(&mut block);
            }
        }
        Node::block(format!("if ({test})"), block)
    }

    /// `valid_referers` and the test that goes with it.
    pub(super) fn referers(&mut self, nodes: &mut Vec<Node>) {
        nodes.push(line(format!(
            "valid_referers {}",
            self.pick(&[
                "none blocked server_names *.test",
                "*.test",
                "none a.test/api",
                "blocked ~\\.r\\. a.test",
                "none blocked a.test"
            ])
        )));
        nodes.push(Node::block(
            "if ($invalid_referer)",
            vec![line("return 403")],
        ));
    }
}
