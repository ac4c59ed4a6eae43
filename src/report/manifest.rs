//! An Express application as a manifest that this program reads: what was understood of its source.

use super::json_text::to_text;
use serde_json::{Map, Value as Json, json};

use crate::gates::express::grant_of;
use crate::gates::express::model::*;
use crate::gates::express::value::Value;
use crate::source::{SourceMap, Span, Spanned};

/// The manifest, as JSON.
pub fn render(app: &App, sources: &SourceMap) -> String {
    let writer = Writer { sources };
    to_text(&writer.app(app))
}

struct Writer<'a> {
    sources: &'a SourceMap,
}

impl Writer<'_> {
    fn app(&self, app: &App) -> Json {
        let mut out = Map::new();
        out.insert("manifest".into(), json!("express/v1"));
        out.insert("name".into(), json!(app.name));
        let version = if app.version == Major::Four { 4 } else { 5 };
        out.insert("express".into(), json!(version));
        let mut settings = Map::new();
        if let Some(trust) = &app.settings.trust_proxy {
            settings.insert("trust proxy".into(), value(&trust.value));
        }
        if app.settings.case_sensitive {
            settings.insert("case sensitive routing".into(), json!(true));
        }
        if app.settings.strict {
            settings.insert("strict routing".into(), json!(true));
        }
        if !settings.is_empty() {
            out.insert("settings".into(), Json::Object(settings));
        }
        let mut network = Map::new();
        if let Some(listen) = app.listens.first() {
            network.insert("listen".into(), json!(shown(listen)));
        }
        if !app.proxies.is_empty() {
            let proxies = app
                .proxies
                .iter()
                .map(|proxy| json!({ "name": proxy.name }));
            network.insert("proxies".into(), proxies.collect());
        }
        if !network.is_empty() {
            out.insert("network".into(), Json::Object(network));
        }
        out.insert("stack".into(), self.stack(&app.stack));
        Json::Object(out)
    }

    fn stack(&self, items: &[Item]) -> Json {
        items.iter().map(|item| self.item(item)).collect()
    }

    fn item(&self, item: &Item) -> Json {
        let mut out = match &item.what {
            What::Use { at, layer } => {
                let mut out = self.layer(layer);
                if let Some(at) = path(at) {
                    out.insert("at".into(), at);
                }
                out
            }
            What::Route { methods, at, chain } => {
                let methods = match methods {
                    Methods::All => json!(["ALL"]),
                    Methods::These(methods) => json!(methods),
                };
                let path = path(at).unwrap_or_else(|| json!("/"));
                let chain: Json = chain
                    .iter()
                    .map(|layer| Json::Object(self.layer(layer)))
                    .collect();
                object([
                    ("route", json!({ "methods": methods, "path": path })),
                    ("chain", chain),
                ])
            }
            What::Router { at, router } => object([("router", self.router(at, router))]),
            What::Opaque(reason) => object([
                ("use", json!("something")),
                ("behaves", json!({ "as": "inline:unknown" })),
                ("note", json!(reason.to_string())),
            ]),
        };
        if let Some(when) = &item.when {
            out.insert("when".into(), json!(when.value));
        }
        out.insert("source".into(), json!(self.place(item.span)));
        Json::Object(out)
    }

    fn router(&self, at: &Paths, router: &Router) -> Json {
        let mut out = Map::new();
        if let Some(at) = path(at) {
            out.insert("at".into(), at);
        }
        if let Some(name) = &router.name {
            out.insert("name".into(), json!(name));
        }
        let mut options = Map::new();
        if router.case_sensitive {
            options.insert("caseSensitive".into(), json!(true));
        }
        if router.strict {
            options.insert("strict".into(), json!(true));
        }
        if !options.is_empty() {
            out.insert("options".into(), Json::Object(options));
        }
        out.insert("stack".into(), self.stack(&router.stack));
        Json::Object(out)
    }

    fn layer(&self, layer: &Layer) -> Map<String, Json> {
        let key = if layer.is_error_handler {
            "error"
        } else {
            "use"
        };
        let mut out = Map::new();
        let name = match &layer.callee {
            Callee::Package {
                package,
                member,
                major,
            } => {
                let major = major.map_or(String::new(), |major| format!("@{major}"));
                let member = member.as_ref();
                let member = member.map_or(String::new(), |member| format!(":{member}"));
                format!("{package}{major}{member}")
            }
            _ => layer.name.clone(),
        };
        out.insert(key.into(), json!(name));
        if !layer.args.is_empty() {
            let args: Json = layer.args.iter().map(|arg| value(&arg.value)).collect();
            out.insert("args".into(), args);
        }
        match &layer.callee {
            Callee::Package { .. } => {}
            Callee::Written(written) => {
                out.insert("behaves".into(), behaves(written));
            }
            Callee::Unreadable(reason) => {
                out.insert("behaves".into(), json!({ "as": "inline:unknown" }));
                out.insert("note".into(), json!(reason.to_string()));
            }
        }
        if let Some(requires) = requires(layer).filter(|_| !layer.is_error_handler) {
            out.insert("requires".into(), requires);
        }
        match &layer.runs_for {
            RunsFor::All => None,
            RunsFor::These(methods) => out.insert("only".into(), json!(methods)),
            RunsFor::Others(methods) => out.insert("except".into(), json!(methods)),
        };
        if let Some(when) = &layer.when {
            out.insert("when".into(), json!(when.value));
        }
        out.insert("source".into(), json!(self.place(layer.span)));
        out
    }

    fn place(&self, span: Span) -> String {
        let source = self.sources.at(span);
        format!("{}:{}", source.name, source.position(span.start).line)
    }
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Map<String, Json> {
    entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn shown(listen: &Listen) -> String {
    let host = listen.host.as_deref().unwrap_or("::");
    let host = match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    };
    match listen.port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// `None` for what holds everywhere.
fn path(paths: &Paths) -> Option<Json> {
    let one = |path: &Path| match path {
        Path::Text(text) => json!(text),
        Path::Regex { pattern, flags } => json!({ "$regex": pattern, "flags": flags }),
        Path::Unknown(reason) => json!({ "$dynamic": reason.to_string() }),
    };
    match paths.0.as_slice() {
        [] => None,
        [path] if path.value == Path::Text("/".into()) => None,
        [path] => Some(one(&path.value)),
        paths => Some(paths.iter().map(|path| one(&path.value)).collect()),
    }
}

fn value(of: &Value) -> Json {
    match of {
        Value::Undefined => json!({ "$undefined": true }),
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            json!(*number as i64)
        }
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(|item| value(&item.value)).collect(),
        Value::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, one)| (key.value.clone(), value(&one.value)))
                .collect(),
        ),
        Value::Regex { pattern, flags } => json!({ "$regex": pattern, "flags": flags }),
        Value::Env { name, default } => match default {
            Some(default) => json!({ "$env": name, "default": value(default) }),
            None => json!({ "$env": name }),
        },
        Value::Function(text) => json!({ "$fn": text }),
        Value::Unknown(reason) => json!({ "$dynamic": reason.to_string() }),
    }
}

fn behaves(written: &Written) -> Json {
    match written {
        Written::Handler => json!({ "as": "inline:handler" }),
        Written::Passes => json!({ "as": "inline:passes" }),
        Written::Puts(names) => json!({ "as": "inline:passes", "with": { "puts": names } }),
        // Our own manifest has no word for it.
        Written::Routes { .. } => json!({ "as": "inline:unknown" }),
        Written::ErrorHandler { status: None } => json!({ "as": "inline:error-handler" }),
        Written::ErrorHandler {
            status: Some(status),
        } => json!({ "as": "inline:error-handler", "with": { "status": status } }),
        Written::Headers {
            headers,
            ends_options,
            puts,
        } => {
            let set: Map<String, Json> = headers
                .iter()
                .map(|(name, one)| (name.value.clone(), value(&one.value)))
                .collect();
            let mut with = object([("set", Json::Object(set))]);
            if let Some(status) = ends_options {
                with.insert("endsOptions".into(), json!(status));
            }
            if let Some(names) = puts {
                with.insert("puts".into(), json!(names));
            }
            json!({ "as": "inline:headers", "with": with })
        }
        Written::Guard(guard) => self::guard(guard),
    }
}

/// `anyOf` or `allOf` and the names; nothing where they are not known, or are more than one list.
fn names(grant: &Grant) -> Map<String, Json> {
    let list = |names: &[Spanned<String>]| -> Json {
        names.iter().map(|name| json!(name.value)).collect()
    };
    match grant.ways.as_slice() {
        [] => Map::new(),
        [all] => object([("allOf", list(all))]),
        ways if ways.iter().all(|way| way.len() == 1) => {
            let any: Vec<Spanned<String>> = ways.iter().flatten().cloned().collect();
            object([("anyOf", list(&any))])
        }
        _ => Map::new(),
    }
}

/// What is asked of the caller, in one place: what the layer itself asks for, and what a manifest
/// says of it.
fn requires(layer: &Layer) -> Option<Json> {
    let mut out = Map::new();
    if let Some(auth) = layer.requires.auth {
        let word = if auth { "required" } else { "optional" };
        out.insert("auth".into(), json!(word));
    }
    let own = grant_of(layer);
    for grant in own.iter().chain(&layer.requires.grants) {
        let key = match grant.kind {
            GrantKind::Scope => "scopes",
            GrantKind::Role => "roles",
            GrantKind::Claim | GrantKind::Value => continue,
        };
        let mut names = names(grant);
        if names.is_empty() {
            continue;
        }
        let is_of_token = own.is_some() || grant.holder == Holder::Token;
        if let Some(claim) = grant.claim.as_ref().filter(|_| is_of_token) {
            names.insert("claim".into(), json!(claim));
        }
        let entry = out.entry(key).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.append(&mut names);
        }
    }
    (!out.is_empty()).then_some(Json::Object(out))
}

fn guard(guard: &Guard) -> Json {
    let (kind, mut with) = match &guard.wants {
        Wants::Header(name) => ("api-key", object([("header", json!(name))])),
        Wants::Token(form) => {
            let compares = match form {
                TokenForm::Exact => "exact",
                TokenForm::SecondWord => "second-word",
                TokenForm::AnyCase => "any-case",
                TokenForm::Any => "any",
            };
            ("bearer", object([("compares", json!(compares))]))
        }
        Wants::Session => ("session", Map::new()),
        Wants::Address { ips, source } => {
            let from = match source {
                AddressSource::ReqIp => "req.ip",
                AddressSource::Socket => "socket",
                AddressSource::Forwarded => "x-forwarded-for",
            };
            (
                "ip-allow",
                object([("ips", json!(ips)), ("from", json!(from))]),
            )
        }
        Wants::Granted(grant) => {
            let kind = match grant.kind {
                GrantKind::Scope => "scopes",
                _ => "roles",
            };
            let mut with = names(grant);
            if let Some(claim) = &grant.claim {
                with.insert("from".into(), json!(claim));
            }
            (kind, with)
        }
    };
    if let Some(status) = guard.anonymous {
        with.insert("anonymous".into(), json!(status));
    }
    with.insert("status".into(), json!(guard.status));
    if guard.by_error {
        with.insert("byError".into(), json!(true));
    }
    match guard.options {
        OnOptions::Asked => None,
        OnOptions::Skipped => with.insert("skipsOptions".into(), json!(true)),
        OnOptions::Answered(status) => with.insert("endsOptions".into(), json!(status)),
    };
    json!({ "as": format!("inline:{kind}"), "with": with })
}
