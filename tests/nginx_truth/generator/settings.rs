//! Directives that may stand at every level and are inherited by the next.

use super::values::{CODES, REQUEST_HEADERS, RESPONSE_HEADERS};
use super::{Level, Maker, line};
use crate::tree::Node;

impl Maker {
    pub(super) fn settings(&mut self, level: Level) -> Vec<Node> {
        let mut nodes = Vec::new();
        self.access(level, &mut nodes);
        self.response_settings(&mut nodes);
        self.proxy_settings(&mut nodes);
        self.error_settings(&mut nodes);
        self.file_settings(level, &mut nodes);
        if level != Level::Location {
            self.connection_settings(&mut nodes);
        }
        nodes
    }

    pub(super) fn response_settings(&mut self, nodes: &mut Vec<Node>) {
        if self.random.chance(20) {
            for _ in 0..self.random.between(1, 3) {
                let header = self.pick(RESPONSE_HEADERS);
                let always = self.pick(&["", "", " always"]);
                nodes.push(line(format!(
                    "add_header {header} {}{always}",
                    self.value()
                )));
            }
        }
        if self.random.chance(4) {
            let header = self.pick(RESPONSE_HEADERS);
            let status = self.pick(&["", "", "-s 403 ", "-s '200 404' "]);
            nodes.push(line(format!(
                "more_set_headers {status}'{header}: {}'",
                self.word()
            )));
        }
        if self.random.chance(3) {
            nodes.push(line(format!(
                "more_clear_headers '{}'",
                self.pick(&["X-One", "Access-Control-*", "Server"])
            )));
        }
    }

    pub(super) fn proxy_settings(&mut self, nodes: &mut Vec<Node>) {
        if self.random.chance(16) {
            for _ in 0..self.random.between(1, 3) {
                let header = self.pick(REQUEST_HEADERS);
                let value = match self.random.below(6) {
                    0 => "$proxy_add_x_forwarded_for".to_string(),
                    1 => "$proxy_host".to_string(),
                    _ => self.value(),
                };
                nodes.push(line(format!("proxy_set_header {header} {value}")));
            }
        }
        for (percent, text) in [
            (4, "proxy_hide_header X-One"),
            (3, "proxy_hide_header Access-Control-Allow-Origin"),
            (2, "proxy_hide_header Authorization"),
            (2, "proxy_pass_header Server"),
            (3, "proxy_pass_request_headers off"),
            (2, "proxy_pass_request_body off"),
            (2, "proxy_method POST"),
            (2, "proxy_method $http_x_token"),
            (6, "proxy_intercept_errors on"),
            (3, "proxy_http_version 1.1"),
        ] {
            if self.random.chance(percent) {
                nodes.push(line(text));
            }
        }
        // Only one of two that would be a duplicate.
        let mut seen_method = false;
        nodes.retain(|node| {
            node.name() != "proxy_method" || !std::mem::replace(&mut seen_method, true)
        });
    }

    pub(super) fn error_settings(&mut self, nodes: &mut Vec<Node>) {
        if self.random.chance(12) {
            for _ in 0..self.random.between(1, 2) {
                nodes.push(self.error_page());
            }
        }
    }

    fn error_page(&mut self) -> Node {
        let codes = self.pick(&[
            "403",
            "401",
            "404",
            "401 403 404",
            "500 502 503",
            "405",
            "413",
            "400",
        ]);
        let change = match self.random.below(6) {
            0 => " =".to_string(),
            1 => format!(" ={}", self.pick(CODES)),
            _ => String::new(),
        };
        let target = match self.random.below(10) {
            0..2 => "@one",
            2 => "@two",
            3 => "@login",
            4 => "http://other.test/gone",
            _ => self.target(),
        };
        line(format!("error_page {codes}{change} {target}"))
    }

    fn file_settings(&mut self, level: Level, nodes: &mut Vec<Node>) {
        for (percent, text) in [
            (3, "index a.txt index.html"),
            (2, "index missing.html /docs/page.html"),
            (4, "autoindex on"),
            (5, "client_max_body_size 10"),
            (3, "recursive_error_pages on"),
            (2, "limit_req zone=rate burst=1000 nodelay"),
            (2, "limit_conn number 100"),
            (1, "limit_req_status 429"),
            (2, "absolute_redirect off"),
            (2, "port_in_redirect off"),
            (2, "server_name_in_redirect on"),
        ] {
            if self.random.chance(percent) {
                nodes.push(line(text));
            }
        }
        let mut seen_index = false;
        nodes.retain(|node| node.name() != "index" || !std::mem::replace(&mut seen_index, true));
        if level == Level::Location && self.random.chance(3) {
            nodes.push(line("root ROOT/www/docs"));
        }
    }

    fn connection_settings(&mut self, nodes: &mut Vec<Node>) {
        for (percent, text) in [
            (6, "underscores_in_headers on"),
            (5, "ignore_invalid_headers off"),
            (5, "merge_slashes off"),
        ] {
            if self.random.chance(percent) {
                nodes.push(line(text));
            }
        }
    }
}
