//! Where a call goes: whose door, and which path there.

use super::text::{Piece, Text};
use crate::request::Scheme;

/// The URL of a call, cut in two: who is called, and what is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Url {
    pub base: Base,
    /// The path, with a slash at its beginning, and what follows.
    pub path: Text,
    /// As it is put together.
    text: Text,
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
    },
    /// An environment variable says it, perhaps with the beginning of the path.
    Env(String),
    /// It is not known, nor how much of the path it brings.
    Unknown,
}

impl Url {
    pub fn of(text: &Text) -> Url {
        let (base, path) = parts(text);
        Url {
            base,
            path,
            text: text.clone(),
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
    /// of a host, that a name stands for. It is surer than what stands in for it.
    pub fn with(&self, said: &dyn Fn(&str) -> Option<String>) -> Url {
        let mut whole = Text::default();
        let mut is_said = false;
        for (at, piece) in self.text.0.iter().enumerate() {
            let value = match piece {
                Piece::Env { name, .. } if !has_path(&whole) => said(name),
                _ => None,
            };
            let value = value.and_then(|value| match at {
                0 => beginning(&value, self.text.0.get(1)),
                _ => Some(host_of(&value).to_owned()),
            });
            is_said |= value.is_some();
            whole = whole.joined(match value {
                Some(value) => Text::known(value),
                None => Text(vec![piece.clone()]),
            });
        }
        match is_said {
            true => Url::of(&whole),
            false => self.clone(),
        }
    }
}

/// What a variable says with which a URL begins: the URL up to there, or the beginning of its host.
fn beginning(value: &str, next: Option<&Piece>) -> Option<String> {
    let goes_on = |with: &str| matches!(next, Some(Piece::Known(next)) if next.starts_with(with));
    match () {
        () if goes_on("://") => Some(value.to_owned()),
        () if goes_on(".") => Some(format!("http://{}", host_of(value))),
        () if has_scheme(value) || value.starts_with('/') => {
            Some(value.trim_end_matches('/').to_owned())
        }
        () => None,
    }
}

fn host_of(value: &str) -> &str {
    let host = value.split_once("://").map_or(value, |(_, rest)| rest);
    host.trim_end_matches('/')
}

/// Whether a URL that begins so has come to its path.
fn has_path(beginning: &Text) -> bool {
    let text = beginning.filled("x");
    let behind = text.split_once("://").map_or(&*text, |(_, rest)| rest);
    behind.contains(['/', '?', '#'])
}

/// A URL is absolute with it, whatever else may stand in a query.
fn has_scheme(text: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "+-.".contains(char);
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.chars().all(is_part))
}

/// Whose door, and the path there.
fn parts(text: &Text) -> (Base, Text) {
    let mut pieces = text.0.as_slice();
    // `${protocol}://host`, and `$id.execute-api…`, which curl takes for a host.
    if let [
        Piece::Hole { .. } | Piece::Env { default: None, .. },
        Piece::Known(next),
        rest @ ..,
    ] = pieces
    {
        if let Some(host) = next.strip_prefix("://") {
            return absolute(Scheme::Https, host, rest);
        }
        if next.starts_with('.') {
            return absolute(Scheme::Http, "", pieces);
        }
    }
    let mut head = String::new();
    match pieces.first() {
        Some(Piece::Known(text)) => head.push_str(text),
        Some(Piece::Env { name, default }) => match default {
            Some(default) => {
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
        Some(0) => absolute(Scheme::Http, &head[7..], rest),
        Some(_) => absolute(Scheme::Https, &head[8..], rest),
        None if head.starts_with('/') && !head.starts_with("//") => {
            let path = Text::known(head).joined(Text(rest.to_vec()));
            (Base::SameOrigin, path)
        }
        // It counts from the folder of the page.
        None => behind(Base::Unknown, &[]),
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
        Some(Piece::Known(text)) if has_scheme(text) || text.starts_with("//") => return path,
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
    if has_scheme(&begins) {
        return path;
    }
    if begins.starts_with("../") {
        return Text::hole("a folder above");
    }
    let known = base.plain();
    if begins.starts_with("//") {
        let scheme = known.as_deref().and_then(|known| known.split_once("//"));
        let scheme = scheme.map_or(
            Text::hole("a scheme").joined(Text::known(":")),
            |(one, _)| Text::known(one),
        );
        return scheme.joined(path);
    }
    let Some(known) = known else {
        return match begins.starts_with('/') {
            // How much of the base stays is not known.
            true => Text::hole("a base").joined(path),
            false => combined(base, path),
        };
    };
    let known = known.split('#').next().unwrap_or_default();
    if path.is_empty() || begins.starts_with('#') {
        return Text::known(known);
    }
    let start = known.find("://").map_or(0, |at| at + 3);
    let rest = known[start..].split('?').next().unwrap_or_default();
    let cut = match begins.chars().next() {
        Some('/') => rest.find('/').unwrap_or(rest.len()),
        Some('?') => rest.len(),
        _ => rest.rfind('/').map_or(rest.len(), |at| at + 1),
    };
    let base = &known[..start + cut];
    match base.ends_with('/') || begins.starts_with(['/', '?']) {
        true => Text::known(base).joined(path),
        false => Text::known(base).joined(Text::known("/")).joined(path),
    }
}

fn behind(base: Base, rest: &[Piece]) -> (Base, Text) {
    let path = Text(rest.to_vec());
    let path = match rest.first() {
        Some(Piece::Known(text)) if text.starts_with('/') => path,
        _ => Text::known("/").joined(path),
    };
    (base, path)
}

fn absolute(scheme: Scheme, rest: &str, pieces: &[Piece]) -> (Base, Text) {
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
                default: Some(default),
                ..
            } => Piece::Known(default.clone()),
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
        },
    };
    behind(base, &path.0)
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
