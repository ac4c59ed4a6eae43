//! Express: from its middleware manifest or its source to what the stack does to a request.
//!
//! Reading order: `model` is what was registered, `behaviour` what a layer does, `path` and `stack`
//! make both ready, `pass` sends a request through. All claims about Express's behaviour in here are
//! held against the real one, versions 4 and 5, by `tests/express_truth`.

mod behaviour;
mod doors;
pub mod model;
mod named;
mod pass;
pub mod path;
mod pattern;
pub mod read;
mod stack;
pub mod value;

use std::net::IpAddr;
use std::sync::OnceLock;

use crate::gate::{Course, Door, Gate, GateName, Knowledge};
use crate::request::{Known, Request};
use crate::source::Span;
use model::App;
use named::Named;
pub use stack::Refusal;
use stack::Stack;

/// One application.
pub struct Express {
    app: App,
    stack: Stack,
    refusals: Vec<Refusal>,
    named: Named,
    /// Made when they are asked for: who prints the manifest needs none.
    doors: OnceLock<Vec<Door>>,
}

impl Express {
    pub fn new(app: App) -> Express {
        let made = stack::make(&app);
        Express {
            named: Named::of(&made.stack),
            stack: made.stack,
            refusals: made.refusals,
            doors: OnceLock::new(),
            app,
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// Paths with which this version does not start.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

impl Gate for Express {
    fn name(&self) -> GateName {
        GateName {
            kind: "express",
            name: self.app.name.clone(),
        }
    }

    fn doors(&self) -> &[Door] {
        self.doors.get_or_init(|| doors::doors(self))
    }

    fn knows(&self, request: &Request) -> Knowledge {
        let mut ports = self.app.listens.iter().map(|listen| listen.port);
        match ports.any(|port| port == Some(request.port)) {
            true => Knowledge::Default,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        pass::pass(self, request).collect()
    }
}

impl Express {
    /// The origins that the app names, in the order of its registrations.
    pub fn origins(&self) -> &[String] {
        &self.named.origins
    }

    /// The address that `req.ip` shows for a request.
    pub fn req_ip(&self, request: &Request) -> Known<String> {
        pass::req_ip(self, request)
    }

    /// The limits on how often somebody may call, which count by `req.ip`.
    pub fn limits(&self) -> &[Span] {
        &self.named.limits
    }

    /// The headers in which hand-written checks look for a key.
    pub fn api_keys(&self) -> impl Iterator<Item = &str> {
        self.named.api_keys.iter().map(String::as_str)
    }

    /// The addresses that a list of the app names.
    pub fn listed_addresses(&self) -> &[IpAddr] {
        &self.named.addresses
    }
}
