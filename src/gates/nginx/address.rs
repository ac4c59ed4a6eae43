//! Addresses and networks as nginx's directives write them.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

/// What an `allow`, `deny`, `set_real_ip_from` or geo entry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    All,
    /// Clients of a UNIX-domain socket.
    Unix,
    Net {
        net: IpNet,
        /// Bits were set outside of the mask; nginx drops them with a warning.
        low_bits: bool,
    },
}

/// Reads `10.0.0.0/8`, `::1`, `unix:`; `None` for a host name or nonsense.
pub fn network(text: &str) -> Option<Network> {
    match text {
        "all" => return Some(Network::All),
        "unix:" => return Some(Network::Unix),
        _ => {}
    }
    let net: IpNet = match text.split_once('/') {
        Some((address, bits)) => {
            let address: IpAddr = address.parse().ok()?;
            IpNet::new(address, bits.parse().ok()?).ok()?
        }
        None => text.parse::<IpAddr>().ok()?.into(),
    };
    Some(Network::Net {
        low_bits: net.addr() != net.network(),
        net: net.trunc(),
    })
}

/// An address that a dual-stack socket shows as `::ffff:a.b.c.d` is an IPv4 one.
pub fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        v4 => v4,
    }
}

/// Whether IPv6 rules match an IPv4 client that came over a dual-stack socket.
pub fn contains_mapped(net: &Ipv6Net, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => net.contains(&v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => net.contains(&v6),
    }
}

/// An address of the network that is a host's: not the network's own where there is a choice.
pub fn member(net: IpNet) -> IpAddr {
    match net {
        IpNet::V4(v4) => IpAddr::V4(v4.hosts().next().unwrap_or(v4.addr())),
        IpNet::V6(v6) if v6.prefix_len() < 127 => {
            IpAddr::V6(Ipv6Addr::from(u128::from(v6.network()) | 1))
        }
        IpNet::V6(v6) => IpAddr::V6(v6.addr()),
    }
}
