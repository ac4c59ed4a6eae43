//! Load balancers and their listeners.

use aws_sdk_elasticloadbalancingv2::types::*;
use serde_json::Value;

use crate::aws::document::{Document, shape, words};
use crate::aws::secrets;

shape! {
    LoadBalancer {
        "LoadBalancerArn" load_balancer_arn,
        "LoadBalancerName" load_balancer_name,
        "DNSName" dns_name,
        "Scheme" scheme,
        "Type" r#type,
        "State" state,
        "VpcId" vpc_id,
        "AvailabilityZones" availability_zones,
        "SecurityGroups" security_groups,
        "IpAddressType" ip_address_type,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic" enforce_security_group_inbound_rules_on_private_link_traffic,
    }
    LoadBalancerState { "Code" code }
    AvailabilityZone {
        "ZoneName" zone_name,
        "SubnetId" subnet_id,
        "LoadBalancerAddresses" load_balancer_addresses,
    }
    LoadBalancerAddress {
        "IpAddress" ip_address,
        "AllocationId" allocation_id,
        "PrivateIPv4Address" private_ipv4_address,
        "IPv6Address" ipv6_address,
    }
    LoadBalancerAttribute { "Key" key, "Value" value }
    Listener {
        "ListenerArn" listener_arn,
        "LoadBalancerArn" load_balancer_arn,
        "Port" port,
        "Protocol" protocol,
        "Certificates" certificates,
        "DefaultActions" default_actions,
        "MutualAuthentication" mutual_authentication,
    }
    Certificate { "CertificateArn" certificate_arn }
    MutualAuthenticationAttributes {
        "Mode" mode,
        "TrustStoreArn" trust_store_arn,
        "IgnoreClientCertificateExpiry" ignore_client_certificate_expiry,
    }
    Rule {
        "RuleArn" rule_arn,
        "Priority" priority,
        "Conditions" conditions,
        "Actions" actions,
        "IsDefault" is_default,
        "Transforms" transforms,
    }
    RuleTransform { "Type" r#type }
    RuleCondition {
        "Field" field,
        "Values" values,
        "RegexValues" regex_values,
        "HostHeaderConfig" host_header_config,
        "PathPatternConfig" path_pattern_config,
        "HttpHeaderConfig" http_header_config => header,
        "QueryStringConfig" query_string_config,
        "HttpRequestMethodConfig" http_request_method_config,
        "SourceIpConfig" source_ip_config,
    }
    HostHeaderConditionConfig { "Values" values, "RegexValues" regex_values }
    PathPatternConditionConfig { "Values" values, "RegexValues" regex_values }
    QueryStringConditionConfig { "Values" values => parameters }
    HttpRequestMethodConditionConfig { "Values" values }
    SourceIpConditionConfig { "Values" values, "IpAddressType" ip_address_type }
    Action {
        "Type" r#type,
        "Order" order,
        "TargetGroupArn" target_group_arn,
        "AuthenticateOidcConfig" authenticate_oidc_config,
        "AuthenticateCognitoConfig" authenticate_cognito_config,
        "RedirectConfig" redirect_config,
        "FixedResponseConfig" fixed_response_config,
        "ForwardConfig" forward_config,
        "JwtValidationConfig" jwt_validation_config,
    }
    // Neither the client's secret nor the parameters that are sent along.
    AuthenticateOidcActionConfig {
        "Issuer" issuer,
        "AuthorizationEndpoint" authorization_endpoint,
        "ClientId" client_id,
        "SessionCookieName" session_cookie_name,
        "Scope" scope,
        "OnUnauthenticatedRequest" on_unauthenticated_request,
    }
    AuthenticateCognitoActionConfig {
        "UserPoolArn" user_pool_arn,
        "UserPoolClientId" user_pool_client_id,
        "UserPoolDomain" user_pool_domain,
        "SessionCookieName" session_cookie_name,
        "Scope" scope,
        "OnUnauthenticatedRequest" on_unauthenticated_request,
    }
    RedirectActionConfig {
        "Protocol" protocol,
        "Port" port,
        "Host" host,
        "Path" path,
        "Query" query => query,
        "StatusCode" status_code,
    }
    FixedResponseActionConfig { "StatusCode" status_code, "ContentType" content_type }
    ForwardActionConfig { "TargetGroups" target_groups }
    TargetGroupTuple { "TargetGroupArn" target_group_arn, "Weight" weight }
    JwtValidationActionConfig {
        "JwksEndpoint" jwks_endpoint,
        "Issuer" issuer,
        "AdditionalClaims" additional_claims,
    }
    JwtValidationActionAdditionalClaim { "Format" format, "Name" name, "Values" values }
}

words! {
    LoadBalancerSchemeEnum, LoadBalancerTypeEnum, LoadBalancerStateEnum, IpAddressType,
    ProtocolEnum, ActionTypeEnum, AuthenticateOidcActionConditionalBehaviorEnum,
    AuthenticateCognitoActionConditionalBehaviorEnum, RedirectActionStatusCodeEnum,
    JwtValidationActionAdditionalClaimFormatEnum, TransformTypeEnum, SourceIpAddressTypeEnum,
}

/// A header that a proxy in front proves itself with is a shared secret: its name is enough.
fn header(config: &Option<HttpHeaderConditionConfig>) -> Option<Value> {
    let config = config.as_ref()?;
    let mut document = serde_json::Map::new();
    let name = config.http_header_name.as_deref().unwrap_or_default();
    document.insert("HttpHeaderName".to_owned(), Value::from(name));
    if secrets::is_open_header(name) {
        for (key, values) in [
            ("Values", &config.values),
            ("RegexValues", &config.regex_values),
        ] {
            if let Some(values) = values.document() {
                document.insert(key.to_owned(), values);
            }
        }
    }
    Some(Value::Object(document))
}

fn query(text: &Option<String>) -> Option<Value> {
    text.as_deref().map(secrets::query).map(Value::from)
}

fn parameters(pairs: &Option<Vec<QueryStringKeyValuePair>>) -> Option<Value> {
    let pairs = pairs.as_ref()?.iter().map(|pair| {
        let key = pair.key.as_deref().unwrap_or_default();
        let value = pair.value.as_deref().unwrap_or_default();
        let mut document = serde_json::Map::new();
        if pair.key.is_some() {
            document.insert("Key".to_owned(), Value::from(key));
        }
        if !secrets::is_likely(key, value) {
            document.insert("Value".to_owned(), Value::from(value));
        }
        Value::Object(document)
    });
    Some(pairs.collect())
}
