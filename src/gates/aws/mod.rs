//! The gates of AWS, and what they have in common: the documents that tell of an account, and its
//! policies.

pub mod apigateway;
pub mod around;
pub mod cloud;
pub mod fields;
pub mod iam;
pub mod identities;
pub mod kinds;
pub mod network;
mod pattern;
pub mod waf;

use std::sync::Arc;

use rayon::prelude::*;

use crate::gate::Gate;
use crate::problem::Problem;
use apigateway::{HttpApi, RestApi};
use around::Around;
use cloud::Cloud;

/// All that is known of AWS in a run.
#[derive(Default)]
pub struct Aws {
    pub cloud: Cloud,
    pub around: Arc<Around>,
    pub rest: Vec<RestApi>,
    pub http: Vec<HttpApi>,
}

impl Aws {
    /// Reads the gates out of the documents.
    pub fn read(cloud: Cloud) -> (Aws, Vec<Problem>) {
        let around = Arc::new(Around::read(&cloud));
        let apis: Vec<_> = cloud.all(&kinds::REST_API).collect();
        let (rest, problems): (Vec<_>, Vec<_>) = apis
            .into_par_iter()
            .map(|resource| RestApi::read(resource, &cloud, &around))
            .unzip();
        let http = cloud.all(&kinds::HTTP_API);
        let http = http.map(|resource| HttpApi::read(resource, &cloud, &around));
        let aws = Aws {
            http: http.collect(),
            cloud,
            around,
            rest,
        };
        (aws, problems.into_iter().flatten().collect())
    }

    pub fn gates(&self) -> impl Iterator<Item = &dyn Gate> {
        let rest = self.rest.iter().map(|gate| gate as &dyn Gate);
        rest.chain(self.http.iter().map(|gate| gate as &dyn Gate))
    }
}
