//! Options and paths of a manifest.

use super::is_plain;
use crate::gates::express::model::{Path, Paths};
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::Spanned;
use crate::syntax::document::{Kind, Node};

/// How deep options may nest.
const MAX_DEPTH: usize = 32;

pub fn value(node: Node<'_>) -> Spanned<Value> {
    Spanned::new(at_depth(node, 0), node.span())
}

fn at_depth(node: Node<'_>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Unknown(Reason::new("it is nested too deep"));
    }
    let inner = |node: Node<'_>| Spanned::new(at_depth(node, depth + 1), node.span());
    match node.kind() {
        Kind::Scalar(_, style) if is_plain(style) && node.is_null() => Value::Null,
        Kind::Scalar(text, style) if is_plain(style) => scalar(text),
        Kind::Scalar(text, _) => Value::Text(text.to_owned()),
        Kind::Sequence(items) => Value::List(items.map(inner).collect()),
        Kind::Mapping(_) => special(node, depth).unwrap_or_else(|| {
            let entries = node.entries().filter_map(|(key, value)| {
                let name = Spanned::new(key.text()?.to_owned(), key.span());
                Some((name, inner(value)))
            });
            Value::Object(entries.collect())
        }),
    }
}

fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(text.to_owned()),
        },
    }
}

/// `{ $env: NAME, default: … }` and what else JSON has no word for.
fn special(node: Node<'_>, depth: usize) -> Option<Value> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    if let Some(name) = text("$env") {
        let default = node.get("default");
        return Some(Value::Env {
            name: name.to_owned(),
            default: default.map(|default| Box::new(at_depth(default, depth + 1))),
        });
    }
    if let Some(pattern) = text("$regex") {
        return Some(Value::Regex {
            pattern: pattern.to_owned(),
            flags: text("flags").unwrap_or_default().to_owned(),
        });
    }
    if let Some(source) = text("$fn").or_else(|| text("$function")) {
        return Some(Value::Function(source.to_owned()));
    }
    if node.get("$undefined").is_some() {
        return Some(Value::Undefined);
    }
    let source = text("$dynamic")?;
    // A manifest that this program wrote has the reason itself.
    let is_reason = source.contains(' ');
    Some(Value::Unknown(match is_reason {
        true => Reason::new(source),
        false => Reason::new(format!("`{source}` decides")),
    }))
}

pub fn paths(node: Node<'_>) -> Paths {
    match node.kind() {
        Kind::Sequence(items) => Paths(items.map(path).collect()),
        _ => Paths(vec![path(node)]),
    }
}

fn path(node: Node<'_>) -> Spanned<Path> {
    let path = match (node.text(), value(node).value) {
        (Some(text), _) => Path::Text(text.to_owned()),
        (None, Value::Regex { pattern, flags }) => Path::Regex { pattern, flags },
        (None, other) => Path::Unknown(other.reason()),
    };
    Spanned::new(path, node.span())
}
