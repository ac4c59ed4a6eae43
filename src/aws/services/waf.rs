//! Web ACLs, and all that their rules refer to. No operation has a paginator in the SDK.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{RegexPatternSet, ResourceType, Scope as Reach, WebAclSummary};
use serde_json::{Value, json};

use crate::aws::document::{Document, keyed};
use crate::aws::failure::{Cause, Failure};
use crate::aws::operation::*;
use crate::aws::scope::{GLOBAL, Scope, each};
use crate::aws::secrets;

const PAGE: i32 = 100;

/// What a rule refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reference {
    IpSet(String),
    RegexPatternSet(String),
    RuleGroup(String),
}

pub async fn fetch(scope: Arc<Scope>) {
    let client = Client::new(&scope.config);
    let reach = match scope.region == GLOBAL {
        true => Reach::Cloudfront,
        false => Reach::Regional,
    };
    let list = scope
        .pages(
            &LIST_WEB_ACLS,
            None,
            |marker| {
                let call = client.list_web_acls().scope(reach.clone());
                call.limit(PAGE).set_next_marker(marker).send()
            },
            |page| {
                // A marker comes after the last page, too, and leads to an empty one.
                let is_last = page.web_acls().is_empty();
                (page.web_acls, page.next_marker.filter(|_| !is_last))
            },
        )
        .await;
    if list.complete {
        for operation in [
            &GET_WEB_ACL,
            &GET_IP_SET,
            &GET_REGEX_PATTERN_SET,
            &GET_RULE_GROUP,
        ] {
            scope.none_yet(operation);
        }
        if reach == Reach::Regional {
            scope.none_yet(&LIST_RESOURCES_FOR_WEB_ACL);
        }
    }
    each(list.items, |acl| {
        web_acl(Arc::clone(&scope), client.clone(), reach.clone(), acl)
    })
    .await;
    references(&scope, &client, &reach).await;
}

async fn web_acl(scope: Arc<Scope>, client: Client, reach: Reach, acl: WebAclSummary) {
    let (Some(name), Some(id), Some(arn)) = (acl.name(), acl.id(), acl.arn()) else {
        return;
    };
    let sent = client
        .get_web_acl()
        .name(name)
        .id(id)
        .scope(reach.clone())
        .send();
    if let Some(answer) = scope.call(&GET_WEB_ACL, Some(arn), sent).await {
        scope.put(
            &GET_WEB_ACL,
            arn,
            keyed("WebACL", answer.web_acl.document()),
        );
    }
    // The stages of an API and the distributions of CloudFront name their ACL themselves.
    if reach == Reach::Regional {
        protected(&scope, &client, arn).await;
    }
}

async fn protected(scope: &Scope, client: &Client, arn: &str) {
    let operation = &LIST_RESOURCES_FOR_WEB_ACL;
    let call = client.list_resources_for_web_acl().web_acl_arn(arn);
    let sent = call
        .resource_type(ResourceType::ApplicationLoadBalancer)
        .send();
    if let Some(answer) = scope.call(operation, Some(arn), sent).await {
        let arns = answer.resource_arns.unwrap_or_default();
        scope.put(operation, arn, json!({ "ResourceArns": arns }));
    }
}

/// Everything that the ACLs refer to, and what rule groups refer to in turn.
async fn references(scope: &Arc<Scope>, client: &Client, reach: &Reach) {
    let mut seen = BTreeSet::new();
    loop {
        let mut new = BTreeSet::new();
        for document in scope.documents(Service::Waf, &["web-acl", "rule-group"]) {
            collect(&document, &mut new);
        }
        new.retain(|one| seen.insert(one.clone()));
        if new.is_empty() {
            return;
        }
        each(new, |one| {
            refer(Arc::clone(scope), client.clone(), reach.clone(), one)
        })
        .await;
    }
}

fn collect(value: &Value, found: &mut BTreeSet<Reference>) {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(entries) => {
                let arn = |key: &str| Some(entries.get(key)?.get("ARN")?.as_str()?.to_owned());
                found.extend(arn("IPSetReferenceStatement").map(Reference::IpSet));
                let regex = arn("RegexPatternSetReferenceStatement");
                found.extend(regex.map(Reference::RegexPatternSet));
                found.extend(arn("RuleGroupReferenceStatement").map(Reference::RuleGroup));
                left.extend(entries.values());
            }
            _ => {}
        }
    }
}

async fn refer(scope: Arc<Scope>, client: Client, reach: Reach, reference: Reference) {
    match reference {
        Reference::RuleGroup(arn) => {
            // By its ARN alone, so that one of another account is found, too.
            let sent = client.get_rule_group().arn(&arn).send();
            if let Some(answer) = scope.call(&GET_RULE_GROUP, Some(&arn), sent).await {
                let document = keyed("RuleGroup", answer.rule_group.document());
                scope.put(&GET_RULE_GROUP, &arn, document);
            }
        }
        Reference::IpSet(arn) => {
            let Some((name, id)) = named(&arn) else {
                return;
            };
            let sent = client.get_ip_set().name(name).id(id).scope(reach).send();
            if let Some(answer) = scope.call(&GET_IP_SET, Some(&arn), sent).await {
                scope.put(&GET_IP_SET, &arn, keyed("IPSet", answer.ip_set.document()));
            }
        }
        Reference::RegexPatternSet(arn) => {
            let Some((name, id)) = named(&arn) else {
                return;
            };
            let sent = client
                .get_regex_pattern_set()
                .name(name)
                .id(id)
                .scope(reach)
                .send();
            if let Some(answer) = scope.call(&GET_REGEX_PATTERN_SET, Some(&arn), sent).await {
                // In part, it would say that something does not match.
                if answer.regex_pattern_set.as_ref().is_some_and(may_be_secret) {
                    let message = "a pattern of it may be a secret";
                    let failure = Failure::new(Cause::Unsupported, message);
                    return scope.failed(&GET_REGEX_PATTERN_SET, Some(&arn), &failure);
                }
                let document = keyed("RegexPatternSet", answer.regex_pattern_set.document());
                scope.put(&GET_REGEX_PATTERN_SET, &arn, document);
            }
        }
    }
}

/// What a header has to be like that proves who sends it; what it is compared with, a set does not
/// say.
fn may_be_secret(set: &RegexPatternSet) -> bool {
    let patterns = set.regular_expression_list().iter();
    let mut texts = patterns.filter_map(|pattern| pattern.regex_string());
    texts.any(|text| secrets::is_likely("", text))
}

/// Name and id are the end of an ARN: `…:regional/ipset/NAME/ID`.
fn named(arn: &str) -> Option<(&str, &str)> {
    let (rest, id) = arn.rsplit_once('/')?;
    let (_, name) = rest.rsplit_once('/')?;
    Some((name, id))
}
