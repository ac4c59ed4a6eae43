//! What the rules of a web ACL look for.

// What is deprecated is in force all the same.
#![allow(deprecated)]

use aws_sdk_wafv2::types::*;
use serde_json::{Map, Value};

use crate::aws::document::{Document, shape, words};
use crate::aws::secrets;

shape! {
    Statement {
        "ByteMatchStatement" byte_match_statement,
        "SqliMatchStatement" sqli_match_statement,
        "XssMatchStatement" xss_match_statement,
        "SizeConstraintStatement" size_constraint_statement,
        "GeoMatchStatement" geo_match_statement,
        "RuleGroupReferenceStatement" rule_group_reference_statement,
        "IPSetReferenceStatement" ip_set_reference_statement,
        "RegexPatternSetReferenceStatement" regex_pattern_set_reference_statement,
        "RateBasedStatement" rate_based_statement,
        "AndStatement" and_statement,
        "OrStatement" or_statement,
        "NotStatement" not_statement,
        "ManagedRuleGroupStatement" managed_rule_group_statement,
        "LabelMatchStatement" label_match_statement,
        "RegexMatchStatement" regex_match_statement,
        "AsnMatchStatement" asn_match_statement,
    }
    SqliMatchStatement {
        "FieldToMatch" field_to_match,
        "TextTransformations" text_transformations,
        "SensitivityLevel" sensitivity_level,
    }
    XssMatchStatement {
        "FieldToMatch" field_to_match,
        "TextTransformations" text_transformations,
    }
    SizeConstraintStatement {
        "FieldToMatch" field_to_match,
        "ComparisonOperator" comparison_operator,
        "Size" size,
        "TextTransformations" text_transformations,
    }
    GeoMatchStatement {
        "CountryCodes" country_codes,
        "ForwardedIPConfig" forwarded_ip_config,
    }
    ForwardedIpConfig { "HeaderName" header_name, "FallbackBehavior" fallback_behavior }
    RuleGroupReferenceStatement {
        "ARN" arn,
        "ExcludedRules" excluded_rules,
        "RuleActionOverrides" rule_action_overrides,
    }
    ExcludedRule { "Name" name }
    RuleActionOverride { "Name" name, "ActionToUse" action_to_use }
    IpSetReferenceStatement {
        "ARN" arn,
        "IPSetForwardedIPConfig" ip_set_forwarded_ip_config,
    }
    IpSetForwardedIpConfig {
        "HeaderName" header_name,
        "FallbackBehavior" fallback_behavior,
        "Position" position,
    }
    RegexPatternSetReferenceStatement {
        "ARN" arn,
        "FieldToMatch" field_to_match,
        "TextTransformations" text_transformations,
    }
    RateBasedStatement {
        "Limit" limit,
        "EvaluationWindowSec" evaluation_window_sec,
        "AggregateKeyType" aggregate_key_type,
        "ScopeDownStatement" scope_down_statement,
        "ForwardedIPConfig" forwarded_ip_config,
    }
    AndStatement { "Statements" statements }
    OrStatement { "Statements" statements }
    NotStatement { "Statement" statement }
    ManagedRuleGroupStatement {
        "VendorName" vendor_name,
        "Name" name,
        "Version" version,
        "ExcludedRules" excluded_rules,
        "ScopeDownStatement" scope_down_statement,
        "ManagedRuleGroupConfigs" managed_rule_group_configs,
        "RuleActionOverrides" rule_action_overrides,
    }
    ManagedRuleGroupConfig {
        "LoginPath" login_path,
        "PayloadType" payload_type,
        "AWSManagedRulesBotControlRuleSet" aws_managed_rules_bot_control_rule_set,
        "AWSManagedRulesATPRuleSet" aws_managed_rules_atp_rule_set,
    }
    AwsManagedRulesBotControlRuleSet { "InspectionLevel" inspection_level }
    AwsManagedRulesAtpRuleSet {
        "LoginPath" login_path,
        "EnableRegexInPath" enable_regex_in_path,
    }
    LabelMatchStatement { "Scope" scope, "Key" key }
    AsnMatchStatement { "AsnList" asn_list, "ForwardedIPConfig" forwarded_ip_config }
    FieldToMatch {
        "SingleHeader" single_header,
        "SingleQueryArgument" single_query_argument,
        "AllQueryArguments" all_query_arguments,
        "UriPath" uri_path,
        "QueryString" query_string,
        "Body" body,
        "Method" method,
        "JsonBody" json_body,
        "Headers" headers,
        "Cookies" cookies,
        "HeaderOrder" header_order,
        "JA3Fingerprint" ja3_fingerprint,
        "JA4Fingerprint" ja4_fingerprint,
        "UriFragment" uri_fragment,
    }
    SingleHeader { "Name" name }
    SingleQueryArgument { "Name" name }
    AllQueryArguments {}
    UriPath {}
    QueryString {}
    Method {}
    All {}
    Body { "OversizeHandling" oversize_handling }
    JsonBody {
        "MatchPattern" match_pattern,
        "MatchScope" match_scope,
        "InvalidFallbackBehavior" invalid_fallback_behavior,
        "OversizeHandling" oversize_handling,
    }
    JsonMatchPattern { "All" all, "IncludedPaths" included_paths }
    Headers {
        "MatchPattern" match_pattern,
        "MatchScope" match_scope,
        "OversizeHandling" oversize_handling,
    }
    HeaderMatchPattern {
        "All" all,
        "IncludedHeaders" included_headers,
        "ExcludedHeaders" excluded_headers,
    }
    Cookies {
        "MatchPattern" match_pattern,
        "MatchScope" match_scope,
        "OversizeHandling" oversize_handling,
    }
    CookieMatchPattern {
        "All" all,
        "IncludedCookies" included_cookies,
        "ExcludedCookies" excluded_cookies,
    }
    HeaderOrder { "OversizeHandling" oversize_handling }
    Ja3Fingerprint { "FallbackBehavior" fallback_behavior }
    Ja4Fingerprint { "FallbackBehavior" fallback_behavior }
    UriFragment { "FallbackBehavior" fallback_behavior }
    TextTransformation { "Priority" priority, "Type" r#type }
}

words! {
    SensitivityLevel, ComparisonOperator, CountryCode, FallbackBehavior, ForwardedIpPosition,
    RateBasedStatementAggregateKeyType, PayloadType, InspectionLevel, LabelMatchScope,
    OversizeHandling, JsonMatchScope, BodyParsingFallbackBehavior, MapMatchScope,
    TextTransformationType, PositionalConstraint,
}

impl Document for ByteMatchStatement {
    fn document(&self) -> Option<Value> {
        let mut document = about(&self.field_to_match, &self.text_transformations);
        put(
            &mut document,
            "PositionalConstraint",
            &self.positional_constraint,
        );
        let text = String::from_utf8_lossy(self.search_string.as_ref());
        if may_be_written(self.field_to_match.as_ref(), &text) {
            put(&mut document, "SearchString", &self.search_string);
        }
        Some(Value::Object(document))
    }
}

impl Document for RegexMatchStatement {
    fn document(&self) -> Option<Value> {
        let mut document = about(&self.field_to_match, &self.text_transformations);
        if may_be_written(self.field_to_match.as_ref(), &self.regex_string) {
            put(&mut document, "RegexString", &self.regex_string);
        }
        Some(Value::Object(document))
    }
}

fn about(
    field: &Option<FieldToMatch>,
    transformed: &Vec<TextTransformation>,
) -> Map<String, Value> {
    let mut document = Map::new();
    put(&mut document, "FieldToMatch", field);
    put(&mut document, "TextTransformations", transformed);
    document
}

fn put(document: &mut Map<String, Value>, key: &str, value: &impl Document) {
    if let Some(value) = value.document() {
        document.insert(key.to_owned(), value);
    }
}

/// What a header is compared with may be the secret by which a distribution proves itself.
fn may_be_written(field: Option<&FieldToMatch>, text: &str) -> bool {
    let Some(field) = field else {
        return false;
    };
    if let Some(header) = &field.single_header {
        return secrets::is_open_header(&header.name);
    }
    let argument = field.single_query_argument.as_ref();
    let name = argument.map_or("", |argument| argument.name.as_str());
    let is_of_the_request = field.uri_path.is_some() || field.method.is_some();
    is_of_the_request || field.cookies.is_none() && secrets::may_be_written(name, text)
}
