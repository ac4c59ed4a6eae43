//! `listen` and `server_name`, and which servers stand behind one address.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::Reader;
use crate::gates::nginx::model::*;
use crate::source::Span;
use crate::syntax::nginx::Directive;

impl<'p> Reader<'p> {
    pub(super) fn listen(&mut self, server: usize, d: Directive<'p>) {
        let Some(first) = d.arg(0) else { return };
        let text = first.value();
        if text.starts_with(b"unix:") {
            return;
        }
        let has = |word: &[u8]| d.args().skip(1).any(|arg| *arg.value() == *word);
        let unknown = first.is_template() || text.contains(&b'$');
        let (address, port) = match text.to_str().ok().and_then(address_and_port) {
            Some(parsed) if !unknown => parsed,
            _ => (None, None),
        };
        self.config.servers[server].listens.push(Listen {
            address,
            port,
            written: port.is_none().then(|| (text.into_owned().into(), None)),
            tls: has(b"ssl"),
            default: has(b"default_server") || has(b"default"),
            dual: has(b"ipv6only=off"),
            span: d.span(),
        });
    }

    pub(super) fn server_name(&mut self, server: usize, d: Directive<'p>) {
        for arg in d.args() {
            let raw = arg.value();
            let text: BString = raw.to_ascii_lowercase().into();
            let unknown = arg.is_template() || (text.contains(&b'$') && !text.starts_with(b"~"));
            let kind = if unknown {
                NameKind::Unknown(self.stand_in(&text))
            } else if let Some(pattern) = raw.strip_prefix(b"~") {
                // ngx_http_core_server_name compiles them without case.
                let regex = self.patterns.regex(pattern, true);
                self.declare_groups(&regex, d);
                NameKind::Regex(regex)
            } else if let Some(rest) = text.strip_prefix(b"*.") {
                NameKind::Suffix([b".", rest].concat().into())
            } else if let Some(rest) = text.strip_suffix(b".*") {
                NameKind::Prefix([rest, b"."].concat().into())
            } else {
                NameKind::Exact(text.clone())
            };
            let names = &mut self.config.servers[server].names;
            // `.example.com` stands for the name itself and for all below it.
            if let (NameKind::Exact(name), false) = (&kind, unknown)
                && let Some(bare) = name.strip_prefix(b".")
            {
                names.push(ServerName {
                    text: bare.into(),
                    kind: NameKind::Exact(bare.into()),
                    span: arg.span(),
                });
                names.push(ServerName {
                    text: text.clone(),
                    kind: NameKind::Suffix(text),
                    span: arg.span(),
                });
                continue;
            }
            // `$server_name` gives a pattern as it was written.
            let text = match kind {
                NameKind::Regex(_) => raw.into_owned().into(),
                _ => text,
            };
            names.push(ServerName {
                text,
                kind,
                span: arg.span(),
            });
        }
    }

    /// A name for one that a template writes, the same for the same text.
    fn stand_in(&mut self, text: &BString) -> BString {
        let words = words(text);
        let texts = self.stand_ins.entry(words.clone()).or_default();
        let number = texts.iter().position(|known| known == text);
        let number = number.unwrap_or_else(|| {
            texts.push(text.clone());
            texts.len() - 1
        });
        match number {
            0 => format!("{words}.invalid").into(),
            more => format!("{words}-{}.invalid", more + 1).into(),
        }
    }
}

/// `${SHOP_HOST}` becomes `shop-host.invalid`, and `www.{{ shop.host }}` `www.shop.host.invalid`.
fn words(text: &BString) -> String {
    let labels = text.split_str(".").map(|label| {
        let words = label.split(|byte| !byte.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        bstr::join("-", words)
    });
    let labels: Vec<_> = labels.filter(|label| !label.is_empty()).collect();
    match labels.is_empty() {
        true => "template".into(),
        false => bstr::join(".", labels).to_str_lossy().into_owned(),
    }
}

/// `80`, `*:80`, `127.0.0.1`, `[::]:80`; `None` for what is neither.
fn address_and_port(text: &str) -> Option<(Option<IpAddr>, Option<u16>)> {
    if let Ok(port) = text.parse() {
        return Some((None, Some(port)));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, 80),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = match bare {
        "*" | "" => None,
        "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        _ => match bare.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => None,
            Ok(address) => Some(address),
            // A host name: which address it stands for is not known here.
            Err(_) => None,
        },
    };
    Some((address, Some(port)))
}

/// Sorts the servers by the address and port they listen on (ngx_http_add_listen).
pub(super) fn group_ports(config: &mut Config) {
    for server in &mut config.servers {
        if server.listens.is_empty() {
            let level = &config.levels[server.level.0 as usize];
            server.listens.push(Listen {
                // What a missing file says may well be a `listen`.
                port: level.holes.is_empty().then_some(80),
                ..default_listen(level.span)
            });
        }
    }
    stand_in(&mut config.servers);
    let real = groups_of(&config.servers, false, |listen| {
        Some((listen.address, listen.port))
    });
    let stand_ins = groups_of(&config.servers, true, |listen| {
        let (_, port) = listen.written.as_ref()?;
        port.map(|port| (listen.address, Some(port)))
    });
    config.ports = real.into_iter().chain(stand_ins).collect();
}

/// The first of the ports that nobody is given (RFC 6335), and how many stand in at most.
const FIRST_STAND_IN: u16 = 49152;
const MOST_STAND_INS: usize = 1000;

/// Gives each port that a template writes one that nobody listens on, if there are several.
fn stand_in(servers: &mut [Server]) {
    let listens = || servers.iter().flat_map(|server| &server.listens);
    let taken: BTreeSet<u16> = listens().filter_map(|listen| listen.port).collect();
    let texts: BTreeSet<BString> = listens()
        .filter_map(|listen| Some(listen.written.as_ref()?.0.clone()))
        .collect();
    if texts.len() < 2 {
        return;
    }
    let free = (FIRST_STAND_IN..=u16::MAX).filter(|port| !taken.contains(port));
    let texts = texts.into_iter().take(MOST_STAND_INS);
    let ports: BTreeMap<BString, u16> = texts.zip(free).collect();
    for listen in servers.iter_mut().flat_map(|server| &mut server.listens) {
        if let Some((text, port)) = &mut listen.written {
            *port = ports.get(text).copied();
        }
    }
}

type Socket = (Option<IpAddr>, Option<u16>);

fn groups_of(
    servers: &[Server],
    is_stand_in: bool,
    socket: impl Fn(&Listen) -> Option<Socket>,
) -> Vec<PortGroup> {
    let mut groups: Vec<PortGroup> = Vec::new();
    let mut index = HashMap::new();
    for (at, server) in servers.iter().enumerate() {
        for listen in &server.listens {
            let Some(key) = socket(listen) else {
                continue;
            };
            let group = *index.entry(key).or_insert_with(|| {
                groups.push(PortGroup {
                    address: key.0,
                    port: key.1,
                    is_stand_in,
                    tls: listen.tls,
                    dual: listen.dual,
                    default: at,
                    servers: Vec::new(),
                    exact: Default::default(),
                    suffix: Default::default(),
                    prefix: Default::default(),
                    regex: Vec::new(),
                });
                groups.len() - 1
            });
            let group = &mut groups[group];
            group.tls |= listen.tls;
            group.dual &= listen.dual;
            if listen.default {
                group.default = at;
            }
            // Two listens of one server may name the same address: `80` and `[::]:80`.
            if group.servers.last() != Some(&at) {
                group.servers.push(at);
                add_names(group, at, server);
            }
        }
    }
    groups
}

fn default_listen(span: Span) -> Listen {
    Listen {
        address: None,
        port: Some(80),
        written: None,
        tls: false,
        default: false,
        dual: false,
        span,
    }
}

/// The first server that has a name keeps it; nginx warns of the others.
fn add_names(group: &mut PortGroup, at: usize, server: &Server) {
    for (number, name) in server.names.iter().enumerate() {
        match &name.kind {
            NameKind::Exact(text) | NameKind::Unknown(text) => {
                group.exact.entry(text.clone()).or_insert(at);
            }
            NameKind::Suffix(text) => {
                group.suffix.entry(text.clone()).or_insert(at);
            }
            NameKind::Prefix(text) => {
                group.prefix.entry(text.clone()).or_insert(at);
            }
            NameKind::Regex(_) => group.regex.push((at, number)),
        }
    }
}
