//! Under which addresses the applications are reached, and how that is known.

use std::path::{Path, PathBuf};

use super::services::{Service, Services};
use crate::config::PathMap;
use crate::gates::express::Express;
use crate::problem::Problem;
use crate::source::{Root, Span};

/// How it is known that an address is an application's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// An entry of `paths` in `why403.yaml`.
    Declared,
    /// The service of a compose file that is built from the folder of the application.
    Service,
    /// A compose file leads a port of this machine to that service.
    Published,
    /// The address is this machine, and the application listens on that port.
    Port,
    /// The host is named as the folder of the application is, as services often are, and the
    /// application listens on that port. The port alone says nothing: 3000 is the port of many
    /// programs.
    Name,
    /// As `Name`, and only the Dockerfile knows the port.
    Exposed,
}

impl Evidence {
    /// What is surer has a smaller number; what is as sure has to agree.
    pub fn rank(self) -> u8 {
        match self {
            Evidence::Declared => 0,
            Evidence::Service => 1,
            Evidence::Published | Evidence::Port => 2,
            Evidence::Name | Evidence::Exposed => 3,
        }
    }
}

/// An address of an application.
#[derive(Clone, Debug)]
pub struct Address {
    pub host: Host,
    pub port: u16,
    /// Its number among the applications of the estate.
    pub app: usize,
    pub evidence: Evidence,
    /// The line that says so.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    ThisMachine,
    /// In lower case.
    Named(String),
}

impl Host {
    pub fn of(text: &str) -> Host {
        match text {
            "127.0.0.1" | "localhost" | "[::1]" | "0.0.0.0" | "host.docker.internal" => {
                Host::ThisMachine
            }
            _ => Host::Named(text.to_ascii_lowercase()),
        }
    }
}

/// The host and port of `http://host:port/path`, or of `host:port weight=1`.
pub fn socket(address: &str) -> Option<(Host, u16)> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let usual = if scheme == "https" { 443 } else { 80 };
    let authority = rest.split(['/', '?', ' ']).next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    Some((Host::of(host), port))
}

/// All that is known of where these applications are reached.
pub fn addresses(
    root: &Root,
    apps: &[Express],
    services: &Services,
    declared: &[PathMap],
) -> (Vec<Address>, Vec<Problem>) {
    let files: Vec<PathBuf> = apps
        .iter()
        .map(|app| app.app().name.clone().into())
        .collect();
    let mut finder = Finder {
        root,
        apps,
        files: &files,
        found: Vec::new(),
    };
    let problems = declared
        .iter()
        .filter_map(|map| finder.declared(map))
        .collect();
    for (number, service) in services.services.iter().enumerate() {
        finder.service(number, &services.services, service);
    }
    for app in 0..apps.len() {
        finder.listens(app);
        finder.exposed(app, services);
    }
    (finder.found, problems)
}

struct Finder<'f> {
    root: &'f Root,
    apps: &'f [Express],
    /// Where each of them stands.
    files: &'f [PathBuf],
    found: Vec<Address>,
}

impl Finder<'_> {
    fn add(&mut self, host: Host, port: u16, app: usize, evidence: Evidence, span: Span) {
        self.found.push(Address {
            host,
            port,
            app,
            evidence,
            span,
        });
    }

    /// `http://orders:8080: services/orders`; what is wrong with it, if anything is.
    fn declared(&mut self, map: &PathMap) -> Option<Problem> {
        let to = Path::new(&map.to.value);
        let inside: Vec<usize> = match self.root.locate(to) {
            Ok(path) => self.apps_in(&path),
            Err(_) => Vec::new(),
        };
        let message = match (inside.as_slice(), socket(&map.from.value)) {
            ([app], Some((host, port))) => {
                let span = map.from.span.to(map.to.span);
                self.add(host, port, *app, Evidence::Declared, span);
                return None;
            }
            (_, None) => format!("`{}` is no address of a server", map.from.value),
            ([], _) => format!("no Express application was found in `{}`", map.to.value),
            (several, _) => format!(
                "{} applications stand in `{}`; name the file of one",
                several.len(),
                map.to.value
            ),
        };
        Some(Problem::fatal(map.to.span, message))
    }

    fn apps_in(&self, folder: &Path) -> Vec<usize> {
        let folder = PathBuf::from(self.root.name(folder));
        let files = self.files.iter().enumerate();
        files
            .filter(|(_, file)| folder == Path::new(".") || file.starts_with(&folder))
            .map(|(app, _)| app)
            .collect()
    }

    /// The application of a service is the one in its folder, and where there are more, the one
    /// that listens on the port. A folder within belongs to the service that names it.
    fn service(&mut self, number: usize, all: &[Service], service: &Service) {
        let others = all.iter().enumerate();
        let others: Vec<&PathBuf> = others
            .filter(|(other, _)| *other != number)
            .flat_map(|(_, other)| &other.folders)
            .collect();
        let mut inside: Vec<usize> = Vec::new();
        for folder in &service.folders {
            inside = self.apps_in(folder);
            for within in &others {
                if within.starts_with(folder) && *within != folder {
                    let taken = self.apps_in(within);
                    inside.retain(|app| !taken.contains(app));
                }
            }
            if !inside.is_empty() {
                break;
            }
        }
        for app in &inside {
            let mut ports = self.ports(*app);
            if inside.len() == 1 {
                ports.extend(&service.ports);
            }
            for name in &service.names {
                let host = Host::Named(name.value.to_ascii_lowercase());
                for port in &ports {
                    self.add(host.clone(), *port, *app, Evidence::Service, name.span);
                }
            }
            let leads = service.published.iter();
            for (outside, _) in leads.filter(|(_, inside)| ports.contains(inside)) {
                let span = service.names[0].span;
                self.add(Host::ThisMachine, *outside, *app, Evidence::Published, span);
            }
        }
    }

    fn ports(&self, app: usize) -> Vec<u16> {
        let listens = &self.apps[app].app().listens;
        listens.iter().filter_map(|listen| listen.port).collect()
    }

    fn listens(&mut self, app: usize) {
        let apps = self.apps;
        for listen in &apps[app].app().listens {
            let Some(port) = listen.port else {
                continue;
            };
            self.add(Host::ThisMachine, port, app, Evidence::Port, listen.span);
            for host in self.folders(app) {
                self.add(host, port, app, Evidence::Name, listen.span);
            }
        }
    }

    /// The ports of the nearest Dockerfile, for an application that does not say its own.
    fn exposed(&mut self, app: usize, services: &Services) {
        if !self.ports(app).is_empty() {
            return;
        }
        let around = services.exposed.iter();
        let around = around.filter(|exposed| self.apps_in(&exposed.folder).contains(&app));
        let nearest = around.clone().map(|exposed| &exposed.folder).max();
        let nearest: Vec<_> = around
            .filter(|exposed| Some(&exposed.folder) == nearest)
            .collect();
        for exposed in nearest {
            for host in self.folders(app) {
                self.add(host, exposed.port, app, Evidence::Exposed, exposed.span);
            }
        }
    }

    /// The names of the folders in which it stands.
    fn folders(&self, app: usize) -> Vec<Host> {
        let folders = self.files[app].parent().into_iter().flat_map(Path::iter);
        let names = folders.filter_map(|name| name.to_str());
        names
            .map(|name| Host::Named(name.to_ascii_lowercase()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_of_an_address() {
        let named = |name: &str, port| Some((Host::Named(name.into()), port));
        assert_eq!(
            socket("http://127.0.0.1:3000/api/"),
            Some((Host::ThisMachine, 3000))
        );
        assert_eq!(socket("https://api"), named("api", 443));
        assert_eq!(socket("App:8080 weight=2"), named("app", 8080));
    }
}
