//! Express Gateway: `gateway.config.yml`, endpoints that lead to pipelines of policies
//! (express-gateway 1.16, lib/gateway/pipelines.js).

mod conditions;
mod policies;
mod text;

use std::collections::HashMap;

use super::super::model::*;
use crate::problem::Problem;
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};
use crate::syntax::document::{Document, Kind, Node};

/// Methods by which a router can be asked (node's http.METHODS, those that occur).
const METHODS: [&str; 10] = [
    "ALL", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
];

/// How many layers all endpoints may have together.
const MOST_LAYERS: usize = 20_000;

/// Whether a document has pipelines and endpoints.
pub fn is_one(document: &Document) -> bool {
    let Some(root) = document.root() else {
        return false;
    };
    let is_full = |names: [&str; 2]| {
        let found = either(root, names);
        found.is_some_and(|node| !matches!(node.kind(), Kind::Scalar(..)))
    };
    is_full(["pipelines", "pipeline"]) && is_full(["apiEndpoints", "apiEndpoint"])
}

pub fn read(document: &Document, name: &str) -> (Option<App>, Vec<Problem>) {
    let Some(root) = document.root() else {
        return (None, Vec::new());
    };
    let mut reader = Reader {
        root,
        problems: Vec::new(),
        pipelines: Vec::new(),
        leads: HashMap::new(),
        layers: 0,
    };
    reader.pipelines();
    let endpoints = either(root, ["apiEndpoints", "apiEndpoint"]);
    let stack = endpoints.map_or(Vec::new(), |node| reader.endpoints(node));
    let app = App {
        name: name.to_owned(),
        span: head(root, "apiEndpoints").unwrap_or(root.span()),
        form: Form::Gateway,
        version: Major::Four,
        settings: Settings::default(),
        listens: ["http", "https"]
            .into_iter()
            .filter_map(|key| listen(root.get(key)?))
            .collect(),
        proxies: Vec::new(),
        names_allow_origin: false,
        stack,
    };
    (Some(app), reader.problems)
}

/// The plural or the singular, as Express Gateway reads both.
fn either<'d>(node: Node<'d>, names: [&str; 2]) -> Option<Node<'d>> {
    names.iter().find_map(|name| node.get(name))
}

fn head(root: Node<'_>, name: &str) -> Option<Span> {
    let mut entries = root.entries();
    let (key, _) = entries.find(|(key, _)| key.text() == Some(name))?;
    Some(key.span())
}

fn listen(node: Node<'_>) -> Option<Listen> {
    let port = node.get("port")?;
    let host = node.get("hostname").and_then(|host| text::known(host));
    Some(Listen {
        // `${PORT:-'8080'}`: what stands in for it may have quotes of its own.
        port: text::known(port).and_then(|text| text.trim_matches(['\'', '"']).parse().ok()),
        is_host_open: host.is_none() && node.get("hostname").is_some(),
        host,
        span: port.span(),
    })
}

/// One thing or a list of them.
fn listed(node: Node<'_>) -> Vec<Node<'_>> {
    match node.kind() {
        Kind::Sequence(items) => items.collect(),
        _ if node.is_null() => Vec::new(),
        _ => vec![node],
    }
}

/// The entries of a mapping, or of a list as if it had numbers for keys.
fn named(node: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    match node.kind() {
        Kind::Sequence(items) => items.map(|item| (item, item)).collect(),
        _ => node.entries().collect(),
    }
}

struct Reader<'d> {
    root: Node<'d>,
    problems: Vec<Problem>,
    /// The layers of each pipeline.
    pipelines: Vec<Vec<Layer>>,
    /// The pipeline that each endpoint leads to.
    leads: HashMap<String, usize>,
    /// How many layers all routes have by now.
    layers: usize,
}

impl<'d> Reader<'d> {
    /// Of two pipelines for one endpoint the later one counts.
    fn pipelines(&mut self) {
        let Some(pipelines) = either(self.root, ["pipelines", "pipeline"]) else {
            return;
        };
        for (_, pipeline) in named(pipelines) {
            let policies = either(pipeline, ["policies", "policy"]);
            let layers: Vec<Layer> = policies
                .into_iter()
                .flat_map(listed)
                .flat_map(|policy| self.policy(policy))
                .collect();
            let endpoints = either(pipeline, ["apiEndpoints", "apiEndpoint"]);
            for endpoint in endpoints.into_iter().flat_map(listed) {
                if let Some(name) = endpoint.text() {
                    self.expect_endpoint(name, endpoint);
                    self.leads.insert(name.to_owned(), self.pipelines.len());
                }
            }
            self.pipelines.push(layers);
        }
    }

    fn expect_endpoint(&mut self, name: &str, node: Node<'_>) {
        let endpoints = either(self.root, ["apiEndpoints", "apiEndpoint"]);
        let is_there = endpoints.is_some_and(|endpoints| endpoints.get(name).is_some());
        if !is_there {
            let message = format!("there is no endpoint `{name}`");
            self.problems.push(Problem::note(node.span(), message));
        }
    }

    /// Endpoints by their hosts, in the order in which the hosts first occur.
    fn endpoints(&mut self, node: Node<'d>) -> Vec<Item> {
        let mut hosts: Vec<(String, Item)> = Vec::new();
        for (key, endpoint) in named(node) {
            for one in listed(endpoint) {
                let (name, host) = host(one);
                let route = self.route(key, one);
                let at = hosts.iter().position(|(known, _)| *known == name);
                let at = at.unwrap_or_else(|| {
                    let router = Router {
                        host,
                        ..Router::default()
                    };
                    let item = Item {
                        span: key.span(),
                        when: None,
                        what: What::Router {
                            at: super::common::everywhere(key.span()),
                            router,
                        },
                    };
                    hosts.push((name, item));
                    hosts.len() - 1
                });
                if let What::Router { router, .. } = &mut hosts[at].1.what {
                    router.stack.extend(route);
                }
            }
        }
        hosts.into_iter().map(|(_, item)| item).collect()
    }

    fn route(&mut self, key: Node<'d>, endpoint: Node<'d>) -> Option<Item> {
        let name = key.text().unwrap_or_default();
        let paths = either(endpoint, ["paths", "path"]);
        let span = paths.map_or(key.span(), Node::span);
        let at = match (endpoint.get("pathRegex"), paths) {
            (Some(regex), _) => Paths(vec![Spanned::new(
                match text::known(regex) {
                    Some(pattern) => Path::Regex {
                        pattern,
                        flags: String::new(),
                    },
                    None => Path::Unknown(Reason::new("the environment decides")),
                },
                regex.span(),
            )]),
            (None, Some(paths)) => Paths(listed(paths).into_iter().map(text::path).collect()),
            (None, None) => Paths::default(),
        };
        let at = match at.0.is_empty() {
            true => Paths(vec![Spanned::new(Path::Text("*".into()), span)]),
            false => at,
        };
        let methods = endpoint.get("methods");
        // The place where OPTIONS is named or missing is what a report has to show.
        let place = methods.map_or(span, Node::span);
        let mut chain = self.chain(name, place);
        // Scopes are looked at by the policies that ask who is there; without one nobody does.
        let recognises = |layer: &Layer| match &layer.callee {
            Callee::Package { package, .. } => package == "passport",
            callee => matches!(callee, Callee::Written(Written::Guard(_))),
        };
        if let Some(layer) = chain.iter_mut().find(|layer| recognises(layer)) {
            let scopes = endpoint.get("scopes").into_iter().flat_map(listed);
            let scopes: Vec<Spanned<String>> = scopes
                .filter_map(|scope| Some(Spanned::new(scope.text()?.to_owned(), scope.span())))
                .collect();
            if !scopes.is_empty() {
                let grant = Grant::new(GrantKind::Scope, vec![scopes]);
                layer.requires.grants = vec![grant];
            }
        }
        Some(Item {
            span: place,
            when: None,
            what: What::Route {
                methods: self.methods(methods),
                at,
                chain,
            },
        })
    }

    /// The layers behind an endpoint. An alias makes many endpoints of a short text, each with all
    /// of its pipeline.
    fn chain(&mut self, endpoint: &str, place: Span) -> Vec<Layer> {
        let Some(pipeline) = self.leads.get(endpoint).map(|at| &self.pipelines[*at]) else {
            return Vec::new();
        };
        self.layers += pipeline.len() + 1;
        if self.layers <= MOST_LAYERS {
            return pipeline.clone();
        }
        let message = "there are too many endpoints with too many policies";
        if self.problems.iter().all(|told| told.message != message) {
            self.problems.push(Problem::fatal(place, message));
        }
        Vec::new()
    }

    fn methods(&mut self, node: Option<Node<'d>>) -> Methods {
        let Some(node) = node else {
            return Methods::All;
        };
        let mut names = Vec::new();
        for one in listed(node) {
            let Some(written) = text::known(one) else {
                return Methods::All;
            };
            if written == "*" && one.span() == node.span() {
                return Methods::All;
            }
            names.extend(
                written
                    .split(',')
                    .map(|name| name.trim().to_ascii_uppercase()),
            );
        }
        names.retain(|name| !name.is_empty());
        if names.iter().any(|name| name == "ALL") {
            return Methods::All;
        }
        for name in names
            .iter()
            .filter(|name| !METHODS.contains(&name.as_str()))
        {
            let message = format!("Express Gateway does not start: there is no method `{name}`");
            self.problems.push(Problem::note(node.span(), message));
        }
        Methods::These(names)
    }
}

/// The hosts of an endpoint, and a name under which those of one host meet.
fn host(endpoint: Node<'_>) -> (String, Option<Host>) {
    let spanned = |text: &str, node: Node<'_>| Spanned::new(text.to_owned(), node.span());
    if let Some(regex) = endpoint.get("hostRegex") {
        let text = regex.text().unwrap_or_default();
        let reason = Reason::new("a regular expression decides");
        let host = Host::Unknown(spanned(text, regex), reason);
        return (text.to_owned(), Some(host));
    }
    let Some(node) = endpoint.get("host").filter(|node| !node.is_null()) else {
        return ("*".into(), None);
    };
    let written = node.text().unwrap_or_default();
    match text::resolved(node) {
        Known::Is(name) if name == "*" || name.is_empty() => ("*".into(), None),
        Known::Is(name) => (name.clone(), Some(Host::Name(spanned(&name, node)))),
        Known::Unknown(because) => (
            written.to_owned(),
            Some(Host::Unknown(spanned(written, node), because)),
        ),
    }
}
