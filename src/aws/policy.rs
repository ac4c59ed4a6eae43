//! The least policy that a fetch needs, out of the table of what it calls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::operation::{ASSUME_ROLE, DESCRIBE_REGIONS, OPERATIONS, Operation, Service};

/// What the policy is for.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// All, if empty.
    pub services: &'a [Service],
    pub api_keys: bool,
    pub roles: &'a [String],
    /// Whether the regions of the account are asked for.
    pub all_regions: bool,
    /// Those that are named.
    pub regions: &'a [String],
}

impl Wanted<'_> {
    pub fn calls(&self, operation: &Operation) -> bool {
        let service = operation.service;
        let asked = self.services.is_empty() || self.services.contains(&service);
        // The regions are asked of EC2, whatever else is read.
        let asked = asked || self.all_regions && *operation == DESCRIBE_REGIONS;
        asked && service != Service::Sts && (self.api_keys || !operation.opt_in)
    }

    /// As the roles and regions say.
    fn partition(&self) -> &str {
        let of_role = self.roles.iter().find_map(|role| role.split(':').nth(1));
        let of_region = self.regions.iter().find_map(|region| {
            let starts = [("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")];
            let mut found = starts.iter().filter(|(start, _)| region.starts_with(start));
            found.next().map(|(_, partition)| *partition)
        });
        of_role.or(of_region).unwrap_or("aws")
    }
}

/// The policy as a document of IAM. `GetCallerIdentity` needs no permission.
pub fn policy(wanted: &Wanted) -> Value {
    let of = |services: &[Service], opt_in: bool| -> Vec<&'static Operation> {
        let all = OPERATIONS.iter().copied();
        all.filter(|operation| services.contains(&operation.service))
            .filter(|operation| operation.opt_in == opt_in && wanted.calls(operation))
            .collect()
    };
    let partition = wanted.partition();
    let gateways = [Service::ApiGateway, Service::ApiGatewayV2];
    let edge = [Service::CloudFront, Service::Elb, Service::Waf];
    let mut statements = vec![
        by_path("ApiGatewayRead", &of(&gateways, false), partition),
        by_path("OptInSecretsBearing", &of(&gateways, true), partition),
        by_action("NetworkRead", &of(&[Service::Ec2], false)),
        by_action("EdgeRead", &of(&edge, false)),
        by_action("ComputeAndStorageRead", &of(&[Service::Lambda], false)),
        by_action("IdentityRead", &of(&[Service::Iam], false)),
    ];
    if !wanted.roles.is_empty() {
        statements.push(Some(json!({
            "Sid": "HopToMembers",
            "Effect": "Allow",
            "Action": action(&ASSUME_ROLE),
            "Resource": wanted.roles,
        })));
    }
    let statements: Vec<Value> = statements.into_iter().flatten().collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

pub fn action(operation: &Operation) -> String {
    let verb = match operation.path {
        Some(_) => "GET",
        None => operation.name,
    };
    format!("{}:{verb}", operation.service.prefix())
}

fn by_action(sid: &str, operations: &[&Operation]) -> Option<Value> {
    let actions: BTreeSet<String> = operations.iter().map(|one| action(one)).collect();
    (!actions.is_empty())
        .then(|| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" }))
}

fn by_path(sid: &str, operations: &[&Operation], partition: &str) -> Option<Value> {
    let paths: BTreeSet<&str> = operations.iter().filter_map(|one| one.path).collect();
    let resources: Vec<String> = paths
        .iter()
        .map(|path| format!("arn:{partition}:apigateway:*::{path}"))
        .collect();
    (!resources.is_empty()).then(|| {
        json!({ "Sid": sid, "Effect": "Allow", "Action": "apigateway:GET", "Resource": resources })
    })
}
