//! The ways into a configuration, each with a request that was seen to reach it.

use std::net::{IpAddr, Ipv4Addr};

use bstr::BString;
use rayon::prelude::*;

use super::directives::Key;
use super::model::*;
use super::pass::pass;
use super::sample;
use crate::gate::{Door, Effect};
use crate::request::{Headers, Known, Reason, Request, Scheme};

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
pub const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// Headers of the clients that are tried, plainest first: some configurations turn away who names
/// no browser, or who did not come through the proxy that ends TLS.
const CLIENTS: &[&[(&str, &str)]] = &[
    &[],
    &[("User-Agent", "Mozilla/5.0")],
    &[
        ("User-Agent", "Mozilla/5.0"),
        ("X-Forwarded-Proto", "https"),
    ],
];

pub fn doors(config: &Config) -> Vec<Door> {
    (0..config.levels.len() as u32)
        .into_par_iter()
        .map(LevelId)
        .filter(|id| matches!(config.level(*id).kind, Kind::Server(_) | Kind::Location(_)))
        .map(|id| Door {
            name: config.describe(id),
            span: config.level(id).span,
            id: id.0,
            example: example(config, id),
        })
        .collect()
}

/// A GET that reaches the level, verified by passing it.
fn example(config: &Config, id: LevelId) -> Result<Request, Reason> {
    let Some(server) = config.server_of(id) else {
        return Err(Reason::new("it stands in no server"));
    };
    let paths = paths(config, id)?;
    for headers in CLIENTS {
        for listen in server.listens.iter().take(2) {
            for host in hosts(server) {
                for path in &paths {
                    let mut request = request(listen, &host, path);
                    for (name, value) in *headers {
                        request.headers.push(*name, *value);
                    }
                    if reaches(config, id, &request) {
                        return Ok(request);
                    }
                }
            }
        }
    }
    Err(Reason::new("no request was found that reaches it"))
}

fn request(listen: &Listen, host: &str, path: &BString) -> Request {
    let scheme = match (listen.tls, listen.port) {
        (true, _) | (_, Some(443)) => Scheme::Https,
        _ => Scheme::Http,
    };
    let mut headers = Headers::default();
    // A server that listens on one address is asked by it, with the name as Host.
    let mut connect_to = host.to_owned();
    if let Some(address) = listen.address {
        connect_to = address.to_string();
        headers.push("Host", host);
    }
    Request {
        method: "GET".into(),
        scheme,
        host: connect_to,
        port: listen.port.unwrap_or(scheme.default_port()),
        target: path.clone(),
        headers,
        from: Known::Is(SOMEWHERE),
        body: 0,
    }
}

fn hosts(server: &Server) -> Vec<String> {
    let mut hosts: Vec<String> = server
        .names
        .iter()
        .filter(|name| name.text != "_" && !name.text.is_empty())
        .filter_map(|name| {
            Some(match &name.kind {
                NameKind::Exact(text) => text.to_string(),
                NameKind::Suffix(text) => format!("www{text}"),
                NameKind::Prefix(text) => format!("{text}example"),
                NameKind::Regex(regex) => sample::host(regex)?.to_string(),
                NameKind::Unknown => name.text.to_string(),
            })
        })
        .take(3)
        .collect();
    hosts.push("localhost".into());
    hosts.push("_".into());
    hosts
}

fn paths(config: &Config, id: LevelId) -> Result<Vec<BString>, Reason> {
    let level = config.level(id);
    let Kind::Location(pattern) = &level.kind else {
        return Ok(vec!["/".into(), "/why403".into()]);
    };
    if config.setting(id, Key::Internal).is_some() {
        return Err(Reason::new("only internal redirects reach it"));
    }
    places(pattern)
}

/// Paths that a location matches.
pub fn places(pattern: &Pattern) -> Result<Vec<BString>, Reason> {
    let longer = |text: &BString, tail: &str| [text.as_slice(), tail.as_bytes()].concat().into();
    Ok(match pattern {
        Pattern::Exact(text) => vec![escaped(text)],
        Pattern::Prefix(text) | Pattern::PrefixNoRegex(text) => {
            let text = escaped(text);
            if text == "/" {
                vec![text, "/why403".into(), "/why403/x".into()]
            } else if text.ends_with(b"/") {
                vec![longer(&text, "x"), text.clone(), longer(&text, "x/y")]
            } else {
                vec![text.clone(), longer(&text, "/x"), longer(&text, "x")]
            }
        }
        Pattern::Regex(regex) => match sample::paths(regex) {
            Some(path) => vec![escaped(&path)],
            None => return Err(Reason::new("no path was found that its pattern matches")),
        },
        Pattern::Named(_) => return Err(Reason::new("only internal redirects reach it")),
    })
}

fn escaped(path: &BString) -> BString {
    super::uri::escape(path)
}

/// Whether the level is where the request itself leads, before any internal redirect.
fn reaches(config: &Config, id: LevelId, request: &Request) -> bool {
    pass(config, request).iter().any(|course| {
        let mut door = None;
        for step in &course.steps {
            match &step.effect {
                Effect::Enters { door: entered, .. } => {
                    let level = LevelId(*entered);
                    if !matches!(config.level(level).kind, Kind::If(_) | Kind::LimitExcept) {
                        door = Some(level);
                    }
                    if door == Some(id) && !matches!(config.level(id).kind, Kind::Server(_)) {
                        return true;
                    }
                }
                Effect::Jumps { .. } => break,
                _ => {}
            }
        }
        door == Some(id)
    })
}
