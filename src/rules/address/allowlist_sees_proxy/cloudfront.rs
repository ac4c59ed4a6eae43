//! A distribution of CloudFront in front of a list: the list sees CloudFront's own addresses.

use std::net::{IpAddr, Ipv4Addr};

use super::ID;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, Gate};
use crate::gates::aws::load_balancer::LoadBalancer;
use crate::gates::aws::load_balancer::model::Test;
use crate::gates::aws::waf::model::Acl;
use crate::gates::nginx::address::member;
use crate::probes::cloud::{Api, clients};
use crate::probes::front::{Front, arriving, fronts};
use crate::request::{Known, Request};
use crate::source::Span;
use crate::trace::in_cloud;

/// Of the networks from which it calls origins
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html>):
/// a list that has one of them means CloudFront.
const EDGES: [Ipv4Addr; 4] = [
    Ipv4Addr::new(130, 176, 1, 1),
    Ipv4Addr::new(15, 158, 1, 1),
    Ipv4Addr::new(64, 252, 70, 1),
    Ipv4Addr::new(52, 46, 10, 1),
];

/// How many clients of a list are tried.
const MOST_CLIENTS: usize = 16;

pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut found: Vec<Finding> = fronts(estate)
        .filter_map(|front| judge(estate, &front))
        .collect();
    found.sort_by_key(|finding| finding.primary.span);
    found.dedup_by_key(|finding| finding.primary.span);
    findings.extend(found);
}

/// A way through a distribution: the list would let the client in, but does not see it.
struct Seen {
    client: IpAddr,
    request: Request,
    arrival: Request,
    course: Course,
    by: Span,
}

fn judge(estate: &Estate, front: &Front<'_>) -> Option<Finding> {
    let behind = behind(estate, front)?;
    let mut listed = behind.clients.iter().take(MOST_CLIENTS);
    let seen = listed.find_map(|client| {
        let mut requests = behind.requests.iter();
        requests.find_map(|request| seen(front, behind.gate, request, *client))
    })?;
    let name = behind.gate.name().name;
    Some(Finding {
        rule: ID,
        severity: match seen.course.is_conditional() {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "the list of {name} lets {} in, but sees an address of CloudFront when the request \
             comes through {}",
            seen.client,
            seen.request.url()
        ),
        primary: Label {
            span: seen.by,
            text: "does not let CloudFront in".into(),
        },
        related: vec![Label {
            span: front.origin.domain.span,
            text: "what comes from here comes from CloudFront".into(),
        }],
        intent: Some(Intent {
            text: format!("the {} leads to it", front.behavior.name()),
            span: Some(front.behavior.span),
        }),
        help: "ask for the viewer's address in front: by a web ACL of the distribution; behind it \
               let CloudFront in, by a header that only the distribution adds"
            .into(),
        witness: Some(Witness {
            request: seen.arrival,
            course: seen.course,
        }),
    })
}

fn seen(front: &Front<'_>, gate: &dyn Gate, request: &Request, client: IpAddr) -> Option<Seen> {
    let mut request = request.clone();
    request.from = Known::Is(client);
    let through = front.send(&request)?;
    if through.is_conditional() {
        return None;
    }
    let mut arrival = arriving(&through)?.clone();
    arrival.from = Known::Is(client);
    let send = |arrival: &Request| gate.pass(arrival).into_iter().next();
    if !send(&arrival)?.admits() {
        return None;
    }
    let mut refused = None;
    for edge in EDGES {
        arrival.from = Known::Is(IpAddr::V4(edge));
        let course = send(&arrival)?;
        let by = match &course.end {
            End::Dropped { by } => (*by)?,
            _ if course.refuses() => course.culprit()?.span,
            _ => return None,
        };
        refused.get_or_insert((arrival.clone(), course, by));
    }
    let (arrival, course, by) = refused?;
    Some(Seen {
        client,
        request,
        arrival,
        course,
        by,
    })
}

/// What an origin is, whom its lists name, and what viewers ask of it.
struct Behind<'e> {
    gate: &'e dyn Gate,
    clients: Vec<IpAddr>,
    requests: Vec<Request>,
}

fn behind<'e>(estate: &'e Estate, front: &Front<'e>) -> Option<Behind<'e>> {
    if let Some(api) = front.api(estate) {
        let entries = api.entries();
        let direct = entries.filter_map(|entry| Some(entry.admitted(entry.example)?.request));
        let mut clients = api.policy().map_or_else(Vec::new, clients);
        if let Api::Rest(gate) = api {
            let stages = gate.api.stages.known().into_iter().flatten();
            let named = stages.filter_map(|stage| stage.web_acl.as_ref());
            let acls = named.filter_map(|arn| {
                let acl = estate.aws.around.acls.named(&arn.value);
                acl.known().map(|acl| listed(acl))
            });
            clients.extend(acls.flatten());
        }
        return Some(Behind {
            gate: api.gate(),
            clients,
            requests: direct.filter_map(|one| front.asking_for(&one)).collect(),
        });
    }
    let mut called = front.example.clone();
    called.host.clone_from(&front.origin.domain.value);
    let gate = in_cloud(estate, &called)?;
    let balancers = &estate.aws.load_balancers;
    let balancer = balancers.iter().find(|one| one.name() == gate.name())?;
    Some(Behind {
        gate,
        clients: of_balancer(estate, balancer),
        requests: vec![front.example.clone()],
    })
}

fn listed(acl: &Acl) -> Vec<IpAddr> {
    let sets = acl.lists();
    let networks = sets.flat_map(|(_, set)| &set.addresses);
    let clients = networks.map(|net| member(net.value));
    clients.take(MOST_CLIENTS).collect()
}

fn of_balancer(estate: &Estate, balancer: &LoadBalancer) -> Vec<IpAddr> {
    let mut clients = Vec::new();
    let conditions = balancer
        .listeners()
        .iter()
        .flat_map(|listener| listener.rules())
        .flat_map(|rule| &rule.conditions);
    for condition in conditions {
        if let Test::Source(networks) = &condition.test {
            clients.extend(networks.iter().map(|net| member(net.value)));
        }
    }
    if let Some(Some(acl)) = balancer.own.acl.known() {
        clients.extend(listed(acl));
    }
    for id in &balancer.own.groups {
        let group = estate.aws.around.ground.group(&id.value);
        let networks = group.into_iter().flat_map(|group| group.networks());
        clients.extend(networks.map(member));
    }
    clients.retain(|client| !client.is_unspecified());
    clients
}
