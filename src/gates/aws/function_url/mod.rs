//! URLs of Lambda functions: a host of its own for each function or alias that has one.

pub mod model;
mod pass;
mod read;

use std::sync::Arc;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::oracle;
use crate::problem::Problem;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use model::Url;
pub use pass::{INVOKE, INVOKE_URL};

/// The URL of one function or alias.
#[derive(Debug)]
pub struct FunctionUrl {
    pub url: Url,
    around: Arc<Around>,
    /// One alone: the path means nothing to it.
    doors: [Door; 1],
}

impl FunctionUrl {
    pub fn read(
        resource: &Resource,
        cloud: &Cloud,
        around: &Arc<Around>,
    ) -> Option<(FunctionUrl, Vec<Problem>)> {
        let (url, problems) = read::read(resource, cloud)?;
        let door = Door {
            name: format!("the URL of {}", url.name),
            span: url.host.span,
            id: 0,
            example: Ok(example(&url.host.value)),
        };
        let gate = FunctionUrl {
            url,
            around: around.clone(),
            doors: [door],
        };
        Some((gate, problems))
    }

    pub fn door(&self) -> &Door {
        &self.doors[0]
    }
}

fn example(host: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        scheme: Scheme::Https,
        host: host.to_owned(),
        port: 443,
        target: "/".into(),
        headers: Headers::default(),
        from: Known::Unknown(Reason::new("nothing says where it is sent from")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

impl Gate for FunctionUrl {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::FunctionUrl,
            name: format!("function {}", self.url.name),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        match request.host.eq_ignore_ascii_case(&self.url.host.value) {
            true => Knowledge::Named,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle)).collect()
    }
}
