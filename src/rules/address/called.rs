//! The doors that a declared URL leads to.

use std::ptr;

use crate::estate::Estate;
use crate::gates::express::Express;
use crate::gates::nginx::model::{LevelId, NameKind, Server, ServerName};
use crate::gates::nginx::{Match, Nginx};
use crate::probes::{Visit, visits};
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::trace::in_cloud;

/// A door to which a URL leads.
pub struct Called<'e> {
    pub visit: Visit<'e>,
    pub request: Request,
    /// By the URL itself, and not by one below it.
    pub itself: bool,
}

/// The doors that a URL and what lies below it reach: those of the
/// servers that bear its name, or of the one server that takes any name.
///
/// Which address the name stands for is not known here, so scheme and port are the server's own:
/// what comes in at 443 in the world may well arrive at 8080.
pub fn doors<'e>(estate: &'e Estate, url: &str) -> Vec<Called<'e>> {
    let Some((host, target)) = host_and_target(url) else {
        return Vec::new();
    };
    let named = at_servers(estate, |server| {
        server.names.iter().any(|name| bears(name, &host))
    });
    let servers = match named.is_empty() {
        false => named,
        true => match at_servers(estate, takes_any).as_slice() {
            [] => Vec::new(),
            all @ [first, ..] => match all.iter().all(|visit| same_gate(visit, first)) {
                true => all.to_vec(),
                false => Vec::new(),
            },
        },
    };
    let mut found = Vec::new();
    for visit in &servers {
        let below = visit.example.target.starts_with(target.as_bytes());
        let mut request = visit.example.clone();
        request.headers.remove("Host");
        match visit.example.headers.get("Host") {
            Some(_) => request.headers.push("Host", host.as_str()),
            None => request.host = host.clone(),
        }
        if below {
            found.push(Called {
                visit: *visit,
                request: request.clone(),
                itself: visit.example.target == target,
            });
        }
        request.target = target.as_str().into();
        if let Some(visit) = reached(&servers, visit, &request) {
            found.push(Called {
                visit,
                request,
                itself: true,
            });
        }
    }
    found
}

fn same_gate(a: &Visit<'_>, b: &Visit<'_>) -> bool {
    ptr::eq(a.gate, b.gate)
}

fn at_servers<'e>(estate: &'e Estate, is_meant: impl Fn(&Server) -> bool) -> Vec<Visit<'e>> {
    visits(estate)
        .filter(|visit| {
            let server = visit.gate.config().server_of(visit.level());
            server.is_some_and(&is_meant)
        })
        .collect()
}

/// The door in which a request ends, as a visit.
fn reached<'e>(all: &[Visit<'e>], from: &Visit<'e>, request: &Request) -> Option<Visit<'e>> {
    let door = from.send(request).first()?.door()?;
    let at = from.gate.config().location_of(LevelId(door));
    all.iter()
        .find(|visit| same_gate(visit, from) && visit.level() == at)
        .copied()
}

fn bears(name: &ServerName, host: &str) -> bool {
    match &name.kind {
        NameKind::Exact(text) => text == host.as_bytes() && text != "_",
        NameKind::Suffix(text) => host.as_bytes().ends_with(text),
        NameKind::Prefix(text) => host.as_bytes().starts_with(text),
        NameKind::Regex(regex) => matches!(regex.exec(host.as_bytes()), Match::Yes(_)),
        NameKind::Unknown(_) => false,
    }
}

fn takes_any(server: &Server) -> bool {
    server
        .names
        .iter()
        .all(|name| name.text == "_" || name.text.is_empty() || name.text == "localhost")
}

/// The only application, where no server stands in front of it: whatever its host, a URL leads there.
pub fn app_alone(estate: &Estate) -> Option<&Express> {
    match (estate.nginx.as_slice(), estate.express.as_slice()) {
        ([], [app]) => Some(app),
        _ => None,
    }
}

/// The path of a URL, with its query.
pub fn target(url: &str) -> Option<String> {
    host_and_target(url).map(|(_, target)| target)
}

/// Whether a server was read that may answer this URL, be it for its name or because it takes any,
/// or is named by what was not read.
pub fn may_be_answered(estate: &Estate, url: &str) -> bool {
    let Some((host, _)) = host_and_target(url) else {
        return false;
    };
    if app_alone(estate).is_some() || in_aws(estate, url) {
        return true;
    }
    let bears_it = |server: &Server| server.names.iter().any(|name| bears(name, &host));
    estate.nginx.iter().any(|gate| {
        let mut servers = gate.config().servers.iter();
        has_open_names(gate) || servers.any(|server| takes_any(server) || bears_it(server))
    })
}

/// Whether a gate of AWS has the name of a URL.
pub fn in_aws(estate: &Estate, url: &str) -> bool {
    let request = request(url);
    request.is_some_and(|request| in_cloud(estate, &request).is_some())
}

/// Whether some server's name is only known to whoever fills in a template.
pub fn has_open_names(gate: &Nginx) -> bool {
    let names = gate
        .config()
        .servers
        .iter()
        .flat_map(|server| &server.names);
    gate.config().incomplete.is_some()
        || names
            .into_iter()
            .any(|name| matches!(name.kind, NameKind::Unknown(_)))
}

/// A request for a URL, by its scheme's port where it has none.
pub fn request(url: &str) -> Option<Request> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let (host, target) = host_and_target(url)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let port = rest[..end].rsplit_once(':').map(|(_, port)| port.parse());
    Some(Request {
        method: "GET".to_owned(),
        scheme,
        host,
        port: match port {
            Some(Ok(port)) => port,
            _ => scheme.default_port(),
        },
        target: target.into(),
        headers: Headers::default(),
        from: Known::Unknown(Reason::new("nothing says where it is sent from")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    })
}

/// The host in lower case without its port, and the path with its query.
fn host_and_target(url: &str) -> Option<(String, String)> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next()?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let host = authority.rsplit('@').next()?;
    let bracket = host.rfind(']').unwrap_or(0);
    let host = match host[bracket..].rfind(':') {
        Some(colon) => &host[..bracket + colon],
        None => host,
    };
    let slash = if target.starts_with('/') { "" } else { "/" };
    let host = host.to_ascii_lowercase();
    (!host.is_empty()).then(|| (host, format!("{slash}{target}")))
}
