//! Doors of AWS that go by the sender's address: by a resource policy, a web ACL, a security group,
//! a rule of a load balancer.

use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;

use super::Sent;
use super::cloud::{SOMEWHERE, credentials, listed};
use crate::estate::Estate;
use crate::gate::{Check, Course, Door, Effect, End, Gate};
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::cloudfront::CloudFront;
use crate::gates::aws::load_balancer::LoadBalancer;
use crate::gates::aws::load_balancer::model::Test;
use crate::gates::aws::network::Interface;
use crate::gates::aws::waf::model::Acl;
use crate::request::{Known, Request};
use crate::source::{Span, Spanned};

/// A gate, and the networks that its lists name.
pub struct Guarded<'e> {
    pub gate: &'e dyn Gate,
    /// As a message has it: `the API shop`.
    pub name: String,
    pub nets: Rc<[Spanned<IpNet>]>,
    /// Where it is said that it takes IPv6, too.
    pub dualstack: Option<Span>,
    /// Methods that ask for an API key take it from this header.
    key: bool,
}

/// What a door says to a request from one address.
pub enum Heard {
    Admitted(Sent),
    /// Refused, and for no want of a credential.
    Refused(Sent),
    Unclear,
}

/// How long a prefix is at least that means somebody, and not half of the world.
const NARROW: (u8, u8) = (16, 40);

/// How long a prefix is at least that means an address itself, and those beside it. In wider
/// networks of AWS's an address lies by chance.
pub const EXACT: u8 = 28;

/// All gates of AWS with such lists, that are called by way of the Internet.
pub fn guarded(estate: &Estate) -> Vec<Guarded<'_>> {
    let aws = &estate.aws;
    let rest = aws.rest.iter().filter_map(of_rest);
    let balancers = aws.load_balancers.iter().filter_map(of_balancer);
    let distributions = aws.distributions.iter().filter_map(of_distribution);
    let interfaces = aws.interfaces.iter().map(of_interface);
    let all = rest.chain(balancers).chain(distributions).chain(interfaces);
    all.filter(|one| !one.nets.is_empty()).collect()
}

fn of_rest(gate: &RestApi) -> Option<Guarded<'_>> {
    let api = &gate.api;
    if gate.is_private() {
        return None;
    }
    let policy = api.policy.known().and_then(|policy| policy.as_ref());
    let mut nets = policy.map_or_else(Vec::new, |policy| listed(&policy.value));
    nets.extend(gate.acls().flat_map(of_acl));
    Some(Guarded {
        gate,
        name: format!("the API {}", api.name),
        nets: nets.into(),
        dualstack: api.endpoint.dualstack,
        key: true,
    })
}

fn of_balancer(gate: &LoadBalancer) -> Option<Guarded<'_>> {
    let own = &gate.own;
    if own.is_internal {
        return None;
    }
    let ports = gate.listeners().iter().map(|listener| listener.port);
    let mut nets = gate.around().ground.sources(&own.groups, ports);
    nets.extend(
        own.acl
            .known()
            .into_iter()
            .flatten()
            .flat_map(|acl| of_acl(acl)),
    );
    let rules = gate
        .listeners()
        .iter()
        .flat_map(|listener| listener.rules());
    for condition in rules.flat_map(|rule| &rule.conditions) {
        if let Test::Source(sources) = &condition.test {
            nets.extend(sources.iter().cloned());
        }
    }
    Some(Guarded {
        gate,
        name: format!("the load balancer {}", own.name),
        nets: nets.into(),
        dualstack: own.dualstack,
        key: false,
    })
}

fn of_distribution(gate: &CloudFront) -> Option<Guarded<'_>> {
    let acl = gate.own.acl.known()?.as_ref()?;
    let nets: Vec<_> = of_acl(acl).collect();
    Some(Guarded {
        gate,
        name: format!("the distribution {}", gate.own.id),
        nets: nets.into(),
        dualstack: None,
        key: false,
    })
}

fn of_interface(gate: &Interface) -> Guarded<'_> {
    Guarded {
        gate,
        name: format!("the machine {}", gate.name),
        nets: gate.sources().into(),
        dualstack: None,
        key: false,
    }
}

fn of_acl(acl: &Acl) -> impl Iterator<Item = Spanned<IpNet>> + '_ {
    acl.lists()
        .flat_map(|(_, set)| set.addresses.iter().cloned())
}

impl<'e> Guarded<'e> {
    /// The doors that were seen to be reached, with a request for each.
    pub fn doors(&self) -> impl Iterator<Item = (&'e Door, &'e Request)> + use<'e> {
        let doors = self.gate.doors().iter();
        doors.filter_map(|door| Some((door, door.example.as_ref().ok()?)))
    }

    /// The narrowest network of the lists that has an address, and that not everybody is in.
    pub fn naming(&self, address: IpAddr) -> Option<&Spanned<IpNet>> {
        let narrow = self.nets.iter().filter(|net| {
            let least = match net.value {
                IpNet::V4(_) => NARROW.0,
                IpNet::V6(_) => NARROW.1,
            };
            net.value.prefix_len() >= least && net.value.contains(&address)
        });
        narrow.max_by_key(|net| net.value.prefix_len())
    }

    /// The entry that means this very address of IPv4.
    pub fn meaning(&self, address: IpAddr) -> Option<&Spanned<IpNet>> {
        let net = self.naming(address).filter(|_| address.is_ipv4());
        net.filter(|net| net.value.prefix_len() >= EXACT)
    }

    /// An address of each network of the lists.
    pub fn clients(&self) -> impl Iterator<Item = IpAddr> + '_ {
        let narrow = self.nets.iter().map(|net| net.value.addr());
        narrow.filter(|one| self.naming(*one).is_some()).take(16)
    }

    /// What is said to a request from an address: with whatever credential gets furthest.
    pub fn ask(&self, template: &Request, from: IpAddr) -> Heard {
        let mut refused = None;
        for mut request in credentials(template, self.key) {
            request.from = Known::Is(from);
            let Some(course) = self.gate.pass(&request).into_iter().next() else {
                continue;
            };
            if course.admits() {
                return Heard::Admitted(Sent { request, course });
            }
            if refused.is_none() && is_for_address(&course) {
                refused = Some(Sent { request, course });
            }
        }
        refused.map_or(Heard::Unclear, Heard::Refused)
    }

    /// Where somebody from anywhere, or from one of the networks, is let in.
    pub fn admitted(&self, template: &Request) -> Option<IpAddr> {
        let mut addresses = std::iter::once(SOMEWHERE).chain(self.clients());
        addresses.find(|from| matches!(self.ask(template, *from), Heard::Admitted(_)))
    }
}

/// Whether a request was refused for something that an address may decide.
fn is_for_address(course: &Course) -> bool {
    match &course.end {
        End::Dropped { .. } => true,
        _ if !course.refuses() => false,
        _ => course.culprit().is_some_and(|step| {
            matches!(
                step.effect,
                Effect::Refuses {
                    check: Check::Address | Check::Grant | Check::Condition,
                    ..
                }
            )
        }),
    }
}

/// The line that decided a refusal.
pub fn decided(course: &Course) -> Option<Span> {
    match &course.end {
        End::Dropped { by } => *by,
        End::Answered { by, .. } => Some(course.culprit().map_or(*by, |step| step.span)),
        _ => None,
    }
}
