//! What in a configuration shows that a proxy stands in front of it, and that its addresses are
//! not replaced by those of its clients.

use std::net::{IpAddr, Ipv4Addr};

use bstr::BStr;

use super::{PRIVATE, is_private, trusted};
use crate::finding::Severity;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Code, Config, Kind, LevelId, Op, Test};
use crate::probes::Visit;
use crate::source::Span;

pub struct Evidence {
    pub severity: Severity,
    /// From where the proxy's requests come.
    pub proxy: IpAddr,
    /// In which it names its client.
    pub header: String,
    /// A second proxy, which the first one names last.
    pub hops: Option<IpAddr>,
    /// In words that follow "meant:".
    pub text: String,
    pub span: Span,
    pub help: String,
}

/// Private addresses of which a proxy may have any.
const PRIVATES: [IpAddr; 3] = [
    PRIVATE,
    IpAddr::V4(Ipv4Addr::new(172, 17, 0, 2)),
    IpAddr::V4(Ipv4Addr::new(192, 168, 0, 2)),
];

pub fn evidence(visit: &Visit<'_>, clients: &[IpAddr]) -> Option<Evidence> {
    let config = visit.gate.config();
    // What is not here may be in what we do not have.
    if config.template || config.fragment || config.hole(visit.level()).is_some() {
        return None;
    }
    let trusts = trusted(visit.gate, visit.level()).next().is_some()
        || !config
            .settings(visit.level(), Key::SetRealIpFrom)
            .is_empty();
    let header = config.setting(visit.level(), Key::RealIpHeader);
    let names_public = clients.iter().any(|client| !is_private(*client));
    match (trusts, header) {
        (false, Some(header))
            if header.args[0]
                .literal()
                .is_some_and(|h| h != "proxy_protocol") =>
        {
            let name = header.args[0].raw.to_string();
            Some(Evidence {
                severity: Severity::Error,
                proxy: PRIVATE,
                text: format!("{name} is to be believed, but no set_real_ip_from says of whom"),
                header: name,
                hops: None,
                span: header.span,
                help: "name the proxy in front with `set_real_ip_from`; without one nginx takes \
                       the address from no header"
                    .into(),
            })
        }
        (false, None) if names_public && lets_no_range_in(config, visit.level()) => {
            reads_proxy_header(visit)
        }
        (true, None) => defaults_to_x_real_ip(visit),
        (true, Some(header)) if header.args[0].raw.eq_ignore_ascii_case(b"X-Forwarded-For") => {
            two_hops(visit)
        }
        _ => None,
    }
}

/// A list of ranges may be that of the proxies themselves, such as a CDN's.
fn lets_no_range_in(config: &Config, level: LevelId) -> bool {
    config.access(level).iter().all(|rule| {
        !rule.allow
            || match rule.network.known() {
                Some(Network::Net { net, .. }) => net.max_prefix_len() - net.prefix_len() <= 3,
                Some(Network::All) | None => false,
                Some(Network::Unix) => true,
            }
    })
}

/// The server goes by a header that only a proxy sets, and nothing takes the address from one.
fn reads_proxy_header(visit: &Visit<'_>) -> Option<Evidence> {
    let (variable, span) = condition_on_proxy_header(visit)?;
    Some(Evidence {
        severity: Severity::Warning,
        proxy: PRIVATE,
        header: "X-Forwarded-For".into(),
        hops: None,
        text: format!("${variable} is asked for here, which only a proxy in front sets"),
        span,
        help: "name the proxy with `set_real_ip_from`, and the header in which it names the \
               client with `real_ip_header X-Forwarded-For;`"
            .into(),
    })
}

/// `set_real_ip_from` alone takes X-Real-IP, while the configuration goes by X-Forwarded-For.
fn defaults_to_x_real_ip(visit: &Visit<'_>) -> Option<Evidence> {
    let (variable, span) = condition_on_proxy_header(visit)?;
    if variable != "http_x_forwarded_for" {
        return None;
    }
    let (proxy, _) = super::trusted_proxy(visit.gate, visit.level())?;
    Some(Evidence {
        severity: Severity::Warning,
        proxy,
        header: "X-Forwarded-For".into(),
        hops: None,
        text: "the proxy in front sends X-Forwarded-For, which is read here".into(),
        span,
        help: "add `real_ip_header X-Forwarded-For;`: without it nginx reads X-Real-IP".into(),
    })
}

/// Proxies of one's own network and of somebody else's are named: the one is behind the other,
/// and the last address of the header is the outer proxy's.
fn two_hops(visit: &Visit<'_>) -> Option<Evidence> {
    let config = visit.gate.config();
    if config.flag(visit.level(), Key::RealIpRecursive, false) {
        return None;
    }
    let hosts: Vec<(IpAddr, Span)> = trusted(visit.gate, visit.level())
        .filter_map(|(network, setting)| match network {
            Network::Net { net, .. } if net.prefix_len() > 0 => {
                Some((address::member(net), setting.span))
            }
            _ => None,
        })
        .collect();
    let inner = hosts
        .iter()
        .find(|(host, _)| is_private(*host) && !host.is_loopback())?;
    let outer = hosts.iter().find(|(host, _)| !is_private(*host))?;
    Some(Evidence {
        severity: Severity::Warning,
        proxy: inner.0,
        header: "X-Forwarded-For".into(),
        hops: Some(outer.0),
        text: "proxies of two networks are named, so one may stand behind the other".into(),
        span: outer.1,
        help: "add `real_ip_recursive on;`: without it the last address of the header counts, \
               which is the outer proxy's"
            .into(),
    })
}

/// An `if` of the door's server that goes by a header of a proxy. None of the usual
/// private addresses may be let in: then the proxy may be on the list on purpose.
fn condition_on_proxy_header<'g>(visit: &Visit<'g>) -> Option<(&'g BStr, Span)> {
    let on_purpose = |proxy: &IpAddr| {
        super::ask(visit, visit.example, *proxy)
            .admitted()
            .is_some()
    };
    if PRIVATES.iter().any(on_purpose) {
        return None;
    }
    let config = visit.gate.config();
    let server = config.server_of(visit.level())?.level;
    let own = config.levels.iter().enumerate().filter(|(at, level)| {
        matches!(level.kind, Kind::Server(_) | Kind::Location(_))
            && config
                .enclosing(LevelId(*at as u32))
                .any(|around| around == server)
    });
    // A map of such a header proves nothing: it may pass on what a proxy would send.
    own.flat_map(|(_, level)| &level.codes)
        .find_map(in_condition)
}

fn in_condition(code: &Code) -> Option<(&BStr, Span)> {
    let Op::If { test, .. } = &code.op else {
        return None;
    };
    let value = match test {
        Test::True(value) => value,
        Test::Equal { left, .. } | Test::Matches { left, .. } => left,
        Test::File { .. } | Test::Invalid => return None,
    };
    let name = value.variables().find(|name| is_proxys(name))?;
    Some((name, code.span))
}

/// Headers that no browser sends and every proxy may.
fn is_proxys(variable: &BStr) -> bool {
    ["http_x_forwarded_for", "http_x_forwarded_proto"]
        .iter()
        .any(|name| variable == name.as_bytes())
}
