//! A configuration as nginx holds it: levels that inherit from one another.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::address::Network;
use super::directives::{Key, KeySet};
use super::matcher::Regex;
use super::value::Value;
use crate::config::Version;
use crate::request::Reason;
use crate::source::Span;

/// How many levels a description names: the innermost ones and the outermost.
const MOST_PARTS: usize = 6;

/// The number of a level; a door's id is the number of its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LevelId(pub u32);

/// The stable release whose behaviour is assumed when `nginx.version` is not set.
pub const CURRENT_STABLE: Version = Version::new(1, 30, 0);

#[derive(Debug)]
pub struct Config {
    pub levels: Vec<Level>,
    pub servers: Vec<Server>,
    pub ports: Vec<PortGroup>,
    pub upstreams: HashMap<BString, UpstreamBlock>,
    pub maps: HashMap<BString, Map>,
    pub geos: HashMap<BString, Geo>,
    /// Variables that something else sets, and what: a Lua script, split_clients.
    pub opaque_variables: HashMap<BString, Reason>,
    /// Variables that `set`, `auth_request_set` or a regular expression makes.
    pub declared: HashMap<BString, Span>,
    /// Where relative paths start from on the server; `None` where nobody said.
    pub prefix: Option<String>,
    pub version: Version,
    pub version_is_set: bool,
    /// Files that this configuration includes and that we do not have: a variable or an upstream
    /// that is nowhere may stand there.
    pub incomplete: Option<Reason>,
    /// It was read from a file that is only a part of a configuration.
    pub fragment: bool,
    pub template: bool,
}

#[derive(Debug)]
pub struct Level {
    pub kind: Kind,
    pub parent: Option<LevelId>,
    /// The line that opens the block.
    pub span: Span,
    /// As a person would point at it: `server shop.test · location /orders`.
    pub name: Arc<str>,
    /// The settings of this level itself, sorted by key, in order within a key.
    pub settings: Vec<Setting>,
    /// Which settings stand here, and which here or around: most questions are answered by these.
    own_keys: KeySet,
    keys: KeySet,
    /// The directive of this level itself that makes the answer: the last one, if several could.
    pub handler: Option<Key>,
    pub access: Vec<AccessRule>,
    pub codes: Vec<Code>,
    pub locations: Locations,
    pub limit_except: Option<LimitExcept>,
    /// Includes whose files are missing here: what they set is not known.
    pub holes: Vec<Hole>,
    /// Marks this level as standing in one branch of a template's condition.
    pub branch: u32,
}

#[derive(Debug)]
pub enum Kind {
    Http,
    /// With its index in [`Config::servers`].
    Server(usize),
    Location(Pattern),
    /// With its condition as it stands in the file.
    If(String),
    LimitExcept,
}

#[derive(Debug)]
pub enum Pattern {
    Exact(BString),
    Prefix(BString),
    /// `^~`: no regular expression is tried after it.
    PrefixNoRegex(BString),
    Regex(Regex),
    Named(BString),
}

impl fmt::Display for Pattern {
    /// As it stands in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Exact(text) => write!(f, "= {text}"),
            Pattern::Prefix(text) | Pattern::Named(text) => write!(f, "{text}"),
            Pattern::PrefixNoRegex(text) => write!(f, "^~ {text}"),
            Pattern::Regex(regex) => {
                let operator = if regex.caseless { "~*" } else { "~" };
                write!(f, "{operator} {}", regex.pattern)
            }
        }
    }
}

#[derive(Debug, Default)]
pub struct Locations {
    pub exact: HashMap<BString, LevelId>,
    pub prefix: BTreeMap<BString, LevelId>,
    pub regex: Vec<LevelId>,
    pub named: HashMap<BString, LevelId>,
}

#[derive(Debug)]
pub struct Setting {
    pub key: Key,
    pub name: &'static str,
    pub args: Vec<Value>,
    pub span: Span,
    pub branch: u32,
}

#[derive(Debug)]
pub struct AccessRule {
    pub allow: bool,
    pub network: Known,
    pub text: BString,
    pub span: Span,
    pub branch: u32,
}

/// A network, or the reason why it cannot be known.
pub type Known = crate::request::Known<Network>;

#[derive(Debug)]
pub struct LimitExcept {
    /// The methods that stay outside of the limit, upper-case.
    pub methods: Vec<BString>,
    pub level: LevelId,
}

#[derive(Debug)]
pub struct Hole {
    pub span: Span,
    pub reason: Reason,
}

/// A code of the rewrite module.
#[derive(Debug)]
pub struct Code {
    pub span: Span,
    pub op: Op,
}

#[derive(Debug)]
pub enum Op {
    Set {
        variable: BString,
        value: Value,
    },
    If {
        test: Test,
        level: LevelId,
        codes: Vec<Code>,
    },
    Return {
        status: u16,
        text: Option<Value>,
    },
    /// `return $code;` or another status that only the server knows.
    ReturnUnknown,
    Rewrite {
        regex: Regex,
        replacement: Value,
        flag: Flag,
    },
    Break,
    /// A script of a module that we do not model.
    Opaque {
        name: String,
    },
    /// An include whose file is missing.
    Missing(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    None,
    Last,
    Break,
    Redirect,
    Permanent,
}

#[derive(Debug)]
pub enum Test {
    /// `if ($x)`: anything but an empty string and "0".
    True(Value),
    Equal {
        left: Value,
        right: Value,
        negated: bool,
    },
    Matches {
        left: Value,
        regex: Regex,
        negated: bool,
    },
    File {
        path: Value,
        negated: bool,
        kind: FileKind,
    },
    /// Not a condition that nginx knows.
    Invalid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Directory,
    Exists,
    Executable,
}

#[derive(Debug)]
pub struct Server {
    pub level: LevelId,
    pub names: Vec<ServerName>,
    pub listens: Vec<Listen>,
}

#[derive(Debug)]
pub struct ServerName {
    pub text: BString,
    pub kind: NameKind,
    pub span: Span,
}

#[derive(Debug)]
pub enum NameKind {
    Exact(BString),
    /// `*.example.com`, kept as `.example.com`.
    Suffix(BString),
    /// `www.*`, kept as `www.`.
    Prefix(BString),
    Regex(Regex),
    /// A template or an environment variable, with a name that stands in for what it will be: one
    /// that nobody has (RFC 2606), so that requests to real ones go as they went.
    Unknown(BString),
}

#[derive(Debug, Clone)]
pub struct Listen {
    /// `None` for every address.
    pub address: Option<IpAddr>,
    /// `None` for a port that a template writes.
    pub port: Option<u16>,
    /// What a template writes, and a port that stands in for it where there are several such: one
    /// may be for TLS, and another not.
    pub written: Option<(BString, Option<u16>)>,
    pub tls: bool,
    pub default: bool,
    /// An IPv6 socket that takes IPv4 clients too (`ipv6only=off`).
    pub dual: bool,
    pub span: Span,
}

/// The servers behind one `address:port`, with what server selection needs.
#[derive(Debug)]
pub struct PortGroup {
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    /// Its port stands in for one that a template writes: only our own requests ask for it.
    pub is_stand_in: bool,
    pub tls: bool,
    /// Its IPv4 clients come as `::ffff:a.b.c.d`.
    pub dual: bool,
    /// Index into [`Config::servers`].
    pub default: usize,
    pub servers: Vec<usize>,
    pub exact: HashMap<BString, usize>,
    pub suffix: HashMap<BString, usize>,
    pub prefix: HashMap<BString, usize>,
    /// Server and the index of the name in it.
    pub regex: Vec<(usize, usize)>,
}

#[derive(Debug)]
pub struct UpstreamBlock {
    pub span: Span,
    pub servers: Vec<Value>,
}

#[derive(Debug)]
pub struct Map {
    pub source: Value,
    pub exact: HashMap<BString, Value>,
    pub suffix: HashMap<BString, Value>,
    pub prefix: HashMap<BString, Value>,
    pub regex: Vec<(Regex, Value)>,
    pub default: Option<Value>,
    pub volatile: bool,
    pub span: Span,
    pub hole: Option<Reason>,
}

#[derive(Debug)]
pub struct Geo {
    /// The variable with the address; `None` for `$remote_addr`.
    pub address: Option<BString>,
    pub entries: Vec<GeoEntry>,
    pub default: Option<Value>,
    /// Addresses whose X-Forwarded-For is believed.
    pub proxies: Vec<Network>,
    pub proxy_recursive: bool,
    pub span: Span,
    pub hole: Option<Reason>,
}

#[derive(Debug)]
pub struct GeoEntry {
    pub range: GeoRange,
    pub value: Value,
}

#[derive(Debug)]
pub enum GeoRange {
    Net(ipnet::IpNet),
    Range(IpAddr, IpAddr),
}

impl Config {
    pub fn level(&self, id: LevelId) -> &Level {
        &self.levels[id.0 as usize]
    }

    /// The level itself and all that enclose it, innermost first.
    pub fn enclosing(&self, id: LevelId) -> impl Iterator<Item = LevelId> {
        std::iter::successors(Some(id), |id| self.level(*id).parent)
    }

    /// The settings that count at a level: its own, or else those of the nearest level that has
    /// some. All or nothing, as nginx merges lists.
    pub fn settings(&self, id: LevelId, key: Key) -> &[Setting] {
        if !self.level(id).keys.may_have(key) {
            return &[];
        }
        self.enclosing(id)
            .map(|at| self.level(at).own(key))
            .find(|own| !own.is_empty())
            .unwrap_or_default()
    }

    pub fn setting(&self, id: LevelId, key: Key) -> Option<&Setting> {
        self.settings(id, key).first()
    }

    pub fn flag(&self, id: LevelId, key: Key, default: bool) -> bool {
        self.setting(id, key)
            .and_then(|setting| setting.args.first())
            .map_or(default, |value| value.raw.eq_ignore_ascii_case(b"on"))
    }

    /// The address rules that count at a level.
    pub fn access(&self, id: LevelId) -> &[AccessRule] {
        self.enclosing(id)
            .map(|at| self.level(at).access.as_slice())
            .find(|own| !own.is_empty())
            .unwrap_or_default()
    }

    /// The location (or server) that an `if` or a `limit_except` stands in; itself for others.
    pub fn location_of(&self, id: LevelId) -> LevelId {
        self.enclosing(id)
            .find(|at| !matches!(self.level(*at).kind, Kind::If(_) | Kind::LimitExcept))
            .unwrap_or(id)
    }

    pub fn server_of(&self, id: LevelId) -> Option<&Server> {
        self.server_index(id).map(|index| &self.servers[index])
    }

    /// The index of the server in which a level stands.
    pub fn server_index(&self, id: LevelId) -> Option<usize> {
        self.enclosing(id).find_map(|at| match self.level(at).kind {
            Kind::Server(index) => Some(index),
            _ => None,
        })
    }

    /// Puts into order what was read; before that, settings are not found.
    pub fn finish(&mut self) {
        for at in 0..self.levels.len() {
            let name = self.describe(LevelId(at as u32)).into();
            // What encloses a level was read before it.
            let around = self.levels[at].parent.map(|parent| self.level(parent).keys);
            let level = &mut self.levels[at];
            level.name = name;
            level.settings.sort_by_key(|setting| setting.key);
            level.own_keys = level.settings.iter().map(|setting| setting.key).collect();
            level.keys = level.own_keys.and(around.unwrap_or_default());
        }
    }

    /// A level as a person would point at it.
    fn describe(&self, id: LevelId) -> String {
        let mut parts = Vec::new();
        for level in self.enclosing(id) {
            parts.push(self.describe_alone(level));
            if matches!(self.level(level).kind, Kind::Server(_)) {
                break;
            }
        }
        // Blocks may be nested hundreds deep, and the outermost and the innermost say where it is.
        if parts.len() > MOST_PARTS {
            parts.splice(MOST_PARTS - 1..parts.len() - 1, ["…".to_owned()]);
        }
        parts.reverse();
        parts.join(" · ")
    }

    fn describe_alone(&self, id: LevelId) -> String {
        match &self.level(id).kind {
            Kind::Http => "http".into(),
            Kind::Server(index) => self.describe_server(*index),
            Kind::Location(pattern) => format!("location {pattern}"),
            Kind::If(test) => format!("if {test}"),
            Kind::LimitExcept => "limit_except".into(),
        }
    }

    fn describe_server(&self, index: usize) -> String {
        let server = &self.servers[index];
        match (server.names.first(), server.listens.first()) {
            (Some(name), _) if !name.text.is_empty() => format!("server {}", name.text),
            (
                _,
                Some(Listen {
                    port: Some(port), ..
                }),
            ) => format!("server on port {port}"),
            _ => "server".into(),
        }
    }

    /// What is missing at a level or around it.
    pub fn hole(&self, id: LevelId) -> Option<&Hole> {
        self.enclosing(id)
            .find_map(|at| self.level(at).holes.first())
    }
}

impl Level {
    pub fn new(kind: Kind, parent: Option<LevelId>, span: Span, branch: u32) -> Level {
        Level {
            kind,
            parent,
            span,
            name: Arc::default(),
            settings: Vec::new(),
            own_keys: KeySet::default(),
            keys: KeySet::default(),
            handler: None,
            access: Vec::new(),
            codes: Vec::new(),
            locations: Locations::default(),
            limit_except: None,
            holes: Vec::new(),
            branch,
        }
    }

    pub fn own(&self, key: Key) -> &[Setting] {
        if !self.own_keys.may_have(key) {
            return &[];
        }
        let from = self.settings.partition_point(|s| s.key < key);
        let to = self.settings.partition_point(|s| s.key <= key);
        &self.settings[from..to]
    }

    /// What a location matches with, as text.
    pub fn pattern(&self) -> Option<&BStr> {
        match &self.kind {
            Kind::Location(pattern) => Some(match pattern {
                Pattern::Exact(text)
                | Pattern::Prefix(text)
                | Pattern::PrefixNoRegex(text)
                | Pattern::Named(text) => text.as_bstr(),
                Pattern::Regex(regex) => regex.pattern.as_bstr(),
            }),
            _ => None,
        }
    }
}
