//! The gates of AWS, and what they have in common: the documents that tell of an account, and its
//! policies.

mod access;
pub mod apigateway;
pub mod around;
pub mod cloud;
pub mod cloudfront;
pub mod cors;
pub mod fields;
pub mod function_url;
pub mod iam;
pub mod identities;
pub mod kinds;
pub mod load_balancer;
pub mod network;
mod pattern;
mod run;
pub mod waf;

use std::sync::Arc;

use rayon::prelude::*;

use crate::gate::Gate;
use crate::problem::Problem;
use apigateway::{HttpApi, RestApi};
use around::Around;
use cloud::Cloud;
use cloudfront::CloudFront;
use function_url::FunctionUrl;
use load_balancer::LoadBalancer;
use network::Interface;
use network::egress::{self, Egress};

/// All that is known of AWS in a run.
#[derive(Default)]
pub struct Aws {
    pub cloud: Cloud,
    pub around: Arc<Around>,
    pub rest: Vec<RestApi>,
    pub http: Vec<HttpApi>,
    pub load_balancers: Vec<LoadBalancer>,
    pub function_urls: Vec<FunctionUrl>,
    pub distributions: Vec<CloudFront>,
    pub interfaces: Vec<Interface>,
    /// From where it calls the world.
    pub egress: Vec<Egress>,
}

impl Aws {
    /// Reads the gates out of the documents.
    pub fn read(cloud: Cloud) -> (Aws, Vec<Problem>) {
        let (around, of_around) = Around::read(&cloud);
        let around = Arc::new(around);
        let apis: Vec<_> = cloud.all(&kinds::REST_API).collect();
        let (rest, problems): (Vec<_>, Vec<_>) = apis
            .into_par_iter()
            .map(|resource| RestApi::read(resource, &cloud, &around))
            .unzip();
        let http = cloud.all(&kinds::HTTP_API);
        let http = http.map(|resource| HttpApi::read(resource, &cloud, &around));
        let load_balancers = cloud.all(&kinds::LOAD_BALANCER);
        let load_balancers =
            load_balancers.filter_map(|resource| LoadBalancer::read(resource, &cloud, &around));
        let function_urls = cloud.all(&kinds::FUNCTION_URL);
        let (function_urls, of_functions): (Vec<_>, Vec<Vec<Problem>>) = function_urls
            .filter_map(|resource| FunctionUrl::read(resource, &cloud, &around))
            .unzip();
        let distributions = cloud.all(&kinds::DISTRIBUTION);
        let distributions =
            distributions.filter_map(|resource| CloudFront::read(resource, &cloud, &around));
        let aws = Aws {
            egress: egress::all(&cloud),
            interfaces: Interface::all(&cloud, &around),
            distributions: distributions.collect(),
            function_urls,
            http: http.collect(),
            load_balancers: load_balancers.collect(),
            cloud,
            around,
            rest,
        };
        let problems = problems.into_iter().chain(of_functions).flatten();
        (aws, problems.chain(of_around).collect())
    }

    pub fn gates(&self) -> impl Iterator<Item = &dyn Gate> {
        let rest = self.rest.iter().map(|gate| gate as &dyn Gate);
        let http = self.http.iter().map(|gate| gate as &dyn Gate);
        let load_balancers = self.load_balancers.iter().map(|gate| gate as &dyn Gate);
        let function_urls = self.function_urls.iter().map(|gate| gate as &dyn Gate);
        let regional = rest.chain(http).chain(load_balancers);
        let distributions = self.distributions.iter().map(|gate| gate as &dyn Gate);
        let interfaces = self.interfaces.iter().map(|gate| gate as &dyn Gate);
        regional
            .chain(function_urls)
            .chain(distributions)
            .chain(interfaces)
    }
}
