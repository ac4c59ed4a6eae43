//! Policies that were encoded to stand in something else.

use std::borrow::Cow;

/// A policy as it was before: of `{\"Version\": …}`, as API Gateway gives it, and of
/// `%7B%22Version%22…`, as IAM does.
pub fn decoded(text: &str) -> Cow<'_, str> {
    let start = text.trim_start();
    let text = match start.starts_with('%') {
        true => percent(start),
        false => Cow::Borrowed(start),
    };
    let inner = text.strip_prefix('{').map(str::trim_start);
    match inner.is_some_and(|inner| inner.starts_with("\\\"") || inner.starts_with("\\n")) {
        true => Cow::Owned(backslashes(&text)),
        false => text,
    }
}

fn percent(text: &str) -> Cow<'_, str> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                let value = digit(*high).unwrap_or(0) * 16 + digit(*low).unwrap_or(0);
                bytes.push(value as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn backslashes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, chars.clone().next()) {
            ('\\', Some(escaped @ ('"' | '\\' | '/'))) => {
                plain.push(escaped);
                chars.next();
            }
            ('\\', Some('n' | 'r' | 't')) => {
                plain.push(' ');
                chars.next();
            }
            _ => plain.push(char),
        }
    }
    plain
}
