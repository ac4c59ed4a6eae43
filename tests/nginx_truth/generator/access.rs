//! Who may come in: addresses, passwords, authentication services, and what stands for the address.

use super::{Level, Maker, line};
use crate::tree::Node;

impl Maker {
    pub(super) fn access(&mut self, level: Level, nodes: &mut Vec<Node>) {
        // What closes a whole server would hide what its locations do.
        if level != Level::Location && self.random.chance(60) {
            return;
        }
        if self.random.chance(14) {
            self.address_rules(nodes);
        }
        if self.random.chance(8) {
            self.basic(nodes);
        }
        if self.random.chance(8) {
            self.auth_request(nodes);
        }
        if self.random.chance(8) {
            nodes.push(line(format!("satisfy {}", self.pick(&["any", "all"]))));
        }
        if self.random.chance(3) {
            self.any_of_three(nodes);
        }
        if self.random.chance(6) {
            self.real_ip(nodes);
        }
    }

    pub(super) fn address_rules(&mut self, nodes: &mut Vec<Node>) {
        for _ in 0..self.random.between(0, 2) {
            let verb = self.pick(&["allow", "deny"]);
            nodes.push(line(format!("{verb} {}", self.range())));
        }
        let last = self.pick(&[
            "deny all",
            "deny all",
            "allow all",
            "deny unix:",
            "allow 127.0.0.1",
        ]);
        nodes.push(line(last));
    }

    pub(super) fn basic(&mut self, nodes: &mut Vec<Node>) {
        let realm = self.pick(&["who", "who", "\"the staff\"", "off", "$m1", "\"\"", "Off"]);
        nodes.push(line(format!("auth_basic {realm}")));
        match self.random.below(10) {
            0 => {}
            1 => nodes.push(line("auth_basic_user_file no-such-file")),
            _ => nodes.push(line("auth_basic_user_file htpasswd")),
        }
    }

    /// An address, a password or an authentication service: one is enough.
    fn any_of_three(&mut self, nodes: &mut Vec<Node>) {
        let guards = [
            "satisfy",
            "auth_request",
            "auth_basic",
            "auth_basic_user_file",
        ];
        if nodes.iter().any(|node| guards.contains(&node.name())) {
            return;
        }
        nodes.push(line("satisfy any"));
        self.address_rules(nodes);
        self.auth_request(nodes);
        if self.random.chance(30) {
            self.basic(nodes);
        }
        if self.random.chance(50) {
            nodes.push(line("error_page 401 = @login"));
        }
    }

    fn auth_request(&mut self, nodes: &mut Vec<Node>) {
        let target = self.pick(&[
            "/auth-static",
            "/auth-up",
            "/auth-up",
            "off",
            "/auth-up?k=v",
            "/api/v1/users",
        ]);
        nodes.push(line(format!("auth_request {target}")));
        if self.random.chance(30) {
            nodes.push(line("auth_request_set $auth_user $upstream_http_x_user"));
        }
    }

    fn real_ip(&mut self, nodes: &mut Vec<Node>) {
        nodes.push(line(format!(
            "set_real_ip_from {}",
            self.pick(&["127.0.0.0/8", "0.0.0.0/0", "127.0.0.1", "::1"])
        )));
        if self.random.chance(50) {
            nodes.push(line("set_real_ip_from 198.51.100.0/24"));
        }
        if self.random.chance(80) {
            let header = self.pick(&["X-Forwarded-For", "X-Forwarded-For", "X-Real-IP", "X-Token"]);
            nodes.push(line(format!("real_ip_header {header}")));
        }
        if self.random.chance(40) {
            nodes.push(line("real_ip_recursive on"));
        }
    }
}
