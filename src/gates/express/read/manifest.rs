//! The middleware manifest, `manifest: express/v1` (schemas/express.v1.schema.json).

mod inline;
mod layers;
pub(super) mod values;

use std::collections::{HashMap, HashSet};

use layers::when;

use super::super::model::*;
use super::common::everywhere;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::source::{Span, Spanned};
use crate::syntax::document::{Document, Kind, Node, Style};

/// How deep routers may nest, and middleware may stand for one another.
const MAX_DEPTH: usize = 32;

/// Whether a document is a manifest of this kind.
pub fn is_manifest(document: &Document) -> bool {
    let root = document.root();
    let marked = root.and_then(|root| root.get("manifest")?.text());
    marked.is_some_and(|text| text.starts_with("express/"))
}

/// Reads a manifest. A mistake costs its entry; a layer that cannot be read keeps its place.
pub fn read(document: &Document, name: &str) -> (Option<App>, Vec<Problem>) {
    let mut reader = Reader {
        named: HashMap::new(),
        open: HashSet::new(),
        depth: 0,
        problems: Vec::new(),
    };
    let app = document.root().and_then(|root| reader.app(root, name));
    (app, reader.problems)
}

struct Reader<'d> {
    /// `middleware:`, by name.
    named: HashMap<String, Node<'d>>,
    /// Names that are being followed, so that none stands for itself.
    open: HashSet<String>,
    depth: usize,
    problems: Vec<Problem>,
}

const TOP: [&str; 9] = [
    "manifest",
    "name",
    "express",
    "entry",
    "settings",
    "network",
    "middleware",
    "upstreams",
    "stack",
];
const ROUTE: [&str; 8] = [
    "id",
    "route",
    "chain",
    "requires",
    "changesState",
    "when",
    "source",
    "note",
];
const ROUTER: [&str; 6] = ["at", "app", "name", "options", "before", "stack"];
const ERROR: [&str; 9] = [
    "id", "error", "with", "args", "at", "behaves", "when", "source", "note",
];

impl<'d> Reader<'d> {
    fn app(&mut self, root: Node<'d>, name: &str) -> Option<App> {
        self.known_keys(root, &TOP, "a manifest");
        let version = root.get("manifest")?;
        if version.text() != Some("express/v1") {
            self.complain(version.span(), "this program reads `express/v1` manifests");
            return None;
        }
        if let Some(named) = root.get("middleware") {
            for (key, value) in named.entries() {
                if let Some(key) = key.text() {
                    self.named.insert(key.to_owned(), value);
                }
            }
        }
        let stack = match root.get("stack") {
            Some(stack) => self.stack(stack),
            None => {
                self.complain(root.span(), "a manifest has a `stack`");
                Vec::new()
            }
        };
        let settings = root.get("settings").map(|node| self.settings(node));
        Some(App {
            name: name.to_owned(),
            span: root.get("stack").map_or(root.span(), Node::span),
            form: Form::Manifest,
            version: self.version(root.get("express")),
            settings: settings.unwrap_or_default(),
            listens: self.listens(root.get("network")),
            proxies: proxies(root.get("network")),
            names_allow_origin: false,
            stack,
        })
    }

    fn version(&mut self, node: Option<Node<'d>>) -> Major {
        match node.map(|node| (node, node.text())) {
            Some((_, Some("4"))) => Major::Four,
            Some((_, Some("5"))) | None => Major::Five,
            Some((node, _)) => {
                self.complain(node.span(), "`express` is 4 or 5");
                Major::Five
            }
        }
    }

    fn settings(&mut self, node: Node<'d>) -> Settings {
        let is_on = |key: &str| node.get(key).and_then(Node::text) == Some("true");
        Settings {
            trust_proxy: node.get("trust proxy").map(values::value),
            case_sensitive: is_on("case sensitive routing"),
            strict: is_on("strict routing"),
        }
    }

    fn listens(&mut self, network: Option<Node<'d>>) -> Vec<Listen> {
        let Some(listen) = network.and_then(|network| network.get("listen")) else {
            return Vec::new();
        };
        let text = listen.text().unwrap_or_default();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.parse().ok()),
            _ => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        vec![Listen {
            port,
            host: (!host.is_empty()).then(|| host.to_owned()),
            is_host_open: false,
            span: listen.span(),
        }]
    }

    fn stack(&mut self, node: Node<'d>) -> Vec<Item> {
        if !matches!(node.kind(), Kind::Sequence(_)) {
            self.complain(
                node.span(),
                "a stack is a list, in the order of registration",
            );
            return Vec::new();
        }
        if self.depth >= MAX_DEPTH {
            self.complain(node.span(), "routers are nested too deep");
            return Vec::new();
        }
        self.depth += 1;
        let items = node.items().flat_map(|item| self.items(item)).collect();
        self.depth -= 1;
        items
    }

    fn items(&mut self, node: Node<'d>) -> Vec<Item> {
        if node.get("route").is_some() {
            return vec![self.route(node)];
        }
        if let Some(router) = node.get("router") {
            return vec![self.router(node, router)];
        }
        let at = node
            .get("at")
            .map_or(everywhere(node.span()), values::paths);
        let layer = match node.get("error") {
            Some(_) => {
                self.known_keys(node, &ERROR, "an error handler");
                let layer = self.layer_of(node, "error");
                Layer {
                    is_error_handler: true,
                    ..layer
                }
            }
            None => self.layer(node),
        };
        vec![Item {
            span: layer.span,
            when: when(node),
            what: What::Use { at, layer },
        }]
    }

    fn route(&mut self, node: Node<'d>) -> Item {
        self.known_keys(node, &ROUTE, "a route");
        let (methods, at) = self.method_and_path(node.get("route"));
        let requires = self.requires(node.get("requires"));
        let mut chain: Vec<Layer> = match node.get("chain") {
            Some(chain) => chain.items().map(|layer| self.layer(layer)).collect(),
            None => Vec::new(),
        };
        if let Some(last) = chain.last_mut() {
            last.requires = requires;
        }
        Item {
            span: node.get("route").map_or(node.span(), Node::span),
            when: when(node),
            what: What::Route { methods, at, chain },
        }
    }

    /// `GET,POST /orders`, or `{ methods: [GET], path: /orders }`.
    fn method_and_path(&mut self, node: Option<Node<'d>>) -> (Methods, Paths) {
        let Some(node) = node else {
            return (Methods::All, Paths::default());
        };
        let (methods, paths) = match node.text() {
            Some(text) => {
                let (methods, path) = text.split_once(' ').unwrap_or((text, "/"));
                let path = Path::Text(path.trim().to_owned());
                let paths = Paths(vec![Spanned::new(path, node.span())]);
                (methods.split(',').map(str::to_owned).collect(), paths)
            }
            None => {
                self.known_keys(node, &["methods", "path"], "a route's `route`");
                let methods = node.get("methods");
                let methods: Vec<String> = methods
                    .into_iter()
                    .flat_map(Node::items)
                    .filter_map(|method| method.text().map(str::to_owned))
                    .collect();
                let paths = node.get("path").map(values::paths);
                (methods, paths.unwrap_or_default())
            }
        };
        let upper: Vec<String> = methods.iter().map(|one| one.to_ascii_uppercase()).collect();
        let all = upper.iter().any(|method| method == "*" || method == "ALL");
        match all {
            true => (Methods::All, paths),
            false => (Methods::These(upper), paths),
        }
    }

    fn router(&mut self, node: Node<'d>, router: Node<'d>) -> Item {
        self.known_keys(
            node,
            &["router", "when", "source", "note"],
            "a router's entry",
        );
        self.known_keys(router, &ROUTER, "a router");
        let options = router.get("options");
        let is_on = |key: &str| {
            let option = options.and_then(|options| options.get(key));
            option.and_then(Node::text) == Some("true")
        };
        let at = router
            .get("at")
            .map_or(everywhere(router.span()), values::paths);
        let mut stack = Vec::new();
        // `before` are the layers of the same `use`, ahead of the router itself.
        let before = router.get("before").map(|before| self.stack(before));
        stack.extend(before.unwrap_or_default());
        stack.extend(
            router
                .get("stack")
                .map_or(Vec::new(), |stack| self.stack(stack)),
        );
        Item {
            span: node.span(),
            when: when(node),
            what: What::Router {
                at,
                router: Router {
                    host: None,
                    name: router.get("name").and_then(Node::text).map(str::to_owned),
                    case_sensitive: is_on("caseSensitive"),
                    strict: is_on("strict"),
                    stack,
                },
            },
        }
    }

    fn known_keys(&mut self, node: Node<'d>, known: &[&str], of: &str) {
        for (key, _) in node.entries() {
            let Some(text) = key.text().filter(|text| !known.contains(text)) else {
                continue;
            };
            let help = match nearest(text, known, 3) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", known.join(", ")),
            };
            self.problems.push(Problem {
                fatal: true,
                span: Some(key.span()),
                message: format!("{of} has no key `{text}`"),
                help: Some(help),
            });
        }
    }

    fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem {
            fatal: true,
            span: Some(span),
            message: message.into(),
            help: None,
        });
    }
}

fn proxies(network: Option<Node<'_>>) -> Vec<Proxy> {
    let proxies = network.and_then(|network| network.get("proxies"));
    let proxies = proxies.into_iter().flat_map(Node::items);
    proxies
        .filter_map(|proxy| {
            let name = proxy.get("name")?;
            Some(Proxy {
                name: name.text()?.to_owned(),
                span: name.span(),
                replaces: proxy.get("xff").and_then(Node::text) == Some("replace"),
            })
        })
        .collect()
}

/// How a scalar was written decides between a text and a number.
fn is_plain(style: Style) -> bool {
    style == Style::Plain
}
