//! The path of a request: decoded, resolved, and encoded again.

use bstr::{BString, ByteSlice};

/// A request target as nginx takes it apart (ngx_http_parse_complex_uri).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Decoded, with `.` and `..` resolved and slashes merged: what locations are matched with.
    pub path: BString,
    pub args: BString,
    /// It had a `%`, so that proxy_pass encodes the path again.
    pub quoted: bool,
}

/// Takes a target apart; `None` where nginx answers 400: `%00`, a bad escape, or a path that
/// climbs above the root.
pub fn parse(target: &[u8], merge_slashes: bool) -> Option<Target> {
    let target = target.find_byte(b'#').map_or(target, |at| &target[..at]);
    let (raw, args) = match target.find_byte(b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &b""[..]),
    };
    if raw.first() != Some(&b'/') {
        return None;
    }
    let quoted = raw.contains(&b'%');
    Some(Target {
        path: resolve(&decode(raw)?, merge_slashes)?,
        args: args.into(),
        quoted,
    })
}

/// An absolute request target, `http://host:port/path` (RFC 9112 §3.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absolute {
    /// Host and port.
    pub host: BString,
    /// What follows them; it may lack the slash at its start.
    pub target: BString,
}

/// Takes the scheme and the host from an absolute target; `None` for any other. A host that nginx
/// does not take (ngx_http_parse_request_line) is left to be refused with the path.
pub fn absolute(target: &[u8]) -> Option<Absolute> {
    // The usual case, in which there is nothing to look for.
    if target.first() == Some(&b'/') {
        return None;
    }
    let (scheme, rest) = target.split_once_str("://")?;
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    if !scheme.first()?.is_ascii_alphabetic() || !scheme.iter().all(is_scheme) {
        return None;
    }
    let (host, target) = rest.split_at(rest.find_byteset(b"/?").unwrap_or(rest.len()));
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let name = match host.rfind_byte(b':') {
        Some(at) if host[at + 1..].iter().all(u8::is_ascii_digit) => &host[..at],
        _ => host,
    };
    let literal = name.starts_with(b"[") && name.ends_with(b"]");
    if name.is_empty() || !(literal || name.iter().all(is_name)) {
        return None;
    }
    Some(Absolute {
        host: host.into(),
        target: if target.is_empty() {
            "/".into()
        } else {
            target.into()
        },
    })
}

/// Undoes percent-encoding. An encoded slash or dot counts like a plain one for what follows.
fn decode(raw: &[u8]) -> Option<Vec<u8>> {
    if !raw.contains(&b'%') {
        return Some(raw.to_vec());
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if raw[at] != b'%' {
            out.push(raw[at]);
            at += 1;
            continue;
        }
        let high = hex(*raw.get(at + 1)?)?;
        let low = hex(*raw.get(at + 2)?)?;
        match high << 4 | low {
            0 => return None,
            byte => out.push(byte),
        }
        at += 3;
    }
    Some(out)
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

fn resolve(path: &[u8], merge_slashes: bool) -> Option<BString> {
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    out.push(b'/');
    let mut segments = path[1..].split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            b"." => {}
            b".." => {
                // Back over the slash that ends the parent, then over its name.
                out.pop()?;
                while *out.last()? != b'/' {
                    out.pop();
                }
            }
            b"" if merge_slashes || last => {}
            _ => {
                out.extend_from_slice(segment);
                if !last {
                    out.push(b'/');
                }
            }
        }
    }
    Some(out.into())
}

/// Escapes a path as nginx does for an upstream (ngx_escape_uri with NGX_ESCAPE_URI).
pub fn escape(path: &[u8]) -> BString {
    escape_if(path, |byte| {
        byte <= b' ' || byte >= 0x7f || matches!(byte, b'#' | b'%' | b'?')
    })
}

/// What is left escaped of a capture in the path of a redirect: nginx escapes it as an argument
/// and undoes that for all that a path may hold (NGX_UNESCAPE_REDIRECT).
pub fn escape_redirect(path: &[u8]) -> BString {
    escape_if(path, |byte| {
        byte <= b' ' || byte >= 0x7f || matches!(byte, b'#' | b'%')
    })
}

/// Escapes an argument (NGX_ESCAPE_ARGS): also `&`, `+`, `;` and `=`.
pub fn escape_args(text: &[u8]) -> BString {
    escape_if(text, |byte| {
        byte <= b' '
            || byte >= 0x7f
            || matches!(byte, b'#' | b'%' | b'?' | b'&' | b'+' | b';' | b'=')
    })
}

fn escape_if(text: &[u8], must: impl Fn(u8) -> bool) -> BString {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if must(byte) {
            out.extend(format!("%{byte:02X}").bytes());
        } else {
            out.push(byte);
        }
    }
    out.into()
}

/// Splits `path?args` where nginx does (ngx_http_split_args).
pub fn split_args(text: &[u8]) -> (BString, BString) {
    match text.find_byte(b'?') {
        Some(at) => (text[..at].into(), text[at + 1..].into()),
        None => (text.into(), BString::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(target: &str) -> Option<String> {
        parse(target.as_bytes(), true).map(|target| target.path.to_string())
    }

    #[test]
    fn resolves_dots_and_slashes() {
        assert_eq!(path("/a/./b//c/../d?x=/.."), Some("/a/b/d".into()));
        assert_eq!(path("/%61dmin%2fx"), Some("/admin/x".into()));
        assert_eq!(path("/a/.."), Some("/".into()));
        assert_eq!(path("/a/."), Some("/a/".into()));
        assert_eq!(path("/.."), None);
        assert_eq!(path("/%00"), None);
        assert_eq!(path("/%zz"), None);
        assert_eq!(path("/..a/...?"), Some("/..a/...".into()));
    }

    #[test]
    fn keeps_slashes_when_told_to() {
        let target = parse(b"/a//b", false).unwrap();
        assert_eq!(target.path, "/a//b");
    }
}
