//! nginx: from its configuration files to what it does to a request.
//!
//! Reading order: [`include`] and `read` make a [`model::Config`] of the files, `pass` sends a
//! request through it, `doors` lists the ways in. All claims about nginx's behaviour in here are
//! held against the real server by `tests/nginx_truth`.

pub mod address;
mod clients;
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
pub mod uri;
pub mod value;

pub use clients::is_address;
pub use doors::{ELSEWHERE, SOMEWHERE};
pub use matcher::{Match, Regex};
pub use origins::STRANGER;
pub use pass::add_header_settings;

use std::net::IpAddr;

use crate::config::NginxSettings;
use crate::gate::{Course, Door, End, Gate, GateKind, GateName, Knowledge};
use crate::problem::Problem;
use crate::request::Request;
use crate::source::SourceMap;
use crate::syntax::nginx::Tree;
use bstr::BString;
use directives::Key;
use include::Files;
use model::{Code, Config, Kind, LevelId, Op};
use origins::Origins;
use remark::Remark;

/// One nginx configuration, from its entry file down, with its includes in place.
pub struct Nginx {
    name: String,
    config: Config,
    doors: Vec<Door>,
    remarks: Vec<Remark>,
    origins: Origins,
    named_addresses: Vec<IpAddr>,
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
            named_addresses: clients::named(&reading.config),
            config: reading.config,
            remarks: reading.remarks,
        };
        (nginx, reading.problems)
    }

    /// The configuration with its levels, for rules that compare what stands where.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Addresses of clients that a table or a condition of the configuration names.
    pub fn named_addresses(&self) -> &[IpAddr] {
        &self.named_addresses
    }

    /// Browser origins from which a probe may come: those that the configuration names, and a
    /// stranger.
    pub fn origins(&self) -> &[String] {
        self.origins.all()
    }

    /// Those of them that can matter to a request which reaches this level.
    pub fn origins_of(&self, level: LevelId) -> impl Iterator<Item = &String> {
        self.origins.of_server(self.config.server_index(level))
    }

    /// Whether anything that is answered in the server of this level may have a header of CORS.
    pub fn speaks_of_cors(&self, level: LevelId) -> bool {
        self.origins.speaks_of_cors(self.config.server_index(level))
    }

    /// Whether a header of CORS is set at a level, around it, or in what belongs to it: its `if`s
    /// and its `limit_except`.
    pub fn sets_cors(&self, level: LevelId) -> bool {
        let config = &self.config;
        let location = config.location_of(level);
        let at = config.level(location);
        let limited = at.limit_except.iter().map(|limit| limit.level);
        let mut own = config.enclosing(location).chain(limited);
        own.any(|level| self.origins.is_set_at(level)) || self.sets_cors_in_if(&at.codes)
    }

    fn sets_cors_in_if(&self, codes: &[Code]) -> bool {
        codes.iter().any(|code| match &code.op {
            Op::If { level, codes, .. } => {
                self.origins.is_set_at(*level) || self.sets_cors_in_if(codes)
            }
            _ => false,
        })
    }

    /// Requests from a location of which each should enter one of its `if`s on the path that has
    /// headers of its own, with the level of that.
    pub fn into_conditions<'c>(
        &'c self,
        location: LevelId,
        request: &'c Request,
    ) -> impl Iterator<Item = (LevelId, Request)> + 'c {
        let config = &self.config;
        let with_headers = config.level(location).codes.iter().filter_map(|code| {
            let Op::If { test, level, .. } = &code.op else {
                return None;
            };
            let has_headers = !config.level(*level).own(Key::AddHeader).is_empty();
            has_headers.then_some((test, *level))
        });
        with_headers.flat_map(move |(test, level)| {
            let paths = doors::places_of(config, location, test).into_iter();
            paths.map(move |target| {
                let request = Request {
                    target,
                    ..request.clone()
                };
                (level, request)
            })
        })
    }

    /// Where a request goes that reached an `internal` location because an upstream answered it
    /// with X-Accel-Redirect. Such an address often ends with a URL to fetch, so one way tries that.
    pub fn redirected(&self, request: &Request, inside: LevelId) -> Vec<Course> {
        let config = &self.config;
        let Kind::Location(pattern) = &config.level(inside).kind else {
            return Vec::new();
        };
        let Some(internal) = config.setting(inside, Key::Internal) else {
            return Vec::new();
        };
        let places = doors::places(pattern, b"").unwrap_or_default();
        let with_url = |place: &BString| {
            // What stands last is the sample of a wildcard or the tail of a prefix.
            let stem = place
                .strip_suffix(b"x")
                .or(place.strip_suffix(b"a"))
                .unwrap_or(place);
            BString::from([stem, b"https://files.example/x"].concat())
        };
        places
            .iter()
            .flat_map(|place| [with_url(place), place.clone()])
            .flat_map(|place| pass::redirected(config, request, place, internal.span))
            .filter(|course| {
                matches!(course.end, End::Forwarded { .. }) && course.door() == Some(inside.0)
            })
            .collect()
    }

    /// Requests for the path of a location, whether they reach it or not.
    pub fn attempts(&self, location: LevelId) -> Vec<Request> {
        doors::attempts(&self.config, location)
    }

    /// What stands in the configuration and no single request shows.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

impl Gate for Nginx {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::Nginx,
            name: self.name.clone(),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        pass::knows(&self.config, request)
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        if self.config.servers.is_empty() {
            return Vec::new();
        }
        pass::pass(&self.config, request).collect()
    }
}
