//! Web ACLs, rule groups and the sets that they refer to.

use aws_sdk_wafv2::types::*;

use serde_json::{Map, Value};

use crate::aws::document::{Document, shape, words};
use crate::aws::secrets;

shape! {
    WebAcl {
        "Name" name,
        "Id" id,
        "ARN" arn,
        "DefaultAction" default_action,
        "Rules" rules,
        "PreProcessFirewallManagerRuleGroups" pre_process_firewall_manager_rule_groups,
        "PostProcessFirewallManagerRuleGroups" post_process_firewall_manager_rule_groups,
        "ManagedByFirewallManager" managed_by_firewall_manager,
        "LabelNamespace" label_namespace,
        "TokenDomains" token_domains,
        "AssociationConfig" association_config,
        "Capacity" capacity,
    }
    AssociationConfig { "RequestBody" request_body }
    RequestBodyAssociatedResourceTypeConfig {
        "DefaultSizeInspectionLimit" default_size_inspection_limit,
    }
    DefaultAction { "Block" block, "Allow" allow }
    Rule {
        "Name" name,
        "Priority" priority,
        "Statement" statement,
        "Action" action,
        "OverrideAction" override_action,
        "RuleLabels" rule_labels,
    }
    Label { "Name" name }
    RuleAction {
        "Block" block,
        "Allow" allow,
        "Count" count,
        "Captcha" captcha,
        "Challenge" challenge,
        "Monetize" monetize,
    }
    // What requests are sent on with may be a secret.
    AllowAction {}
    CountAction {}
    CaptchaAction {}
    ChallengeAction {}
    MonetizeAction {}
    NoneAction {}
    BlockAction { "CustomResponse" custom_response }
    CustomResponse {
        "ResponseCode" response_code,
        "CustomResponseBodyKey" custom_response_body_key,
        "ResponseHeaders" response_headers,
    }
    OverrideAction { "Count" count, "None" none }
    FirewallManagerRuleGroup {
        "Name" name,
        "Priority" priority,
        "FirewallManagerStatement" firewall_manager_statement,
        "OverrideAction" override_action,
    }
    FirewallManagerStatement {
        "ManagedRuleGroupStatement" managed_rule_group_statement,
        "RuleGroupReferenceStatement" rule_group_reference_statement,
    }
    RuleGroup {
        "Name" name,
        "Id" id,
        "ARN" arn,
        "Capacity" capacity,
        "LabelNamespace" label_namespace,
        "Rules" rules,
    }
    IpSet {
        "Name" name,
        "Id" id,
        "ARN" arn,
        "Description" description,
        "IPAddressVersion" ip_address_version,
        "Addresses" addresses,
    }
    RegexPatternSet {
        "Name" name,
        "Id" id,
        "ARN" arn,
        "Description" description,
        "RegularExpressionList" regular_expression_list,
    }
    Regex { "RegexString" regex_string }
}

/// The value of a header that the refused see is no secret to them, and may be one to others.
impl Document for CustomHttpHeader {
    fn document(&self) -> Option<Value> {
        let mut document = Map::new();
        document.insert("Name".to_owned(), self.name.as_str().into());
        if secrets::may_be_written(&self.name, &self.value) {
            document.insert("Value".to_owned(), self.value.as_str().into());
        }
        Some(document.into())
    }
}

words! { AssociatedResourceType, SizeInspectionLimit, IpAddressVersion }
