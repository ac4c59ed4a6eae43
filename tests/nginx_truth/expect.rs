//! The `<` lines of a named case: what must have been seen.

use bstr::{BString, ByteSlice};

use crate::server::Observation;
use crate::upstream::{Received, Who};

/// Whether an observation is what the line says; a line that nobody understands never holds.
pub fn holds(line: &str, seen: &Observation) -> bool {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let main = main_request(seen);
    match word {
        "status" => seen.response.status == rest.parse().ok(),
        "closed" => seen.response.status.is_none(),
        "reached" if rest == "nobody" => main.is_none(),
        "mirror" => mirrored(seen).is_some_and(|request| gets(rest, &request.headers)),
        "reached" => seen.received.iter().any(|request| place(request) == rest),
        "client" => gets(rest, &seen.response.headers),
        "upstream" => main.is_some_and(|request| gets(rest, &request.headers)),
        "auth" => seen
            .received
            .iter()
            .any(|request| request.by == Who::Auth && gets(rest, &request.headers)),
        _ => false,
    }
}

/// The request that reached a server of its own accord, not as a question or a copy.
fn main_request(seen: &Observation) -> Option<&Received> {
    let mut received = seen.received.iter().rev();
    received.find(|request| !matches!(request.by, Who::Auth | Who::Mirror))
}

fn mirrored(seen: &Observation) -> Option<&Received> {
    let mut received = seen.received.iter();
    received.find(|request| request.by == Who::Mirror)
}

/// `UPA GET /path`
fn place(request: &Received) -> String {
    format!(
        "{} {} {}",
        request.by.port_name(),
        request.method,
        request.uri
    )
}

/// `gets Name: value` or `gets no Name`
fn gets(text: &str, headers: &[(String, BString)]) -> bool {
    let Some(text) = text.strip_prefix("gets ") else {
        return false;
    };
    let mut all = headers.iter();
    match (text.strip_prefix("no "), text.split_once(':')) {
        (Some(absent), _) => !all.any(|(name, _)| name.eq_ignore_ascii_case(absent)),
        (None, Some((wanted, value))) => all.any(|(name, found)| {
            name.eq_ignore_ascii_case(wanted) && found.as_bytes() == value.trim().as_bytes()
        }),
        (None, None) => all.any(|(name, _)| name.eq_ignore_ascii_case(text)),
    }
}

/// An observation for a person.
pub fn describe(seen: &Observation) -> String {
    let mut text = match seen.response.status {
        Some(status) => format!("status {status}\n"),
        None => "closed\n".to_string(),
    };
    for (name, value) in &seen.response.headers {
        text.push_str(&format!("  client gets {name}: {value}\n"));
    }
    for request in &seen.received {
        text.push_str(&format!("reached {}\n", place(request)));
        for (name, value) in &request.headers {
            text.push_str(&format!("  gets {name}: {value}\n"));
        }
    }
    text
}
