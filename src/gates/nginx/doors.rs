//! The ways into a configuration, each with a request that was seen to reach it.

use std::net::{IpAddr, Ipv4Addr};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::directives::Key;
use super::model::*;
use super::pass::pass;
use super::sample;
use crate::gate::{Door, Effect, End, ONLY_INTERNAL};
use crate::request::{Headers, Known, Reason, Request, Scheme};

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
pub const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// A caller for those who turn away the addresses of documentation: a public resolver's.
pub const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9));

/// How many paths are tried for one pattern.
const MAX_SAMPLES: usize = 12;

/// The clients that are tried, plainest first: some configurations turn away who names no browser,
/// who did not come through the proxy that ends TLS, or who comes from a reserved address.
const CLIENTS: &[(IpAddr, &[(&str, &str)])] = &[
    (SOMEWHERE, &[]),
    (SOMEWHERE, &[("User-Agent", "Mozilla/5.0")]),
    (SOMEWHERE, BROWSER_BEHIND_TLS),
    (ELSEWHERE, BROWSER_BEHIND_TLS),
];

const BROWSER_BEHIND_TLS: &[(&str, &str)] = &[
    ("User-Agent", "Mozilla/5.0"),
    ("X-Forwarded-Proto", "https"),
];

pub fn doors(config: &Config) -> Vec<Door> {
    (0..config.levels.len() as u32)
        .into_par_iter()
        .map(LevelId)
        .filter(|id| matches!(config.level(*id).kind, Kind::Server(_) | Kind::Location(_)))
        // Nothing gets past such a location but what the server's own codes answer.
        .filter(|id| !(leaves_nothing(config, *id) && config.level(*id).codes.is_empty()))
        .map(|id| Door {
            name: config.level(id).name.to_string(),
            span: config.level(id).span,
            id: id.0,
            example: example(config, id),
        })
        // A server is a way in of its own only where its locations leave something over.
        .filter(|door| door.example.is_ok() || !leaves_nothing(config, LevelId(door.id)))
        .collect()
}

fn leaves_nothing(config: &Config, id: LevelId) -> bool {
    let level = config.level(id);
    matches!(level.kind, Kind::Server(_)) && level.locations.prefix.contains_key(b"/".as_bstr())
}

/// A GET that reaches the level, verified by passing it.
fn example(config: &Config, id: LevelId) -> Result<Request, Reason> {
    let Some(server) = config.server_of(id) else {
        return Err(Reason::new("it stands in no server"));
    };
    let paths = paths(config, id)?;
    let mut first = None;
    for (from, headers) in CLIENTS {
        for (listen, port) in sockets(config, server) {
            for host in hosts(server) {
                for path in &paths {
                    let mut request = request(listen, port, &host, path);
                    request.from = Known::Is(*from);
                    for (name, value) in *headers {
                        request.headers.push(*name, *value);
                    }
                    if reaches(config, id, &request) {
                        return Ok(request);
                    }
                    first.get_or_insert(request);
                }
            }
        }
    }
    let stopped = first.and_then(|request| stops(config, server, &request));
    Err(stopped.unwrap_or_else(|| Reason::new("no request was found that reaches it")))
}

/// Requests for the path of a location, whether they reach it or not.
pub fn attempts(config: &Config, id: LevelId) -> Vec<Request> {
    let server = config.server_of(id);
    let socket = server.and_then(|server| sockets(config, server).into_iter().next());
    let (Some(server), Some((listen, port)), Ok(paths)) = (server, socket, paths(config, id))
    else {
        return Vec::new();
    };
    let host = hosts(server).swap_remove(0);
    let to = |path| request(listen, port, &host, path);
    paths.iter().map(to).collect()
}

/// Why nothing is known of a request once it has come to its server, before any location.
fn stops(config: &Config, server: &Server, request: &Request) -> Option<Reason> {
    pass(config, request).find_map(|course| {
        let entered = course
            .steps
            .iter()
            .rev()
            .find_map(|step| match step.effect {
                Effect::Enters { door, .. } => Some(LevelId(door)),
                _ => None,
            });
        match course.end {
            End::Unknown { because, .. } if entered == Some(server.level) => Some(because),
            _ => None,
        }
    })
}

/// Where to ask a server. A port that stands in for a template's is the last resort.
fn sockets<'c>(config: &Config, server: &'c Server) -> Vec<(&'c Listen, u16)> {
    let first = || server.listens.iter().take(2);
    let own = first().map(|listen| (listen, listen.port.unwrap_or_else(|| free_port(config))));
    let stand_ins = first().filter_map(|listen| {
        let (_, port) = listen.written.as_ref()?;
        Some((listen, (*port)?))
    });
    own.chain(stand_ins).collect()
}

fn request(listen: &Listen, port: u16, host: &str, path: &BString) -> Request {
    let scheme = match (listen.tls, port) {
        (true, _) | (_, 443 | 8443) => Scheme::Https,
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
        port,
        target: path.clone(),
        headers,
        from: Known::Is(SOMEWHERE),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

/// A port for a server that does not say its own, and on which no other one listens.
fn free_port(config: &Config) -> u16 {
    let taken = |port: &u16| config.ports.iter().any(|group| group.port == Some(*port));
    [443, 80, 8443, 8403]
        .into_iter()
        .find(|port| !taken(port))
        .unwrap_or(443)
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
                NameKind::Unknown(_) => return None,
            })
        })
        .take(3)
        .collect();
    hosts.push("localhost".into());
    hosts.push("_".into());
    // A name that stands in for a template's is the last resort: nobody can send it.
    hosts.extend(server.names.iter().find_map(|name| match &name.kind {
        NameKind::Unknown(stand_in) => Some(stand_in.to_string()),
        _ => None,
    }));
    hosts
}

fn paths(config: &Config, id: LevelId) -> Result<Vec<BString>, Reason> {
    let level = config.level(id);
    let Kind::Location(pattern) = &level.kind else {
        return Ok(vec!["/".into(), "/why403".into()]);
    };
    if config.setting(id, Key::Internal).is_some() {
        return Err(Reason::new(ONLY_INTERNAL));
    }
    places(pattern, outer_prefix(config, id))
}

/// Paths that a location matches; `outer` is the prefix under which it stands.
pub fn places(pattern: &Pattern, outer: &[u8]) -> Result<Vec<BString>, Reason> {
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
        Pattern::Regex(regex) => {
            let found = sample::paths(regex, outer);
            if found.is_empty() {
                return Err(Reason::new("no path was found that its pattern matches"));
            }
            found.iter().take(MAX_SAMPLES).map(escaped).collect()
        }
        Pattern::Named(_) => return Err(Reason::new(ONLY_INTERNAL)),
    })
}

/// Paths below a location for which a condition on the path may hold; to be tried.
pub fn places_of(config: &Config, location: LevelId, test: &Test) -> Vec<BString> {
    const PATHS: [&str; 4] = ["uri", "document_uri", "request_uri", "request_filename"];
    let Test::Matches {
        left,
        regex,
        negated: false,
    } = test
    else {
        return Vec::new();
    };
    let is_path = |name: &BStr| PATHS.iter().any(|path| name == path.as_bytes());
    if !left.sole_variable().is_some_and(is_path) {
        return Vec::new();
    }
    let prefix = match &config.level(location).kind {
        Kind::Location(Pattern::Prefix(text) | Pattern::PrefixNoRegex(text)) => text.as_slice(),
        _ => outer_prefix(config, location),
    };
    let folder = [prefix.strip_suffix(b"/").unwrap_or(prefix), b"/"].concat();
    let mut found: Vec<BString> = sample::paths(regex, &folder)
        .into_iter()
        .take(MAX_SAMPLES)
        // Slashes are merged before the path is looked at.
        .map(|path| escaped(&path.replace("//", "/").into()))
        .collect();
    found.dedup();
    found
}

/// The prefix under which a nested location stands; empty where there is none.
fn outer_prefix(config: &Config, id: LevelId) -> &[u8] {
    config
        .enclosing(id)
        .skip(1)
        .find_map(|outer| match &config.level(outer).kind {
            Kind::Location(Pattern::Prefix(text) | Pattern::PrefixNoRegex(text)) => {
                Some(text.as_slice())
            }
            _ => None,
        })
        .unwrap_or_default()
}

fn escaped(path: &BString) -> BString {
    super::uri::escape(path)
}

/// Whether the level is where the request itself leads, before any internal redirect.
fn reaches(config: &Config, id: LevelId, request: &Request) -> bool {
    pass(config, request).any(|course| {
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
