//! `include`: which files a directive brings in.
//!
//! All of it is worked out once, when the files are read: [`Search`] finds the files that a
//! directive names, [`Files`] holds them, without cycles and within bounds, so that whoever
//! follows includes needs to guard against neither.

mod glob;
mod link;
mod outline;
mod search;
mod shelf;

pub use outline::Outline;
pub use search::{Found, Layout, Mounts, Project, Search};
pub use shelf::{Dump, Lookup, Shelf};

use std::collections::HashMap;

use crate::problem::Problem;
use crate::request::Reason;
use crate::source::Span;
use crate::syntax::nginx::{Directive, Tree};

/// All nginx files of one run, parsed.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<File>,
    /// What each `include` brings in, by the address at which it starts.
    includes: HashMap<u32, Resolved>,
    /// The files that nobody includes.
    entries: Vec<usize>,
    /// How many files are neither included nor hold a door.
    idle: usize,
}

/// One file, parsed.
#[derive(Debug)]
pub struct File {
    /// As its source is called.
    pub name: String,
    pub tree: Tree,
    pub outline: Outline,
}

/// What one `include` names, each file by its number.
#[derive(Debug)]
pub struct Edge {
    pub include: Span,
    pub files: Vec<usize>,
    pub missing: Option<Reason>,
}

#[derive(Debug)]
struct Resolved {
    files: Vec<usize>,
    missing: Option<Reason>,
}

/// What an `include` brings in.
#[derive(Debug)]
pub struct Included<'p> {
    /// The files, in the order in which nginx reads them.
    pub files: Vec<&'p Tree>,
    /// Why there may be more than these.
    pub missing: Option<Reason>,
}

impl Files {
    /// Puts the files together; an edge for each `include`. Of a circle the file that comes first
    /// counts as the one from which nginx starts.
    pub fn new(files: Vec<File>, edges: Vec<Edge>) -> (Files, Vec<Problem>) {
        let includes = edges.into_iter().map(|edge| {
            let resolved = Resolved {
                files: edge.files,
                missing: edge.missing,
            };
            (edge.include.start, resolved)
        });
        let mut files = Files {
            files,
            includes: includes.collect(),
            entries: Vec::new(),
            idle: 0,
        };
        let problems = link::link(&mut files);
        (files, problems)
    }

    pub fn resolve<'p>(&'p self, include: Directive<'p>) -> Included<'p> {
        match self.includes.get(&include.span().start) {
            Some(resolved) => Included {
                files: resolved
                    .files
                    .iter()
                    .map(|file| &self.files[*file].tree)
                    .collect(),
                missing: resolved.missing.clone(),
            },
            None => Included {
                files: Vec::new(),
                missing: Some(Reason::new("it does not name one file or pattern")),
            },
        }
    }

    /// The files from which nginx would start: nobody includes them, and there is a door in them
    /// or in what they include. Of files that include each other in a circle, the first.
    pub fn entries(&self) -> Vec<&Tree> {
        self.entries
            .iter()
            .map(|file| &self.files[*file].tree)
            .collect()
    }

    /// Every file, entry or not.
    pub fn all(&self) -> &[File] {
        &self.files
    }

    /// How many files nobody includes although nginx could not start from them.
    pub fn idle(&self) -> usize {
        self.idle
    }
}
