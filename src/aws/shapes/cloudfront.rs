//! Distributions and their policies. The values of headers that are added for an origin are left
//! out: they are how a distribution proves itself.

// What is deprecated is in force all the same.
#![allow(deprecated)]

use aws_sdk_cloudfront::types::*;

use crate::aws::document::{shape, words};

/// Types that have the same fields.
macro_rules! alike {
    ($fields:tt: $($of:ident),* $(,)?) => {$( shape! { $of $fields } )*};
}

/// A behaviour, with what the default one has not.
macro_rules! behavior {
    ($of:ident { $($own:tt)* }) => {
        shape! {
            $of {
                $($own)*
                "TargetOriginId" target_origin_id,
                "TrustedSigners" trusted_signers,
                "TrustedKeyGroups" trusted_key_groups,
                "ViewerProtocolPolicy" viewer_protocol_policy,
                "AllowedMethods" allowed_methods,
                "LambdaFunctionAssociations" lambda_function_associations,
                "FunctionAssociations" function_associations,
                "CachePolicyId" cache_policy_id,
                "OriginRequestPolicyId" origin_request_policy_id,
                "ResponseHeadersPolicyId" response_headers_policy_id,
                "ForwardedValues" forwarded_values,
                "MinTTL" min_ttl,
                "DefaultTTL" default_ttl,
                "MaxTTL" max_ttl,
            }
        }
    };
}

shape! {
    DistributionConfig {
        "Aliases" aliases,
        "DefaultRootObject" default_root_object,
        "Origins" origins,
        "OriginGroups" origin_groups,
        "DefaultCacheBehavior" default_cache_behavior,
        "CacheBehaviors" cache_behaviors,
        "CustomErrorResponses" custom_error_responses,
        "Enabled" enabled,
        "ViewerCertificate" viewer_certificate,
        "Restrictions" restrictions,
        "WebACLId" web_acl_id,
        "HttpVersion" http_version,
        "IsIPV6Enabled" is_ipv6_enabled,
        "ContinuousDeploymentPolicyId" continuous_deployment_policy_id,
        "Staging" staging,
        "ConnectionMode" connection_mode,
    }
    Origin {
        "Id" id,
        "DomainName" domain_name,
        "OriginPath" origin_path,
        "CustomHeaders" custom_headers,
        "S3OriginConfig" s3_origin_config,
        "CustomOriginConfig" custom_origin_config,
        "VpcOriginConfig" vpc_origin_config,
        "OriginAccessControlId" origin_access_control_id,
    }
    OriginCustomHeader { "HeaderName" header_name }
    S3OriginConfig { "OriginAccessIdentity" origin_access_identity }
    CustomOriginConfig {
        "HTTPPort" http_port,
        "HTTPSPort" https_port,
        "OriginProtocolPolicy" origin_protocol_policy,
        "IpAddressType" ip_address_type,
    }
    VpcOriginConfig { "VpcOriginId" vpc_origin_id, "OwnerAccountId" owner_account_id }
    OriginGroup {
        "Id" id,
        "FailoverCriteria" failover_criteria,
        "Members" members,
    }
    OriginGroupFailoverCriteria { "StatusCodes" status_codes }
    OriginGroupMember { "OriginId" origin_id }
    AllowedMethods { "Quantity" quantity, "Items" items, "CachedMethods" cached_methods }
    ForwardedValues {
        "QueryString" query_string,
        "Cookies" cookies,
        "Headers" headers,
        "QueryStringCacheKeys" query_string_cache_keys,
    }
    CookiePreference { "Forward" forward, "WhitelistedNames" whitelisted_names }
    TrustedSigners { "Enabled" enabled, "Quantity" quantity, "Items" items }
    TrustedKeyGroups { "Enabled" enabled, "Quantity" quantity, "Items" items }
    LambdaFunctionAssociation {
        "LambdaFunctionARN" lambda_function_arn,
        "EventType" event_type,
        "IncludeBody" include_body,
    }
    FunctionAssociation { "FunctionARN" function_arn, "EventType" event_type }
    ViewerCertificate {
        "CloudFrontDefaultCertificate" cloud_front_default_certificate,
        "ACMCertificateArn" acm_certificate_arn,
        "SSLSupportMethod" ssl_support_method,
        "MinimumProtocolVersion" minimum_protocol_version,
    }
    Restrictions { "GeoRestriction" geo_restriction }
    GeoRestriction {
        "RestrictionType" restriction_type,
        "Quantity" quantity,
        "Items" items,
    }
    CustomErrorResponse {
        "ErrorCode" error_code,
        "ResponsePagePath" response_page_path,
        "ResponseCode" response_code,
        "ErrorCachingMinTTL" error_caching_min_ttl,
    }
    CachePolicy { "Id" id, "CachePolicyConfig" cache_policy_config }
    CachePolicyConfig {
        "Name" name,
        "DefaultTTL" default_ttl,
        "MaxTTL" max_ttl,
        "MinTTL" min_ttl,
        "ParametersInCacheKeyAndForwardedToOrigin" parameters_in_cache_key_and_forwarded_to_origin,
    }
    ParametersInCacheKeyAndForwardedToOrigin {
        "EnableAcceptEncodingGzip" enable_accept_encoding_gzip,
        "EnableAcceptEncodingBrotli" enable_accept_encoding_brotli,
        "HeadersConfig" headers_config,
        "CookiesConfig" cookies_config,
        "QueryStringsConfig" query_strings_config,
    }
    OriginRequestPolicy {
        "Id" id,
        "OriginRequestPolicyConfig" origin_request_policy_config,
    }
    OriginRequestPolicyConfig {
        "Name" name,
        "HeadersConfig" headers_config,
        "CookiesConfig" cookies_config,
        "QueryStringsConfig" query_strings_config,
    }
    ResponseHeadersPolicy {
        "Id" id,
        "ResponseHeadersPolicyConfig" response_headers_policy_config,
    }
    ResponseHeadersPolicyConfig {
        "Name" name,
        "CorsConfig" cors_config,
        "CustomHeadersConfig" custom_headers_config,
        "RemoveHeadersConfig" remove_headers_config,
    }
    ResponseHeadersPolicyCorsConfig {
        "AccessControlAllowOrigins" access_control_allow_origins,
        "AccessControlAllowHeaders" access_control_allow_headers,
        "AccessControlAllowMethods" access_control_allow_methods,
        "AccessControlAllowCredentials" access_control_allow_credentials,
        "AccessControlExposeHeaders" access_control_expose_headers,
        "AccessControlMaxAgeSec" access_control_max_age_sec,
        "OriginOverride" origin_override,
    }
    ResponseHeadersPolicyRemoveHeader { "Header" header }
}

alike! {
    { "Quantity" quantity, "Items" items }:
    Aliases, Origins, CustomHeaders, OriginGroups, StatusCodes, OriginGroupMembers, CacheBehaviors,
    CachedMethods, CookieNames, Headers, QueryStringCacheKeys, QueryStringNames,
    LambdaFunctionAssociations, FunctionAssociations, CustomErrorResponses,
    ResponseHeadersPolicyAccessControlAllowOrigins, ResponseHeadersPolicyAccessControlAllowHeaders,
    ResponseHeadersPolicyAccessControlAllowMethods, ResponseHeadersPolicyAccessControlExposeHeaders,
    ResponseHeadersPolicyCustomHeadersConfig, ResponseHeadersPolicyRemoveHeadersConfig,
}

alike! {
    { "HeaderBehavior" header_behavior, "Headers" headers }:
    CachePolicyHeadersConfig, OriginRequestPolicyHeadersConfig,
}

alike! {
    { "CookieBehavior" cookie_behavior, "Cookies" cookies }:
    CachePolicyCookiesConfig, OriginRequestPolicyCookiesConfig,
}

alike! {
    { "QueryStringBehavior" query_string_behavior, "QueryStrings" query_strings }:
    CachePolicyQueryStringsConfig, OriginRequestPolicyQueryStringsConfig,
}

behavior!(DefaultCacheBehavior {});
behavior!(CacheBehavior { "PathPattern" path_pattern, });

/// The value of a header that visitors see is no secret to them, and may be one to others.
impl crate::aws::document::Document for ResponseHeadersPolicyCustomHeader {
    fn document(&self) -> Option<serde_json::Value> {
        let mut document = serde_json::Map::new();
        document.insert("Header".to_owned(), self.header.clone().into());
        document.insert("Override".to_owned(), self.r#override.into());
        if crate::aws::secrets::may_be_written(&self.header, &self.value) {
            document.insert("Value".to_owned(), self.value.clone().into());
        }
        Some(document.into())
    }
}

words! {
    HttpVersion, ConnectionMode, OriginProtocolPolicy, IpAddressType, ViewerProtocolPolicy, Method,
    ItemSelection, EventType, SslSupportMethod, MinimumProtocolVersion, GeoRestrictionType,
    CachePolicyHeaderBehavior, CachePolicyCookieBehavior, CachePolicyQueryStringBehavior,
    OriginRequestPolicyHeaderBehavior, OriginRequestPolicyCookieBehavior,
    OriginRequestPolicyQueryStringBehavior, ResponseHeadersPolicyAccessControlAllowMethodsValues,
}
