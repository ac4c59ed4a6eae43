//! From the documents of an HTTP API to its model.

use super::model::{Api, Authorization, Authorizer, Protocol, Route, RouteKind, Stage};
use crate::gates::aws::access::partition;
use crate::gates::aws::apigateway::names::region_of;
use crate::gates::aws::apigateway::route::Pattern;
use crate::gates::aws::apigateway::{Names, Source};
use crate::gates::aws::cloud::{Cloud, Place, Resource};
use crate::gates::aws::cors::Cors;
use crate::gates::aws::fields::{is_true, items, named, spanned, text, texts};
use crate::gates::aws::kinds::{self, Kind};
use crate::source::Spanned;
use crate::syntax::document::Node;

pub fn read(resource: &Resource, cloud: &Cloud) -> Api {
    let (node, id) = (resource.node(), resource.id());
    let place = &place(resource);
    let disabled = is_true(node, "DisableExecuteApiEndpoint");
    let items = |kind: &'static Kind| {
        let found = cloud.get(kind, id, place);
        found.map(|found| items(found.node(), "Items").collect::<Vec<_>>())
    };
    let integrations = items(&kinds::INTEGRATIONS);
    let family = node.get("IpAddressType");
    Api {
        id: id.to_owned(),
        name: text(node, "Name").unwrap_or(id).to_owned(),
        place: place.clone(),
        partition: partition(place, cloud),
        span: node.span(),
        protocol: match text(node, "ProtocolType") {
            Some("WEBSOCKET") => Protocol::WebSocket,
            _ => Protocol::Http,
        },
        cors: node
            .get("CorsConfiguration")
            .filter(|cors| cors.entries().next().is_some())
            .map(Cors::read),
        dualstack: family
            .filter(|family| family.text() == Some("dualstack"))
            .map(Node::span),
        names: Names::read(id, place, disabled, cloud),
        routes: items(&kinds::ROUTES).map(|routes| {
            let targets = integrations.known().map_or(&[][..], Vec::as_slice);
            let routes = routes.into_iter();
            routes.filter_map(|one| route(one, targets)).collect()
        }),
        authorizers: items(&kinds::HTTP_AUTHORIZERS)
            .map(|all| all.into_iter().filter_map(authorizer).collect()),
        stages: items(&kinds::HTTP_STAGES).map(|stages| {
            let stages = stages.into_iter();
            let named = stages.filter_map(|stage| {
                Some(Stage {
                    name: text(stage, "StageName")?.to_owned(),
                    span: named(stage, "StageName"),
                })
            });
            named.collect()
        }),
    }
}

/// Of an API that a command printed its endpoint tells the region:
/// `https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com`.
fn place(resource: &Resource) -> Place {
    let known = resource.place().clone();
    let endpoint = text(resource.node(), "ApiEndpoint");
    let region = endpoint.and_then(region_of);
    Place {
        region: known.region.or(region.map(Into::into)),
        account: known.account,
    }
}

fn route(node: Node<'_>, integrations: &[Node<'_>]) -> Option<Route> {
    let key = spanned(node, "RouteKey")?;
    let kind = match key.value.split_once(' ') {
        _ if key.value == "$default" => RouteKind::Default,
        Some((verb, path)) => {
            let verb = verb.to_ascii_uppercase();
            RouteKind::Path(verb, path.to_owned(), Pattern::new(path))
        }
        None => RouteKind::Message,
    };
    let id = || text(node, "AuthorizerId").unwrap_or_default().to_owned();
    let authorization = node.get("AuthorizationType");
    let span = authorization.map_or(key.span, Node::span);
    let authorization = match authorization.and_then(|kind| kind.text()) {
        None | Some("NONE") => Authorization::Open,
        Some("AWS_IAM") => Authorization::Iam,
        Some("JWT") => Authorization::Jwt(id()),
        Some("CUSTOM") => Authorization::Lambda(id()),
        Some(other) => Authorization::Unknown(other.to_owned()),
    };
    let target = text(node, "Target").and_then(|target| target.strip_prefix("integrations/"));
    let target = target.and_then(|id| {
        let mut all = integrations.iter();
        let integration = all.find(|one| text(**one, "IntegrationId") == Some(id))?;
        spanned(*integration, "IntegrationUri")
    });
    Some(Route {
        kind,
        authorization: Spanned::new(authorization, span),
        scopes: texts(node, "AuthorizationScopes"),
        target,
        key,
    })
}

fn authorizer(node: Node<'_>) -> Option<Authorizer> {
    let id = text(node, "AuthorizerId")?;
    let configuration = node.get("JwtConfiguration");
    let ttl = node.get("AuthorizerResultTtlInSeconds");
    let sources = texts(node, "IdentitySource");
    // A list in the API, one text in older answers.
    let sources = match sources.is_empty() {
        true => text(node, "IdentitySource")
            .map(str::to_owned)
            .into_iter()
            .collect(),
        false => sources
            .into_iter()
            .map(|source| source.value)
            .collect::<Vec<_>>(),
    };
    Some(Authorizer {
        id: id.to_owned(),
        name: text(node, "Name").unwrap_or(id).to_owned(),
        is_jwt: text(node, "AuthorizerType") == Some("JWT"),
        span: named(node, "Name"),
        sources: sources
            .iter()
            .flat_map(|text| text.split(','))
            .filter_map(|text| Source::parse(text.trim()))
            .collect(),
        issuer: configuration.and_then(|one| spanned(one, "Issuer")),
        audience: configuration.map_or_else(Vec::new, |one| texts(one, "Audience")),
        ttl: Spanned::new(
            ttl.and_then(|ttl| ttl.text()?.parse().ok()).unwrap_or(0),
            ttl.unwrap_or(node).span(),
        ),
        simple: text(node, "EnableSimpleResponses") == Some("true"),
        uri: text(node, "AuthorizerUri").map(str::to_owned),
    })
}
