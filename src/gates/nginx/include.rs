//! `include`: which files a directive brings in.

use crate::request::Reason;
use crate::syntax::nginx::{Directive, Tree};

/// All parsed files of one run.
#[derive(Default)]
pub struct Files {
    trees: Vec<Tree>,
}

pub struct Included<'p> {
    pub files: Vec<&'p Tree>,
    pub missing: Option<Reason>,
}

impl Files {
    pub fn resolve<'p>(&'p self, _include: Directive<'p>) -> Included<'p> {
        Included {
            files: Vec::new(),
            missing: None,
        }
    }

    pub fn entries(&self) -> Vec<&Tree> {
        self.trees.iter().collect()
    }
}
