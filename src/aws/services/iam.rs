//! Users, roles, groups and policies: all in one list.

use std::sync::Arc;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail};

use crate::aws::document::Document;
use crate::aws::operation::{GET_ACCOUNT_AUTHORIZATION_DETAILS, Service};
use crate::aws::scope::{Page, Scope};

enum Identity {
    User(UserDetail),
    Role(RoleDetail),
    Group(GroupDetail),
    Policy(ManagedPolicyDetail),
}

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let send = |marker| {
        let call = client.get_account_authorization_details();
        call.max_items(1000).set_marker(marker).send()
    };
    let list = scope
        .pages(&GET_ACCOUNT_AUTHORIZATION_DETAILS, None, send, split)
        .await;
    for identity in &list.items {
        let (kind, arn, document) = match identity {
            Identity::User(user) => ("user", user.arn(), user.document()),
            Identity::Role(role) => ("role", role.arn(), role.document()),
            Identity::Group(group) => ("group", group.arn(), group.document()),
            Identity::Policy(policy) => ("policy", policy.arn(), policy.document()),
        };
        if let (Some(arn), Some(document)) = (arn, document) {
            scope.put_as(Service::Iam, kind, arn, document);
        }
    }
}

fn split(page: GetAccountAuthorizationDetailsOutput) -> Page<Identity> {
    let mut items = Vec::new();
    items.extend(
        page.user_detail_list
            .into_iter()
            .flatten()
            .map(Identity::User),
    );
    items.extend(
        page.role_detail_list
            .into_iter()
            .flatten()
            .map(Identity::Role),
    );
    items.extend(
        page.group_detail_list
            .into_iter()
            .flatten()
            .map(Identity::Group),
    );
    let policies = page.policies.into_iter().flatten().filter(is_used);
    items.extend(policies.map(Identity::Policy));
    (Some(items), page.marker.filter(|_| page.is_truncated))
}

/// AWS's own policies are a thousand, of which an account uses few.
fn is_used(policy: &ManagedPolicyDetail) -> bool {
    let used = |count: Option<i32>| count.is_some_and(|count| count > 0);
    let counts = [
        policy.attachment_count,
        policy.permissions_boundary_usage_count,
    ];
    let is_of_aws = policy.arn().is_some_and(|arn| arn.contains(":iam::aws:"));
    !is_of_aws || counts.into_iter().any(used)
}
