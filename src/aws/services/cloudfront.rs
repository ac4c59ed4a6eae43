//! Distributions, and the policies that they use.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{DistributionConfig, DistributionSummary};
use serde_json::json;

use crate::aws::document::{Document, keyed};
use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};

/// The ids of policies that behaviours name.
#[derive(Default)]
struct Policies {
    cache: BTreeSet<String>,
    origin_request: BTreeSet<String>,
    response_headers: BTreeSet<String>,
}

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let list = scope
        .pages(
            &LIST_DISTRIBUTIONS,
            None,
            |marker| client.list_distributions().set_marker(marker).send(),
            |page| match page.distribution_list {
                Some(list) => (list.items, list.next_marker),
                None => (None, None),
            },
        )
        .await;
    if list.complete {
        for operation in [
            &GET_DISTRIBUTION_CONFIG,
            &GET_CACHE_POLICY,
            &GET_ORIGIN_REQUEST_POLICY,
            &GET_RESPONSE_HEADERS_POLICY,
        ] {
            scope.none_yet(operation);
        }
    }
    let policies = Arc::new(Mutex::new(Policies::default()));
    each(list.items, |summary| {
        distribution(
            Arc::clone(&scope),
            client.clone(),
            Arc::clone(&policies),
            summary,
        )
    })
    .await;
    let policies = std::mem::take(&mut *policies.lock().unwrap_or_else(PoisonError::into_inner));
    tokio::join!(
        each(policies.cache, |id| cache_policy(
            Arc::clone(&scope),
            client.clone(),
            id
        )),
        each(policies.origin_request, |id| {
            origin_request_policy(Arc::clone(&scope), client.clone(), id)
        }),
        each(policies.response_headers, |id| {
            response_headers_policy(Arc::clone(&scope), client.clone(), id)
        }),
    );
}

async fn distribution(
    scope: Arc<Scope>,
    client: Client,
    policies: Arc<Mutex<Policies>>,
    summary: DistributionSummary,
) {
    let id = summary.id();
    let sent = client.get_distribution_config().id(id).send();
    let answer = scope.call(&GET_DISTRIBUTION_CONFIG, Some(id), sent).await;
    let Some(config) = answer.and_then(|answer| answer.distribution_config) else {
        return;
    };
    let mut policies = policies.lock().unwrap_or_else(PoisonError::into_inner);
    policies.of(&config);
    let document = json!({
        "Id": id,
        "ARN": summary.arn(),
        "DomainName": summary.domain_name(),
        "DistributionConfig": config.document(),
    });
    scope.put(&GET_DISTRIBUTION_CONFIG, id, document);
}

impl Policies {
    fn of(&mut self, config: &DistributionConfig) {
        let mut name =
            |cache: &Option<String>, origin: &Option<String>, response: &Option<String>| {
                self.cache.extend(cache.clone());
                self.origin_request.extend(origin.clone());
                self.response_headers.extend(response.clone());
            };
        if let Some(one) = &config.default_cache_behavior {
            let (origin, response) = (
                &one.origin_request_policy_id,
                &one.response_headers_policy_id,
            );
            name(&one.cache_policy_id, origin, response);
        }
        for one in config
            .cache_behaviors
            .iter()
            .flat_map(|behaviors| behaviors.items())
        {
            let (origin, response) = (
                &one.origin_request_policy_id,
                &one.response_headers_policy_id,
            );
            name(&one.cache_policy_id, origin, response);
        }
    }
}

async fn cache_policy(scope: Arc<Scope>, client: Client, id: String) {
    let sent = client.get_cache_policy().id(&id).send();
    if let Some(answer) = scope.call(&GET_CACHE_POLICY, Some(&id), sent).await {
        let document = keyed("CachePolicy", answer.cache_policy.document());
        scope.put(&GET_CACHE_POLICY, &id, document);
    }
}

async fn origin_request_policy(scope: Arc<Scope>, client: Client, id: String) {
    let sent = client.get_origin_request_policy().id(&id).send();
    if let Some(answer) = scope
        .call(&GET_ORIGIN_REQUEST_POLICY, Some(&id), sent)
        .await
    {
        let document = keyed(
            "OriginRequestPolicy",
            answer.origin_request_policy.document(),
        );
        scope.put(&GET_ORIGIN_REQUEST_POLICY, &id, document);
    }
}

async fn response_headers_policy(scope: Arc<Scope>, client: Client, id: String) {
    let sent = client.get_response_headers_policy().id(&id).send();
    if let Some(answer) = scope
        .call(&GET_RESPONSE_HEADERS_POLICY, Some(&id), sent)
        .await
    {
        let document = keyed(
            "ResponseHeadersPolicy",
            answer.response_headers_policy.document(),
        );
        scope.put(&GET_RESPONSE_HEADERS_POLICY, &id, document);
    }
}
