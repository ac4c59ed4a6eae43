//! HTTP and WebSocket APIs of API Gateway.

pub mod model;
mod pass;
mod read;

use std::sync::Arc;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::gates::aws::apigateway::Kept;
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::kinds::{self, Kind};
use crate::gates::oracle;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::Span;
use model::{Api, Authorization, Authorizer, Protocol, Route, RouteKind};

/// One HTTP or WebSocket API with all of its stages.
#[derive(Debug)]
pub struct HttpApi {
    pub api: Api,
    around: Arc<Around>,
    doors: Vec<Door>,
    /// Of each door the stage, and the route by its place in the model.
    ways: Vec<(String, usize)>,
    lists: Lists,
}

/// Where the lists of its parts stand, for what is not in them.
#[derive(Debug)]
struct Lists {
    routes: Span,
    stages: Span,
}

impl HttpApi {
    /// The likeliest way of a request alone.
    pub fn likeliest(&self, request: &Request) -> Option<Course> {
        oracle::explore(|oracle| self.run(request, oracle, None)).next()
    }

    /// The same, after an earlier request of the caller.
    pub fn after(&self, kept: &Kept, request: &Request) -> Option<Course> {
        oracle::explore(|oracle| self.run(request, oracle, Some(kept))).next()
    }

    pub fn read(resource: &Resource, cloud: &Cloud, around: &Arc<Around>) -> HttpApi {
        let api = read::read(resource, cloud);
        let list = |kind: &'static Kind| {
            let found = cloud.get(kind, resource.id(), resource.place());
            found.known().map_or(resource.span(), |found| found.span())
        };
        let mut gate = HttpApi {
            lists: Lists {
                routes: list(&kinds::ROUTES),
                stages: list(&kinds::HTTP_STAGES),
            },
            api,
            around: around.clone(),
            doors: Vec::new(),
            ways: Vec::new(),
        };
        gate.open_doors();
        gate
    }

    pub fn stage_of(&self, door: &Door) -> &str {
        &self.ways[door.id as usize].0
    }

    pub fn route_of(&self, door: &Door) -> &Route {
        &self.routes()[self.ways[door.id as usize].1]
    }

    /// Whether an authorizer is the one of a door's route.
    pub fn is_of(&self, authorizer: &Authorizer, door: &Door) -> bool {
        match &self.route_of(door).authorization.value {
            Authorization::Jwt(id) | Authorization::Lambda(id) => authorizer.id == *id,
            _ => false,
        }
    }

    fn routes(&self) -> &[Route] {
        self.api.routes.known().map_or(&[], Vec::as_slice)
    }

    fn door_of(&self, stage: &str, route: Span) -> Option<&Door> {
        let mut fitting = self.doors.iter().filter(|door| door.span == route);
        let first = fitting.clone().next();
        fitting.find(|door| self.stage_of(door) == stage).or(first)
    }

    fn open_doors(&mut self) {
        let stages: Vec<String> = match &self.api.stages {
            Known::Is(stages) => stages.iter().map(|stage| stage.name.clone()).collect(),
            Known::Unknown(_) => vec!["$default".to_owned()],
        };
        for stage in stages {
            let count = self.routes().len();
            self.ways
                .extend((0..count).map(|route| (stage.clone(), route)));
        }
        let doors = self.ways.iter().enumerate();
        self.doors = doors
            .map(|(id, (stage, route))| self.door(id as u32, stage, &self.routes()[*route]))
            .collect();
    }

    fn door(&self, id: u32, stage: &str, route: &Route) -> Door {
        let (method, path) = match &route.kind {
            RouteKind::Path(verb, _, pattern) => (verb.as_str(), pattern.example()),
            RouteKind::Default => ("GET", "/x".to_owned()),
            RouteKind::Message => ("GET", String::new()),
        };
        let method = match method {
            "ANY" => "GET",
            method => method,
        };
        let is_message = route.kind == RouteKind::Message && route.key.value != "$connect";
        let way = self.api.names.way_to(stage);
        let example = match way {
            _ if is_message => Err(Reason::new("it takes messages, and no requests")),
            None => Err(Reason::new("no name leads to it")),
            Some((host, prefix)) => Ok(Request {
                method: method.to_owned(),
                scheme: Scheme::Https,
                host,
                port: 443,
                target: match format!("{prefix}{path}") {
                    target if target.is_empty() => "/".into(),
                    target => target.into(),
                },
                headers: Headers::default(),
                from: Known::Unknown(Reason::new("nothing says where it is sent from")),
                body: 0,
                sent_at: None,
                signed_by: None,
                vpc_endpoint: None,
            }),
        };
        Door {
            name: format!("stage {stage} · {}", route.key.value),
            span: route.key.span,
            id,
            example,
        }
    }
}

impl Gate for HttpApi {
    fn name(&self) -> GateName {
        let kind = match self.api.protocol {
            Protocol::Http => "HTTP API",
            Protocol::WebSocket => "WebSocket API",
        };
        GateName {
            kind: GateKind::ApiGateway,
            name: format!("{kind} {} ({})", self.api.name, self.api.id),
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
