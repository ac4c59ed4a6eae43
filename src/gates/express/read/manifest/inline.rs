//! Hand-written middleware, described in a manifest by a kind and what it asks for.

use crate::gates::express::model::*;
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::Spanned;

pub const KINDS: [&str; 12] = [
    "handler",
    "passes",
    "bearer",
    "api-key",
    "session",
    "headers",
    "ip-allow",
    "roles",
    "scopes",
    "error-handler",
    "unknown",
    "cors-headers",
];

/// What `inline:<kind>` makes; `None` for a kind that there is not.
pub fn kind(kind: &str, with: Option<&Value>) -> Option<Callee> {
    let get = |key: &str| {
        with.and_then(|with| with.get(key))
            .map(|value| &value.value)
    };
    let status = |usual: u16| match get("status") {
        Some(Value::Number(status)) => *status as u16,
        _ => usual,
    };
    let guard = |wants: Wants, usual: u16| {
        Callee::Written(Written::Guard(Guard {
            wants,
            status: status(usual),
            anonymous: match get("anonymous") {
                Some(Value::Number(status)) => Some(*status as u16),
                _ => None,
            },
            by_error: get("byError") == Some(&Value::Bool(true)),
            options: match (get("skipsOptions"), get("endsOptions")) {
                (Some(Value::Bool(true)), _) => OnOptions::Skipped,
                (_, Some(Value::Number(status))) => OnOptions::Answered(*status as u16),
                _ => OnOptions::Asked,
            },
        }))
    };
    Some(match kind {
        "handler" => Callee::Written(Written::Handler),
        "passes" => Callee::Written(match get("puts") {
            None => Written::Passes,
            Some(names) => Written::Puts(texts(names)),
        }),
        "bearer" => guard(Wants::Token(form(get("compares"))), 401),
        "api-key" => {
            let header = get("header").and_then(Value::text).unwrap_or("x-api-key");
            guard(Wants::Header(header.to_owned()), 401)
        }
        "session" => guard(Wants::Session, 401),
        "headers" | "cors-headers" => Callee::Written(Written::Headers {
            headers: headers(get("set")),
            ends_options: match get("endsOptions") {
                Some(Value::Number(status)) => Some(*status as u16),
                _ => None,
            },
            puts: get("puts").map(texts),
        }),
        "ip-allow" => {
            let wants = Wants::Address {
                ips: get("ips").map(texts).unwrap_or_default(),
                source: match get("from").and_then(Value::text) {
                    Some("socket") => AddressSource::Socket,
                    Some("x-forwarded-for") => AddressSource::Forwarded,
                    _ => AddressSource::ReqIp,
                },
            };
            guard(wants, 403)
        }
        "roles" | "scopes" => guard(Wants::Granted(granted(kind, with)), 403),
        "error-handler" => Callee::Written(Written::ErrorHandler {
            status: match get("status") {
                Some(Value::Number(status)) => Some(*status as u16),
                _ => None,
            },
        }),
        "unknown" => Callee::Unreadable(Reason::new("the manifest does not know what it does")),
        _ => return None,
    })
}

fn form(compares: Option<&Value>) -> TokenForm {
    match compares.and_then(Value::text) {
        Some("exact") => TokenForm::Exact,
        Some("second-word") => TokenForm::SecondWord,
        Some("any") => TokenForm::Any,
        _ => TokenForm::AnyCase,
    }
}

fn headers(set: Option<&Value>) -> Vec<(Spanned<String>, Spanned<Value>)> {
    match set {
        Some(Value::Object(entries)) => entries.clone(),
        _ => Vec::new(),
    }
}

/// `anyOf` or `allOf` names, and `from` which member of whoever was recognised.
fn granted(kind: &str, with: Option<&Value>) -> Grant {
    let get = |key: &str| with.and_then(|with| with.get(key));
    let names = |key: &str| -> Vec<Spanned<String>> {
        let items = match get(key).map(|list| &list.value) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let names = items.iter();
        names
            .filter_map(|item| Some(Spanned::new(item.value.text()?.to_owned(), item.span)))
            .collect()
    };
    let mut ways: Vec<_> = names("anyOf").into_iter().map(|name| vec![name]).collect();
    let all = names("allOf");
    ways.extend((!all.is_empty()).then_some(all));
    let from = get("from").and_then(|from| from.value.text());
    let kind = match (from, kind) {
        (Some(from), _) => GrantKind::of_claim(from),
        (None, "roles") => GrantKind::Role,
        (None, _) => GrantKind::Scope,
    };
    Grant {
        claim: from.map(str::to_owned),
        ..Grant::new(kind, ways)
    }
}

fn texts(list: &Value) -> Vec<String> {
    let words = list.words().unwrap_or_default();
    words.into_iter().map(str::to_owned).collect()
}
