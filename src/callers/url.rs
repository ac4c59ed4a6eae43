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
        host: String,
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
        matches!(self.base, Base::Env(_) | Base::Unknown)
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
    let mut authority = rest.to_owned();
    let mut pieces = pieces;
    // `http://${location.hostname}:5000/`: the machine that gave the page.
    if rest.is_empty()
        && let Some(Piece::Hole { name, .. }) = pieces.first()
        && name.ends_with("hostname")
    {
        authority.push_str("localhost");
        pieces = &pieces[1..];
        if let Some(Piece::Known(more)) = pieces.first() {
            authority.push_str(more);
            pieces = &pieces[1..];
        }
    }
    let end = authority.find(['/', '?', '#']);
    let (host, path) = match end {
        Some(end) => (authority[..end].to_owned(), authority[end..].to_owned()),
        // What follows is a part of the name, or of the port.
        None if !pieces.is_empty() => match authority.strip_suffix(':') {
            Some(host) => return open_port(scheme, host, &pieces[1..], env),
            None => return behind(Base::Unknown, &[]),
        },
        None => (authority, "/".to_owned()),
    };
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name.to_owned(), port.parse().ok()),
        _ => (host, Some(scheme.default_port())),
    };
    let path = Text::known(path).joined(Text(pieces.to_vec()));
    let base = Base::Host {
        scheme,
        host: host.to_ascii_lowercase(),
        port,
        env,
    };
    Url { base, path }
}

fn open_port(scheme: Scheme, host: &str, rest: &[Piece], env: Option<String>) -> Url {
    let base = Base::Host {
        scheme,
        host: host.to_ascii_lowercase(),
        port: None,
        env,
    };
    behind(base, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, port: u16) -> Base {
        Base::Host {
            scheme: Scheme::Http,
            host: name.into(),
            port: Some(port),
            env: None,
        }
    }

    #[test]
    fn a_url_is_cut_behind_its_host() {
        let of = |text: &str| Url::of(&Text::known(text));
        let url = of("http://localhost:5000/api/users?x=1");
        assert_eq!(url.base, host("localhost", 5000));
        assert_eq!(url.path.plain().unwrap(), "/api/users?x=1");
        assert_eq!(of("http://API.test").base, host("api.test", 80));
        assert_eq!(of("/api").base, Base::SameOrigin);
        // A name without a slash may be anything.
        assert_eq!(of("users").base, Base::Unknown);
    }

    #[test]
    fn what_the_environment_says_may_bring_a_part_of_the_path() {
        let env = |default: Option<&str>| Piece::Env {
            name: "API".into(),
            default: default.map(str::to_owned),
        };
        let text = |default| Text(vec![env(default), Piece::Known("/users".into())]);
        let url = Url::of(&text(Some("http://localhost:5000/api")));
        assert_eq!(url.path.plain().unwrap(), "/api/users");
        assert!(!url.is_suffix());
        assert!(Url::of(&text(None)).is_suffix());
    }

    #[test]
    fn the_machine_of_the_page_has_a_name() {
        let pieces = vec![
            Piece::Known("http://".into()),
            Piece::Hole {
                name: "location.hostname".into(),
                is_param: false,
            },
            Piece::Known(":5000/api/".into()),
        ];
        assert_eq!(Url::of(&Text(pieces)).base, host("localhost", 5000));
    }
}
