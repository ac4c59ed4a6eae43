//! Who sent the request: the address that the real_ip module takes from a header.

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::Run;
use crate::gate::Effect;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::LevelId;
use crate::request::Known;

impl<'c> Run<'c> {
    /// The addresses of a header, over all its lines, in order.
    pub(super) fn chain(&self, name: &[u8]) -> Vec<BString> {
        self.header_values(name)
            .filter_map(|value| value.known())
            .flat_map(|text| {
                text.split(|byte| matches!(byte, b',' | b' '))
                    .filter(|part| !part.is_empty())
                    .map(BString::from)
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The real_ip module, after the connection is accepted and again at preaccess.
    pub(super) fn take_address(&mut self, level: LevelId) {
        let config = self.config;
        if self.state.depth > 0 {
            return;
        }
        let proxies = config.settings(level, Key::SetRealIpFrom);
        // An address that was taken once is not taken again (realip's context).
        if proxies.is_empty() || self.state.address != self.request.from {
            return;
        }
        let Known::Is(peer) = self.state.address.clone() else {
            return;
        };
        let setting = config.setting(level, Key::RealIpHeader);
        let header = setting.map_or(BString::from("X-Real-IP"), |s| s.args[0].raw.clone());
        if header == "proxy_protocol" {
            return;
        }
        let chain = if header.eq_ignore_ascii_case(b"X-Forwarded-For") {
            self.chain(b"X-Forwarded-For")
        } else {
            let values: Vec<_> = self.header_values(&header).collect();
            match values.first().and_then(|value| value.known()) {
                Some(text) => vec![text.clone()],
                None => Vec::new(),
            }
        };
        if chain.is_empty() {
            return;
        }
        let trusted: Vec<Network> = proxies
            .iter()
            .filter_map(|setting| address::network(setting.args[0].raw.to_str().ok()?))
            .collect();
        let recursive = config.flag(level, Key::RealIpRecursive, false);
        let address = walk_back(address::unmapped(peer), &chain, &trusted, recursive);
        if address == address::unmapped(peer) {
            return;
        }
        let span = setting
            .or(config.setting(level, Key::SetRealIpFrom))
            .map(|setting| setting.span);
        if let Some(span) = span {
            self.step(
                span,
                Effect::TakesAddress {
                    from_header: header.to_string(),
                    address,
                },
            );
        }
        self.state.address = Known::Is(address);
    }
}

/// The last address of a chain, or with `recursive` the last one that is not trusted
/// (ngx_http_get_forwarded_addr).
pub(super) fn walk_back(
    peer: IpAddr,
    chain: &[BString],
    trusted: &[Network],
    recursive: bool,
) -> IpAddr {
    let is_trusted = |address: IpAddr| {
        trusted.iter().any(|network| match network {
            Network::All => true,
            Network::Unix => false,
            Network::Net { net, .. } => net.contains(&address),
        })
    };
    let mut address = peer;
    for text in chain.iter().rev() {
        if !is_trusted(address) {
            break;
        }
        let Some(parsed) = parse_forwarded(text) else {
            break;
        };
        address = parsed;
        if !recursive {
            break;
        }
    }
    address
}

/// An address of a forwarded header, with or without a port.
fn parse_forwarded(text: &BString) -> Option<IpAddr> {
    let text = text.to_str().ok()?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}
