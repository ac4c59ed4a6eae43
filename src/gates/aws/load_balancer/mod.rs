//! Application load balancers of Elastic Load Balancing.

pub mod model;
mod pass;
mod read;

use std::net::IpAddr;
use std::sync::Arc;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::pattern::{is_like, sample};
use crate::gates::aws::run::host;
use crate::gates::oracle;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::Span;
use model::{Balancer, Condition, Listener, Rule, Test};

#[derive(Debug)]
pub struct LoadBalancer {
    pub own: Balancer,
    around: Arc<Around>,
    doors: Vec<Door>,
    /// What each door is, by the places in the model.
    ways: Vec<(usize, usize)>,
}

impl LoadBalancer {
    /// `None` for load balancers that do not look into HTTP.
    pub fn read(resource: &Resource, cloud: &Cloud, around: &Arc<Around>) -> Option<LoadBalancer> {
        let mut gate = LoadBalancer {
            own: read::read(resource, cloud, &around.acls)?,
            around: around.clone(),
            doors: Vec::new(),
            ways: Vec::new(),
        };
        gate.open_doors();
        Some(gate)
    }

    pub fn around(&self) -> &Around {
        &self.around
    }

    pub fn listeners(&self) -> &[Listener] {
        self.own.listeners.known().map_or(&[], Vec::as_slice)
    }

    /// The listener and the rule behind a door.
    pub fn way(&self, door: &Door) -> (&Listener, &Rule) {
        let (listener, rule) = self.ways[door.id as usize];
        let listener = &self.listeners()[listener];
        (listener, &listener.rules()[rule])
    }

    fn door_of(&self, rule: Span) -> Option<&Door> {
        self.doors.iter().find(|door| door.span == rule)
    }

    fn open_doors(&mut self) {
        let listeners = self.listeners().iter().enumerate();
        let ways: Vec<(usize, usize)> = listeners
            .flat_map(|(at, listener)| (0..listener.rules().len()).map(move |rule| (at, rule)))
            .collect();
        for (id, (listener, rule)) in ways.iter().enumerate() {
            let listener = &self.listeners()[*listener];
            let rule = &listener.rules()[*rule];
            self.doors.push(Door {
                name: format!("port {} · {}", listener.port, rule.name()),
                span: rule.span,
                id: id as u32,
                example: Err(Reason::new("it was not tried yet")),
            });
        }
        self.ways = ways;
        let examples: Vec<_> = self.doors.iter().map(|door| self.example(door)).collect();
        for (door, example) in self.doors.iter_mut().zip(examples) {
            door.example = example;
        }
    }

    /// A request that was seen to reach a rule.
    fn example(&self, door: &Door) -> Result<Request, Reason> {
        let (listener, rule) = self.way(door);
        let mut request = Request {
            method: "GET".to_owned(),
            scheme: match listener.is_https {
                true => Scheme::Https,
                false => Scheme::Http,
            },
            host: self.own.host.clone(),
            port: listener.port,
            target: "/".into(),
            headers: Headers::default(),
            from: Known::Unknown(Reason::new("nothing says where it is sent from")),
            body: 0,
            sent_at: None,
            signed_by: None,
            vpc_endpoint: None,
        };
        for condition in &rule.conditions {
            condition.fulfil(&mut request)?;
        }
        let mut courses = self.pass(&request).into_iter();
        match courses.any(|course| course.door() == Some(door.id)) {
            true => Ok(request),
            false => Err(Reason::new("another rule takes what it asks for")),
        }
    }
}

impl Condition {
    /// Makes a request what it asks for.
    fn fulfil(&self, request: &mut Request) -> Result<(), Reason> {
        let first = |values: &[String]| values.first().map(|value| sample(value));
        let nothing = || Reason::new("its condition has no value");
        match &self.test {
            Test::Host(values) => request.host = first(values).ok_or_else(nothing)?,
            Test::Path(values) => {
                request.target = first(values).ok_or_else(nothing)?.into();
            }
            Test::Method(values) => request.method = first(values).ok_or_else(nothing)?,
            Test::Header(name, Some(values)) => {
                let value = first(values).ok_or_else(nothing)?;
                request.headers.push(name.as_str(), value);
            }
            Test::Header(name, None) => request.headers.0.push(crate::request::Header {
                name: name.as_str().into(),
                value: Known::Unknown(Reason::new("its value is not here")),
            }),
            Test::Query(pairs) => {
                let (key, value) = pairs.first().ok_or_else(nothing)?;
                let key = sample(key.as_deref().unwrap_or("x"));
                let value = sample(value.as_deref().unwrap_or("x"));
                request.target.extend(format!("?{key}={value}").bytes());
            }
            Test::Source(networks) => {
                let net = networks.first().ok_or_else(nothing)?.value;
                let host: Option<IpAddr> = net.hosts().next();
                request.from = Known::Is(host.unwrap_or(net.addr()));
            }
            Test::Expression(..) => {
                return Err(Reason::new("its condition is a regular expression"));
            }
            Test::Unknown(why) => return Err(Reason::new(why.clone())),
        }
        Ok(())
    }
}

impl Gate for LoadBalancer {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::LoadBalancer,
            name: self.own.name.clone(),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        let host = host(request);
        if host == self.own.host {
            return Knowledge::Named;
        }
        let at_port = self
            .listeners()
            .iter()
            .filter(|one| one.port == request.port);
        let conditions = at_port
            .flat_map(|listener| listener.rules())
            .flat_map(|rule| &rule.conditions);
        let mut names = conditions.flat_map(|condition| match &condition.test {
            Test::Host(patterns) => patterns.as_slice(),
            _ => &[],
        });
        // A pattern for all names is nobody's name.
        let is_named = names.any(|pattern| {
            let pattern = pattern.to_ascii_lowercase();
            pattern != "*" && is_like(pattern.as_bytes(), host.as_bytes())
        });
        match is_named {
            true => Knowledge::Named,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle)).collect()
    }
}
