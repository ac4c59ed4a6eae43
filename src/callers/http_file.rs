//! Requests of `.http` and `.rest` files, as VS Code's REST Client and JetBrains' editors send them.

use super::header::Header;
use super::model::{Body, Call, Client, Credentials, CredentialsMode, Place};
use super::signer::{AUTHORIZATION, Signer, signature};
use super::template::Names;
use super::text::Text;
use super::url::Url;
use crate::request::Known;
use crate::source::Span;

const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE",
];

/// A line without its end, and where it begins.
type Line<'t> = (usize, &'t str);

/// The requests of a file whose first byte has the address `base`.
pub fn read(base: u32, text: &[u8]) -> Vec<Call> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        (start, line.trim_end())
    });
    let lines: Vec<Line<'_>> = lines.collect();
    let names = names(&lines);
    let blocks = lines.split(|(_, line)| line.starts_with("###"));
    blocks
        .filter_map(|block| call(base, block, &names))
        .collect()
}

/// `@name = value`, for the whole file.
fn names(lines: &[Line<'_>]) -> Names {
    let all = lines.iter().filter_map(|(_, line)| {
        let (name, value) = line.strip_prefix('@')?.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    Names(all.collect())
}

/// Where a request begins in its block, and whether a script that runs before may change it.
fn beginning(block: &[Line<'_>]) -> Option<(usize, bool)> {
    let mut has_script = false;
    let mut in_script = false;
    let start = block.iter().position(|(_, line)| {
        let is_script = line.starts_with("< {%");
        has_script |= is_script;
        in_script = (in_script || is_script) && !line.contains("%}");
        let is_other = is_blank(line) || is_comment(line) || line.starts_with('@');
        !(is_other || is_script || in_script || line.ends_with("%}"))
    });
    Some((start?, has_script))
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("//")
}

fn call(base: u32, block: &[Line<'_>], names: &Names) -> Option<Call> {
    let (start, is_open) = beginning(block)?;
    let (place, first) = block[start];
    let (method, url) = request_line(first)?;
    let mut url = url.to_owned();
    let mut rest = block[start + 1..].iter();
    let mut headers = Vec::new();
    for (at, line) in rest.by_ref() {
        if is_blank(line) {
            break;
        }
        // The URL goes on: `    ?page=1`.
        if line.starts_with([' ', '\t']) && headers.is_empty() {
            url.push_str(line.trim());
        } else if !is_comment(line)
            && let Some((name, value)) = line.split_once(':')
        {
            let start = base + *at as u32;
            headers.push(Header {
                name: name.trim().to_owned(),
                value: header_value(name.trim(), value.trim(), names),
                span: Span::new(start, start + line.len() as u32),
                always: true,
            });
        }
    }
    let has_body = rest.any(|(_, line)| !is_blank(line) && !line.starts_with("> "));
    let start = base + place as u32;
    let span = Span::new(start, start + first.len() as u32);
    let urls = vec![Url::of(&with_scheme(names.text(&url), &headers))];
    Some(Call {
        span,
        through: None,
        client: Client::HttpFile,
        place: Place::Elsewhere,
        method: Known::Is(method.to_owned()),
        signer: Signer::of(&headers, !is_open, &urls, span),
        urls,
        headers,
        headers_complete: !is_open,
        credentials: CredentialsMode {
            mode: Known::Is(Credentials::Omit),
            span: None,
        },
        body: match has_body {
            true => Body::Simple,
            false => Body::None,
        },
    })
}

/// `GET https://a.test/b HTTP/1.1`; without a method it is GET.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let url_of = |rest: &'_ str| -> usize {
        let end = rest.rfind(" HTTP/");
        end.unwrap_or(rest.len())
    };
    if let Some((method, rest)) = line.split_once(char::is_whitespace)
        && METHODS.contains(&method)
    {
        let rest = rest.trim();
        return Some((method, rest[..url_of(rest)].trim()));
    }
    let is_url =
        line.starts_with("http://") || line.starts_with("https://") || line.starts_with("{{");
    is_url.then(|| ("GET", line[..url_of(line)].trim()))
}

/// REST Client makes a signature of `AWS <id> <key> token:… region:… service:…`, and of a name and a
/// password what is sent of them.
fn header_value(name: &str, value: &str, names: &Names) -> Text {
    if !name.eq_ignore_ascii_case(AUTHORIZATION) {
        return names.text(value);
    }
    let mut words = value.split_whitespace();
    if words.next() != Some("AWS") {
        return names.text(value);
    }
    let part = |name: &str| {
        let found = words.clone().find_map(|word| word.strip_prefix(name));
        found.map(|value| names.text(value))
    };
    let region = part("region:");
    signature(region, part("service:"))
}

/// A path goes to the `Host` that the request names.
fn with_scheme(url: Text, headers: &[Header]) -> Text {
    let begins = url.beginning();
    if !begins.starts_with('/') {
        return match begins.is_empty() || begins.contains("://") {
            true => url,
            false => Text::known("http://").joined(url),
        };
    }
    let host = headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("Host"));
    match host {
        Some(host) => Text::known("http://")
            .joined(host.value.clone())
            .joined(url),
        None => url,
    }
}

#[cfg(test)]
mod tests;
