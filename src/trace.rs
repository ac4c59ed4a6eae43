//! From gate to gate: which application an upstream of nginx leads to, and a request through both.

pub mod calls;

use std::net::{IpAddr, Ipv4Addr};

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
    /// The upstream is named as the folder of the application is, as services in compose files
    /// are, and the application listens on that port. The port alone says nothing: 3000 is the
    /// port of many programs.
    Name,
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

/// The application to which a course leads.
pub fn next<'e>(apps: &'e [Express], course: &Course) -> Option<Link<'e>> {
    match &course.end {
        End::Forwarded { to, .. } => behind(apps, to),
        _ => None,
    }
}

fn link<'e>(apps: &'e [Express], host: &str, port: u16) -> Option<Link<'e>> {
    let is_here = is_this_machine(host);
    let mut found = apps.iter().filter_map(|app| {
        let listens = &app.app().listens;
        let listen = listens.iter().find(|listen| listen.port == Some(port))?;
        let evidence = match is_here {
            true => Evidence::Port,
            false if has_the_name(&app.app().name, host) => Evidence::Name,
            false => return None,
        };
        Some(Link {
            app,
            span: listen.span,
            evidence,
        })
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether one of the folders in which a file stands is named as a host is.
fn has_the_name(file: &str, host: &str) -> bool {
    let folders = file.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .any(|folder| folder.eq_ignore_ascii_case(host))
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

/// The address of a proxy in another container or on another machine (RFC 1918).
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// The request as the application gets it: from the address of the proxy.
pub fn arrived(request: &Request, link: &Link<'_>) -> Request {
    let from = match link.evidence {
        Evidence::Port => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Evidence::Name => PROXY,
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
                next(&estate.express, &course).map(|link| (link, arrived(request, &link)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_the_folder_of_its_application() {
        assert!(has_the_name(
            "services/music-service/src/app.js",
            "music-service"
        ));
        assert!(has_the_name("backend/src/app.js", "backend"));
        // Another program on the port of many.
        assert!(!has_the_name("backend/src/app.js", "grafana"));
        assert!(!has_the_name("api.js", "api"));
    }

    #[test]
    fn the_socket_of_an_address() {
        let of = |text: &str| socket(text).unwrap();
        assert_eq!(of("http://127.0.0.1:3000/api/"), ("127.0.0.1".into(), 3000));
        assert_eq!(of("https://api"), ("api".into(), 443));
        assert_eq!(of("app:8080 weight=2"), ("app".into(), 8080));
    }
}
