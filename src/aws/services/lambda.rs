//! Functions, and the URLs under which some of them are called.

use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionUrlConfig;
use serde_json::json;

use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};

const PAGE: i32 = 50;

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let list = scope
        .pages(
            &LIST_FUNCTIONS,
            None,
            |marker| {
                client
                    .list_functions()
                    .max_items(PAGE)
                    .set_marker(marker)
                    .send()
            },
            |page| (page.functions, page.next_marker),
        )
        .await;
    scope.put_each(&LIST_FUNCTIONS, &list.items, |one| one.function_arn());
    if list.complete {
        scope.none_yet(&LIST_FUNCTION_URL_CONFIGS);
        scope.none_yet(&GET_POLICY);
    }
    let arns = list.items.into_iter().filter_map(|one| one.function_arn);
    each(arns, |arn| urls(Arc::clone(&scope), client.clone(), arn)).await;
}

async fn urls(scope: Arc<Scope>, client: Client, arn: String) {
    let send = |marker| {
        let call = client.list_function_url_configs().function_name(&arn);
        call.max_items(PAGE).set_marker(marker).send()
    };
    let urls = scope
        .pages(&LIST_FUNCTION_URL_CONFIGS, Some(&arn), send, |page| {
            (Some(page.function_url_configs), page.next_marker)
        })
        .await;
    let arn = |url: &FunctionUrlConfig| url.function_arn.clone();
    scope.put_each(&LIST_FUNCTION_URL_CONFIGS, &urls.items, |one| {
        Some(one.function_arn())
    });
    for arn in urls.items.iter().map(arn) {
        policy(&scope, &client, &arn).await;
    }
}

/// Who may call: a function that has no policy at all answers with an error, which is a fact, too.
async fn policy(scope: &Scope, client: &Client, arn: &str) {
    let sent = client.get_policy().function_name(arn).send();
    let policy = match scope.attempt(&GET_POLICY, sent).await {
        Ok(answer) => answer.policy,
        Err(failure) if failure.is_missing() => None,
        Err(failure) => return scope.failed(&GET_POLICY, Some(arn), &failure),
    };
    scope.one(&GET_POLICY, arn, json!({ "Policy": policy }));
}
