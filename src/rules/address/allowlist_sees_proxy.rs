pub mod cloudfront;

use std::cell::OnceCell;
use std::net::{IpAddr, Ipv4Addr};

use bstr::ByteSlice;

use super::proxy_evidence::{Evidence, evidence};
use super::{PRIVATE, ask, listed_clients, through_proxy};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, Upstream};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::LevelId;
use crate::gates::nginx::value::Value;
use crate::gates::nginx::{Nginx, SOMEWHERE};
use crate::probes::{Sent, Visit, visits_of};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "allowlist-sees-proxy";

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How many ways to one door are tried.
const MAX_FRONTS: usize = 32;

/// A list judges the address of a proxy in front, and so refuses those whom it names.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        let fronts = OnceCell::new();
        for door in visits_of(gate) {
            // Who names nobody, or the machine itself, has no list of clients.
            let clients = listed_clients(&door);
            if !clients.is_empty() {
                let fronts = fronts.get_or_init(|| self::fronts(gate));
                let shown = sent_on(&door, &clients, fronts);
                findings.extend(shown.or_else(|| by_evidence(&door, clients)));
            }
        }
    }
}

/// A client that the door lets in, and how it fares through a proxy.
struct Seen {
    severity: Severity,
    client: IpAddr,
    proxy: IpAddr,
    sent: Sent,
    intent: Intent,
    label: Option<Label>,
    help: String,
}

/// Doors that send their requests on to a port of the same machine, and that port.
fn fronts(gate: &Nginx) -> Vec<(Visit<'_>, u16)> {
    let config = gate.config();
    let groups = config.upstreams.values().flat_map(|block| &block.servers);
    let passes = Key::Pass(Module::Proxy);
    let own = config.levels.iter().flat_map(|level| level.own(passes));
    let addresses = groups.chain(own.flat_map(|setting| setting.args.first()));
    // A variable or a template may stand for this machine.
    let may_be_local = |address: &Value| {
        let text = &address.raw;
        text.contains_str("127.0.0.1")
            || text.contains_str("localhost")
            || address.has_variables()
            || address.template
    };
    if !addresses.into_iter().any(may_be_local) {
        return Vec::new();
    }
    visits_of(gate)
        .filter_map(|visit| Some((visit, forwarded(&visit, visit.example)?.0.port)))
        .collect()
}

/// Another server of the same configuration sends its requests on to a door with a list.
fn sent_on(door: &Visit<'_>, clients: &[IpAddr], fronts: &[(Visit<'_>, u16)]) -> Option<Finding> {
    let config = door.gate.config();
    let own = config.server_of(door.level())?;
    let leads_here = |(front, port): &&(Visit<'_>, u16)| {
        let other = config.server_of(front.level());
        other.is_some_and(|other| other.level != own.level)
            && own.listens.iter().any(|listen| listen.port == Some(*port))
    };
    let ways = fronts.iter().filter(leads_here).take(MAX_FRONTS);
    let (front, client, refused, by) = ways.into_iter().find_map(|(front, _)| {
        let mut example = front.example.clone();
        example.target = door.example.target.clone();
        clients.iter().find_map(|client| {
            example.from = Known::Is(*client);
            let (leaving, by) = forwarded(front, &example)?;
            let refused = ask(door, &leaving, LOOPBACK).refused()?;
            let here =
                enters(door, &refused.course) && ask(door, &leaving, *client).admitted().is_some();
            here.then_some((front, *client, refused, by))
        })
    })?;
    finding(Seen {
        severity: Severity::Error,
        client,
        proxy: LOOPBACK,
        sent: refused,
        intent: Intent {
            text: format!("{} sends its requests on to this server", front.door.name),
            span: Some(by),
        },
        label: Some(Label {
            span: by,
            text: "what comes from here comes from 127.0.0.1".into(),
        }),
        help: "add `set_real_ip_from 127.0.0.1;` and `real_ip_header X-Forwarded-For;` to the \
               server behind, and have the one in front set that header"
            .into(),
    })
}

/// The request as it leaves for a server on the same machine.
fn forwarded(front: &Visit<'_>, request: &Request) -> Option<(Request, Span)> {
    front.send(request).iter().find_map(|course| {
        let End::Forwarded {
            to, request, by, ..
        } = &course.end
        else {
            return None;
        };
        let leaving = Request {
            from: Known::Is(LOOPBACK),
            port: local_port(to, request)?,
            host: LOOPBACK.to_string(),
            ..(**request).clone()
        };
        Some((leaving, *by))
    })
}

fn local_port(to: &Upstream, request: &Request) -> Option<u16> {
    let socket = match to.group {
        Some(_) => to.servers.first()?.clone(),
        None => format!("{}:{}", request.host, request.port),
    };
    let (host, port) = socket.rsplit_once(':')?;
    matches!(host, "127.0.0.1" | "localhost").then(|| port.parse().ok())?
}

fn enters(door: &Visit<'_>, course: &Course) -> bool {
    let config = door.gate.config();
    let entered = course.door().map(|at| config.location_of(LevelId(at)));
    entered == Some(door.level())
}

/// The configuration shows a proxy in front that is not part of it.
fn by_evidence(visit: &Visit<'_>, clients: Vec<IpAddr>) -> Option<Finding> {
    ask(visit, visit.example, SOMEWHERE).refused()?;
    let shown = evidence(visit, &clients)?;
    let Evidence {
        severity,
        proxy,
        header,
        hops,
        text,
        span,
        help,
    } = shown;
    let (client, refused) = clients.into_iter().find_map(|client| {
        ask(visit, visit.example, client).admitted()?;
        let mut request = through_proxy(visit.example, proxy, &header, client);
        if let Some(hop) = hops {
            request.headers.remove(&header);
            request
                .headers
                .push(header.as_str(), format!("{client}, {hop}"));
        }
        Some((client, ask(visit, &request, proxy).refused()?))
    })?;
    finding(Seen {
        severity,
        client,
        proxy: hops.unwrap_or(proxy),
        sent: refused,
        intent: Intent {
            text,
            span: Some(span),
        },
        label: None,
        help,
    })
}

fn finding(seen: Seen) -> Option<Finding> {
    let culprit = seen.sent.course.culprit()?;
    let proxy = match seen.proxy {
        PRIVATE => "the proxy's address".to_owned(),
        address => format!("the proxy's address {address}"),
    };
    Some(Finding {
        rule: ID,
        severity: seen.severity,
        confidence: match seen.severity {
            Severity::Error => Confidence::High,
            _ => Confidence::Medium,
        },
        message: format!(
            "the list lets {} in, but sees {proxy} when the request comes through the proxy",
            seen.client
        ),
        primary: Label {
            span: culprit.span,
            text: format!("refuses {}", seen.proxy),
        },
        related: seen.label.into_iter().collect(),
        intent: Some(seen.intent),
        help: seen.help,
        witness: Some(Witness {
            request: seen.sent.request,
            course: seen.sent.course,
        }),
    })
}
