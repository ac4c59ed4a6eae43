//! How often an operation may be called: at 80 % of the limits that AWS documents, for these are
//! shared with whoever else works in the account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::operation::{Operation, Service};

const SHARE: f64 = 0.8;

/// A bucket of tokens; one call takes one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// What shares the bucket, within one account and region.
    pub bucket: &'static str,
    pub per_second: f64,
    pub burst: f64,
}

impl Limit {
    const fn new(bucket: &'static str, per_second: f64, burst: f64) -> Limit {
        Limit {
            bucket,
            per_second: per_second * SHARE,
            burst: burst * SHARE,
        }
    }
}

/// All limits that a call falls under.
pub fn limits(operation: &Operation) -> Vec<Limit> {
    let name = operation.name;
    match operation.service {
        // One bucket for both kinds of API, and 5 in 2 seconds for what costs more.
        Service::ApiGateway | Service::ApiGatewayV2 => {
            let mut limits = vec![Limit::new("apigateway", 10.0, 40.0)];
            if operation.service == Service::ApiGateway && name == "GetResources" {
                limits.push(Limit::new("apigateway:GetResources", 2.5, 5.0));
            }
            limits
        }
        Service::Ec2 => vec![Limit::new(name, 20.0, 100.0)],
        Service::Elb => vec![Limit::new("elbv2", 10.0, 40.0)],
        Service::Waf if name == "ListResourcesForWebACL" => vec![Limit::new(name, 1.0, 1.25)],
        Service::Waf => vec![Limit::new(name, 5.0, 5.0)],
        Service::Lambda if name == "GetPolicy" => vec![Limit::new("lambda:GetPolicy", 15.0, 15.0)],
        Service::Lambda => vec![Limit::new("lambda", 15.0, 15.0)],
        // Not documented.
        Service::CloudFront | Service::Iam => vec![Limit::new(operation.service.name(), 5.0, 10.0)],
        Service::Sts => Vec::new(),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    account: String,
    region: String,
    bucket: &'static str,
}

/// When the bucket was last looked at, and what was in it. Below zero it owes tokens to those who
/// wait.
#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
}

#[derive(Debug, Default)]
pub struct Governor {
    buckets: Mutex<HashMap<Key, Level>>,
}

impl Governor {
    /// Returns when the call may be made.
    pub async fn pass(&self, account: &str, region: &str, operation: &Operation) {
        let mut until = None;
        for limit in limits(operation) {
            until = until.max(Some(self.take(account, region, limit)));
        }
        if let Some(until) = until.filter(|until| *until > Instant::now()) {
            sleep_until(until).await;
        }
    }

    /// Takes a token, and says when it is there.
    fn take(&self, account: &str, region: &str, limit: Limit) -> Instant {
        let now = Instant::now();
        let key = Key {
            account: account.to_owned(),
            region: region.to_owned(),
            bucket: limit.bucket,
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Level {
            tokens: limit.burst,
            at: now,
        };
        let level = buckets.entry(key).or_insert(full);
        let gained = now.duration_since(level.at).as_secs_f64() * limit.per_second;
        level.tokens = (level.tokens + gained).min(limit.burst) - 1.0;
        level.at = now;
        let owed = (-level.tokens).max(0.0);
        now + Duration::from_secs_f64(owed / limit.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::super::operation::{GET_APIS, GET_RESOURCES, GET_REST_APIS};
    use super::*;

    fn waits(governor: &Governor, region: &str, operation: &Operation, calls: usize) -> Duration {
        let now = Instant::now();
        let mut last = now;
        for _ in 0..calls {
            for limit in limits(operation) {
                last = last.max(governor.take("1", region, limit));
            }
        }
        last.duration_since(now)
    }

    #[test]
    fn a_burst_is_free_and_then_the_rate_holds() {
        let governor = Governor::default();
        let free = Duration::from_millis(50);
        assert!(waits(&governor, "a", &GET_REST_APIS, 32) < free);
        let wait = waits(&governor, "a", &GET_APIS, 8).as_secs_f64();
        assert!(
            (0.9..1.1).contains(&wait),
            "both kinds share a bucket: {wait}"
        );
        assert!(waits(&governor, "b", &GET_APIS, 1) < free);
    }

    #[test]
    fn resources_have_a_bucket_of_their_own_too() {
        let governor = Governor::default();
        let wait = waits(&governor, "a", &GET_RESOURCES, 10).as_secs_f64();
        assert!((2.9..3.1).contains(&wait), "{wait}");
    }
}
