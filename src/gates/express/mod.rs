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
pub mod read;
mod stack;
pub mod value;

use crate::gate::{Course, Door, Gate, GateName, Knowledge};
use crate::request::Request;
use model::App;
pub use stack::Refusal;
use stack::Stack;

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
