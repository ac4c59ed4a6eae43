//! Random configurations and requests to them, from a seed.
//!
//! Words come from small pools, so that directives of one case meet each other often: the same
//! few paths, variables and header names everywhere.

mod access;
mod http;
mod include;
mod location;
mod requests;
mod rewrite;
mod settings;
mod values;

use std::collections::BTreeSet;

use crate::case::Exchange;
use crate::random::Random;
use crate::tree::Node;

/// One generated case.
pub struct Generated {
    pub config: Vec<Node>,
    pub exchanges: Vec<Exchange>,
}

/// The case of a number, in the run of a seed.
pub fn generate(seed: u64, number: u64, requests: usize) -> Generated {
    let mut maker = Maker {
        random: Random::of_case(seed, number),
        locations: BTreeSet::new(),
        hosts: BTreeSet::new(),
        addresses: Vec::new(),
        files: 0,
        ipv6: false,
        hops: false,
        capturing_maps: false,
    };
    let mut config = maker.http();
    maker.move_into_files(&mut config);
    let exchanges = (0..requests).map(|_| maker.exchange()).collect();
    Generated { config, exchanges }
}

/// Where a directive stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Http,
    Server,
    Location,
}

/// Makes one case; what requests should aim at is remembered on the way.
struct Maker {
    random: Random,
    /// Prefixes of locations.
    locations: BTreeSet<String>,
    hosts: BTreeSet<&'static str>,
    /// Where the servers listen, as a client may connect to it: address and port.
    addresses: Vec<(&'static str, &'static str)>,
    /// How many files were made.
    files: usize,
    ipv6: bool,
    /// Some locations hand over to a server of the same nginx.
    hops: bool,
    /// Some maps capture. A map that is asked for between the two times that nginx looks at `$1`,
    /// for its length and for its text, makes it write to where it must not.
    capturing_maps: bool,
}

impl Maker {
    fn pick(&mut self, of: &[&'static str]) -> &'static str {
        self.random.pick(of)
    }

    /// Puts a block into a random order: for most directives order does not matter, and for
    /// those of the rewrite module it matters most.
    fn shuffle(&mut self, nodes: &mut [Node]) {
        for i in (1..nodes.len()).rev() {
            nodes.swap(i, self.random.below(i + 1));
        }
    }
}

fn line(head: impl Into<String>) -> Node {
    Node::line(head)
}
