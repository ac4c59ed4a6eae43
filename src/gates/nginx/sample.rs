//! Text that a regular expression matches, so that a door with a pattern can be tried.

use bstr::BString;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::matcher::{Match, Regex, hir};

/// How long a sample may get.
const MAX_LENGTH: usize = 2048;

/// Paths under a prefix that the pattern matches, plainest first; each checked by matching.
pub fn paths(regex: &Regex, prefix: &[u8]) -> Vec<BString> {
    let mut paths: Vec<BString> = Vec::new();
    for text in texts(regex) {
        // A path such as `/.` is resolved to another one before it is matched.
        for (before, after) in [
            ("", ""),
            ("x", ""),
            ("", "x"),
            ("/", ""),
            ("/x", ""),
            ("/", "x"),
        ] {
            let bare = [before.as_bytes(), text, after.as_bytes()].concat();
            let under = [prefix, &bare].concat();
            for path in [bare, under] {
                let path = BString::from(path);
                if path.starts_with(b"/") && is_match(regex, &path) && !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
    paths
}

/// Any text that the pattern matches.
pub fn text(regex: &Regex) -> Option<BString> {
    let mut texts = texts(regex).iter();
    texts.find(|text| is_match(regex, text)).cloned()
}

/// Host names that the pattern matches.
pub fn host(regex: &Regex) -> Option<BString> {
    texts(regex)
        .iter()
        .map(|text| BString::from(text.to_ascii_lowercase()))
        .find(|text| !text.is_empty() && is_match(regex, text))
}

fn is_match(regex: &Regex, text: &BString) -> bool {
    matches!(regex.exec(text), Match::Yes(_))
}

fn texts(regex: &Regex) -> &[BString] {
    regex.samples(|regex| {
        let Some(hir) = hir(regex) else {
            return Vec::new();
        };
        let mut samples = Vec::new();
        // `x*` once as "x" and once as nothing: a sample that is too plain may miss a lookahead.
        for at_least in [1, 0, 2] {
            let mut text = BString::default();
            if write(&hir, at_least, &mut text).is_some() && !samples.contains(&text) {
                samples.push(text);
            }
        }
        samples
    })
}

fn write(hir: &Hir, at_least: u32, out: &mut BString) -> Option<()> {
    if out.len() > MAX_LENGTH {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(class) => out.push(pick(class)?),
        HirKind::Repetition(repetition) => {
            let count = repetition.min.max(at_least);
            let count = repetition.max.map_or(count, |max| count.min(max));
            for _ in 0..count.max(repetition.min) {
                write(&repetition.sub, at_least, out)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, at_least, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, at_least, out)?;
            }
        }
        HirKind::Alternation(parts) => write(parts.first()?, at_least, out)?,
    }
    Some(())
}

/// A byte of the class that reads well in a path.
fn pick(class: &Class) -> Option<u8> {
    let contains = |byte: u8| match class {
        Class::Bytes(bytes) => bytes
            .ranges()
            .iter()
            .any(|range| range.start() <= byte && byte <= range.end()),
        Class::Unicode(chars) => chars.ranges().iter().any(|range| {
            range.start() as u32 <= byte.into() && u32::from(byte) <= range.end() as u32
        }),
    };
    (b'a'..=b'z')
        .chain(b'1'..=b'9')
        .chain(b'A'..=b'Z')
        .chain([b'0', b'-', b'_', b'.', b'/'])
        .chain(0x21..0x7f)
        .find(|byte| contains(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pattern: &str) -> Option<String> {
        let paths = paths(&Regex::new(pattern, false), b"/");
        paths.first().map(|path| path.to_string())
    }

    #[test]
    fn patterns_of_real_configurations() {
        assert_eq!(sample(r"\.php$").as_deref(), Some("/.php"));
        assert_eq!(sample(r"^/api/v\d+/").as_deref(), Some("/api/v1/"));
        assert_eq!(sample(r"^/(?!admin)[a-z]+$").as_deref(), Some("/a"));
        assert_eq!(sample(r"^(.+\.php)(/.+)$").as_deref(), Some("/a.php/a"));
        assert_eq!(sample(r"/\.(?!well-known)").as_deref(), Some("/."));
        assert!(sample(r"(").is_none());
    }
}
