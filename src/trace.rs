//! From gate to gate: which application an upstream of nginx leads to, and a request through both.

pub mod calls;

use std::net::{IpAddr, Ipv4Addr};

use crate::estate::{Estate, Evidence, Host, socket};
use crate::gate::{Course, End, Gate, Unsure, Upstream};
use crate::gates::express::Express;
use crate::request::{Known, Request};
use crate::source::Span;

/// The application behind an upstream, and how that is known.
#[derive(Clone, Copy)]
pub struct Link<'e> {
    pub app: &'e Express,
    pub evidence: Evidence,
    /// The line that says so.
    pub span: Span,
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
pub fn behind<'e>(estate: &'e Estate, to: &Upstream) -> Option<Link<'e>> {
    let sockets: Vec<(Host, u16)> = match (&to.group, &to.address) {
        (Some(_), _) => to.servers.iter().filter_map(|text| socket(text)).collect(),
        (None, Known::Is(address)) => socket(address).into_iter().collect(),
        (None, Known::Unknown(_)) => Vec::new(),
    };
    let mut links = sockets
        .iter()
        .filter_map(|(host, port)| link(estate, host, *port));
    let first = links.next()?;
    links
        .all(|link| std::ptr::eq(link.app, first.app))
        .then_some(first)
}

/// The application to which a course leads.
pub fn next<'e>(estate: &'e Estate, course: &Course) -> Option<Link<'e>> {
    match &course.end {
        End::Forwarded { to, .. } => behind(estate, to),
        _ => None,
    }
}

fn link<'e>(estate: &'e Estate, host: &Host, port: u16) -> Option<Link<'e>> {
    let fitting = estate.addresses.iter();
    let fitting = fitting.filter(|address| address.port == port && address.host == *host);
    let surest = fitting
        .clone()
        .min_by_key(|address| address.evidence.rank())?;
    fitting
        .filter(|address| address.evidence.rank() == surest.evidence.rank())
        .all(|address| address.app == surest.app)
        .then(|| Link {
            app: &estate.express[surest.app],
            evidence: surest.evidence,
            span: surest.span,
        })
}

/// The address of a proxy in another container or on another machine (RFC 1918).
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// The request as the application gets it: from the address of the proxy.
pub fn arrived(request: &Request, link: &Link<'_>) -> Request {
    let from = match link.evidence {
        Evidence::Port => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => PROXY,
    };
    Request {
        from: Known::Is(from),
        ..request.clone()
    }
}

/// All ways of a request through a gate and what stands behind it.
pub fn trails<'e>(estate: &'e Estate, gate: &'e dyn Gate, request: &Request) -> Vec<Trail<'e>> {
    let mut trails = Vec::new();
    for course in gate.pass(request) {
        let next = match &course.end {
            End::Forwarded { request, .. } => {
                next(estate, &course).map(|link| (link, arrived(request, &link)))
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
