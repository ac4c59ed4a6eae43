//! REST APIs of API Gateway.

pub mod model;
mod pass;
mod read;
pub mod responses;

use std::collections::HashMap;
use std::sync::Arc;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::gates::aws::apigateway::Kept;
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::kinds::Kind;
use crate::gates::aws::waf::model::Acl;
use crate::gates::oracle;
use crate::problem::Problem;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::Span;
use model::{Api, Authorization, Method};

/// One REST API with all of its stages.
#[derive(Debug)]
pub struct RestApi {
    pub api: Api,
    around: Arc<Around>,
    doors: Vec<Door>,
    ways: Vec<Way>,
    /// The doors of each method, by where it stands.
    by_method: HashMap<Span, Vec<u32>>,
    /// Where the lists of its parts stand, for what is not in them.
    lists: Vec<(&'static str, Span)>,
}

/// What a door is: a method in a stage, by the places of both in the model.
#[derive(Debug)]
pub struct Way {
    pub stage: String,
    pub resource: usize,
    pub method: usize,
}

impl Authorization {
    pub fn is_lambda(&self) -> bool {
        matches!(self, Authorization::Lambda(_))
    }
}

impl RestApi {
    /// The likeliest way of a request alone.
    pub fn likeliest(&self, request: &Request) -> Option<Course> {
        oracle::explore(|oracle| self.run(request, oracle, None)).next()
    }

    /// The same, after an earlier request of the caller.
    pub fn after(&self, kept: &Kept, request: &Request) -> Option<Course> {
        oracle::explore(|oracle| self.run(request, oracle, Some(kept))).next()
    }

    pub fn read(
        resource: &Resource,
        cloud: &Cloud,
        around: &Arc<Around>,
    ) -> (RestApi, Vec<Problem>) {
        let (api, problems) = read::read(resource, cloud);
        let parts = [
            &crate::gates::aws::kinds::RESOURCES,
            &crate::gates::aws::kinds::STAGES,
        ];
        let lists = parts.into_iter().filter_map(|kind: &'static Kind| {
            let found = cloud.get(kind, resource.id(), resource.place());
            Some((kind.name, found.known()?.span()))
        });
        let mut gate = RestApi {
            lists: lists.collect(),
            api,
            around: around.clone(),
            doors: Vec::new(),
            ways: Vec::new(),
            by_method: HashMap::new(),
        };
        gate.open_doors();
        (gate, problems)
    }

    /// The web ACLs of its stages.
    pub fn acls(&self) -> impl Iterator<Item = &Acl> {
        let stages = self.api.stages.known().into_iter().flatten();
        let named = stages.filter_map(|stage| stage.web_acl.as_ref());
        named.filter_map(|arn| match self.around.acls.named(&arn.value) {
            Known::Is(acl) => Some(&**acl),
            Known::Unknown(_) => None,
        })
    }

    /// The stage and the method behind a door.
    pub fn way(&self, door: &Door) -> &Way {
        &self.ways[door.id as usize]
    }

    pub fn method(&self, door: &Door) -> &Method {
        let way = self.way(door);
        &self.api.resources()[way.resource].methods[way.method]
    }

    pub fn path(&self, door: &Door) -> &str {
        &self.api.resources()[self.way(door).resource].path
    }

    fn list_span(&self, kind: &'static Kind) -> Span {
        let mut lists = self.lists.iter();
        let found = lists.find(|(name, _)| *name == kind.name);
        found.map_or(self.api.span, |(_, span)| *span)
    }

    fn door_of(&self, stage: &str, method: Span) -> Option<&Door> {
        let doors = self.by_method.get(&method)?.iter();
        let mut doors = doors.map(|id| &self.doors[*id as usize]);
        let first = doors.clone().next();
        doors.find(|door| self.way(door).stage == stage).or(first)
    }

    /// One for each method in each stage.
    fn open_doors(&mut self) {
        let stages: Vec<String> = match &self.api.stages {
            Known::Is(stages) => stages.iter().map(|stage| stage.name.clone()).collect(),
            // Any name will do.
            Known::Unknown(_) => vec!["prod".to_owned()],
        };
        let mut ways = Vec::new();
        for stage in &stages {
            for (resource, of) in self.api.resources().iter().enumerate() {
                ways.extend((0..of.methods.len()).map(|method| Way {
                    stage: stage.clone(),
                    resource,
                    method,
                }));
            }
        }
        let doors = ways
            .iter()
            .enumerate()
            .map(|(id, way)| self.door(id as u32, way));
        self.doors = doors.collect();
        self.ways = ways;
        for door in &self.doors {
            self.by_method.entry(door.span).or_default().push(door.id);
        }
    }

    fn door(&self, id: u32, way: &Way) -> Door {
        let resource = &self.api.resources()[way.resource];
        let method = &resource.methods[way.method];
        let example = match self.example_of(way) {
            None => Err(Reason::new("no name leads to it")),
            Some((host, prefix)) => Ok(Request {
                method: match method.verb.as_str() {
                    "ANY" => "GET".to_owned(),
                    verb => verb.to_owned(),
                },
                scheme: Scheme::Https,
                host,
                port: 443,
                target: format!("{prefix}{}", resource.pattern.example()).into(),
                headers: Headers::default(),
                from: Known::Unknown(Reason::new("nothing says where it is sent from")),
                body: 0,
                sent_at: None,
                signed_by: None,
                vpc_endpoint: None,
            }),
        };
        Door {
            name: format!("stage {} · {} {}", way.stage, method.verb, resource.path),
            span: method.span,
            id,
            example,
        }
    }
}

impl Gate for RestApi {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::ApiGateway,
            name: format!("{} ({})", self.api.name, self.api.id),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        self.api.names.knows(request)
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle, None)).collect()
    }
}
