//! What `get-export` prints of a stage, for who has nothing else of the API: OpenAPI with the
//! extensions of API Gateway
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>).

use std::collections::BTreeMap;

use super::{DEFAULT_TTL, headers};
use crate::gates::aws::apigateway::Source;
use crate::gates::aws::apigateway::rest::model::{
    Authorization, Authorizer, AuthorizerKind, Integration, IntegrationKind, Method, Resource,
    Response,
};
use crate::gates::aws::apigateway::route::Pattern;
use crate::gates::aws::fields::{spanned, text, texts};
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

const ANY: &str = "x-amazon-apigateway-any-method";
const INTEGRATION: &str = "x-amazon-apigateway-integration";
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const AUTH: &str = "x-amazon-apigateway-auth";
const AUTH_TYPE: &str = "x-amazon-apigateway-authtype";
const RESPONSES: &str = "x-amazon-apigateway-gateway-responses";

/// The methods of a path with their names as API Gateway has them: `GET`, `ANY`.
pub(super) fn methods<'d>(path: Node<'d>) -> impl Iterator<Item = (String, Node<'d>, Node<'d>)> {
    path.entries().filter_map(|(key, method)| {
        let verb = match key.text()? {
            ANY => "ANY".to_owned(),
            // `parameters` are those of all methods.
            verb if verb.starts_with("x-") || verb == "parameters" => return None,
            verb => verb.to_ascii_uppercase(),
        };
        Some((verb, key, method))
    })
}

pub(super) fn paths<'d>(export: Node<'d>) -> impl Iterator<Item = (Node<'d>, Node<'d>)> {
    export
        .get("paths")
        .into_iter()
        .flat_map(|paths| paths.entries())
}

/// Whether it was printed with what API Gateway adds (`--parameters extensions=apigateway`).
/// Without that nobody can say what a method asks for.
pub(super) fn is_whole(export: Node<'_>) -> bool {
    let mut methods = paths(export).flat_map(|(_, path)| methods(path));
    methods.any(|(_, _, method)| method.get(INTEGRATION).is_some())
}

/// The methods of all stages.
pub(super) fn resources(exports: &[Node<'_>]) -> Vec<Resource> {
    let mut known: Vec<Resource> = Vec::new();
    for resource in exports.iter().flat_map(|export| of_stage(*export)) {
        match known.iter_mut().find(|one| one.path == resource.path) {
            Some(one) => {
                let methods = resource.methods.into_iter();
                let new = methods.filter(|method| one.method_itself(&method.verb).is_none());
                let new: Vec<Method> = new.collect();
                one.methods.extend(new);
            }
            None => known.push(resource),
        }
    }
    known
}

fn of_stage(export: Node<'_>) -> Vec<Resource> {
    let schemes = Schemes::of(export);
    paths(export)
        .filter_map(|(key, path)| {
            let name = key.text()?;
            Some(Resource {
                path: name.to_owned(),
                pattern: Pattern::new(name),
                span: key.span(),
                methods: methods(path)
                    .map(|(verb, key, node)| schemes.method(verb, key.span(), node))
                    .collect(),
            })
        })
        .collect()
}

pub(super) fn authorizers(exports: &[Node<'_>]) -> Vec<Authorizer> {
    let schemes = exports.iter().flat_map(|export| Schemes::of(*export).0);
    let mut known: Vec<Authorizer> = Vec::new();
    for one in schemes.filter_map(authorizer) {
        if known.iter().all(|other| other.id != one.id) {
            known.push(one);
        }
    }
    known
}

/// Those that were set, by their types: an export names these, and none of the others.
pub(super) fn responses(exports: &[Node<'_>]) -> BTreeMap<String, Response> {
    let all = exports.iter().find_map(|export| export.get(RESPONSES));
    let all = all.into_iter().flat_map(|all| all.entries());
    all.filter_map(|(kind, node)| {
        let response = Response {
            span: kind.span(),
            status: text(node, "statusCode").and_then(|code| code.parse().ok()),
            headers: headers(node, "gatewayresponse.header."),
        };
        Some((kind.text()?.to_owned(), response))
    })
    .collect()
}

/// The security schemes, by which methods name their authorizers.
struct Schemes<'d>(Vec<(Node<'d>, Node<'d>)>);

impl<'d> Schemes<'d> {
    fn of(export: Node<'d>) -> Schemes<'d> {
        let in_components = || export.get("components")?.get("securitySchemes");
        // OpenAPI 3, and Swagger 2.
        let all = in_components().or_else(|| export.get("securityDefinitions"));
        Schemes(all.into_iter().flat_map(|all| all.entries()).collect())
    }

    fn get(&self, name: &str) -> Option<Node<'d>> {
        let mut all = self.0.iter();
        let found = all.find(|(key, _)| key.text() == Some(name))?;
        Some(found.1)
    }

    fn method(&self, verb: String, span: Span, node: Node<'_>) -> Method {
        let own = node.get(AUTH).and_then(|auth| auth.get("type"));
        let is_iam = own.is_some_and(|kind| kind.text() == Some("AWS_IAM"));
        let mut method = Method {
            verb,
            span,
            authorization: match own.filter(|_| is_iam) {
                Some(kind) => Spanned::new(Authorization::Iam, kind.span()),
                None => Spanned::new(Authorization::Open, span),
            },
            scopes: Vec::new(),
            needs_key: None,
            integration: node.get(INTEGRATION).map(integration),
        };
        let asked = node.get("security").into_iter().flat_map(Node::items);
        for (name, _) in asked.flat_map(|item| item.entries()) {
            let Some(scheme) = name.text().and_then(|name| self.get(name)) else {
                continue;
            };
            match authorization(name.text().unwrap_or_default(), scheme) {
                Some(authorization) => {
                    method.authorization = Spanned::new(authorization, name.span());
                }
                None if is_key(scheme) => method.needs_key = Some(name.span()),
                None => {}
            }
        }
        let scopes = node.get("security").into_iter().flat_map(Node::items);
        if let Authorization::Cognito(name) = &method.authorization.value {
            method.scopes = scopes.flat_map(|item| texts(item, name)).collect();
        }
        method
    }
}

/// What a scheme makes a method ask for; `None` for schemes that API Gateway does not know.
fn authorization(name: &str, scheme: Node<'_>) -> Option<Authorization> {
    if text(scheme, AUTH_TYPE) == Some("awsSigv4") {
        return Some(Authorization::Iam);
    }
    let kind = text(scheme.get(AUTHORIZER)?, "type")?;
    Some(match kind.to_ascii_lowercase().as_str() {
        "token" | "request" => Authorization::Lambda(name.to_owned()),
        "cognito_user_pools" => Authorization::Cognito(name.to_owned()),
        other => Authorization::Unknown(other.to_owned()),
    })
}

fn is_key(scheme: Node<'_>) -> bool {
    let name = text(scheme, "name").unwrap_or_default();
    text(scheme, "type") == Some("apiKey") && name.eq_ignore_ascii_case("x-api-key")
}

fn authorizer((key, scheme): (Node<'_>, Node<'_>)) -> Option<Authorizer> {
    let node = scheme.get(AUTHORIZER)?;
    let kind = match text(node, "type")?.to_ascii_lowercase().as_str() {
        "token" => AuthorizerKind::Token,
        "request" => AuthorizerKind::Request,
        _ => AuthorizerKind::Cognito,
    };
    let written = text(node, "identitySource").unwrap_or_default();
    let mut sources: Vec<Source> = written
        .split(',')
        .filter_map(|source| Source::parse(source.trim()))
        .collect();
    // The scheme itself says in which header the token is.
    if sources.is_empty() && kind != AuthorizerKind::Request {
        let header = text(scheme, "name").unwrap_or("Authorization");
        sources.push(Source::Header(header.to_owned()));
    }
    let ttl = node.get("authorizerResultTtlInSeconds");
    Some(Authorizer {
        id: key.text()?.to_owned(),
        name: key.text()?.to_owned(),
        kind,
        span: key.span(),
        sources,
        expression: spanned(node, "identityValidationExpression"),
        ttl: Spanned::new(
            ttl.and_then(|ttl| ttl.text()?.parse().ok())
                .unwrap_or(DEFAULT_TTL),
            ttl.unwrap_or(key).span(),
        ),
        uri: text(node, "authorizerUri").map(str::to_owned),
    })
}

fn integration(node: Node<'_>) -> Integration {
    let kind = text(node, "type").unwrap_or_default().to_ascii_uppercase();
    let default = node.get("responses").and_then(|all| all.get("default"));
    Integration {
        kind: IntegrationKind::parse(&kind),
        uri: spanned(node, "uri"),
        span: node.span(),
        headers: default
            .map(|response| headers(response, "method.response.header."))
            .unwrap_or_default(),
        status: default.and_then(|response| text(response, "statusCode")?.parse().ok()),
    }
}
