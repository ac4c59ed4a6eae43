//! The caller's address as the application sees it (proxy-addr, and Express's `trust proxy`).

use std::net::IpAddr;

use bstr::ByteSlice;
use ipnet::IpNet;

use crate::gates::express::Express;
use crate::gates::express::value::Value;
use crate::request::{Known, Reason, Request};

/// Names that proxy-addr knows.
const NAMED: [(&str, &[&str]); 3] = [
    ("linklocal", &["169.254.0.0/16", "fe80::/10"]),
    ("loopback", &["127.0.0.1/8", "::1/128"]),
    (
        "uniquelocal",
        &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    ),
];

/// Whom a `trust proxy` setting believes.
enum Trust {
    All,
    /// So many hops.
    Hops(usize),
    Nets(Vec<IpNet>),
}

/// `req.ip`.
pub(super) fn req_ip(express: &Express, request: &Request) -> Known<String> {
    match &express.app.settings.trust_proxy {
        Some(value) => proxy_address(express, request, &value.value),
        None => socket_address(express, request),
    }
}

/// The other end of the connection. A socket for IPv6 that takes IPv4 too shows those clients
/// as `::ffff:a.b.c.d`.
pub(super) fn socket_address(express: &Express, request: &Request) -> Known<String> {
    let address = match &request.from {
        Known::Is(address) => *address,
        Known::Unknown(reason) => return Known::Unknown(reason.clone()),
    };
    let listens = &express.app.listens;
    let is_dual = |host: &Option<String>| host.as_deref().is_none_or(|host| host == "::");
    let dual = listens.iter().all(|listen| is_dual(&listen.host));
    Known::Is(match address {
        IpAddr::V4(v4) if dual => format!("::ffff:{v4}"),
        address => address.to_string(),
    })
}

/// proxy-addr: from the socket back along X-Forwarded-For, as long as who said so is trusted.
pub(super) fn proxy_address(
    express: &Express,
    request: &Request,
    setting: &Value,
) -> Known<String> {
    let trust = match trust(setting) {
        Ok(trust) => trust,
        Err(reason) => return Known::Unknown(reason),
    };
    let socket = match socket_address(express, request) {
        Known::Is(socket) => socket,
        unknown => return unknown,
    };
    let mut addresses = vec![socket];
    if let Some(Known::Is(chain)) = request.headers.get("X-Forwarded-For") {
        let chain = chain.to_str_lossy();
        addresses.extend(chain.split(',').rev().map(|one| one.trim().to_owned()));
    }
    let last = addresses.len() - 1;
    let believed = (0..last).find(|at| !trust.believes(&addresses[*at], *at));
    Known::Is(addresses.swap_remove(believed.unwrap_or(last)))
}

impl Trust {
    fn believes(&self, address: &str, hop: usize) -> bool {
        match self {
            Trust::All => true,
            Trust::Hops(hops) => hop < *hops,
            Trust::Nets(nets) => {
                let plain = address.strip_prefix("::ffff:").unwrap_or(address);
                let parsed = plain.parse::<IpAddr>().ok();
                parsed.is_some_and(|address| nets.iter().any(|net| net.contains(&address)))
            }
        }
    }
}

fn trust(setting: &Value) -> Result<Trust, Reason> {
    Ok(match setting {
        Value::Bool(true) => Trust::All,
        Value::Bool(false) | Value::Undefined | Value::Null => Trust::Nets(Vec::new()),
        Value::Number(hops) => Trust::Hops(*hops as usize),
        Value::Text(_) | Value::List(_) => {
            let words = setting.words().ok_or_else(|| setting.reason())?;
            Trust::Nets(words.iter().flat_map(|word| nets(word)).collect())
        }
        Value::Env {
            default: Some(default),
            ..
        } => return trust(default),
        _ => return Err(setting.reason()),
    })
}

fn nets(word: &str) -> Vec<IpNet> {
    let named = NAMED.iter().find(|(name, _)| *name == word);
    let words: &[&str] = named.map_or(std::slice::from_ref(&word), |(_, nets)| nets);
    words.iter().filter_map(|word| net(word)).collect()
}

/// A range, or one address.
pub(super) fn net(word: &str) -> Option<IpNet> {
    word.parse::<IpNet>()
        .map(|net| net.trunc())
        .ok()
        .or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from))
}
