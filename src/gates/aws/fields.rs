//! Entries of documents, as readers ask for them.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

/// The value of an entry that is there and not null.
pub fn entry<'d>(node: Node<'d>, key: &str) -> Option<Node<'d>> {
    node.get(key).filter(|value| !value.is_null())
}

pub fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    entry(node, key)?.text()
}

/// A text that is there and not empty, with its place.
pub fn spanned(node: Node<'_>, key: &str) -> Option<Spanned<String>> {
    let value = entry(node, key)?;
    let text = value.text().filter(|text| !text.is_empty())?;
    Some(Spanned::new(text.to_owned(), value.span()))
}

/// What a person would point at: where it is named.
pub fn named(node: Node<'_>, key: &str) -> Span {
    node.get(key).unwrap_or(node).span()
}

pub fn number<N: std::str::FromStr>(node: Node<'_>, key: &str) -> Option<N> {
    text(node, key)?.parse().ok()
}

/// Where it is said that something is so.
pub fn is_true(node: Node<'_>, key: &str) -> Option<Span> {
    let value = entry(node, key)?;
    (value.text() == Some("true")).then_some(value.span())
}

pub fn items<'d>(node: Node<'d>, key: &str) -> impl Iterator<Item = Node<'d>> {
    node.get(key).into_iter().flat_map(Node::items)
}

/// The texts of a list.
pub fn texts(node: Node<'_>, key: &str) -> Vec<Spanned<String>> {
    items(node, key)
        .filter_map(|item| Some(Spanned::new(item.text()?.to_owned(), item.span())))
        .collect()
}

/// An address, or a network; bits below its mask do not count.
pub fn network(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok().map(|net| net.trunc());
    net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether no part of a network is one of those that everybody may use at home
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>). Networks of AWS have the same
/// addresses of IPv6 inside and outside.
pub fn is_public(net: IpNet) -> bool {
    const PRIVATE: [([u8; 4], u8); 5] = [
        ([10, 0, 0, 0], 8),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([100, 64, 0, 0], 10),
        ([169, 254, 0, 0], 16),
    ];
    let IpNet::V4(net) = net else {
        return false;
    };
    PRIVATE.into_iter().all(|(address, length)| {
        let private = Ipv4Net::new_assert(address.into(), length);
        !private.contains(&net) && !net.contains(&private)
    })
}
