//! `valid_referers`: whether a request comes from a page that is known.

use bstr::{BString, ByteSlice};

use super::Run;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::matcher::{Match, Regex};
use crate::gates::nginx::value::Value;
use crate::request::Known;

impl<'c> Run<'c> {
    /// `$invalid_referer`: "1" unless one of `valid_referers` matches.
    pub(super) fn invalid_referer(&mut self) -> Known<BString> {
        let config = self.config;
        let level = config.location_of(self.state.level);
        let settings = config.settings(level, Key::ValidReferers);
        let valid = Known::Is(BString::default());
        if settings.is_empty() {
            return valid;
        }
        let referer = match self.header_values(b"Referer").next() {
            Some(Known::Is(text)) => Some(text.clone()),
            Some(unknown) => return unknown.clone(),
            None => None,
        };
        let server_names: Vec<BString> = config.servers[self.state.server]
            .names
            .iter()
            .map(|name| name.text.clone())
            .collect();
        let ok = settings
            .iter()
            .flat_map(|setting| &setting.args)
            .any(|arg| referer_matches(arg, referer.as_ref(), &server_names));
        if ok { valid } else { Known::Is("1".into()) }
    }
}

/// One parameter of `valid_referers` (ngx_http_referer_module).
fn referer_matches(arg: &Value, referer: Option<&BString>, server_names: &[BString]) -> bool {
    let Some(referer) = referer else {
        return arg.raw == "none";
    };
    let stripped = referer
        .strip_prefix(b"http://")
        .or_else(|| referer.strip_prefix(b"https://"));
    match (arg.raw.as_slice(), stripped) {
        (b"none", _) => false,
        (b"blocked", stripped) => stripped.is_none(),
        (_, None) => false,
        (b"server_names", Some(rest)) => server_names.iter().any(|name| host_matches(name, rest)),
        ([b'~', pattern @ ..], Some(rest)) => {
            let regex = Regex::new(pattern, true);
            matches!(regex.exec(rest), Match::Yes(_))
        }
        (name, Some(rest)) => host_matches(&name.into(), rest),
    }
}

/// A host name, `*.name` or `name.*`, with an optional path, against a referer without scheme.
fn host_matches(name: &BString, rest: &[u8]) -> bool {
    let end = rest.find_byteset(b"/?:").unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    let path_at = rest.find_byte(b'/').unwrap_or(rest.len());
    let (name, path) = match name.find_byte(b'/') {
        Some(at) => (&name[..at], Some(&name[at..])),
        None => (name.as_slice(), None),
    };
    if path.is_some_and(|path| !rest[path_at..].starts_with(path)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    if let Some(suffix) = name.strip_prefix(b"*.") {
        return host.ends_with(&[b".", suffix].concat());
    }
    if let Some(suffix) = name.strip_prefix(b".") {
        return host == suffix || host.ends_with(&[b".", suffix].concat());
    }
    if let Some(prefix) = name.strip_suffix(b".*") {
        return host.starts_with(&[prefix, b"."].concat());
    }
    host == name
}
