//! One file a service: what is asked of it, in which order.

mod apigateway;
mod apigatewayv2;
mod cloudfront;
mod ec2;
mod elb;
mod iam;
mod lambda;
mod waf;

use std::sync::Arc;

use super::operation::Service;
use super::scope::Scope;

pub use ec2::regions;

/// Everything of a service in the scope's region.
pub async fn fetch(scope: Arc<Scope>, service: Service) {
    match service {
        Service::ApiGateway => apigateway::fetch(scope).await,
        Service::ApiGatewayV2 => apigatewayv2::fetch(scope).await,
        Service::CloudFront => cloudfront::fetch(scope).await,
        Service::Ec2 => ec2::fetch(scope).await,
        Service::Elb => elb::fetch(scope).await,
        Service::Iam => iam::fetch(scope).await,
        Service::Lambda => lambda::fetch(scope).await,
        Service::Waf => waf::fetch(scope).await,
        Service::Sts => {}
    }
}
