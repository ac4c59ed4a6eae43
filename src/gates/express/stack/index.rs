//! Which registrations of a router may take a path, found without asking each of them.
//!
//! An application with thousands of routes would otherwise compare a request with every one. Only
//! what cannot match is left out, and the order stays that of registration.

use std::collections::{HashMap, HashSet};

use super::{Does, Entry};

#[derive(Debug, Default)]
pub struct Index {
    /// Entries that have to be asked about every path, by their positions.
    always: Vec<u32>,
    /// The others, by the text with which a path that they take begins, in lower case.
    by_start: HashMap<Box<str>, Vec<u32>>,
    /// The length of the longest of these texts.
    longest: usize,
}

impl Index {
    pub fn new(entries: &[Entry]) -> Index {
        let mut index = Index::default();
        let mut asked = HashSet::new();
        for (at, entry) in (0..).zip(entries) {
            match &entry.does {
                // What passes in any case need not be asked.
                Does::Use(function) if function.does_nothing() => {}
                // Whether it is there at all is asked before its path, and goes into the course; of
                // those under the same condition the first asks for all.
                _ if (entry.when.as_ref()).is_some_and(|when| asked.insert(&when.value)) => {
                    index.always.push(at);
                }
                Does::Opaque(_) => index.always.push(at),
                _ => match entry.at.starts() {
                    Some(starts) => starts.into_iter().for_each(|start| index.add(start, at)),
                    None => index.always.push(at),
                },
            }
        }
        index
    }

    fn add(&mut self, start: &str, at: u32) {
        self.longest = self.longest.max(start.len());
        let start = start.to_ascii_lowercase().into_boxed_str();
        self.by_start.entry(start).or_default().push(at);
    }

    /// The positions of what may take a path, in order.
    pub fn candidates(&self, path: &str) -> Vec<u32> {
        let mut found = self.always.clone();
        if self.by_start.is_empty() {
            return found;
        }
        let path = path.to_ascii_lowercase();
        let slashes = path.match_indices('/').map(|(at, _)| at).skip(1);
        for end in slashes.chain([path.len()]) {
            if end > self.longest {
                break;
            }
            found.extend(self.by_start.get(&path[..end]).into_iter().flatten());
        }
        found.sort_unstable();
        // One of several paths each.
        found.dedup();
        found
    }
}
