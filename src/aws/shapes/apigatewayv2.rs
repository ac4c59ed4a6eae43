//! HTTP and WebSocket APIs.

use aws_sdk_apigatewayv2::types::*;

use crate::aws::document::{harmless, shape, url, words};

shape! {
    Api {
        "ApiId" api_id,
        "Name" name,
        "ProtocolType" protocol_type,
        "ApiEndpoint" api_endpoint,
        "ApiKeySelectionExpression" api_key_selection_expression,
        "CorsConfiguration" cors_configuration,
        "CreatedDate" created_date,
        "DisableExecuteApiEndpoint" disable_execute_api_endpoint,
        "IpAddressType" ip_address_type,
        "RouteSelectionExpression" route_selection_expression,
    }
    Cors {
        "AllowCredentials" allow_credentials,
        "AllowHeaders" allow_headers,
        "AllowMethods" allow_methods,
        "AllowOrigins" allow_origins,
        "ExposeHeaders" expose_headers,
        "MaxAge" max_age,
    }
    Route {
        "RouteId" route_id,
        "RouteKey" route_key,
        "AuthorizationType" authorization_type,
        "AuthorizerId" authorizer_id,
        "AuthorizationScopes" authorization_scopes,
        "ApiKeyRequired" api_key_required,
        "Target" target,
    }
    Authorizer {
        "AuthorizerId" authorizer_id,
        "Name" name,
        "AuthorizerType" authorizer_type,
        "AuthorizerUri" authorizer_uri,
        "AuthorizerPayloadFormatVersion" authorizer_payload_format_version,
        "AuthorizerResultTtlInSeconds" authorizer_result_ttl_in_seconds,
        "EnableSimpleResponses" enable_simple_responses,
        "IdentitySource" identity_source,
        "IdentityValidationExpression" identity_validation_expression,
        "JwtConfiguration" jwt_configuration,
    }
    JwtConfiguration {
        "Audience" audience,
        "Issuer" issuer,
    }
    Stage {
        "StageName" stage_name,
        "AutoDeploy" auto_deploy,
        "DeploymentId" deployment_id,
        "ClientCertificateId" client_certificate_id,
        "CreatedDate" created_date,
        "LastUpdatedDate" last_updated_date,
        "DefaultRouteSettings" default_route_settings,
        "StageVariables" stage_variables => harmless,
    }
    RouteSettings {
        "ThrottlingBurstLimit" throttling_burst_limit,
        "ThrottlingRateLimit" throttling_rate_limit,
    }
    Integration {
        "IntegrationId" integration_id,
        "IntegrationType" integration_type,
        "IntegrationSubtype" integration_subtype,
        "IntegrationUri" integration_uri => url,
        "IntegrationMethod" integration_method,
        "ConnectionType" connection_type,
        "ConnectionId" connection_id,
        "PayloadFormatVersion" payload_format_version,
    }
    DomainName {
        "DomainName" domain_name,
        "DomainNameArn" domain_name_arn,
        "DomainNameConfigurations" domain_name_configurations,
        "MutualTlsAuthentication" mutual_tls_authentication,
        "RoutingMode" routing_mode,
    }
    DomainNameConfiguration {
        "ApiGatewayDomainName" api_gateway_domain_name,
        "DomainNameStatus" domain_name_status,
        "EndpointType" endpoint_type,
        "IpAddressType" ip_address_type,
        "SecurityPolicy" security_policy,
    }
    MutualTlsAuthentication {
        "TruststoreUri" truststore_uri,
        "TruststoreVersion" truststore_version,
        "TruststoreWarnings" truststore_warnings,
    }
    ApiMapping {
        "ApiId" api_id,
        "ApiMappingId" api_mapping_id,
        "ApiMappingKey" api_mapping_key,
        "Stage" stage,
    }
}

words! {
    ProtocolType, IpAddressType, AuthorizationType, AuthorizerType, IntegrationType,
    ConnectionType, DomainNameStatus, EndpointType, SecurityPolicy, RoutingMode,
}
