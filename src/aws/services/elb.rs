//! Load balancers, their listeners and the rules of these.

use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::{
    describe_listeners::DescribeListenersOutput, describe_rules::DescribeRulesOutput,
};

use crate::aws::document::listed;
use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};

const PAGE: i32 = 400;

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let list = scope
        .pages(
            &DESCRIBE_LOAD_BALANCERS,
            None,
            |marker| {
                let call = client.describe_load_balancers();
                call.page_size(PAGE).set_marker(marker).send()
            },
            |page| (page.load_balancers, page.next_marker),
        )
        .await;
    scope.put_each(&DESCRIBE_LOAD_BALANCERS, &list.items, |one| {
        one.load_balancer_arn()
    });
    if list.complete {
        for operation in [
            &DESCRIBE_LISTENERS,
            &DESCRIBE_RULES,
            &DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        ] {
            scope.none_yet(operation);
        }
    }
    let arns = list
        .items
        .into_iter()
        .filter_map(|one| one.load_balancer_arn);
    each(arns, |arn| {
        load_balancer(Arc::clone(&scope), client.clone(), arn)
    })
    .await;
}

async fn load_balancer(scope: Arc<Scope>, client: Client, arn: String) {
    tokio::join!(
        attributes(&scope, &client, &arn),
        listeners(&scope, &client, &arn),
    );
}

async fn attributes(scope: &Scope, client: &Client, arn: &str) {
    let operation = &DESCRIBE_LOAD_BALANCER_ATTRIBUTES;
    let sent = client
        .describe_load_balancer_attributes()
        .load_balancer_arn(arn)
        .send();
    if let Some(answer) = scope.call(operation, Some(arn), sent).await {
        let attributes = answer.attributes.unwrap_or_default();
        scope.put(operation, arn, listed("Attributes", &attributes));
    }
}

async fn listeners(scope: &Arc<Scope>, client: &Client, arn: &str) {
    let send = |marker| {
        let call = client.describe_listeners().load_balancer_arn(arn);
        call.page_size(PAGE).set_marker(marker).send()
    };
    let split = |page: DescribeListenersOutput| (page.listeners, page.next_marker);
    let listeners = scope
        .list(&DESCRIBE_LISTENERS, arn, "Listeners", send, split)
        .await;
    let listeners = listeners.unwrap_or_default().into_iter();
    let arns = listeners.filter_map(|listener| listener.listener_arn);
    each(arns, |arn| rules(Arc::clone(scope), client.clone(), arn)).await;
}

async fn rules(scope: Arc<Scope>, client: Client, arn: String) {
    let send = |marker| {
        let call = client.describe_rules().listener_arn(&arn);
        call.page_size(PAGE).set_marker(marker).send()
    };
    let split = |page: DescribeRulesOutput| (page.rules, page.next_marker);
    scope
        .list(&DESCRIBE_RULES, &arn, "Rules", send, split)
        .await;
}
