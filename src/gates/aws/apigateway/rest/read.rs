//! From the documents of a REST API to its model.

mod export;

use std::collections::BTreeMap;

use super::model::{
    AnswerHeader, Api, Authorization, Authorizer, AuthorizerKind, Deployed, Endpoint, EndpointKind,
    Integration, IntegrationKind, KeySource, Method, Plan, Resource, Response, Stage,
};
use crate::gates::aws::access::{partition, place_of};
use crate::gates::aws::apigateway::names::region_of;
use crate::gates::aws::apigateway::route::Pattern;
use crate::gates::aws::apigateway::{Names, Source};
use crate::gates::aws::cloud::{self, Cloud, Place};
use crate::gates::aws::fields::{is_true, items, named, spanned, text, texts};
use crate::gates::aws::iam::{self, Kind, Policy};
use crate::gates::aws::kinds;
use crate::problem::Problem;
use crate::request::{Known, Reason};
use crate::source::Spanned;
use crate::syntax::document::Node;

/// The lifetime of an authorizer's answers where none is set, in seconds
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>).
const DEFAULT_TTL: u32 = 300;

pub fn read(resource: &cloud::Resource, cloud: &Cloud) -> (Api, Vec<Problem>) {
    let reader = Reader { resource, cloud };
    let node = resource.node();
    let (policy, problems) = reader.policy();
    let id = resource.id();
    let disabled = is_true(node, "disableExecuteApiEndpoint");
    let written = policy.known().and_then(Option::as_ref);
    let stages = reader.stages();
    let known = reader.place(stages.known().map_or(&[][..], Vec::as_slice));
    let place = place_of(&known, id, written.map(|policy| &policy.value));
    let api = Api {
        id: id.to_owned(),
        name: text(node, "name").unwrap_or(id).to_owned(),
        partition: partition(&place, cloud),
        span: node.span(),
        endpoint: endpoint(node),
        policy,
        key_source: key_source(node),
        names: Names::read(id, &place, disabled, cloud),
        place,
        resources: reader.resources(),
        authorizers: reader.authorizers(),
        responses: reader.responses(),
        stages,
        plans: reader.plans(),
    };
    (api, problems)
}

struct Reader<'c> {
    resource: &'c cloud::Resource,
    cloud: &'c Cloud,
}

impl<'c> Reader<'c> {
    fn part(&self, kind: &'static kinds::Kind) -> Known<Node<'c>> {
        let found = self
            .cloud
            .get(kind, self.resource.id(), self.resource.place());
        found.map(cloud::Resource::node)
    }

    /// Where the API is. What a command printed of it does not say so; a web ACL is of the same
    /// account and region, and an export has the API's host.
    fn place(&self, stages: &[Stage]) -> Place {
        let mut place = self.resource.place().clone();
        for stage in stages {
            let acl = stage.web_acl.as_ref().map(|arn| Place::of_arn(&arn.value));
            let acl = acl.unwrap_or_default();
            let id = format!("{}/{}", self.resource.id(), stage.name);
            let export = self.cloud.get(&kinds::EXPORT, &id, self.resource.place());
            let host = export.known().and_then(|export| host(export.node()));
            let region = host.and_then(region_of).map(Into::into);
            place.account = place.account.or(acl.account);
            place.region = place.region.or(acl.region).or(region);
        }
        place
    }

    /// The items of a part of the API.
    fn items<T>(
        &self,
        kind: &'static kinds::Kind,
        list: &str,
        read: impl Fn(Node<'c>) -> Option<T>,
    ) -> Known<Vec<T>> {
        match self.part(kind) {
            Known::Is(node) => match node.get(list) {
                Some(items) => Known::Is(items.items().filter_map(read).collect()),
                None => Known::Unknown(Reason::new(format!("there is no `{list}` in it"))),
            },
            Known::Unknown(reason) => Known::Unknown(reason),
        }
    }

    fn policy(&self) -> (Known<Option<Spanned<Policy>>>, Vec<Problem>) {
        let policy = self
            .resource
            .node()
            .get("policy")
            .filter(|node| !node.is_null());
        match policy {
            // An empty text is what the service gives for none.
            Some(node) if node.text() != Some("") => {
                let (policy, problems) = iam::read(node, Kind::Resource);
                let policy = Spanned::new(policy, node.span());
                (Known::Is(Some(policy)), problems)
            }
            _ => (Known::Is(None), Vec::new()),
        }
    }

    /// What the exports of its stages tell, in place of a part that is not here. What could not be
    /// fetched stays unknown: who was refused it is told so.
    fn exported<T>(
        &self,
        kind: &'static kinds::Kind,
        known: Known<T>,
        read: impl Fn(&[Node<'c>]) -> T,
    ) -> Known<T> {
        if known.known().is_some() || self.cloud.is_missed(kind, self.resource.place()) {
            return known;
        }
        let own = |export: &&cloud::Resource| {
            let api = export.id().split_once('/').map(|(api, _)| api);
            api == Some(self.resource.id()) && export::is_whole(export.node())
        };
        let all = self.cloud.beside(&kinds::EXPORT, self.resource.place());
        let exports: Vec<Node<'c>> = all.filter(own).map(cloud::Resource::node).collect();
        match exports.is_empty() {
            true => known,
            false => Known::Is(read(&exports)),
        }
    }

    fn resources(&self) -> Known<Vec<Resource>> {
        let own = self.items(&kinds::RESOURCES, "items", path);
        self.exported(&kinds::RESOURCES, own, export::resources)
    }

    fn authorizers(&self) -> Known<Vec<Authorizer>> {
        let own = self.items(&kinds::AUTHORIZERS, "items", authorizer);
        self.exported(&kinds::AUTHORIZERS, own, export::authorizers)
    }

    fn responses(&self) -> Known<BTreeMap<String, Response>> {
        let responses = self.items(&kinds::GATEWAY_RESPONSES, "items", |item| {
            if text(item, "defaultResponse") == Some("true") {
                return None;
            }
            let response = Response {
                span: named(item, "responseType"),
                status: text(item, "statusCode").and_then(|code| code.parse().ok()),
                headers: headers(item, "gatewayresponse.header."),
            };
            Some((text(item, "responseType")?.to_owned(), response))
        });
        let responses = responses.map(|all| all.into_iter().collect());
        self.exported(&kinds::GATEWAY_RESPONSES, responses, export::responses)
    }

    fn stages(&self) -> Known<Vec<Stage>> {
        self.items(&kinds::STAGES, "item", |item| {
            let name = text(item, "stageName")?;
            let id = format!("{}/{name}", self.resource.id());
            let export = self.cloud.get(&kinds::EXPORT, &id, self.resource.place());
            Some(Stage {
                name: name.to_owned(),
                span: named(item, "stageName"),
                web_acl: spanned(item, "webAclArn"),
                deployed: export.known().map(|export| deployed(export.node())),
            })
        })
    }

    /// The usage plans that have a stage of this API.
    fn plans(&self) -> Known<Vec<Plan>> {
        let (cloud, place) = (self.cloud, self.resource.place());
        if let Known::Unknown(reason) = cloud.knows_all(&kinds::USAGE_PLAN, place) {
            return Known::Unknown(reason);
        }
        let names_known = |plan: &cloud::Resource| {
            let mut ids = items(plan.node(), "apiStages").filter_map(|one| text(one, "apiId"));
            ids.any(|id| cloud.get(&kinds::REST_API, id, place).known().is_some())
        };
        let mut beside = cloud.beside(&kinds::USAGE_PLAN, place).peekable();
        // What a command printed says of no region: it may be another one's.
        if beside.peek().is_some()
            && !beside.any(|plan| plan.place().region.is_some() || names_known(plan))
        {
            let text = "nothing says that the usage plans here are of the region of the API";
            return Known::Unknown(Reason::new(text));
        }
        let plans = cloud.beside(&kinds::USAGE_PLAN, place).filter_map(|plan| {
            let own = items(plan.node(), "apiStages")
                .filter(|one| text(*one, "apiId") == Some(self.resource.id()));
            let stages: Vec<String> = own
                .filter_map(|one| Some(text(one, "stage")?.to_owned()))
                .collect();
            (!stages.is_empty()).then(|| Plan {
                id: plan.id().to_owned(),
                name: text(plan.node(), "name").unwrap_or(plan.id()).to_owned(),
                span: named(plan.node(), "name"),
                stages,
                keys: self.keys(plan),
            })
        });
        Known::Is(plans.collect())
    }

    fn keys(&self, plan: &cloud::Resource) -> Known<usize> {
        let keys = self
            .cloud
            .get(&kinds::USAGE_PLAN_KEYS, plan.id(), plan.place());
        keys.map(|keys| {
            let is_on = |item: &Node<'_>| {
                let id = text(*item, "id").unwrap_or_default();
                let key = self.cloud.get(&kinds::API_KEY, id, plan.place());
                key.known()
                    .is_none_or(|key| text(key.node(), "enabled") != Some("false"))
            };
            items(keys.node(), "items").filter(is_on).count()
        })
    }
}

/// Where an export says that its API is served.
fn host(export: Node<'_>) -> Option<&str> {
    let server = || export.get("servers")?.items().next()?.get("url")?.text();
    text(export, "host").or_else(server)
}

fn endpoint(node: Node<'_>) -> Endpoint {
    let configuration = node.get("endpointConfiguration");
    let types = configuration.and_then(|one| one.get("types"));
    let first = types.and_then(|types| types.items().next());
    let kind = match first.and_then(|first| first.text()) {
        Some("PRIVATE") => EndpointKind::Private,
        Some("REGIONAL") => EndpointKind::Regional,
        _ => EndpointKind::Edge,
    };
    let family = configuration.and_then(|one| one.get("ipAddressType"));
    Endpoint {
        kind,
        span: first.or(configuration).unwrap_or(node).span(),
        dualstack: family
            .filter(|family| family.text() == Some("dualstack"))
            .map(Node::span),
    }
}

fn key_source(node: Node<'_>) -> Spanned<KeySource> {
    match node.get("apiKeySource") {
        Some(source) if source.text() == Some("AUTHORIZER") => {
            Spanned::new(KeySource::Authorizer, source.span())
        }
        source => Spanned::new(KeySource::Header, source.unwrap_or(node).span()),
    }
}

fn path(item: Node<'_>) -> Option<Resource> {
    let path = text(item, "path")?;
    let methods = item.get("resourceMethods");
    let methods = methods.into_iter().flat_map(|methods| methods.entries());
    Some(Resource {
        path: path.to_owned(),
        pattern: Pattern::new(path),
        span: item.get("path").unwrap_or(item).span(),
        methods: methods
            .filter_map(|(verb, method)| Some(self::method(verb.text()?, verb, method)))
            .collect(),
    })
}

fn method(verb: &str, key: Node<'_>, node: Node<'_>) -> Method {
    let id = || text(node, "authorizerId").unwrap_or_default().to_owned();
    let kind = node.get("authorizationType");
    let authorization = match kind.and_then(|kind| kind.text()) {
        // So `get-resources` prints methods that it is not told to embed.
        None if node.entries().next().is_none() => {
            Authorization::Unknown("that `get-resources` prints with `--embed methods`".to_owned())
        }
        None | Some("NONE") => Authorization::Open,
        Some("AWS_IAM") => Authorization::Iam,
        Some("CUSTOM") => Authorization::Lambda(id()),
        Some("COGNITO_USER_POOLS") => Authorization::Cognito(id()),
        Some(other) => Authorization::Unknown(other.to_owned()),
    };
    Method {
        verb: verb.to_ascii_uppercase(),
        span: key.span(),
        authorization: Spanned::new(authorization, kind.unwrap_or(key).span()),
        scopes: texts(node, "authorizationScopes"),
        needs_key: is_true(node, "apiKeyRequired"),
        integration: node.get("methodIntegration").map(integration),
    }
}

fn integration(node: Node<'_>) -> Integration {
    let kind = IntegrationKind::parse(text(node, "type").unwrap_or_default());
    let responses = node.get("integrationResponses");
    let mut responses = responses.into_iter().flat_map(|all| all.entries());
    // The first is the one of all that goes well: the others are chosen by a pattern.
    let is_default =
        |response: Node<'_>| text(response, "selectionPattern").is_none_or(str::is_empty);
    let response = responses.find(|(_, response)| is_default(*response));
    let status = response.and_then(|(code, _)| code.text()?.parse().ok());
    Integration {
        kind,
        uri: spanned(node, "uri"),
        span: node.span(),
        headers: response
            .map(|(_, response)| headers(response, "method.response.header."))
            .unwrap_or_default(),
        status,
    }
}

/// The headers among the parameters of an answer.
fn headers(node: Node<'_>, prefix: &str) -> Vec<AnswerHeader> {
    let parameters = node.get("responseParameters");
    let parameters = parameters.into_iter().flat_map(|all| all.entries());
    parameters
        .filter_map(|(key, value)| {
            let name = key.text()?.strip_prefix(prefix)?;
            let text = value.text()?;
            let quoted = text
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''));
            Some(AnswerHeader {
                name: name.to_owned(),
                value: match quoted {
                    Some(value) => Known::Is(value.to_owned()),
                    None => Known::Unknown(Reason::new(format!("it is taken from {text}"))),
                },
                span: key.span().to(value.span()),
            })
        })
        .collect()
}

fn authorizer(item: Node<'_>) -> Option<Authorizer> {
    let kind = match text(item, "type")? {
        "TOKEN" => AuthorizerKind::Token,
        "REQUEST" => AuthorizerKind::Request,
        _ => AuthorizerKind::Cognito,
    };
    let id = text(item, "id")?;
    let ttl = item.get("authorizerResultTtlInSeconds");
    let sources = text(item, "identitySource").unwrap_or_default();
    let mut sources: Vec<Source> = sources
        .split(',')
        .filter_map(|source| Source::parse(source.trim()))
        .collect();
    if sources.is_empty() && kind != AuthorizerKind::Request {
        sources.push(Source::Header("Authorization".to_owned()));
    }
    Some(Authorizer {
        id: id.to_owned(),
        name: text(item, "name").unwrap_or(id).to_owned(),
        kind,
        span: named(item, "name"),
        sources,
        expression: spanned(item, "identityValidationExpression"),
        ttl: Spanned::new(
            ttl.and_then(|ttl| ttl.text()?.parse().ok())
                .unwrap_or(DEFAULT_TTL),
            ttl.map_or_else(|| named(item, "name"), Node::span),
        ),
        uri: text(item, "authorizerUri").map(str::to_owned),
    })
}

/// The paths and methods of an export.
fn deployed(node: Node<'_>) -> Deployed {
    let paths = export::paths(node).filter_map(|(path, item)| {
        let verbs = export::methods(item).map(|(verb, ..)| verb);
        Some((path.text()?.to_owned(), verbs.collect()))
    });
    Deployed {
        span: node.get("paths").unwrap_or(node).span(),
        paths: paths.collect(),
    }
}
