//! Is the address on the list?

pub mod address_list_misses_mapped_ipv4;
pub mod address_mask_misleading;
pub mod allow_after_deny_all;
pub mod allowlist_sees_proxy;
mod arrival;
mod called;
pub mod egress_not_allowed;
pub mod egress_not_static;
pub mod egress_partly_allowed;
pub mod ipv6_not_allowed;
mod named;
pub mod policy_condition_never_matches;
pub mod private_range_in_public_allowlist;
mod proxy_evidence;
pub mod real_ip_header_unknown;
pub mod real_ip_trusts_everyone;
pub mod trust_proxy_missing;
pub mod trust_proxy_too_wide;

pub use called::may_be_answered;
pub use named::speaks_of;

use std::net::{IpAddr, Ipv4Addr};

use bstr::ByteSlice;
use ipnet::IpNet;

use crate::gate::{Check, Course, Effect};
use crate::gates::nginx::Nginx;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{AccessRule, LevelId, Setting};
use crate::probes::{BASIC, BEARER, Sent, Visit};
use crate::request::{Known, Request};
use crate::source::Span;

/// A proxy of one's own network (RFC 1918).
pub const PRIVATE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// What a door says to a request from one address.
pub enum Answer {
    Admitted(Sent),
    /// Refused by an address list, or by a condition that may ask for the address.
    Refused(Sent),
    /// Something else decides.
    Other,
}

/// Sends a request from an address, without and with a credential.
pub fn ask(visit: &Visit<'_>, template: &Request, from: IpAddr) -> Answer {
    let mut refused = None;
    for credential in [None, Some(BASIC), Some(BEARER)] {
        let mut request = template.clone();
        request.from = Known::Is(from);
        if let Some(credential) = credential {
            request.headers.remove("Authorization");
            request.headers.push("Authorization", credential);
        }
        let courses = visit.send(&request);
        if let Some(course) = courses.iter().find(|course| course.admits()) {
            let course = course.clone();
            return Answer::Admitted(Sent { request, course });
        }
        if refused.is_none() {
            let mut courses = courses.iter();
            let by_list = courses.find(|course| is_refused_by_list(course)).cloned();
            refused = by_list.map(|course| Sent { request, course });
        }
    }
    refused.map_or(Answer::Other, Answer::Refused)
}

impl Answer {
    pub fn refused(self) -> Option<Sent> {
        match self {
            Answer::Refused(sent) => Some(sent),
            _ => None,
        }
    }

    pub fn admitted(self) -> Option<Sent> {
        match self {
            Answer::Admitted(sent) => Some(sent),
            _ => None,
        }
    }
}

fn is_refused_by_list(course: &Course) -> bool {
    course.refuses()
        && course.culprit().is_some_and(|step| {
            matches!(
                step.effect,
                Effect::Refuses {
                    check: Check::Address | Check::Condition,
                    ..
                }
            )
        })
}

/// The first and the last host of a network.
pub fn samples(net: IpNet) -> Vec<IpAddr> {
    let first = address::member(net);
    let last = match net {
        IpNet::V4(v4) if v4.prefix_len() < 31 => IpAddr::V4((u32::from(v4.broadcast()) - 1).into()),
        IpNet::V4(v4) => IpAddr::V4(v4.broadcast()),
        IpNet::V6(v6) => IpAddr::V6(v6.broadcast()),
    };
    match first == last {
        true => vec![first],
        false => vec![first, last],
    }
}

/// The clients that a door lets in by name, of a list or a table; not the machine's own address,
/// by which a status page is kept to itself.
pub fn listed_clients(visit: &Visit<'_>) -> Vec<IpAddr> {
    let mut clients = visit.allowed_addresses();
    clients.extend(visit.gate.named_addresses().iter().take(16));
    clients.retain(|client| !client.is_loopback() && !client.is_unspecified());
    clients
}

/// An address of no use outside of one's own network.
pub fn is_private(address: IpAddr) -> bool {
    match address::unmapped(address) {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// A proxy whose header is believed at a level, and the line that names it.
pub fn trusted_proxy(gate: &Nginx, level: LevelId) -> Option<(IpAddr, Span)> {
    trusted(gate, level).find_map(|(network, setting)| match network {
        Network::Net { net, .. } => Some((address::member(net), setting.span)),
        Network::All | Network::Unix => None,
    })
}

/// The networks whose header is believed at a level.
pub fn trusted(gate: &Nginx, level: LevelId) -> impl Iterator<Item = (Network, &Setting)> {
    gate.config()
        .settings(level, Key::SetRealIpFrom)
        .iter()
        .filter_map(|setting| {
            let text = setting.args.first()?.raw.to_str().ok()?;
            Some((address::network(text)?, setting))
        })
}

/// What at a door depends on the sender's address.
pub enum Depends<'g> {
    List(&'g AccessRule),
    Limit(&'g Setting),
}

impl Depends<'_> {
    pub fn span(&self) -> Span {
        match self {
            Depends::List(rule) => rule.span,
            Depends::Limit(setting) => setting.span,
        }
    }
}

/// The list of a door that lets some addresses in and others not; else its limit, which most
/// likely counts by address.
pub fn depends<'g>(visit: &Visit<'g>) -> Option<Depends<'g>> {
    let config = visit.gate.config();
    let list = config
        .access(visit.level())
        .iter()
        .find(|rule| rule.allow && !matches!(rule.network, Known::Is(Network::All)));
    let limits = [Key::LimitReq, Key::LimitConn];
    list.map(Depends::List).or_else(|| {
        limits
            .iter()
            .find_map(|key| config.setting(visit.level(), *key))
            .map(Depends::Limit)
    })
}

/// The request as a proxy sends it on: from its own address, the client's in a header.
pub fn through_proxy(template: &Request, proxy: IpAddr, header: &str, client: IpAddr) -> Request {
    let mut request = template.clone();
    request.from = Known::Is(proxy);
    request.headers.remove(header);
    request.headers.push(header, client.to_string());
    request
}
