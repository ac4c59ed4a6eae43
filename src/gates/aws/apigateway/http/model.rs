//! An HTTP or WebSocket API as its documents tell of it.

use crate::gates::aws::access::invoked;
use crate::gates::aws::apigateway::route::Pattern;
use crate::gates::aws::apigateway::{Names, Source};
use crate::gates::aws::cloud::Place;
use crate::gates::aws::cors::Cors;
use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Api {
    pub id: String,
    pub name: String,
    pub place: Place,
    pub partition: String,
    pub span: Span,
    pub protocol: Protocol,
    /// What API Gateway answers to preflights, and puts on all answers.
    pub cors: Option<Cors>,
    pub dualstack: Option<Span>,
    pub names: Names,
    pub routes: Known<Vec<Route>>,
    pub authorizers: Known<Vec<Authorizer>>,
    pub stages: Known<Vec<Stage>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http,
    WebSocket,
}

#[derive(Debug)]
pub struct Route {
    /// As it is written: `GET /orders/{id}`, `$default`.
    pub key: Spanned<String>,
    pub kind: RouteKind,
    pub authorization: Spanned<Authorization>,
    pub scopes: Vec<Spanned<String>>,
    /// What is behind, if that is a URL.
    pub target: Option<Spanned<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// Takes what no other one takes.
    Default,
    /// In capitals, `ANY` for all; and the path.
    Path(String, String, Pattern),
    /// Of a WebSocket API: `$connect`, `$disconnect`, or the value of the expression.
    Message,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Open,
    Iam,
    /// With the id of the authorizer.
    Jwt(String),
    Lambda(String),
    Unknown(String),
}

#[derive(Debug)]
pub struct Authorizer {
    pub id: String,
    pub name: String,
    pub is_jwt: bool,
    pub span: Span,
    pub sources: Vec<Source>,
    pub issuer: Option<Spanned<String>>,
    pub audience: Vec<Spanned<String>>,
    /// How long an answer is kept, in seconds.
    pub ttl: Spanned<u32>,
    pub simple: bool,
    pub uri: Option<String>,
}

#[derive(Debug)]
pub struct Stage {
    pub name: String,
    pub span: Span,
}

impl Api {
    pub fn authorizer(&self, id: &str) -> Option<&Authorizer> {
        let mut all = self.authorizers.known()?.iter();
        all.find(|one| one.id == id)
    }

    /// As of REST APIs; the stage `$default` is written out.
    pub fn arn(&self, stage: &str, verb: &str, path: &str) -> String {
        invoked(&self.partition, &self.place, &self.id, stage, verb, path)
    }

    /// As a WebSocket API has it
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>).
    pub fn arn_of_route(&self, stage: &str, key: &str) -> String {
        let arn = invoked(&self.partition, &self.place, &self.id, stage, key, "");
        arn.trim_end_matches('/').to_owned()
    }
}
