//! What stands around the gates of AWS, and decides with them: who there is, and the endpoints in
//! one's own networks.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::fields::{items, spanned, texts};
use super::iam::{self, Kind, Policy};
use super::identities::Identities;
use super::kinds;
use super::network::{Connection, Ground, Passage, is_private};
use super::waf::Acls;
use crate::problem::Problem;
use crate::request::{Known, Reason, Request};
use crate::source::{Span, Spanned};

#[derive(Debug, Default)]
pub struct Around {
    pub identities: Identities,
    pub acls: Acls,
    pub ground: Ground,
    endpoints: BTreeMap<String, Endpoint>,
}

/// A VPC endpoint.
#[derive(Debug)]
pub struct Endpoint {
    pub id: String,
    pub span: Span,
    pub vpc: Option<String>,
    /// `com.amazonaws.eu-west-1.execute-api`
    pub service: String,
    /// The service's names lead to it within the VPC.
    pub private_dns: Option<Span>,
    pub policy: Option<Spanned<Policy>>,
    pub groups: Vec<Spanned<String>>,
    pub subnets: Vec<Spanned<String>>,
}

impl Around {
    pub fn read(cloud: &Cloud) -> (Around, Vec<Problem>) {
        let (identities, mut problems) = Identities::read(cloud);
        let mut endpoints = BTreeMap::new();
        for resource in cloud.all(&kinds::VPC_ENDPOINT) {
            let node = resource.node();
            let text = |key: &str| node.get(key).and_then(|value| value.text());
            let policy = node
                .get("PolicyDocument")
                .filter(|policy| !policy.is_null());
            let policy = policy.map(|node| {
                let (policy, found) = iam::read(node, Kind::Resource);
                problems.extend(found);
                Spanned::new(policy, node.span())
            });
            let private_dns = node.get("PrivateDnsEnabled");
            let endpoint = Endpoint {
                id: resource.id().to_owned(),
                span: node.span(),
                vpc: text("VpcId").map(str::to_owned),
                service: text("ServiceName").unwrap_or_default().to_owned(),
                private_dns: private_dns
                    .filter(|value| value.text() == Some("true"))
                    .map(|value| value.span()),
                policy,
                groups: items(node, "Groups")
                    .filter_map(|group| spanned(group, "GroupId"))
                    .collect(),
                subnets: texts(node, "SubnetIds"),
            };
            endpoints.insert(endpoint.id.clone(), endpoint);
        }
        let around = Around {
            endpoints,
            identities,
            acls: Acls::read(cloud),
            ground: Ground::read(cloud),
        };
        (around, problems)
    }

    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.get(id)
    }

    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values()
    }

    /// The endpoint of API Gateway's through which a request goes: no public API is behind it
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html>).
    pub fn captures(&self, request: &Request) -> Option<Span> {
        let endpoint = self.endpoint(request.vpc_endpoint.as_deref()?)?;
        let is_it = endpoint.service.ends_with(".execute-api");
        is_it.then(|| endpoint.private_dns.unwrap_or(endpoint.span))
    }

    /// Whether packets of a request get through the endpoint on the way.
    pub fn passage(&self, request: &Request) -> Option<Passage> {
        let endpoint = self.endpoint(request.vpc_endpoint.as_deref()?)?;
        // Callers have an address of their network here; a public one is but an example.
        let nobody = Known::Unknown(Reason::new(
            "which address it has in its network is not known",
        ));
        let connection = Connection {
            from: match &request.from {
                Known::Is(from) if !is_private(*from) => &nobody,
                from => from,
            },
            port: request.port,
        };
        let own = (&endpoint.groups[..], &endpoint.subnets[..]);
        (!endpoint.groups.is_empty()).then(|| self.ground.passage(own, connection))
    }

    /// The policy of the endpoint on the way, if there is one on it.
    pub fn policy_of(&self, endpoint: Option<&str>) -> Known<Option<&Policy>> {
        let Some(id) = endpoint else {
            return Known::Is(None);
        };
        match self.endpoints.get(id) {
            Some(endpoint) => Known::Is(endpoint.policy.as_ref().map(|policy| &policy.value)),
            None => Known::Unknown(Reason::new(format!("the VPC endpoint {id} is not here"))),
        }
    }
}
