//! All that was found in one run, and how it hangs together.

use crate::config::Config;
use crate::gate::Gate;
use crate::gates::nginx::Nginx;
use crate::source::SourceMap;

pub use crate::problem::Problem;

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
