//! Where a call goes: whose door, and which path there.

use super::text::{Piece, Text};
use crate::request::Scheme;

/// The URL of a call, cut in two: who is called, and what is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Url {
    pub base: Base,
    /// The path, with a slash at its beginning, and what follows.
    pub path: Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Whoever gave the page.
    SameOrigin,
    Host {
        scheme: Scheme,
        /// In lower case; a part of it may be open: `{id}.execute-api.eu-west-1.amazonaws.com`.
        host: Text,
        /// `None` where only the program's state says it.
        port: Option<u16>,
        /// It is what stands in for this environment variable.
        env: Option<String>,
    },
    /// An environment variable says it, perhaps with the beginning of the path.
    Env(String),
    /// It is not known, nor how much of the path it brings.
    Unknown,
}

impl Url {
    pub fn of(text: &Text) -> Url {
        let mut pieces = text.0.as_slice();
        // `${protocol}://host`, and `$id.execute-api…`, which curl takes for a host.
        if let [
            Piece::Hole { .. } | Piece::Env { default: None, .. },
            Piece::Known(next),
            rest @ ..,
        ] = pieces
        {
            if let Some(host) = next.strip_prefix("://") {
                return absolute(Scheme::Https, host, rest, None);
            }
            if next.starts_with('.') {
                return absolute(Scheme::Http, "", pieces, None);
            }
        }
        let mut env = None;
        let mut head = String::new();
        match pieces.first() {
            Some(Piece::Known(text)) => head.push_str(text),
            Some(Piece::Env { name, default }) => match default {
                Some(default) => {
                    env = Some(name.clone());
                    head.push_str(default);
                    // What is joined to it in the source is joined here, too.
                    if let Some(Piece::Known(more)) = pieces.get(1) {
                        head.push_str(more);
                        pieces = &pieces[1..];
                    }
                }
                None => return behind(Base::Env(name.clone()), &pieces[1..]),
            },
            Some(Piece::Hole { .. }) => return behind(Base::Unknown, &pieces[1..]),
            None => return behind(Base::Unknown, &[]),
        }
        let rest = &pieces[1.min(pieces.len())..];
        let scheme = ["http://", "https://"].iter().position(|scheme| {
            let start = head.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        match scheme {
            Some(0) => absolute(Scheme::Http, &head[7..], rest, env),
            Some(_) => absolute(Scheme::Https, &head[8..], rest, env),
            None if head.starts_with('/') && !head.starts_with("//") => Url {
                base: Base::SameOrigin,
                path: Text::known(head).joined(Text(rest.to_vec())),
            },
            // It counts from the folder of the page.
            None => behind(Base::Unknown, &[]),
        }
    }

    /// What is known of the path begins here; before it there may be more.
    pub fn is_suffix(&self) -> bool {
        match &self.base {
            Base::Env(_) | Base::Unknown => true,
            Base::Host { host, .. } => !matches!(host.0.last(), Some(Piece::Known(_))),
            Base::SameOrigin => false,
        }
    }

    /// The same, with what is said of variables in their place: `said` gives the URL, or the part
    /// of a host, that a name stands for.
    pub fn with(&self, said: &dyn Fn(&str) -> Option<String>) -> Url {
        match &self.base {
            Base::Env(name) => match said(name) {
                Some(value) if value.contains("://") || value.starts_with('/') => {
                    let base = Text::known(value.trim_end_matches('/'));
                    Url::of(&base.joined(self.path.clone())).said_by(name)
                }
                _ => self.clone(),
            },
            Base::Host {
                scheme, env: None, ..
            } => self.with_parts(*scheme, said),
            // What the user declares is surer than what stands in for it.
            Base::Host {
                env: Some(name), ..
            } => match said(name) {
                Some(value) if value.contains("://") => {
                    let path = self.path.clone();
                    let base = Text::known(value.trim_end_matches('/'));
                    Url::of(&base.joined(path)).said_by(name)
                }
                _ => self.clone(),
            },
            Base::SameOrigin | Base::Unknown => self.clone(),
        }
    }

    /// `https://${API_ID}.execute-api.${REGION}.amazonaws.com`, with what is said of the two.
    fn with_parts(&self, scheme: Scheme, said: &dyn Fn(&str) -> Option<String>) -> Url {
        let Base::Host { host, .. } = &self.base else {
            return self.clone();
        };
        let mut found = None;
        let parts = host.0.iter().map(|piece| match piece {
            Piece::Env { name, .. } => match said(name) {
                Some(value) => {
                    found = Some(name.clone());
                    let value = value.split_once("://").map_or(&*value, |(_, rest)| rest);
                    Piece::Known(value.trim_end_matches('/').to_owned())
                }
                None => piece.clone(),
            },
            piece => piece.clone(),
        });
        let host = parts.fold(Text::default(), |all, piece| all.joined(Text(vec![piece])));
        let Some(name) = found else {
            return self.clone();
        };
        let scheme = match scheme {
            Scheme::Http => "http://",
            Scheme::Https => "https://",
        };
        let whole = Text::known(scheme).joined(host).joined(self.path.clone());
        Url::of(&whole).said_by(&name)
    }

    fn said_by(mut self, name: &str) -> Url {
        if let Base::Host { env, .. } = &mut self.base {
            *env = Some(name.to_owned());
        }
        self
    }
}

impl Base {
    /// The name or address of the host, if nothing of it is open.
    pub fn host(&self) -> Option<String> {
        match self {
            Base::Host { host, .. } => host.plain(),
            _ => None,
        }
    }
}

/// A base and a path, as axios puts them together (lib/helpers/combineURLs.js).
pub fn combined(base: &Text, path: Text) -> Text {
    match path.0.first() {
        Some(Piece::Known(text)) if text.contains("://") || text.starts_with("//") => return path,
        Some(Piece::Env { .. }) => return path,
        None => return base.clone(),
        _ => {}
    }
    let mut base = base.clone();
    match base.0.last_mut() {
        Some(Piece::Known(text)) => {
            let length = text.trim_end_matches('/').len();
            text.truncate(length);
        }
        None => return path,
        _ => {}
    }
    let mut path = path;
    if let Some(Piece::Known(text)) = path.0.first_mut() {
        *text = text.trim_start_matches('/').to_owned();
    }
    base.joined(Text::known("/")).joined(path)
}

/// A path as seen from a base (RFC 3986 §5.2): one with a slash takes the place of that of the base.
pub fn resolved(base: &Text, path: Text) -> Text {
    let begins = path.beginning();
    if begins.contains("://") {
        return path;
    }
    if begins.starts_with("../") {
        return Text::hole("a folder above");
    }
    let Some(known) = base.plain() else {
        return match begins.starts_with('/') {
            // How much of the base stays is not known.
            true => Text::hole("a base").joined(path),
            false => combined(base, path),
        };
    };
    let start = known.find("://").map_or(0, |at| at + 3);
    let rest = &known[start..];
    let cut = match begins.starts_with('/') {
        true => rest.find('/').unwrap_or(rest.len()),
        false => rest.rfind('/').map_or(rest.len(), |at| at + 1),
    };
    let base = &known[..start + cut];
    match base.ends_with('/') || begins.starts_with('/') {
        true => Text::known(base).joined(path),
        false => Text::known(base).joined(Text::known("/")).joined(path),
    }
}

fn behind(base: Base, rest: &[Piece]) -> Url {
    let path = Text(rest.to_vec());
    let path = match rest.first() {
        Some(Piece::Known(text)) if text.starts_with('/') => path,
        _ => Text::known("/").joined(path),
    };
    Url { base, path }
}

fn absolute(scheme: Scheme, rest: &str, pieces: &[Piece], env: Option<String>) -> Url {
    let mut env = env;
    let mut host = Text::known(rest);
    let mut pieces = pieces;
    // A host ends where the path begins, at the latest with the text.
    let path = loop {
        if let Some(path) = cut(&mut host) {
            break path.joined(Text(pieces.to_vec()));
        }
        let Some((piece, after)) = pieces.split_first() else {
            break Text::default();
        };
        if begins_path(&host, piece, after) {
            break Text(pieces.to_vec());
        }
        let piece = match piece {
            Piece::Env {
                name,
                default: Some(default),
            } => {
                env = Some(name.clone());
                Piece::Known(default.clone())
            }
            // `http://${location.hostname}:5000/`: the machine that gave the page.
            Piece::Hole { name, .. } if host.is_empty() && name.ends_with("hostname") => {
                Piece::Known("localhost".to_owned())
            }
            piece => piece.clone(),
        };
        host = host.joined(Text(vec![piece]));
        pieces = after;
    };
    let port = take_port(&mut host, scheme);
    let is_hole = |piece: &Piece| matches!(piece, Piece::Hole { .. });
    let base = match host.0.iter().all(is_hole) {
        true => Base::Unknown,
        false => Base::Host {
            scheme,
            host: host.in_lower_case(),
            port,
            env,
        },
    };
    match path.0.first() {
        Some(Piece::Known(_)) => Url { base, path },
        _ => behind(base, &path.0),
    }
}

/// Takes the path off a text that begins with a host.
fn cut(host: &mut Text) -> Option<Text> {
    let Some(Piece::Known(text)) = host.0.last_mut() else {
        return None;
    };
    let end = text.find(['/', '?', '#'])?;
    let path = text.split_off(end);
    if text.is_empty() {
        host.0.pop();
    }
    Some(Text::known(path))
}

/// Whether the path begins with this piece: `${BASE}${path}`, where the host is complete.
fn begins_path(host: &Text, piece: &Piece, after: &[Piece]) -> bool {
    let (Some(Piece::Known(known)), Piece::Hole { .. }) = (host.0.last(), piece) else {
        return false;
    };
    let is_complete = match known.rsplit_once(':') {
        Some((_, port)) => !port.is_empty(),
        None => known.contains('.') && !known.ends_with(['.', '-']),
    };
    let goes_on = match after.first() {
        Some(Piece::Known(text)) => !text.starts_with(['/', '?', '#', '&']),
        _ => false,
    };
    is_complete && !goes_on
}

/// Takes the port off a host; `None` where only the program's state says it.
fn take_port(host: &mut Text, scheme: Scheme) -> Option<u16> {
    if let [
        ..,
        Piece::Known(before),
        Piece::Hole { .. } | Piece::Env { .. },
    ] = host.0.as_mut_slice()
        && before.ends_with(':')
    {
        before.pop();
        host.0.pop();
        return None;
    }
    let Some(Piece::Known(last)) = host.0.last_mut() else {
        return Some(scheme.default_port());
    };
    match last.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => {
            let port = port.parse().ok();
            *last = name.to_owned();
            port
        }
        _ => Some(scheme.default_port()),
    }
}

#[cfg(test)]
mod tests;
