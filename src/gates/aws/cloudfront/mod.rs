//! Distributions of Amazon CloudFront.

mod managed;
pub mod model;
mod pass;
mod read;

use bstr::ByteSlice;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::pattern::{is_like, sample};
use crate::gates::oracle;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::Span;
use model::{Behavior, Distribution};

#[derive(Debug)]
pub struct CloudFront {
    pub own: Distribution,
    doors: Vec<Door>,
}

impl CloudFront {
    /// `None` for a distribution that answers nobody.
    pub fn read(resource: &Resource, cloud: &Cloud, around: &Around) -> Option<CloudFront> {
        let mut gate = CloudFront {
            own: read::read(resource, cloud, &around.acls)?,
            doors: Vec::new(),
        };
        gate.open_doors();
        Some(gate)
    }

    /// The behaviour behind a door.
    pub fn behavior(&self, door: &Door) -> &Behavior {
        &self.own.behaviors[door.id as usize]
    }

    fn door_of(&self, behavior: Span) -> Option<&Door> {
        self.doors.iter().find(|door| door.span == behavior)
    }

    fn has_name(&self, host: &[u8]) -> bool {
        host == self.own.host.as_bytes()
            || self
                .own
                .aliases
                .iter()
                .any(|alias| is_like(alias.value.as_bytes(), host))
    }

    fn open_doors(&mut self) {
        let behaviors = self.own.behaviors.iter().enumerate();
        self.doors = behaviors
            .map(|(id, behavior)| Door {
                name: behavior.name(),
                span: behavior.span,
                id: id as u32,
                example: Err(Reason::new("it was not tried yet")),
            })
            .collect();
        let examples: Vec<_> = self.doors.iter().map(|door| self.example(door)).collect();
        for (door, example) in self.doors.iter_mut().zip(examples) {
            door.example = example;
        }
    }

    /// A request that was seen to reach a behaviour.
    fn example(&self, door: &Door) -> Result<Request, Reason> {
        let paths = match &self.behavior(door).pattern {
            Some(pattern) => vec![sample(&pattern.value)],
            None => vec!["/".to_owned(), "/x".to_owned(), "/why403/probe".to_owned()],
        };
        let host = self.own.aliases.iter().find(|one| !one.value.contains('*'));
        let requests = paths.into_iter().map(|path| Request {
            method: "GET".to_owned(),
            scheme: Scheme::Https,
            host: host.map_or(&self.own.host, |alias| &alias.value).clone(),
            port: 443,
            target: format!("/{}", path.trim_start_matches('/')).into(),
            headers: Headers::default(),
            from: Known::Unknown(Reason::new("nothing says where it is sent from")),
            body: 0,
            sent_at: None,
            signed_by: None,
            vpc_endpoint: None,
        });
        let mut requests = requests;
        let reaches = |request: &Request| {
            let mut courses = self.pass(request).into_iter();
            courses.any(|course| course.door() == Some(door.id))
        };
        let found = requests.find(reaches);
        found.ok_or_else(|| Reason::new("another behavior takes what it asks for"))
    }
}

impl Gate for CloudFront {
    fn name(&self) -> GateName {
        let alias = self.own.aliases.first();
        GateName {
            kind: GateKind::CloudFront,
            name: match alias {
                Some(alias) => format!("{} ({})", self.own.id, alias.value),
                None => self.own.id.clone(),
            },
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        let host = request.host.to_ascii_lowercase();
        match self.has_name(host.as_bytes().as_bstr()) {
            true => Knowledge::Named,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle)).collect()
    }
}
