//! What is written of each type of the SDK: one file a service, one entry a type.

mod apigateway;
mod apigatewayv2;
mod cloudfront;
mod ec2;
mod elb;
mod iam;
mod lambda;
mod waf;
mod waf_statement;

pub mod export;
