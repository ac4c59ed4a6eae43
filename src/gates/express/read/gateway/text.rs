//! `${NAME:-default}` in a text, which Express Gateway replaces before it reads the file
//! (lib/config/config.js).

use crate::gates::express::model::Path;
use crate::gates::express::read::manifest::values;
use crate::gates::express::value::Value;
use crate::request::{Known, Reason};
use crate::source::Spanned;
use crate::syntax::document::{Kind, Node};

/// How deep options may nest.
const MAX_DEPTH: usize = 32;

/// The text of a scalar, with the defaults in place of what the environment may say.
pub fn resolved(node: Node<'_>) -> Known<String> {
    let Some(text) = node.text() else {
        return Known::Unknown(Reason::new("it is no text"));
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, behind)) = after.split_once('}') else {
            break;
        };
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        out.push_str(before);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match default {
            _ if name.is_empty() || !name.bytes().all(is_name) => {
                out.push_str("${");
                rest = after;
                continue;
            }
            Some(default) if !default.is_empty() => out.push_str(default),
            _ => {
                let reason = format!("the environment variable {name} decides");
                return Known::Unknown(Reason::new(reason));
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    Known::Is(out)
}

pub fn known(node: Node<'_>) -> Option<String> {
    match resolved(node) {
        Known::Is(text) => Some(text),
        Known::Unknown(_) => None,
    }
}

pub fn path(node: Node<'_>) -> Spanned<Path> {
    let path = match resolved(node) {
        Known::Is(text) => Path::Text(text),
        Known::Unknown(because) => Path::Unknown(because),
    };
    Spanned::new(path, node.span())
}

/// An option, with `<<` merged in and a `!!js/regexp` read.
pub fn option(node: Node<'_>) -> Spanned<Value> {
    Spanned::new(at_depth(node, 0), node.span())
}

fn at_depth(node: Node<'_>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Unknown(Reason::new("it is nested too deep"));
    }
    let inner = |node: Node<'_>| Spanned::new(at_depth(node, depth + 1), node.span());
    match node.kind() {
        Kind::Scalar(text, _) if node.tag().is_some_and(|tag| tag.ends_with("js/regexp")) => {
            regex(text)
        }
        Kind::Scalar(text, _) if text.contains("${") => match resolved(node) {
            Known::Is(text) => Value::Text(text),
            Known::Unknown(because) => Value::Unknown(because),
        },
        Kind::Scalar(..) => values::value(node).value,
        Kind::Sequence(items) => Value::List(items.map(inner).collect()),
        Kind::Mapping(_) => {
            let entries = merged(node).into_iter().filter_map(|(key, value)| {
                let name = Spanned::new(key.text()?.to_owned(), key.span());
                Some((name, inner(value)))
            });
            Value::Object(entries.collect())
        }
    }
}

/// The entries of a mapping, those that `<<` brings first, so that its own win. What is merged
/// there is not looked for further in.
pub fn merged(node: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let brought = node.get("<<").map_or(Vec::new(), super::listed);
    let mut entries: Vec<_> = brought.into_iter().rev().flat_map(Node::entries).collect();
    entries.extend(node.entries());
    entries.retain(|(key, _)| key.text() != Some("<<"));
    entries
}

/// `/pattern/flags`.
fn regex(text: &str) -> Value {
    let inside = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    let (pattern, flags) = inside.unwrap_or((text, ""));
    Value::Regex {
        pattern: pattern.to_owned(),
        flags: flags.to_owned(),
    }
}
