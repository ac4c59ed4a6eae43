//! nginx: from its configuration files to what it does to a request.
//!
//! Reading order: [`include`] and `read` make a [`model::Config`] of the files, `pass` sends a
//! request through it, `doors` lists the ways in. All claims about nginx's behaviour in here are
//! held against the real server by `tests/nginx_truth`.

pub mod address;
pub mod directives;
mod doors;
pub mod include;
mod matcher;
pub mod model;
mod origins;
mod pass;
mod read;
pub mod remark;
mod sample;
mod uri;
pub mod value;

pub use doors::SOMEWHERE;
pub use origins::STRANGER;
pub use pass::add_header_settings;

use crate::config::NginxSettings;
use crate::gate::{Course, Door, Gate, GateName};
use crate::problem::Problem;
use crate::request::Request;
use crate::source::SourceMap;
use crate::syntax::nginx::Tree;
use include::Files;
use model::Config;
use remark::Remark;

/// One nginx configuration, from its entry file down, with its includes in place.
pub struct Nginx {
    name: String,
    config: Config,
    doors: Vec<Door>,
    remarks: Vec<Remark>,
    origins: Vec<String>,
}

impl Nginx {
    pub fn read(
        files: &Files,
        entry: &Tree,
        settings: &NginxSettings,
        sources: &SourceMap,
    ) -> (Nginx, Vec<Problem>) {
        let reading = read::read(files, entry, settings);
        let nginx = Nginx {
            name: sources.at(entry.span()).name.clone(),
            doors: doors::doors(&reading.config),
            origins: origins::origins(&reading.config),
            config: reading.config,
            remarks: reading.remarks,
        };
        (nginx, reading.problems)
    }

    /// The configuration with its levels, for rules that compare what stands where.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Browser origins from which a probe may come: those that the configuration names, and a
    /// stranger.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// What stands in the configuration and no single request shows.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

impl Gate for Nginx {
    fn name(&self) -> GateName {
        GateName {
            kind: "nginx",
            name: self.name.clone(),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        if self.config.servers.is_empty() {
            return Vec::new();
        }
        pass::pass(&self.config, request)
    }
}
