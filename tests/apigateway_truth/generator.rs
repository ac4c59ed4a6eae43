//! Accounts and requests made by chance, the same for each seed.

mod http;
mod policies;
mod rest;
mod shared;

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use crate::case::{Ask, Case};

pub struct Generator {
    state: u64,
}

/// REST APIs and HTTP APIs of an account.
const REST: usize = 4;
const HTTP: usize = 2;

const SIGNERS: [&str; 6] = [
    "user/allowed",
    "user/silent",
    "user/denied",
    "user/bounded",
    "role/reader",
    "role/stranger",
];

impl Generator {
    pub fn new(seed: u64, case: u64) -> Self {
        let mixed =
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case.wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut generator = Generator { state: mixed | 1 };
        for _ in 0..8 {
            generator.next();
        }
        generator
    }

    /// xorshift64*
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    pub fn case(&mut self) -> Case {
        let mut apis = Map::new();
        let mut asks = Vec::new();
        for number in 0..REST {
            let label = format!("rest{number}");
            let api = self.rest(&label);
            asks.extend(self.rest_asks(&label, &api));
            apis.insert(label, api);
        }
        for number in 0..HTTP {
            let label = format!("http{number}");
            let api = self.http();
            asks.extend(self.http_asks(&label, &api));
            apis.insert(label, api);
        }
        apis.insert("ws".to_owned(), self.web_socket());
        asks.extend((0..4).map(|_| self.web_socket_ask("ws")));
        let domains = self.shared(&apis);
        asks.extend((0..4).map(|_| self.shared_ask()));
        let account = json!({
            "users": self.users(),
            "roles": self.roles(),
            "apis": apis,
            "domains": domains,
        });
        Case { account, asks }
    }

    fn users(&mut self) -> Json {
        let broad = self.chance(60);
        json!({
            "allowed": { "policies": [self.identity("Allow", broad)] },
            "silent": { "policies": [self.elsewhere()] },
            "denied": { "policies": [self.identity("Allow", true), self.identity("Deny", true)] },
            "bounded": {
                "policies": [self.identity("Allow", true)],
                "boundary": self.identity("Allow", false),
            },
        })
    }

    fn roles(&mut self) -> Json {
        json!({
            "reader": { "policies": [self.identity("Allow", false)] },
            "stranger": { "policies": [] },
        })
    }

    fn address(&mut self) -> IpAddr {
        IpAddr::from([127, 0, 0, *self.pick(&[7, 7, 8, 9])])
    }

    /// An Origin, as a browser sends it.
    fn origin(&mut self, ask: Ask) -> Ask {
        match self.below(3) {
            0 => ask,
            1 => ask.header("Origin", "https://shop.test"),
            _ => ask.header("Origin", "https://other.test"),
        }
    }
}
