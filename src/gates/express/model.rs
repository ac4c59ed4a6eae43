//! An Express application as Express holds it: an ordered stack of layers, routes and routers.

mod grant;
mod written;

pub use grant::{Grant, GrantKind, Holder, Requires};
pub use written::{AddressSource, Guard, OnOptions, TokenForm, Wants, Written};

use std::fmt;

use super::value::Value;
use crate::request::Reason;
use crate::source::{Span, Spanned};

/// An application: what `express()` returns, after all was registered.
#[derive(Clone, Debug)]
pub struct App {
    /// The file in which it is made, or its manifest.
    pub name: String,
    pub span: Span,
    pub form: Form,
    /// 4 where nothing says which: most applications that exist were written for it.
    pub version: Major,
    pub settings: Settings,
    pub listens: Vec<Listen>,
    /// What stands between its callers and the app, outermost first.
    pub proxies: Vec<Proxy>,
    /// Some line of the program names Access-Control-Allow-Origin: what it is set by may be a
    /// handler, whose body is not walked.
    pub names_allow_origin: bool,
    pub stack: Vec<Item>,
}

/// In what form it is written down, and so where a remedy has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The program itself.
    Source,
    /// A manifest of our own, which stands for the calls of a program.
    Manifest,
    /// LoopBack's `middleware.json`.
    LoopBack,
    /// The `middleware` of kraken-js and meddleware.
    Meddleware,
    /// Express Gateway's `gateway.config.yml`.
    Gateway,
}

/// The major version of Express, by which paths are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Major {
    Four,
    Five,
}

impl fmt::Display for Major {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Major::Four => "4",
            Major::Five => "5",
        })
    }
}

/// `app.set(…)`, by the names that Express uses (Express API, "Application Settings").
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub trust_proxy: Option<Spanned<Value>>,
    pub case_sensitive: bool,
    pub strict: bool,
}

/// `app.listen(port, host)`.
#[derive(Clone, Debug)]
pub struct Listen {
    /// `None` where only the environment knows.
    pub port: Option<u16>,
    /// `None` for every address, IPv6 and IPv4.
    pub host: Option<String>,
    /// One is given, and only the environment knows which.
    pub is_host_open: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Proxy {
    pub name: String,
    pub span: Span,
    /// It writes X-Forwarded-For anew, and does not add to what the client has sent.
    pub replaces: bool,
}

/// One registration.
#[derive(Clone, Debug)]
pub struct Item {
    pub span: Span,
    /// The condition under which it is registered at all, as it stands in the source.
    pub when: Option<Spanned<String>>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// `use(path, layer)`: for each path that starts so, whatever the method.
    Use { at: Paths, layer: Layer },
    /// `use(path, router)`, or another application.
    Router { at: Paths, router: Router },
    /// `get(path, …)`, `all(path, …)`, `route(path).get(…)`.
    Route {
        methods: Methods,
        at: Paths,
        chain: Vec<Layer>,
    },
    /// Something is registered here that cannot be followed; order is the point, so it has a place.
    Opaque(Reason),
}

#[derive(Clone, Debug, Default)]
pub struct Router {
    pub name: Option<String>,
    /// The hosts for which it is there (the vhost package).
    pub host: Option<Host>,
    pub case_sensitive: bool,
    pub strict: bool,
    pub stack: Vec<Item>,
}

/// The hosts of a router.
#[derive(Clone, Debug, PartialEq)]
pub enum Host {
    /// A name, in which a star stands for one label or a part of one.
    Name(Spanned<String>),
    /// Only the environment knows, or a regular expression; what is written, and why.
    Unknown(Spanned<String>, Reason),
}

/// The paths of a registration; any of them will do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths(pub Vec<Spanned<Path>>);

#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    Text(String),
    Regex { pattern: String, flags: String },
    Unknown(Reason),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Methods {
    /// `all`: also OPTIONS.
    All,
    /// In capitals, in order.
    These(Vec<String>),
}

impl Methods {
    /// What `Route.prototype._handles_method` says: GET stands for HEAD where none is given.
    pub fn handle(&self, method: &str) -> bool {
        match self {
            Methods::All => true,
            Methods::These(methods) => {
                let has = |method: &str| methods.iter().any(|one| one == method);
                has(method) || method == "HEAD" && has("GET")
            }
        }
    }
}

/// One function of a stack.
#[derive(Clone, Debug)]
pub struct Layer {
    /// As a person would name it: `cors`, `./auth.js#requireAuth`, `handler`.
    pub name: String,
    pub span: Span,
    /// What makes it.
    pub callee: Callee,
    /// The arguments with which it is made; a manifest's `with` is one of them.
    pub args: Vec<Spanned<Value>>,
    /// It takes an error first.
    pub is_error_handler: bool,
    /// The condition under which it is there, if it is not always.
    pub when: Option<Spanned<String>>,
    /// The methods for which it runs.
    pub runs_for: RunsFor,
    /// What the author says that it asks for.
    pub requires: Requires,
}

impl Layer {
    /// A layer without arguments, that runs for all.
    pub fn new(name: &str, span: Span, callee: Callee) -> Layer {
        Layer {
            name: name.to_owned(),
            span,
            is_error_handler: matches!(callee, Callee::Written(Written::ErrorHandler { .. })),
            callee,
            args: Vec::new(),
            when: None,
            runs_for: RunsFor::All,
            requires: Requires::default(),
        }
    }

    /// One of its options, where they are its first argument.
    pub fn option(&self, key: &str) -> Option<&Value> {
        let options = self.args.first()?;
        options.value.get(key).map(|value| &value.value)
    }
}

/// The methods for which a layer runs; of others it lets every request pass. In capitals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RunsFor {
    #[default]
    All,
    These(Vec<String>),
    Others(Vec<String>),
}

impl RunsFor {
    pub fn has(&self, method: &str) -> bool {
        let among = |methods: &[String]| methods.iter().any(|one| one == method);
        match self {
            RunsFor::All => true,
            RunsFor::These(methods) => among(methods),
            RunsFor::Others(methods) => !among(methods),
        }
    }
}

/// Packages whose major versions differ in what they do to a request.
pub const VERSIONED: [&str; 2] = ["express-jwt", "http-proxy-middleware"];

/// Where a layer comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// An npm package, and the member that is called: `passport` and `authenticate`.
    Package {
        package: String,
        member: Option<String>,
        /// Its major version, where versions differ in what concerns us and somebody says which.
        major: Option<u32>,
    },
    /// A hand-written one whose body was read, or is described in a manifest.
    Written(Written),
    /// A hand-written one that cannot be read.
    Unreadable(Reason),
}

impl Callee {
    /// Of a package of which nothing says the version.
    pub fn package(package: &str, member: Option<&str>) -> Callee {
        Callee::Package {
            package: package.to_owned(),
            member: member.map(str::to_owned),
            major: None,
        }
    }
}

/// A field of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: Spanned<String>,
    /// What it may be; `None` where that is not bounded, or not known.
    pub values: Option<Vec<Spanned<String>>>,
}

/// Every layer, in the order of registration.
pub fn layers(stack: &[Item]) -> Box<dyn Iterator<Item = &Layer> + '_> {
    Box::new(stack.iter().flat_map(|item| match &item.what {
        What::Use { layer, .. } => Box::new(std::iter::once(layer)) as Box<dyn Iterator<Item = _>>,
        What::Router { router, .. } => layers(&router.stack),
        What::Route { chain, .. } => Box::new(chain.iter()),
        What::Opaque(_) => Box::new(std::iter::empty()),
    }))
}
