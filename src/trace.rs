//! From gate to gate: which application an upstream of nginx leads to, and a request through both.

use std::net::IpAddr;

use crate::estate::Estate;
use crate::gate::{Course, End, Gate, Unsure, Upstream};
use crate::gates::express::Express;
use crate::request::{Known, Request};
use crate::source::Span;

/// The application behind an upstream, and how that is known.
#[derive(Clone, Copy)]
pub struct Link<'e> {
    pub app: &'e Express,
    /// Where it listens.
    pub span: Span,
    pub evidence: Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The upstream is this machine, and the application listens on that port.
    Port,
    /// The upstream is a name of one's own network, and no other application here has that port.
    OnlyOne,
}

/// One way of a request, through one gate or more.
pub struct Trail<'e> {
    pub hops: Vec<(&'e dyn Gate, Course)>,
    /// How the second gate is known to stand behind the first.
    pub link: Option<Link<'e>>,
}

impl Trail<'_> {
    /// The last gate's course: it decides.
    pub fn last(&self) -> &Course {
        let (first, rest) = (&self.hops[0].1, self.hops.last());
        rest.map_or(first, |(_, course)| course)
    }
}

/// The application to which an upstream leads; `None` where there is none, or more than one.
pub fn behind<'e>(apps: &'e [Express], to: &Upstream) -> Option<Link<'e>> {
    let mut sockets: Vec<(String, u16)> = match (&to.group, &to.address) {
        (Some(_), _) => to.servers.iter().filter_map(|text| socket(text)).collect(),
        (None, Known::Is(address)) => socket(address).into_iter().collect(),
        (None, Known::Unknown(_)) => Vec::new(),
    };
    sockets.dedup();
    let mut links = sockets
        .iter()
        .filter_map(|(host, port)| link(apps, host, *port));
    let first = links.next()?;
    links
        .all(|link| std::ptr::eq(link.app, first.app))
        .then_some(first)
}

fn link<'e>(apps: &'e [Express], host: &str, port: u16) -> Option<Link<'e>> {
    let evidence = match is_this_machine(host) {
        true => Evidence::Port,
        false if is_near(host) => Evidence::OnlyOne,
        false => return None,
    };
    let mut found = apps.iter().filter_map(|app| {
        let listens = &app.app().listens;
        let listen = listens.iter().find(|listen| listen.port == Some(port))?;
        Some(Link {
            app,
            span: listen.span,
            evidence,
        })
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The host and port of `http://host:port/path`, or of `host:port weight=1`.
fn socket(address: &str) -> Option<(String, u16)> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let usual = if scheme == "https" { 443 } else { 80 };
    let authority = rest.split(['/', '?', ' ']).next()?;
    match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => {
            Some((host.to_owned(), port.parse().ok()?))
        }
        _ => Some((authority.to_owned(), usual)),
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(
        host,
        "127.0.0.1" | "localhost" | "[::1]" | "0.0.0.0" | "host.docker.internal"
    )
}

/// A name of a compose file or a cluster, or an address of one's own network.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_private(),
        Ok(IpAddr::V6(v6)) => v6.is_unique_local(),
        Err(_) => !host.contains(['.', '$', '{']) && !host.is_empty(),
    }
}

/// The request as the application gets it.
pub fn arrived(request: &Request, link: &Link<'_>) -> Request {
    let mut request = request.clone();
    if link.evidence == Evidence::Port {
        request.from = Known::Is(IpAddr::from([127, 0, 0, 1]));
    }
    request
}

/// All ways of a request through a gate and what stands behind it.
pub fn trails<'e>(estate: &'e Estate, gate: &'e dyn Gate, request: &Request) -> Vec<Trail<'e>> {
    let mut trails = Vec::new();
    for course in gate.pass(request) {
        let next = match &course.end {
            End::Forwarded { to, request, .. } => {
                behind(&estate.express, to).map(|link| (link, arrived(request, &link)))
            }
            _ => None,
        };
        let Some((link, request)) = next else {
            trails.push(Trail {
                hops: vec![(gate, course)],
                link: None,
            });
            continue;
        };
        let app: &dyn Gate = link.app;
        let answers = app.pass(&request);
        let fitting = answers.into_iter().filter(|answer| fits(&course, answer));
        trails.extend(fitting.map(|answer| Trail {
            hops: vec![(gate, course.clone()), (app, answer)],
            link: Some(link),
        }));
    }
    trails
}

/// Whether what the first gate supposes of the upstream's answer is what the application answers.
fn fits(course: &Course, answer: &Course) -> bool {
    let Some(status) = answer.status() else {
        return true;
    };
    course
        .conditions
        .iter()
        .all(|condition| match condition.what {
            Unsure::UpstreamAnswers {
                status: supposed, ..
            } => condition.holds == (supposed == status),
            _ => true,
        })
}
