//! REST APIs. Templates, parameters of requests and values of keys are left out: they hold secrets.

use aws_sdk_apigateway::types::*;

use crate::aws::document::{harmless, shape, url, words};

shape! {
    RestApi {
        "id" id,
        "name" name,
        "createdDate" created_date,
        "apiKeySource" api_key_source,
        "endpointConfiguration" endpoint_configuration,
        "policy" policy,
        "disableExecuteApiEndpoint" disable_execute_api_endpoint,
        "rootResourceId" root_resource_id,
        "endpointAccessMode" endpoint_access_mode,
        "securityPolicy" security_policy,
    }
    EndpointConfiguration {
        "types" types,
        "ipAddressType" ip_address_type,
        "vpcEndpointIds" vpc_endpoint_ids,
    }
    Resource {
        "id" id,
        "parentId" parent_id,
        "pathPart" path_part,
        "path" path,
        "resourceMethods" resource_methods,
    }
    Method {
        "httpMethod" http_method,
        "authorizationType" authorization_type,
        "authorizerId" authorizer_id,
        "authorizationScopes" authorization_scopes,
        "apiKeyRequired" api_key_required,
        "requestValidatorId" request_validator_id,
        "requestParameters" request_parameters,
        "methodResponses" method_responses,
        "methodIntegration" method_integration,
    }
    MethodResponse {
        "statusCode" status_code,
        "responseParameters" response_parameters,
    }
    Integration {
        "type" r#type,
        "httpMethod" http_method,
        "uri" uri => url,
        "connectionType" connection_type,
        "connectionId" connection_id,
        "credentials" credentials,
        "passthroughBehavior" passthrough_behavior,
        "integrationResponses" integration_responses,
    }
    IntegrationResponse {
        "statusCode" status_code,
        "selectionPattern" selection_pattern,
        "responseParameters" response_parameters => harmless,
    }
    Authorizer {
        "id" id,
        "name" name,
        "type" r#type,
        "providerARNs" provider_arns,
        "authType" auth_type,
        "authorizerUri" authorizer_uri,
        "identitySource" identity_source,
        "identityValidationExpression" identity_validation_expression,
        "authorizerResultTtlInSeconds" authorizer_result_ttl_in_seconds,
    }
    GatewayResponse {
        "responseType" response_type,
        "statusCode" status_code,
        "responseParameters" response_parameters => harmless,
        "defaultResponse" default_response,
    }
    Stage {
        "deploymentId" deployment_id,
        "clientCertificateId" client_certificate_id,
        "stageName" stage_name,
        "cacheClusterEnabled" cache_cluster_enabled,
        "methodSettings" method_settings,
        "variables" variables => harmless,
        "canarySettings" canary_settings,
        "webAclArn" web_acl_arn,
        "createdDate" created_date,
        "lastUpdatedDate" last_updated_date,
    }
    MethodSetting {
        "throttlingBurstLimit" throttling_burst_limit,
        "throttlingRateLimit" throttling_rate_limit,
        "cachingEnabled" caching_enabled,
        "requireAuthorizationForCacheControl" require_authorization_for_cache_control,
    }
    CanarySettings {
        "percentTraffic" percent_traffic,
        "deploymentId" deployment_id,
        "stageVariableOverrides" stage_variable_overrides => harmless,
    }
    Deployment {
        "id" id,
        "createdDate" created_date,
    }
    DomainName {
        "domainName" domain_name,
        "domainNameId" domain_name_id,
        "domainNameArn" domain_name_arn,
        "regionalDomainName" regional_domain_name,
        "distributionDomainName" distribution_domain_name,
        "endpointConfiguration" endpoint_configuration,
        "domainNameStatus" domain_name_status,
        "securityPolicy" security_policy,
        "endpointAccessMode" endpoint_access_mode,
        "mutualTlsAuthentication" mutual_tls_authentication,
        "policy" policy,
        "routingMode" routing_mode,
    }
    MutualTlsAuthentication {
        "truststoreUri" truststore_uri,
        "truststoreVersion" truststore_version,
        "truststoreWarnings" truststore_warnings,
    }
    BasePathMapping {
        "basePath" base_path,
        "restApiId" rest_api_id,
        "stage" stage,
    }
    UsagePlan {
        "id" id,
        "name" name,
        "apiStages" api_stages,
    }
    ApiStage {
        "apiId" api_id,
        "stage" stage,
    }
    UsagePlanKey {
        "id" id,
        "type" r#type,
        "name" name,
    }
    ApiKey {
        "id" id,
        "name" name,
        "enabled" enabled,
        "stageKeys" stage_keys,
    }
}

words! {
    ApiKeySourceType, EndpointType, IpAddressType, EndpointAccessMode, SecurityPolicy,
    IntegrationType, ConnectionType, AuthorizerType, GatewayResponseType, DomainNameStatus,
    RoutingMode,
}
