//! HTTP and WebSocket APIs. No operation of theirs has a paginator in the SDK.

use std::sync::Arc;

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::operation::{
    get_api_mappings::GetApiMappingsOutput, get_authorizers::GetAuthorizersOutput,
    get_integrations::GetIntegrationsOutput, get_routes::GetRoutesOutput,
    get_stages::GetStagesOutput,
};

use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let apis = scope
        .pages(
            &GET_APIS,
            None,
            |token| client.get_apis().set_next_token(token).send(),
            |page| (page.items, page.next_token),
        )
        .await;
    scope.put_each(&GET_APIS, &apis.items, |api| api.api_id());
    if apis.complete {
        for operation in [
            &GET_ROUTES,
            &GET_HTTP_AUTHORIZERS,
            &GET_HTTP_STAGES,
            &GET_INTEGRATIONS,
        ] {
            scope.none_yet(operation);
        }
        // A mapping of several steps leads to a REST API, and is told here alone.
        let rest = scope.documents(Service::ApiGateway, &["domain-name"]);
        if apis.items.is_empty() && rest.is_empty() {
            return;
        }
    }
    let ids = apis.items.into_iter().filter_map(|api| api.api_id);
    tokio::join!(
        each(ids, |id| of_api(Arc::clone(&scope), client.clone(), id)),
        domain_names(&scope, &client),
    );
}

async fn of_api(scope: Arc<Scope>, client: Client, id: String) {
    let id = id.as_str();
    let routes = scope.list(
        &GET_ROUTES,
        id,
        "Items",
        |token| client.get_routes().api_id(id).set_next_token(token).send(),
        |page: GetRoutesOutput| (page.items, page.next_token),
    );
    let authorizers = scope.list(
        &GET_HTTP_AUTHORIZERS,
        id,
        "Items",
        |token| {
            client
                .get_authorizers()
                .api_id(id)
                .set_next_token(token)
                .send()
        },
        |page: GetAuthorizersOutput| (page.items, page.next_token),
    );
    let stages = scope.list(
        &GET_HTTP_STAGES,
        id,
        "Items",
        |token| client.get_stages().api_id(id).set_next_token(token).send(),
        |page: GetStagesOutput| (page.items, page.next_token),
    );
    let integrations = scope.list(
        &GET_INTEGRATIONS,
        id,
        "Items",
        |token| {
            client
                .get_integrations()
                .api_id(id)
                .set_next_token(token)
                .send()
        },
        |page: GetIntegrationsOutput| (page.items, page.next_token),
    );
    tokio::join!(routes, authorizers, stages, integrations);
}

async fn domain_names(scope: &Arc<Scope>, client: &Client) {
    let names = scope
        .pages(
            &GET_HTTP_DOMAIN_NAMES,
            None,
            |token| client.get_domain_names().set_next_token(token).send(),
            |page| (page.items, page.next_token),
        )
        .await;
    scope.put_each(&GET_HTTP_DOMAIN_NAMES, &names.items, |name| {
        name.domain_name()
    });
    if names.complete {
        scope.none_yet(&GET_API_MAPPINGS);
    }
    let names = names.items.into_iter().filter_map(|name| name.domain_name);
    each(names, |name| {
        mappings(Arc::clone(scope), client.clone(), name)
    })
    .await;
}

async fn mappings(scope: Arc<Scope>, client: Client, name: String) {
    let send = |token| {
        client
            .get_api_mappings()
            .domain_name(&name)
            .set_next_token(token)
            .send()
    };
    let split = |page: GetApiMappingsOutput| (page.items, page.next_token);
    scope
        .list(&GET_API_MAPPINGS, &name, "Items", send, split)
        .await;
}
