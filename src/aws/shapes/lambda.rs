//! Functions: never their environment.

use aws_sdk_lambda::types::*;

use crate::aws::document::{shape, words};

shape! {
    FunctionConfiguration {
        "FunctionName" function_name,
        "FunctionArn" function_arn,
        "Role" role,
        "VpcConfig" vpc_config,
    }
    VpcConfigResponse {
        "SubnetIds" subnet_ids,
        "SecurityGroupIds" security_group_ids,
        "VpcId" vpc_id,
        "Ipv6AllowedForDualStack" ipv6_allowed_for_dual_stack,
    }
    FunctionUrlConfig {
        "FunctionUrl" function_url,
        "FunctionArn" function_arn,
        "AuthType" auth_type,
        "Cors" cors,
        "CreationTime" creation_time,
        "LastModifiedTime" last_modified_time,
        "InvokeMode" invoke_mode,
    }
    Cors {
        "AllowCredentials" allow_credentials,
        "AllowHeaders" allow_headers,
        "AllowMethods" allow_methods,
        "AllowOrigins" allow_origins,
        "ExposeHeaders" expose_headers,
        "MaxAge" max_age,
    }
}

words! { FunctionUrlAuthType, InvokeMode }
