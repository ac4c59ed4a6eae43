//! The options of the proxy packages.

use super::{Change, Edit, Kept, Made, Path, Proxy, Takes, decorator};
use crate::gates::express::model::{Callee, Layer};
use crate::gates::express::pattern::Pattern;
use crate::gates::express::value::Value;
use crate::request::{Known, Reason};
use crate::source::Spanned;

impl Proxy {
    /// `createProxyMiddleware([context], options)` of http-proxy-middleware.
    pub fn http_proxy_middleware(layer: &Layer) -> Proxy {
        let (first, second) = (layer.args.first(), layer.args.get(1));
        let is_options = |arg: &&Spanned<Value>| matches!(arg.value, Value::Object(_));
        let options = second.or(first).filter(is_options);
        let get = |key: &str| options.and_then(|options| options.value.get(key));
        let context = first.filter(|_| second.is_some() || options.is_none());
        let url = context
            .and_then(|context| context.value.text())
            .and_then(|text| text.split_once("://").map(|(_, rest)| (text, rest)));
        let version = version(layer, context.is_some());
        let takes = match (url, context) {
            // The short hand: a URL whose path is the context.
            (Some((_, rest)), _) => match rest.split_once('/') {
                Some((_, path)) if !path.is_empty() => Takes::Starting(vec![format!("/{path}")]),
                _ => Takes::All,
            },
            (None, Some(context)) => takes(&context.value),
            (None, None) => get("pathFilter").map_or(Takes::All, |filter| takes(&filter.value)),
        };
        let target = match url {
            Some((text, rest)) => {
                let host = rest.split('/').next().unwrap_or_default();
                Known::Is(text[..text.len() - rest.len() + host.len()].to_owned())
            }
            None => match (get("router"), get("target")) {
                (Some(router), _) => Known::Unknown(router.value.reason()),
                (None, target) => known_target(target.map(|target| &target.value)),
            },
        };
        let mut edits = fixed(get("headers"), Change::Set);
        if let Some(auth) = get("auth") {
            let made = Made::Unknown(Reason::new("`auth` is a name and a password of its own"));
            edits.push(Edit {
                what: Change::SetIfAbsent("Authorization".into(), made),
                span: auth.span,
                sometimes: false,
            });
        }
        // Each version knows one of these two, and takes no notice of the other.
        let old = get("onProxyReq").filter(|_| version != Some(3));
        let new = get("on")
            .filter(|_| version != Some(2))
            .and_then(|on| on.value.get("proxyReq"));
        for function in old.into_iter().chain(new) {
            edits.extend(decorator::edits(function, decorator::Of::ProxyReq));
        }
        let old = get("onProxyRes").filter(|_| version != Some(3));
        let new = get("on")
            .filter(|_| version != Some(2))
            .and_then(|on| on.value.get("proxyRes"));
        let changes_answer = old.or(new).map(|function| function.value.reason());
        let (rewrites, unknown) = rewrites(get("pathRewrite").map(|rewrite| &rewrite.value));
        Proxy {
            target,
            takes,
            path: Path {
                kept: match version {
                    Some(2) => Kept::Whole,
                    Some(_) => Kept::Rest,
                    None => Kept::Either,
                },
                rewrites,
                unknown,
                after_target: true,
            },
            host_of_target: is_true(get("changeOrigin")),
            edits,
            changes_answer,
        }
    }

    /// `proxy(host, options)` of express-http-proxy.
    pub fn express_http_proxy(layer: &Layer) -> Proxy {
        let options = layer.args.get(1);
        let get = |key: &str| options.and_then(|options| options.value.get(key));
        let host = layer.args.first().map(|host| &host.value);
        let target = match known_target(host) {
            Known::Is(target) if !target.contains("://") => Known::Is(format!("http://{target}")),
            target => target,
        };
        let mut edits = fixed(get("headers"), Change::SetIfAbsent);
        if let Some(function) = get("proxyReqOptDecorator") {
            edits.extend(decorator::edits(function, decorator::Of::Options));
        }
        let resolver = get("proxyReqPathResolver").map(|path| path.value.reason());
        Proxy {
            target,
            takes: match get("filter") {
                Some(filter) => Takes::Unknown(filter.value.reason()),
                None => Takes::All,
            },
            path: Path {
                kept: Kept::Rest,
                rewrites: Vec::new(),
                unknown: resolver,
                after_target: false,
            },
            host_of_target: !is_true(get("preserveHostHdr")),
            edits,
            changes_answer: get("userResHeaderDecorator").map(|one| one.value.reason()),
        }
    }
}

/// 2 or 3, which read their options differently; what goes for 2 goes for those before it.
fn version(layer: &Layer, has_context: bool) -> Option<u32> {
    let Callee::Package { member, major, .. } = &layer.callee else {
        return None;
    };
    let has = |keys: &[&str]| {
        let mut args = layer.args.iter();
        args.any(|arg| keys.iter().any(|key| arg.value.get(key).is_some()))
    };
    match (member.as_deref(), major) {
        (Some("legacyCreateProxyMiddleware"), _) => Some(2),
        (_, Some(major)) => Some(if *major < 3 { 2 } else { 3 }),
        _ if has_context || has(&["onProxyReq", "onProxyRes", "onError", "logLevel"]) => Some(2),
        _ if has(&["on", "pathFilter", "logger", "plugins"]) => Some(3),
        _ => None,
    }
}

fn is_true(value: Option<&Spanned<Value>>) -> bool {
    value.is_some_and(|value| value.value.truth() == Known::Is(true))
}

fn known_target(value: Option<&Value>) -> Known<String> {
    match value {
        Some(Value::Text(text)) => Known::Is(text.clone()),
        Some(Value::Env {
            default: Some(default),
            ..
        }) if default.text().is_some() => known_target(Some(default)),
        Some(value) => Known::Unknown(value.reason()),
        None => Known::Unknown(Reason::new("no target is given")),
    }
}

fn takes(value: &Value) -> Takes {
    let words = match value {
        Value::Text(text) => Some(vec![text.as_str()]),
        Value::List(_) => value.words(),
        _ => None,
    };
    match words {
        Some(words)
            if words
                .iter()
                .any(|word| word.contains(['*', '?', '[', '{', '!', '('])) =>
        {
            Takes::Unknown(Reason::new("which paths it takes is a pattern"))
        }
        Some(words) => Takes::Starting(words.into_iter().map(str::to_owned).collect()),
        None => Takes::Unknown(value.reason()),
    }
}

/// `headers: { … }`.
fn fixed(headers: Option<&Spanned<Value>>, change: fn(String, Made) -> Change) -> Vec<Edit> {
    let Some(headers) = headers else {
        return Vec::new();
    };
    let Value::Object(entries) = &headers.value else {
        return vec![Edit {
            what: Change::Unknown(headers.value.reason()),
            span: headers.span,
            sometimes: false,
        }];
    };
    let edit = |(name, value): &(Spanned<String>, Spanned<Value>)| {
        let made = match &value.value {
            Value::Text(text) => Made::Text(text.clone()),
            Value::Number(number) => Made::Text(number.to_string()),
            other => Made::Unknown(other.reason()),
        };
        Edit {
            what: change(name.value.clone(), made),
            span: value.span,
            sometimes: false,
        }
    };
    entries.iter().map(edit).collect()
}

/// `pathRewrite: { '^/api': '' }`.
fn rewrites(value: Option<&Value>) -> (Vec<(Pattern, String)>, Option<Reason>) {
    let entries = match value {
        None | Some(Value::Undefined | Value::Null) => return (Vec::new(), None),
        Some(Value::Object(entries)) => entries,
        Some(value) => return (Vec::new(), Some(value.reason())),
    };
    let mut rules = Vec::with_capacity(entries.len());
    for (pattern, to) in entries {
        match (Pattern::new(&pattern.value, ""), &to.value) {
            (Ok(pattern), Value::Text(to)) if !to.contains('$') => {
                rules.push((pattern, to.clone()));
            }
            (Err(reason), _) => return (Vec::new(), Some(reason)),
            (_, to) => return (Vec::new(), Some(to.reason())),
        }
    }
    (rules, None)
}
