//! Express: from its middleware manifest or its source to what the stack does to a request.
//!
//! Reading order: `model` is what was registered, `behaviour` what a layer does, `path` and `stack`
//! make both ready, `pass` sends a request through. All claims about Express's behaviour in here are
//! held against the real one, versions 4 and 5, by `tests/express_truth`.

mod behaviour;
mod doors;
pub mod model;
mod pass;
pub mod path;
mod pattern;
pub mod read;
mod stack;
pub mod value;

use std::net::IpAddr;

use crate::gate::{Course, Door, Gate, GateName, Knowledge};
use crate::request::{Known, Request};
use crate::source::Span;
use behaviour::{Behaviour, Origin, Origins};
use model::{App, Grant, Guard, Layer, Wants};
pub use stack::Refusal;
use stack::Stack;

/// What a layer asks of whoever was recognised, if that is what it does.
pub fn grant_of(layer: &Layer) -> Option<Grant> {
    match behaviour::of(layer) {
        Behaviour::Guard(Guard {
            wants: Wants::Granted(grant),
            ..
        }) => Some(grant),
        _ => None,
    }
}

/// One application.
pub struct Express {
    app: App,
    stack: Stack,
    doors: Vec<Door>,
    refusals: Vec<Refusal>,
}

impl Express {
    pub fn new(app: App) -> Express {
        let made = stack::make(&app);
        let mut express = Express {
            stack: made.stack,
            refusals: made.refusals,
            doors: Vec::new(),
            app,
        };
        express.doors = doors::doors(&express);
        express
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
        &self.doors
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
    pub fn origins(&self) -> Vec<&str> {
        let mut origins = Vec::new();
        self.stack.each(&mut |function| {
            if let Behaviour::Cors(cors) = &function.behaviour {
                match &cors.origin.value {
                    Origin::Fixed(text) => origins.push(text.as_str()),
                    Origin::Among(list) => {
                        origins.extend(list.iter().filter_map(|one| match one {
                            Origins::Text(text) => Some(text.as_str()),
                            _ => None,
                        }))
                    }
                    _ => {}
                }
            }
        });
        origins
    }

    /// The address that `req.ip` shows for a request.
    pub fn req_ip(&self, request: &Request) -> Known<String> {
        pass::req_ip(self, request)
    }

    /// The limits on how often somebody may call, which count by `req.ip`.
    pub fn limits(&self) -> Vec<Span> {
        let mut limits = Vec::new();
        self.stack.each(&mut |function| {
            if let Behaviour::Limit(_) = &function.behaviour {
                limits.push(function.span);
            }
        });
        limits
    }

    /// The headers in which hand-written checks look for a key.
    pub fn api_keys(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.stack.each(&mut |function| {
            if let Behaviour::Guard(guard) = &function.behaviour
                && let Wants::Header(name) = &guard.wants
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        });
        names
    }

    /// What its layers ask of whoever was recognised, and where.
    pub fn grants(&self) -> Vec<(Span, &Grant)> {
        let mut grants = Vec::new();
        self.stack.each(&mut |function| {
            let own = match &function.behaviour {
                Behaviour::Guard(guard) => match &guard.wants {
                    Wants::Granted(grant) => Some(grant),
                    _ => None,
                },
                _ => None,
            };
            // What is said beside a check that asks itself only tells.
            let said = function.requires.grants.iter();
            let said = said.filter(|_| own.is_none());
            let said = said.map(|grant| (grant.place().unwrap_or(function.span), grant));
            grants.extend(
                own.map(|grant| (function.span, grant))
                    .into_iter()
                    .chain(said),
            );
        });
        grants
    }

    /// The addresses that a list of the app names.
    pub fn listed_addresses(&self) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        self.stack.each(&mut |function| {
            let ips = match &function.behaviour {
                Behaviour::IpFilter(filter) => filter.ips.known(),
                Behaviour::Guard(guard) => match &guard.wants {
                    Wants::Address { ips, .. } => Some(ips),
                    _ => None,
                },
                _ => None,
            };
            let ips = ips.into_iter().flatten();
            addresses.extend(ips.filter_map(|ip| ip.parse::<IpAddr>().ok()));
        });
        addresses
    }
}
