//! A REST API as its documents tell of it.

use std::collections::BTreeMap;

use crate::gates::aws::access::invoked;
use crate::gates::aws::apigateway::route::Pattern;
use crate::gates::aws::apigateway::{Names, Source};
use crate::gates::aws::cloud::Place;
use crate::gates::aws::iam::Policy;
use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Api {
    pub id: String,
    pub name: String,
    pub place: Place,
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: String,
    /// Its whole document.
    pub span: Span,
    pub endpoint: Endpoint,
    pub policy: Known<Option<Spanned<Policy>>>,
    pub key_source: Spanned<KeySource>,
    pub names: Names,
    pub resources: Known<Vec<Resource>>,
    pub authorizers: Known<Vec<Authorizer>>,
    /// Those that somebody set, by their type; all others are as the service has them.
    pub responses: Known<BTreeMap<String, Response>>,
    pub stages: Known<Vec<Stage>>,
    pub plans: Known<Vec<Plan>>,
}

/// From where it can be reached
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html>).
#[derive(Debug)]
pub struct Endpoint {
    pub kind: EndpointKind,
    pub span: Span,
    /// It takes IPv6, too.
    pub dualstack: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    Edge,
    Regional,
    Private,
}

/// Where the API key of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In the header `x-api-key`.
    Header,
    /// The Lambda authorizer says it.
    Authorizer,
}

#[derive(Debug)]
pub struct Resource {
    pub path: String,
    pub pattern: Pattern,
    pub span: Span,
    pub methods: Vec<Method>,
}

#[derive(Debug)]
pub struct Method {
    /// In capitals; `ANY` for all that have no entry of their own.
    pub verb: String,
    pub span: Span,
    pub authorization: Spanned<Authorization>,
    /// Scopes of which a token must have one.
    pub scopes: Vec<Spanned<String>>,
    /// Where an API key is asked for.
    pub needs_key: Option<Span>,
    pub integration: Option<Integration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Open,
    Iam,
    /// By a Lambda function; with the id of the authorizer.
    Lambda(String),
    Cognito(String),
    Unknown(String),
}

#[derive(Debug)]
pub struct Integration {
    pub kind: IntegrationKind,
    pub uri: Option<Spanned<String>>,
    pub span: Span,
    /// The headers of its answer, where API Gateway makes them.
    pub headers: Vec<AnswerHeader>,
    /// The status of its answer, where API Gateway makes it.
    pub status: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegrationKind {
    /// API Gateway itself answers.
    Mock,
    /// What is behind it makes the whole answer.
    LambdaProxy,
    HttpProxy,
    /// API Gateway makes the answer out of what is behind.
    Mapped,
}

impl IntegrationKind {
    /// As documents write it: `AWS_PROXY`.
    pub fn parse(text: &str) -> IntegrationKind {
        match text {
            "MOCK" => IntegrationKind::Mock,
            "AWS_PROXY" => IntegrationKind::LambdaProxy,
            "HTTP_PROXY" => IntegrationKind::HttpProxy,
            _ => IntegrationKind::Mapped,
        }
    }
}

/// A header that API Gateway puts on an answer.
#[derive(Clone, Debug)]
pub struct AnswerHeader {
    pub name: String,
    /// Unknown where it comes from elsewhere than a text in quotes.
    pub value: Known<String>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Authorizer {
    pub id: String,
    pub name: String,
    pub kind: AuthorizerKind,
    pub span: Span,
    /// What has to be there, or its function is not asked.
    pub sources: Vec<Source>,
    /// The token has to look like this.
    pub expression: Option<Spanned<String>>,
    /// How long an answer is kept, in seconds; 0 for not at all.
    pub ttl: Spanned<u32>,
    /// What it calls, of a Lambda authorizer.
    pub uri: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizerKind {
    Token,
    Request,
    Cognito,
}

/// A gateway response
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>).
#[derive(Debug)]
pub struct Response {
    pub span: Span,
    pub status: Option<u16>,
    pub headers: Vec<AnswerHeader>,
}

#[derive(Debug)]
pub struct Stage {
    pub name: String,
    pub span: Span,
    /// The ARN of its web ACL.
    pub web_acl: Option<Spanned<String>>,
    /// The paths and methods of its deployment, where they are known.
    pub deployed: Option<Deployed>,
}

/// What a stage serves, by its export.
#[derive(Debug)]
pub struct Deployed {
    pub span: Span,
    /// Methods by path.
    pub paths: BTreeMap<String, Vec<String>>,
}

/// A usage plan, as far as it is about one API.
#[derive(Debug)]
pub struct Plan {
    pub id: String,
    pub name: String,
    pub span: Span,
    pub stages: Vec<String>,
    /// Keys of it that are not switched off.
    pub keys: Known<usize>,
}

impl Api {
    pub fn arn(&self, stage: &str, verb: &str, path: &str) -> String {
        invoked(&self.partition, &self.place, &self.id, stage, verb, path)
    }

    pub fn authorizer(&self, id: &str) -> Option<&Authorizer> {
        let mut all = self.authorizers.known()?.iter();
        all.find(|authorizer| authorizer.id == id)
    }

    pub fn stage(&self, name: &str) -> Option<&Stage> {
        let mut all = self.stages.known()?.iter();
        all.find(|stage| stage.name == name)
    }

    pub fn resources(&self) -> &[Resource] {
        self.resources.known().map_or(&[], Vec::as_slice)
    }
}

impl Resource {
    /// The entry of this name.
    pub fn method_itself(&self, verb: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.verb == verb)
    }

    /// What takes requests of a method.
    pub fn method(&self, verb: &str) -> Option<&Method> {
        self.method_itself(verb)
            .or_else(|| self.method_itself("ANY"))
    }
}

impl Deployed {
    /// Whether one of its paths takes this one.
    pub fn may_serve(&self, path: &str, verb: &str) -> bool {
        self.paths.iter().any(|(own, verbs)| {
            let has_verb = verbs.iter().any(|one| one == verb || one == "ANY");
            has_verb && Pattern::new(own).fits(path)
        })
    }
}

impl Stage {
    /// Whether its deployment has a method; yes where that is not known.
    pub fn serves(&self, path: &str, verb: &str) -> bool {
        self.deployed.as_ref().is_none_or(|deployed| {
            let methods = deployed.paths.get(path);
            methods.is_some_and(|methods| methods.iter().any(|one| one == verb || one == "ANY"))
        })
    }
}
