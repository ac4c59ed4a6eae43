//! Networks: what has an address, and what lets packets through.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::ManagedPrefixList;
use serde_json::Value;

use crate::aws::document::Document;
use crate::aws::failure::Failure;
use crate::aws::operation::*;
use crate::aws::scope::{Scope, each};

const PAGE: i32 = 1000;

/// Whatever sends or receives has a network interface: load balancers, functions, NAT gateways and
/// endpoints, too. Where there is none, nothing else matters, and every new account has networks
/// in every region.
pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let interfaces = scope
        .pages(
            &DESCRIBE_NETWORK_INTERFACES,
            None,
            |token| {
                let call = client.describe_network_interfaces();
                call.max_results(PAGE).set_next_token(token).send()
            },
            |page| (page.network_interfaces, page.next_token),
        )
        .await;
    scope.put_each(&DESCRIBE_NETWORK_INTERFACES, &interfaces.items, |one| {
        one.network_interface_id()
    });
    if interfaces.complete && interfaces.items.is_empty() {
        // These have interfaces, so there are none either.
        scope.none_yet(&DESCRIBE_NAT_GATEWAYS);
        scope.none_yet(&DESCRIBE_INSTANCES);
        return;
    }
    tokio::join!(
        security_groups(&scope, &client),
        network_acls(&scope, &client),
        prefix_lists(&scope, &client),
        networks(&scope, &client),
        gateways(&scope, &client),
        addresses(&scope, &client),
        endpoints(&scope, &client),
        instances(&scope, &client),
    );
}

/// `describe!(scope, OPERATION, call, items, id)`: all pages, each item a document.
macro_rules! describe {
    ($scope:expr, $operation:ident, $call:expr, $items:ident, $id:ident) => {{
        let call = $call;
        let list = $scope
            .pages(
                &$operation,
                None,
                |token| call.clone().set_next_token(token).send(),
                |page| (page.$items, page.next_token),
            )
            .await;
        $scope.put_each(&$operation, &list.items, |item| item.$id());
    }};
}

async fn security_groups(scope: &Scope, client: &Client) {
    let call = client.describe_security_groups().max_results(PAGE);
    describe!(
        scope,
        DESCRIBE_SECURITY_GROUPS,
        call,
        security_groups,
        group_id
    );
}

async fn network_acls(scope: &Scope, client: &Client) {
    let call = client.describe_network_acls().max_results(PAGE);
    describe!(
        scope,
        DESCRIBE_NETWORK_ACLS,
        call,
        network_acls,
        network_acl_id
    );
}

async fn networks(scope: &Scope, client: &Client) {
    tokio::join!(
        async {
            let call = client.describe_vpcs().max_results(PAGE);
            describe!(scope, DESCRIBE_VPCS, call, vpcs, vpc_id);
        },
        async {
            let call = client.describe_subnets().max_results(PAGE);
            describe!(scope, DESCRIBE_SUBNETS, call, subnets, subnet_id);
        },
        async {
            // No more than 100 are allowed.
            let call = client.describe_route_tables().max_results(100);
            describe!(
                scope,
                DESCRIBE_ROUTE_TABLES,
                call,
                route_tables,
                route_table_id
            );
        },
    );
}

async fn gateways(scope: &Scope, client: &Client) {
    tokio::join!(
        async {
            let call = client.describe_nat_gateways().max_results(PAGE);
            describe!(
                scope,
                DESCRIBE_NAT_GATEWAYS,
                call,
                nat_gateways,
                nat_gateway_id
            );
        },
        async {
            let call = client.describe_internet_gateways().max_results(PAGE);
            let operation = &DESCRIBE_INTERNET_GATEWAYS;
            let list = scope
                .pages(
                    operation,
                    None,
                    |token| call.clone().set_next_token(token).send(),
                    |page| (page.internet_gateways, page.next_token),
                )
                .await;
            scope.put_each(operation, &list.items, |one| one.internet_gateway_id());
        },
        async {
            // No more than 255 are allowed.
            let call = client
                .describe_egress_only_internet_gateways()
                .max_results(255);
            let operation = &DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS;
            let list = scope
                .pages(
                    operation,
                    None,
                    |token| call.clone().set_next_token(token).send(),
                    |page| (page.egress_only_internet_gateways, page.next_token),
                )
                .await;
            scope.put_each(operation, &list.items, |one| {
                one.egress_only_internet_gateway_id()
            });
        },
    );
}

/// Has no pages.
async fn addresses(scope: &Scope, client: &Client) {
    let send = |_| client.describe_addresses().send();
    let list = scope
        .pages(&DESCRIBE_ADDRESSES, None, send, |page| {
            (page.addresses, None)
        })
        .await;
    scope.put_each(&DESCRIBE_ADDRESSES, &list.items, |one| one.allocation_id());
}

async fn endpoints(scope: &Scope, client: &Client) {
    let call = client.describe_vpc_endpoints().max_results(PAGE);
    describe!(
        scope,
        DESCRIBE_VPC_ENDPOINTS,
        call,
        vpc_endpoints,
        vpc_endpoint_id
    );
}

async fn instances(scope: &Scope, client: &Client) {
    let send = |token| {
        let call = client.describe_instances();
        call.max_results(PAGE).set_next_token(token).send()
    };
    let list = scope
        .pages(&DESCRIBE_INSTANCES, None, send, |page| {
            let reservations = page.reservations.unwrap_or_default().into_iter();
            let instances = reservations.flat_map(|one| one.instances.unwrap_or_default());
            (Some(instances.collect()), page.next_token)
        })
        .await;
    scope.put_each(&DESCRIBE_INSTANCES, &list.items, |one| one.instance_id());
}

async fn prefix_lists(scope: &Arc<Scope>, client: &Client) {
    let send = |token| {
        let call = client.describe_managed_prefix_lists();
        call.max_results(100).set_next_token(token).send()
    };
    let list = scope
        .pages(&DESCRIBE_MANAGED_PREFIX_LISTS, None, send, |page| {
            (page.prefix_lists, page.next_token)
        })
        .await;
    if list.complete {
        scope.none_yet(&GET_MANAGED_PREFIX_LIST_ENTRIES);
    }
    each(list.items, |one| {
        prefix_list(Arc::clone(scope), client.clone(), one)
    })
    .await;
}

async fn prefix_list(scope: Arc<Scope>, client: Client, list: ManagedPrefixList) {
    let Some(id) = list.prefix_list_id() else {
        return;
    };
    let send = |token| {
        let call = client.get_managed_prefix_list_entries().prefix_list_id(id);
        call.max_results(100).set_next_token(token).send()
    };
    let entries = scope
        .pages(&GET_MANAGED_PREFIX_LIST_ENTRIES, Some(id), send, |page| {
            (page.entries, page.next_token)
        })
        .await;
    let Some(Value::Object(mut document)) = list.document().filter(|_| entries.complete) else {
        return;
    };
    if let Some(entries) = entries.items.document() {
        document.insert("Entries".to_owned(), entries);
    }
    scope.put(
        &GET_MANAGED_PREFIX_LIST_ENTRIES,
        id,
        Value::Object(document),
    );
}

/// The regions that the account may use.
pub async fn regions(scope: &Scope, config: &SdkConfig) -> Result<Vec<String>, Failure> {
    let client = Client::new(config);
    let sent = client.describe_regions().send();
    let answer = scope.attempt(&DESCRIBE_REGIONS, sent).await?;
    let regions = answer.regions.unwrap_or_default().into_iter();
    let mut names: Vec<String> = regions.filter_map(|region| region.region_name).collect();
    names.sort_unstable();
    Ok(names)
}
