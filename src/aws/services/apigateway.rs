//! REST APIs, what is deployed of them, and how they are reached.

use std::sync::Arc;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{RestApi, Stage};

use crate::aws::failure::{Cause, Failure};
use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};
use crate::aws::shapes::export;

/// As many as a page may hold.
const PAGE: i32 = 500;

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let apis = scope
        .pages(
            &GET_REST_APIS,
            None,
            |token| {
                client
                    .get_rest_apis()
                    .limit(PAGE)
                    .set_position(token)
                    .send()
            },
            |page| (page.items, page.position),
        )
        .await;
    scope.put_each(&GET_REST_APIS, &apis.items, |api| api.id());
    if apis.complete {
        for operation in [
            &GET_RESOURCES,
            &GET_AUTHORIZERS,
            &GET_GATEWAY_RESPONSES,
            &GET_STAGES,
            &GET_DEPLOYMENTS,
            &GET_EXPORT,
        ] {
            scope.none_yet(operation);
        }
        if apis.items.is_empty() {
            return;
        }
    }
    let ids = apis.items.iter().filter_map(RestApi::id).map(str::to_owned);
    tokio::join!(
        each(ids, |id| of_api(Arc::clone(&scope), client.clone(), id)),
        domain_names(&scope, &client),
        usage_plans(&scope, &client),
    );
}

async fn of_api(scope: Arc<Scope>, client: Client, id: String) {
    let id = id.as_str();
    tokio::join!(
        resources(&scope, &client, id),
        authorizers(&scope, &client, id),
        gateway_responses(&scope, &client, id),
        deployments(&scope, &client, id),
        stages(&scope, &client, id),
    );
}

async fn resources(scope: &Scope, client: &Client, id: &str) {
    let send = |token| {
        let call = client.get_resources().rest_api_id(id).embed("methods");
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: aws_sdk_apigateway::operation::get_resources::GetResourcesOutput| {
        (page.items, page.position)
    };
    scope.list(&GET_RESOURCES, id, "items", send, split).await;
}

async fn authorizers(scope: &Scope, client: &Client, id: &str) {
    let send = |token| {
        let call = client.get_authorizers().rest_api_id(id);
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: aws_sdk_apigateway::operation::get_authorizers::GetAuthorizersOutput| {
        (page.items, page.position)
    };
    scope.list(&GET_AUTHORIZERS, id, "items", send, split).await;
}

async fn gateway_responses(scope: &Scope, client: &Client, id: &str) {
    use aws_sdk_apigateway::operation::get_gateway_responses::GetGatewayResponsesOutput;
    let send = |token| {
        let call = client.get_gateway_responses().rest_api_id(id);
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: GetGatewayResponsesOutput| (page.items, page.position);
    scope
        .list(&GET_GATEWAY_RESPONSES, id, "items", send, split)
        .await;
}

async fn deployments(scope: &Scope, client: &Client, id: &str) {
    let send = |token| {
        let call = client.get_deployments().rest_api_id(id);
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: aws_sdk_apigateway::operation::get_deployments::GetDeploymentsOutput| {
        (page.items, page.position)
    };
    scope.list(&GET_DEPLOYMENTS, id, "items", send, split).await;
}

async fn stages(scope: &Scope, client: &Client, id: &str) {
    let send = |_| client.get_stages().rest_api_id(id).send();
    let split =
        |page: aws_sdk_apigateway::operation::get_stages::GetStagesOutput| (page.item, None);
    let stages = scope.list(&GET_STAGES, id, "item", send, split).await;
    let stages = stages.unwrap_or_default();
    for stage in stages.iter().filter_map(Stage::stage_name) {
        as_deployed(scope, client, id, stage).await;
    }
}

/// What the API was when it was deployed; what `get_resources` tells may have changed since.
async fn as_deployed(scope: &Scope, client: &Client, id: &str, stage: &str) {
    let call = client.get_export().rest_api_id(id).stage_name(stage);
    let call = call.export_type("oas30").accepts("application/json");
    let sent = call.parameters("extensions", "apigateway").send();
    let document = format!("{id}/{stage}");
    let Some(answer) = scope.call(&GET_EXPORT, Some(&document), sent).await else {
        return;
    };
    let body = answer
        .body
        .as_ref()
        .map(|body| body.as_ref())
        .unwrap_or_default();
    match serde_json::from_slice(body) {
        Ok(body) => scope.put(&GET_EXPORT, &document, export::kept(&body)),
        Err(_) => {
            let failure = Failure::new(Cause::Failed, "the export is not JSON");
            scope.failed(&GET_EXPORT, Some(&document), &failure);
        }
    }
}

async fn domain_names(scope: &Arc<Scope>, client: &Client) {
    let names = scope
        .pages(
            &GET_DOMAIN_NAMES,
            None,
            |token| {
                client
                    .get_domain_names()
                    .limit(PAGE)
                    .set_position(token)
                    .send()
            },
            |page| (page.items, page.position),
        )
        .await;
    scope.put_each(&GET_DOMAIN_NAMES, &names.items, |name| name.domain_name());
    if names.complete {
        scope.none_yet(&GET_BASE_PATH_MAPPINGS);
    }
    let names = names.items.into_iter();
    let names = names.filter_map(|name| Some((name.domain_name?, name.domain_name_id)));
    each(names, |(name, id)| {
        mappings(Arc::clone(scope), client.clone(), name, id)
    })
    .await;
}

/// A private name is told from others of its kind by its id.
async fn mappings(scope: Arc<Scope>, client: Client, name: String, id: Option<String>) {
    use aws_sdk_apigateway::operation::get_base_path_mappings::GetBasePathMappingsOutput;
    let send = |token| {
        let call = client.get_base_path_mappings().domain_name(&name);
        let call = call.set_domain_name_id(id.clone());
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: GetBasePathMappingsOutput| (page.items, page.position);
    scope
        .list(&GET_BASE_PATH_MAPPINGS, &name, "items", send, split)
        .await;
}

async fn usage_plans(scope: &Arc<Scope>, client: &Client) {
    let plans = scope
        .pages(
            &GET_USAGE_PLANS,
            None,
            |token| {
                client
                    .get_usage_plans()
                    .limit(PAGE)
                    .set_position(token)
                    .send()
            },
            |page| (page.items, page.position),
        )
        .await;
    scope.put_each(&GET_USAGE_PLANS, &plans.items, |plan| plan.id());
    if !scope.api_keys() {
        return;
    }
    if plans.complete {
        scope.none_yet(&GET_USAGE_PLAN_KEYS);
    }
    let ids = plans.items.into_iter().filter_map(|plan| plan.id);
    tokio::join!(
        api_keys(scope, client),
        each(ids, |id| plan_keys(Arc::clone(scope), client.clone(), id)),
    );
}

/// Without their values: `include_values` is never set.
async fn api_keys(scope: &Scope, client: &Client) {
    let keys = scope
        .pages(
            &GET_API_KEYS,
            None,
            |token| client.get_api_keys().limit(PAGE).set_position(token).send(),
            |page| (page.items, page.position),
        )
        .await;
    scope.put_each(&GET_API_KEYS, &keys.items, |key| key.id());
}

async fn plan_keys(scope: Arc<Scope>, client: Client, plan: String) {
    use aws_sdk_apigateway::operation::get_usage_plan_keys::GetUsagePlanKeysOutput;
    let send = |token| {
        let call = client.get_usage_plan_keys().usage_plan_id(&plan);
        call.limit(PAGE).set_position(token).send()
    };
    let split = |page: GetUsagePlanKeysOutput| (page.items, page.position);
    scope
        .list(&GET_USAGE_PLAN_KEYS, &plan, "items", send, split)
        .await;
}
