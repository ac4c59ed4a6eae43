//! The `middleware` of kraken-js and meddleware: by priority (meddleware 4, index.js).

use super::super::model::*;
use super::super::value::Value;
use super::common::{self, everywhere};
use super::manifest::values;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::document::{Document, Kind, Node};

/// What an entry has that is of this kind.
const KEYS: [&str; 4] = ["enabled", "priority", "module", "route"];

/// What kraken-js brings along (kraken-js 2, config/config.json); a project changes it entry by
/// entry, under the same names.
const KRAKEN: [Usual; 12] = [
    usual("shutdown", true, 0.0, "kraken-js/middleware/shutdown", None),
    usual("compress", false, 10.0, "compression", None),
    usual("favicon", true, 30.0, "static-favicon", None),
    usual("static", true, 40.0, "serve-static", None),
    usual("logger", true, 50.0, "morgan", None),
    usual("json", true, 60.0, "body-parser", Some("json")),
    usual("urlencoded", true, 70.0, "body-parser", Some("urlencoded")),
    usual(
        "multipart",
        true,
        80.0,
        "kraken-js/middleware/multipart",
        None,
    ),
    usual("cookieParser", true, 90.0, "cookie-parser", None),
    usual("session", true, 100.0, "express-session", None),
    usual("appsec", true, 110.0, "lusca", None),
    usual("router", true, 120.0, "express-enrouten", None),
];

/// One of kraken's own.
struct Usual {
    name: &'static str,
    enabled: bool,
    priority: f64,
    package: &'static str,
    method: Option<&'static str>,
}

const fn usual(
    name: &'static str,
    enabled: bool,
    priority: f64,
    package: &'static str,
    method: Option<&'static str>,
) -> Usual {
    Usual {
        name,
        enabled,
        priority,
        package,
        method,
    }
}

/// Whether a document has middleware with priorities, and modules that make it.
pub fn is_one(document: &Document) -> bool {
    let Some(middleware) = middleware(document) else {
        return false;
    };
    let is_entry = |entry: Node<'_>| {
        let module = entry.get("module").and_then(|module| module.get("name"));
        let numbered = entry.get("priority").map(|node| values::value(node).value);
        module.is_some() || matches!(numbered, Some(Value::Number(_)))
    };
    middleware.entries().any(|(_, entry)| is_entry(entry))
}

fn middleware(document: &Document) -> Option<Node<'_>> {
    document.root()?.get("middleware")
}

/// `is_kraken` says that the file lies where kraken-js looks for it.
pub fn read(document: &Document, name: &str, is_kraken: bool) -> (Option<App>, Vec<Problem>) {
    let (Some(root), Some(middleware)) = (document.root(), middleware(document)) else {
        return (None, Vec::new());
    };
    let mut reader = Reader {
        is_kraken: is_kraken || leaves_modules_out(middleware),
        problems: Vec::new(),
    };
    let head = root
        .entries()
        .find(|(key, _)| key.text() == Some("middleware"));
    let span = head.map_or(root.span(), |(key, _)| key.span());
    let mut placed: Vec<(f64, Item)> = Vec::new();
    if reader.is_kraken {
        for usual in &KRAKEN {
            if middleware.get(usual.name).is_none() && usual.enabled {
                let layer = usual.layer(span);
                placed.push((usual.priority, used(everywhere(span), layer, None)));
            }
        }
    }
    for (key, entry) in middleware.entries() {
        placed.extend(reader.entry(key, entry));
    }
    placed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut stack: Vec<Item> = placed.into_iter().map(|(_, item)| item).collect();
    if !stack.iter().any(is_router) {
        stack.push(common::routes(span, true));
    }
    let express = root.get("express");
    let setting = |key: &str| express.and_then(|express| express.get(key));
    let is_on = |key: &str| setting(key).and_then(Node::text) == Some("true");
    let app = App {
        name: name.to_owned(),
        span,
        form: Form::Meddleware,
        version: Major::Four,
        settings: Settings {
            trust_proxy: setting("trust proxy").map(values::value),
            case_sensitive: is_on("case sensitive routing"),
            strict: is_on("strict routing"),
        },
        listens: Vec::new(),
        proxies: Vec::new(),
        names_allow_origin: false,
        stack,
    };
    (Some(app), reader.problems)
}

/// Whether an entry changes one of kraken's, which has the module.
fn leaves_modules_out(middleware: Node<'_>) -> bool {
    middleware.entries().any(|(key, entry)| {
        let named = key.text().is_some_and(|name| of_kraken(name).is_some());
        let is_object = matches!(entry.kind(), Kind::Mapping(_));
        named && is_object && module_name(entry).is_none()
    })
}

fn of_kraken(name: &str) -> Option<&'static Usual> {
    KRAKEN.iter().find(|usual| usual.name == name)
}

impl Usual {
    fn layer(&self, span: Span) -> Layer {
        let callee = Callee::package(self.package, self.method);
        let mut layer = Layer::new(self.name, span, callee);
        if self.package == "lusca" {
            let csrf = Spanned::new("csrf".to_owned(), span);
            let on = Spanned::new(Value::Bool(true), span);
            layer.args = vec![Spanned::new(Value::Object(vec![(csrf, on)]), span)];
        }
        layer
    }
}

struct Reader {
    is_kraken: bool,
    problems: Vec<Problem>,
}

impl Reader {
    fn entry(&mut self, key: Node<'_>, entry: Node<'_>) -> Option<(f64, Item)> {
        let name = key.text()?;
        if !matches!(entry.kind(), Kind::Mapping(_)) {
            return None;
        }
        let usual = of_kraken(name).filter(|_| self.is_kraken);
        let when = match self.enabled(name, entry, usual) {
            Enabled::No => return None,
            Enabled::Yes => None,
            Enabled::When(test) => Some(test),
        };
        let priority = self.priority(name, entry, usual);
        let layer = self.layer(name, key.span(), entry, usual)?;
        let at = route(entry.get("route"), key.span());
        let item = match is_enrouten(&layer) {
            true => Item {
                when,
                ..common::mounted_routes(key.span(), at, layer)
            },
            false => used(at, layer, when),
        };
        Some((priority, item))
    }

    /// What counts as true is enabled, whatever it says.
    fn enabled(&mut self, name: &str, entry: Node<'_>, usual: Option<&Usual>) -> Enabled {
        let Some(node) = entry.get("enabled") else {
            return match usual.is_none_or(|usual| usual.enabled) {
                true => Enabled::Yes,
                false => Enabled::No,
            };
        };
        match option(node).value {
            Value::Text(text) if matches!(text.as_str(), "false" | "no" | "off" | "0") => {
                let message = format!("`enabled` is a text, which counts as true: {name} runs");
                let help = "write `false` without quotes";
                self.problems
                    .push(Problem::note(node.span(), message).with_help(help));
                Enabled::Yes
            }
            value => match value.truth() {
                crate::request::Known::Is(true) => Enabled::Yes,
                crate::request::Known::Is(false) => Enabled::No,
                crate::request::Known::Unknown(_) => {
                    let text = format!("`enabled` of {name}");
                    Enabled::When(Spanned::new(text, node.span()))
                }
            },
        }
    }

    fn priority(&mut self, name: &str, entry: Node<'_>, usual: Option<&Usual>) -> f64 {
        let Some(node) = entry.get("priority") else {
            // The least number above 0, not the least number.
            return usual.map_or(f64::MIN_POSITIVE, |usual| usual.priority);
        };
        match values::value(node).value {
            Value::Number(priority) => priority,
            _ => {
                let message =
                    format!("the priority of {name} is no number, so it runs after 0 and before 1");
                self.problems.push(
                    Problem::note(node.span(), message)
                        .with_help("write the number without quotes"),
                );
                f64::MIN_POSITIVE
            }
        }
    }

    fn layer(
        &mut self,
        name: &str,
        span: Span,
        entry: Node<'_>,
        usual: Option<&Usual>,
    ) -> Option<Layer> {
        let unreadable = |reason: &str| {
            let callee = Callee::Unreadable(Reason::new(reason));
            Some(Layer::new(name, span, callee))
        };
        if ["parallel", "race", "fallback"]
            .iter()
            .any(|group| entry.get(group).is_some())
        {
            return unreadable("it is a group, and is not read");
        }
        let args = entry
            .get("module")
            .and_then(|module| module.get("arguments"));
        let args: Option<Vec<Spanned<Value>>> = args.map(|args| args.items().map(option).collect());
        let method = entry.get("module").and_then(|module| module.get("method"));
        let mut layer = match (module_name(entry), usual) {
            (Some(module), _) if is_file(module) => {
                return unreadable("it is a file of the project, and is not read");
            }
            (Some(module), _) => {
                let member = method.and_then(Node::text);
                let package = module.strip_prefix("require:").unwrap_or(module);
                Layer::new(name, span, Callee::package(package, member))
            }
            (None, Some(usual)) => usual.layer(span),
            (None, None) => {
                let known = KEYS.iter().any(|key| entry.get(key).is_some());
                if known {
                    let message = format!("{name} names no module");
                    self.problems.push(Problem::note(span, message));
                }
                return None;
            }
        };
        if let Some(args) = args {
            layer.args = args;
        }
        Some(layer)
    }
}

enum Enabled {
    Yes,
    No,
    When(Spanned<String>),
}

fn used(at: Paths, layer: Layer, when: Option<Spanned<String>>) -> Item {
    Item {
        span: layer.span,
        when,
        what: What::Use { at, layer },
    }
}

fn is_router(item: &Item) -> bool {
    matches!(item.what, What::Router { .. })
}

/// What registers the routes of a folder.
fn is_enrouten(layer: &Layer) -> bool {
    matches!(&layer.callee, Callee::Package { package, .. } if package == "express-enrouten")
}

/// `"module": "name"` or `"module": { "name": … }`.
fn module_name(entry: Node<'_>) -> Option<&str> {
    let module = entry.get("module")?;
    module.text().or_else(|| module.get("name")?.text())
}

fn is_file(module: &str) -> bool {
    let module = module.strip_prefix("require:").unwrap_or(module);
    module.starts_with(['.', '/']) || module.starts_with("path:")
}

/// A value whose text may be for somebody else to look up (the shortstop handlers of kraken-js).
fn option(node: Node<'_>) -> Spanned<Value> {
    let mut value = values::value(node);
    look_up(&mut value.value);
    value
}

fn look_up(value: &mut Value) {
    match value {
        Value::Text(text) => {
            let Some((prefix, rest)) = text.split_once(':') else {
                return;
            };
            *value = match prefix {
                "env" => Value::Env {
                    name: rest.split('|').next().unwrap_or(rest).to_owned(),
                    default: None,
                },
                "config" | "require" | "import" | "exec" | "file" | "base64" | "glob" => {
                    Value::Unknown(Reason::new(format!("`{text}` decides")))
                }
                _ => return,
            };
        }
        Value::List(items) => items.iter_mut().for_each(|item| look_up(&mut item.value)),
        Value::Object(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| look_up(&mut value.value)),
        _ => {}
    }
}

/// `regexp:` is a shortstop handler, too; other texts are paths, the slash before them added.
fn route(node: Option<Node<'_>>, span: Span) -> Paths {
    let Some(node) = node else {
        return everywhere(span);
    };
    let read = values::paths(node);
    let paths = read.0.into_iter().map(|path| {
        let value = match path.value {
            Path::Text(text) => match text.strip_prefix("regexp:") {
                Some(written) => regex(written),
                None => Path::Text(format!("/{}", text.trim_start_matches('/'))),
            },
            other => other,
        };
        Spanned::new(value, path.span)
    });
    Paths(paths.collect())
}

/// `/pattern/flags`, or the pattern alone.
fn regex(written: &str) -> Path {
    let inside = written
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    let (pattern, flags) = inside.unwrap_or((written, ""));
    Path::Regex {
        pattern: pattern.to_owned(),
        flags: flags.to_owned(),
    }
}
