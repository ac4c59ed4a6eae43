//! From gate to gate: where an upstream leads to, and a request through all of them.

pub mod calls;
pub mod cloud;

use std::net::{IpAddr, Ipv4Addr};

use crate::estate::{Estate, Evidence, Host, socket};
use crate::gate::{Course, End, Gate, Knowledge, Unsure, Upstream};
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
#[derive(Clone)]
pub struct Trail<'e> {
    pub hops: Vec<Hop<'e>>,
}

#[derive(Clone)]
pub struct Hop<'e> {
    pub gate: &'e dyn Gate,
    pub course: Course,
    /// How the gate is known to stand behind the one before; `None` for the first, and where the
    /// name says it.
    pub link: Option<Link<'e>>,
}

impl Trail<'_> {
    /// The last gate's course: it decides.
    pub fn last(&self) -> &Course {
        let last = self.hops.last().unwrap_or(&self.hops[0]);
        &last.course
    }
}

/// How many gates one request may pass. More are a circle.
const MOST_HOPS: usize = 6;

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
    walk(estate, (gate, None), request, &[], &mut trails);
    trails
}

fn walk<'e>(
    estate: &'e Estate,
    (gate, link): (&'e dyn Gate, Option<Link<'e>>),
    request: &Request,
    before: &[Hop<'e>],
    trails: &mut Vec<Trail<'e>>,
) {
    for course in gate.pass(request) {
        if let Some(last) = before.last()
            && !fits(&last.course, &course)
        {
            continue;
        }
        let next = match &course.end {
            _ if before.len() + 1 == MOST_HOPS => None,
            End::Forwarded { request, .. } => onward(estate, request, &course),
            _ => None,
        };
        let mut hops = before.to_vec();
        hops.push(Hop { gate, course, link });
        match next {
            None => trails.push(Trail { hops }),
            Some((gate, link, request)) => walk(estate, (gate, link), &request, &hops, trails),
        }
    }
}

type Onward<'e> = (&'e dyn Gate, Option<Link<'e>>, Request);

/// The gate to which a request leaves, and the request as it gets there.
fn onward<'e>(estate: &'e Estate, request: &Request, course: &Course) -> Option<Onward<'e>> {
    if let Some(link) = next(estate, course) {
        let app: &dyn Gate = link.app;
        return Some((app, Some(link), arrived(request, &link)));
    }
    Some((in_cloud(estate, request)?, None, request.clone()))
}

/// The gate of AWS whose name a request is sent to, whatever its Host header says.
pub fn in_cloud<'e>(estate: &'e Estate, request: &Request) -> Option<&'e dyn Gate> {
    let mut plain = request.clone();
    plain.headers.remove("Host");
    estate
        .aws
        .gates()
        .find(|gate| gate.knows(&plain) == Knowledge::Named)
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
