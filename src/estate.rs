//! All that was found in one run, and how it hangs together.

use crate::config::Config;
use crate::gate::Gate;
use crate::gates::nginx::Nginx;
use crate::source::{SourceMap, Span};

pub struct Estate {
    pub sources: SourceMap,
    pub config: Config,
    pub nginx: Vec<Nginx>,
    /// What went wrong while reading.
    pub problems: Vec<Problem>,
}

impl Estate {
    pub fn gates(&self) -> impl Iterator<Item = &dyn Gate> {
        self.nginx.iter().map(|gate| gate as &dyn Gate)
    }
}

/// Something that kept us from doing the whole job, or that limits what we can say.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Part of the job could not be done: exit code 2.
    pub fatal: bool,
    /// The place; `None` for what has no place in a source, such as a folder without permission.
    pub span: Option<Span>,
    pub message: String,
    pub help: Option<String>,
}
