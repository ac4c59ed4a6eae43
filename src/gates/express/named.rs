//! What the layers of an application name, collected once: probes try each of these at every door.

use std::net::IpAddr;

use super::behaviour::{Behaviour, Counts, Origin, Origins};
use super::model::Wants;
use super::stack::{Function, Stack};
use crate::source::Span;

/// How many of each kind are tried. A list of all customers may name thousands.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub struct Named {
    /// Origins that a layer of CORS lets in.
    pub origins: Vec<String>,
    /// The limits on how often somebody may call, which count by `req.ip`.
    pub limits: Vec<Span>,
    /// The headers in which hand-written checks look for a key.
    pub api_keys: Vec<String>,
    /// The addresses of lists.
    pub addresses: Vec<IpAddr>,
}

impl Named {
    /// In the order of registration.
    pub fn of(stack: &Stack) -> Named {
        let mut named = Named::default();
        stack.each(&mut |function| named.add(function));
        named
    }

    fn add(&mut self, function: &Function) {
        match &function.behaviour {
            Behaviour::Cors(cors) => match &cors.origin.value {
                Origin::Fixed(text) => add(&mut self.origins, text.clone()),
                Origin::Among(list) => {
                    for one in list {
                        if let Origins::Text(text) = one {
                            add(&mut self.origins, text.clone());
                        }
                    }
                }
                _ => {}
            },
            Behaviour::Limit(limit) if limit.counts == Counts::ByAddress => {
                add(&mut self.limits, function.span)
            }
            Behaviour::IpFilter(filter) => {
                self.add_addresses(filter.ips.known().into_iter().flatten());
            }
            Behaviour::Guard(guard) => match &guard.wants {
                Wants::Header(name) => add(&mut self.api_keys, name.clone()),
                Wants::Address { ips, .. } => self.add_addresses(ips.iter()),
                _ => {}
            },
            _ => {}
        }
    }

    fn add_addresses<'i>(&mut self, ips: impl Iterator<Item = &'i String>) {
        let parsed = ips.filter_map(|ip| ip.parse().ok());
        parsed.for_each(|address| add(&mut self.addresses, address));
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if list.len() < MOST && !list.contains(&one) {
        list.push(one);
    }
}
