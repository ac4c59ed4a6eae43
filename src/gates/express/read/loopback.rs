//! LoopBack 2 and 3: `server/middleware.json`, middleware by phases (loopback-boot 2, compiler.js
//! and executor.js; loopback 3, server-app.js).

use super::super::model::*;
use super::super::value::Value;
use super::common::{self, everywhere};
use super::manifest::values;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::document::{Document, Kind, Node};

/// In the order in which they run.
const PHASES: [&str; 7] = [
    "initial", "session", "auth", "parse", "routes", "files", "final",
];

/// The path of the API where the configuration names none.
const API: &str = "/api";

/// Whether a document is one of LoopBack's: objects under the names of phases.
pub fn is_one(document: &Document) -> bool {
    let Some(root) = document.root() else {
        return false;
    };
    let is_phase = |key: Node<'_>| {
        let name = key.text().map(|text| Phase::of(text).0);
        name.is_some_and(|name| PHASES.contains(&name))
    };
    let known = root.entries().filter(|(key, _)| is_phase(*key)).count();
    let mut values = root.entries().flat_map(|(_, phase)| phase.entries());
    known >= 2
        && root.entries().all(|(_, value)| is_mapping(value))
        && values.all(|(_, value)| value.text().is_none())
}

/// Reads the middleware. The routes of the application are registered by its code.
pub fn read(document: &Document, name: &str) -> (Option<App>, Vec<Problem>) {
    let Some(root) = document.root() else {
        return (None, Vec::new());
    };
    let mut reader = Reader {
        phases: PHASES.map(str::to_owned).to_vec(),
        problems: Vec::new(),
        has_api: false,
    };
    reader.merge(root);
    let mut placed: Vec<(usize, Item)> = Vec::new();
    for (key, phase) in root.entries() {
        let place = reader.place(key);
        for (name, configs) in phase.entries() {
            let items = reader.entry(name, configs);
            placed.extend(items.into_iter().map(|item| (place, item)));
        }
    }
    // Of two in one phase the one that stands first runs first.
    placed.sort_by_key(|(place, _)| *place);
    let routes = root.entries().find(|(key, _)| key.text() == Some("routes"));
    let span = routes
        .or_else(|| root.entries().next())
        .map_or(root.span(), |(key, _)| key.span());
    let head = reader.rank("routes");
    let at = placed.partition_point(|(place, _)| *place < head);
    let mut stack: Vec<Item> = placed.into_iter().map(|(_, item)| item).collect();
    stack.insert(at, common::routes(span, !reader.has_api));
    let app = App {
        name: name.to_owned(),
        span,
        form: Form::LoopBack,
        version: Major::Four,
        settings: Settings::default(),
        listens: Vec::new(),
        proxies: Vec::new(),
        names_allow_origin: false,
        stack,
    };
    (Some(app), reader.problems)
}

/// The two places around a phase.
#[derive(Clone, Copy)]
enum Hook {
    Before,
    Inside,
    After,
}

struct Phase;

impl Phase {
    fn of(text: &str) -> (&str, Hook) {
        match text.rsplit_once(':') {
            Some((name, "before")) => (name, Hook::Before),
            Some((name, "after")) => (name, Hook::After),
            _ => (text, Hook::Inside),
        }
    }
}

struct Reader {
    phases: Vec<String>,
    problems: Vec<Problem>,
    /// The API itself stands in the file.
    has_api: bool,
}

impl Reader {
    /// Puts phases that LoopBack does not know between those that it knows, each after the one
    /// that stands before it in the file (loopback-phase, merge-name-lists.js).
    fn merge(&mut self, root: Node<'_>) {
        let mut from = 0;
        let mut before: Option<String> = None;
        for (key, _) in root.entries() {
            let name = key.text().map_or("", |text| Phase::of(text).0);
            if before.as_deref() == Some(name) {
                continue;
            }
            match self.phases.iter().position(|phase| phase == name) {
                Some(at) if at < from => {
                    let after = before.as_deref().unwrap_or_default();
                    let message = format!(
                        "LoopBack does not start: the phase {name} comes before {after}, and \
                         stands after it"
                    );
                    let help = "write the phases in the order in which they run";
                    self.problems
                        .push(Problem::note(key.span(), message).with_help(help));
                }
                Some(at) => from = at,
                None => {
                    let last = before.and_then(|name| self.at(&name));
                    self.phases
                        .insert(last.map_or(0, |last| last + 1), name.to_owned());
                }
            }
            before = Some(name.to_owned());
        }
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.phases.iter().position(|phase| phase == name)
    }

    fn rank(&self, phase: &str) -> usize {
        let (name, hook) = Phase::of(phase);
        self.at(name).unwrap_or(self.phases.len()) * 3 + hook as usize
    }

    fn place(&self, key: Node<'_>) -> usize {
        self.rank(key.text().unwrap_or_default())
    }

    /// One middleware, or the same one several times.
    fn entry(&mut self, key: Node<'_>, configs: Node<'_>) -> Vec<Item> {
        let all: Vec<Node<'_>> = match configs.kind() {
            Kind::Sequence(items) => items.collect(),
            _ => vec![configs],
        };
        all.into_iter()
            .filter_map(|config| self.item(key, config))
            .collect()
    }

    fn item(&mut self, key: Node<'_>, config: Node<'_>) -> Option<Item> {
        let name = key.text()?;
        self.mistakes(name, config);
        let enabled = config.get("enabled").map(values::value);
        if enabled.as_ref().map(|enabled| &enabled.value) == Some(&Value::Bool(false)) {
            return None;
        }
        let callee = callee(name);
        let mut layer = Layer::new(name, key.span(), callee);
        layer.is_error_handler = matches!(
            name,
            "strong-error-handler" | "loopback#errorHandler" | "errorhandler"
        );
        layer.args = match config.get("params") {
            None => Vec::new(),
            Some(params) => match params.kind() {
                Kind::Sequence(items) => items.map(values::value).collect(),
                _ => vec![values::value(params)],
            },
        };
        let methods = config.get("methods").or_else(|| config.get("verbs"));
        layer.runs_for = methods.map_or(RunsFor::All, runs_for);
        let at = paths(config.get("paths"), key.span());
        if name == "loopback#rest" {
            self.has_api = true;
            return Some(common::mounted_routes(key.span(), at, layer));
        }
        Some(Item {
            span: key.span(),
            when: None,
            what: What::Use { at, layer },
        })
    }

    /// What LoopBack does not read, and nobody is told of.
    fn mistakes(&mut self, name: &str, config: Node<'_>) {
        let everywhere = config.get("paths").is_none();
        for (key, value) in config.entries() {
            let told = match key.text() {
                Some("path") if everywhere => Some((
                    format!("LoopBack does not read `path`: {name} runs for every path"),
                    "write `paths`",
                )),
                Some("enabled") if value.text() == Some("false") && !is_plain(value) => Some((
                    format!("`enabled` is a text, so {name} runs: only `false` itself stops it"),
                    "write `false` without quotes",
                )),
                Some("methods" | "verbs") if value.text().is_some() => Some((
                    format!("LoopBack reads a list of methods only: {name} runs for every method"),
                    "write the method in brackets",
                )),
                _ => None,
            };
            self.problems.extend(
                told.map(|(message, help)| Problem::note(key.span(), message).with_help(help)),
            );
        }
    }
}

fn is_mapping(node: Node<'_>) -> bool {
    matches!(node.kind(), Kind::Mapping(_))
}

fn is_plain(node: Node<'_>) -> bool {
    matches!(values::value(node).value, Value::Bool(_))
}

/// `package`, `package#member`, or a file of the project.
fn callee(name: &str) -> Callee {
    if name.starts_with(['.', '/', '$']) {
        return Callee::Unreadable(Reason::new("it is a file of the project, and is not read"));
    }
    match name.split_once('#') {
        Some((package, member)) => Callee::package(package, Some(member)),
        None => Callee::package(name, None),
    }
}

fn runs_for(methods: Node<'_>) -> RunsFor {
    let Kind::Sequence(items) = methods.kind() else {
        return RunsFor::All;
    };
    let names: Vec<String> = items
        .filter_map(|method| method.text().map(str::to_ascii_uppercase))
        .collect();
    match names.iter().any(|method| method == "ALL") {
        true => RunsFor::All,
        false => RunsFor::These(names),
    }
}

fn paths(node: Option<Node<'_>>, span: Span) -> Paths {
    let read = node.map(values::paths).unwrap_or_default();
    if read.0.is_empty() {
        return everywhere(span);
    }
    let resolved = read.0.into_iter().map(|path| match &path.value {
        Path::Text(text) if text == "${restApiRoot}" => {
            Spanned::new(Path::Text(API.to_owned()), path.span)
        }
        Path::Text(text) if text.contains("${") => {
            let reason = Reason::new(format!("the configuration says what {text} is"));
            Spanned::new(Path::Unknown(reason), path.span)
        }
        _ => path,
    });
    Paths(resolved.collect())
}
