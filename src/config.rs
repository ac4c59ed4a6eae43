//! `why403.yaml`: what the user declares, each entry with its place.

mod endpoints;
mod read;
mod tokens;

pub use read::read;

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;

use crate::finding::Severity;
use crate::source::{Span, Spanned};

#[derive(Debug, Default)]
pub struct Config {
    pub egress: Vec<EgressGroup>,
    pub tokens: Vec<TokenSource>,
    pub rules: Vec<RuleLevel>,
    pub nginx: NginxSettings,
    pub paths: Vec<PathMap>,
    /// Entries of `paths` that begin with `http://`: where an application of the project is reached.
    pub applications: Vec<PathMap>,
    pub endpoints: Vec<Endpoint>,
}

/// Addresses from which one kind of caller comes.
#[derive(Debug, Clone)]
pub struct EgressGroup {
    pub name: Spanned<String>,
    pub addresses: Vec<Spanned<IpNet>>,
    /// URLs (prefixes) that this group calls; empty when it calls whatever names its addresses.
    pub calls: Vec<Spanned<String>>,
}

/// Who comes with a token, and what it grants. All that there are, if any is named.
#[derive(Debug, Clone)]
pub struct TokenSource {
    pub name: Spanned<String>,
    /// `None` where nothing is said of scopes.
    pub scopes: Option<Vec<Spanned<String>>>,
    pub roles: Option<Vec<Spanned<String>>>,
    /// What it is used for; empty when it may be anything.
    pub calls: Vec<Spanned<Call>>,
}

/// `POST /orders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: String,
    pub path: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl FromStr for Call {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (method, path) = text.split_once(' ').ok_or(())?;
        let path = path.trim();
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_path = path.starts_with('/') && !path.contains(char::is_whitespace);
        (is_method && is_path).then_some(()).ok_or(())?;
        Ok(Call {
            method: method.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// `rules: { some-id: off }`.
#[derive(Debug, Clone)]
pub struct RuleLevel {
    pub rule: Spanned<String>,
    /// `None` switches the rule off.
    pub level: Option<Severity>,
    pub span: Span,
}

#[derive(Debug, Default, Clone)]
pub struct NginxSettings {
    pub version: Option<Spanned<Version>>,
    /// The folder that relative includes start from on the server, such as `/etc/nginx`.
    pub prefix: Option<Spanned<String>>,
}

/// `paths: { /etc/nginx/: deploy/nginx/ }`: a path of the server, and where the root keeps it.
#[derive(Debug, Clone)]
pub struct PathMap {
    pub from: Spanned<String>,
    pub to: Spanned<String>,
}

/// `endpoints: { API_URL: https://… }`: what stands behind a variable that code takes for the
/// beginning of a URL.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub name: Spanned<String>,
    pub url: Spanned<String>,
}

/// A version of nginx.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl Version {
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Version {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = ();

    /// `1.22` or `1.22.1`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.').map(|part| part.parse().map_err(|_| ()));
        let version = Version {
            major: parts.next().ok_or(())??,
            minor: parts.next().ok_or(())??,
            patch: parts.next().unwrap_or(Ok(0))?,
        };
        match parts.next() {
            None => Ok(version),
            Some(_) => Err(()),
        }
    }
}
