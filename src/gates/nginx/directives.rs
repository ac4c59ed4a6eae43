//! The directives that decide what happens to a request: where each may stand, and with what.
//!
//! Contexts and numbers of parameters are those of nginx's own command tables, so that a
//! directive in a wrong place is known to keep nginx from starting.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

/// A set of places where a directive may stand.
pub type Contexts = u16;
pub const MAIN: Contexts = 1;
pub const HTTP: Contexts = 1 << 1;
pub const SERVER: Contexts = 1 << 2;
pub const LOCATION: Contexts = 1 << 3;
/// `if` in a server.
pub const SERVER_IF: Contexts = 1 << 4;
/// `if` in a location.
pub const LOCATION_IF: Contexts = 1 << 5;
pub const LIMIT_EXCEPT: Contexts = 1 << 6;
pub const UPSTREAM: Contexts = 1 << 7;
pub const EVENTS: Contexts = 1 << 8;

const HSL: Contexts = HTTP | SERVER | LOCATION;
const REWRITE: Contexts = SERVER | SERVER_IF | LOCATION | LOCATION_IF;

/// The modules that send a request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Module {
    Proxy,
    Fastcgi,
    Uwsgi,
    Scgi,
    Grpc,
    Memcached,
}

/// What a directive sets. Directives of one key are inherited together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Satisfy,
    AuthBasic,
    AuthBasicUserFile,
    AuthRequest,
    AuthRequestSet,
    AddHeader,
    AddHeaderInherit,
    MoreHeaders,
    SetHeader(Module),
    PassRequestHeaders(Module),
    PassRequestBody(Module),
    HideHeader(Module),
    PassHeader(Module),
    Method,
    HttpVersion,
    InterceptErrors(Module),
    SslServerName(Module),
    SslName(Module),
    SslVerify(Module),
    Pass(Module),
    Root,
    Alias,
    Index,
    FastcgiIndex,
    FastcgiSplitPathInfo,
    Autoindex,
    TryFiles,
    ErrorPage,
    RecursiveErrorPages,
    Internal,
    ClientMaxBodySize,
    LimitReq,
    LimitConn,
    LimitReqStatus,
    LimitConnStatus,
    LimitReqDryRun,
    LimitConnDryRun,
    SetRealIpFrom,
    RealIpHeader,
    RealIpRecursive,
    ValidReferers,
    UnderscoresInHeaders,
    IgnoreInvalidHeaders,
    MergeSlashes,
    AbsoluteRedirect,
    PortInRedirect,
    ServerNameInRedirect,
    StubStatus,
    EmptyGif,
    SslVerifyClient,
    /// A module's that is not modelled and that decides in this phase.
    Opaque(Phase),
}

/// A set of keys that may hold more than was put in, for keys share bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeySet(u64);

impl KeySet {
    pub fn may_have(self, key: Key) -> bool {
        self.0 & bit(key) != 0
    }

    pub fn and(self, other: KeySet) -> KeySet {
        KeySet(self.0 | other.0)
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> KeySet {
        KeySet(keys.into_iter().fold(0, |set, key| set | bit(key)))
    }
}

fn bit(key: Key) -> u64 {
    let mut number = Discriminant(0);
    key.hash(&mut number);
    1 << (number.0 % 64)
}

/// Makes a small number of the discriminants of a key and of what it holds.
struct Discriminant(u64);

impl Hasher for Discriminant {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(7).wrapping_add((*byte).into());
        }
    }

    fn write_isize(&mut self, number: isize) {
        self.0 = self.0.wrapping_mul(7).wrapping_add(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Where in the course of a request a module that we do not model takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    Rewrite,
    Access,
    Content,
    ResponseHeaders,
}

/// How a directive is read.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// A setting, inherited level by level.
    Set(Key),
    /// `allow` and `deny`.
    AccessRule,
    /// A code of the rewrite module, run in order.
    Code,
    /// A block that makes a level of its own.
    Level,
    /// Read at its own place: `listen`, `server_name`, `map`, …
    Special,
}

#[derive(Debug)]
pub struct Spec {
    pub name: &'static str,
    pub role: Role,
    pub contexts: Contexts,
    pub min_args: usize,
    pub max_args: usize,
    /// `on` or `off` is all that it takes.
    pub flag: bool,
    pub block: bool,
    /// A second one at the same level is refused.
    pub once: bool,
}

/// Every directive that is modelled.
pub fn all() -> &'static [Spec] {
    TABLE
}

/// The directive of this name, if we model it.
pub fn spec(name: &[u8]) -> Option<&'static Spec> {
    static BY_NAME: LazyLock<HashMap<&[u8], &Spec>> = LazyLock::new(|| {
        TABLE
            .iter()
            .map(|spec| (spec.name.as_bytes(), spec))
            .collect()
    });
    BY_NAME.get(name).copied()
}

/// The phase in which a directive of an unmodelled module takes part, if it can decide at all.
pub fn opaque(name: &[u8]) -> Option<Phase> {
    let name = std::str::from_utf8(name).ok()?;
    let lua = |at: &str| {
        name.strip_prefix(at)
            .is_some_and(|rest| matches!(rest, "_by_lua" | "_by_lua_block" | "_by_lua_file"))
    };
    match name {
        "js_content"
        | "perl"
        | "content_by_js"
        | "lua_content"
        | "dav_methods"
        | "echo"
        | "ajp_pass"
        | "nchan_publisher"
        | "nchan_subscriber"
        | "nchan_pubsub"
        | "fancyindex"
        | "random_index"
        | "upload_pass"
        | "redis_pass"
        | "redis2_pass"
        | "postgres_pass"
        | "drizzle_pass"
        | "vhost_traffic_status_display"
        | "rtmp_stat"
        | "mp4"
        | "flv"
        | "hls"
        | "api" => Some(Phase::Content),
        "auth_jwt" | "auth_ldap" | "auth_ldap_servers" | "auth_pam" | "auth_digest"
        | "auth_gss" | "auth_spnego" | "auth_oidc" | "auth_radius" | "auth_cookie"
        | "js_access" | "testcookie" | "secure_link_hmac" | "oidc" => Some(Phase::Access),
        "modsecurity" | "ModSecurityEnabled" | "SecRulesEnabled" | "passenger_enabled" | "waf"
        | "pagespeed" | "app_protect_enable" => Some(Phase::Rewrite),
        "js_header_filter" => Some(Phase::ResponseHeaders),
        _ if lua("rewrite") || lua("server_rewrite") => Some(Phase::Rewrite),
        _ if lua("access") => Some(Phase::Access),
        _ if lua("content") => Some(Phase::Content),
        _ if lua("header_filter") => Some(Phase::ResponseHeaders),
        _ => None,
    }
}

const fn set(
    name: &'static str,
    key: Key,
    contexts: Contexts,
    min_args: usize,
    max_args: usize,
) -> Spec {
    Spec {
        name,
        role: Role::Set(key),
        contexts,
        min_args,
        max_args,
        flag: false,
        block: false,
        once: false,
    }
}

const fn single(name: &'static str, key: Key, contexts: Contexts) -> Spec {
    Spec {
        once: true,
        ..set(name, key, contexts, 1, 1)
    }
}

const fn flag(name: &'static str, key: Key, contexts: Contexts) -> Spec {
    Spec {
        flag: true,
        ..single(name, key, contexts)
    }
}

const fn role(
    name: &'static str,
    role: Role,
    contexts: Contexts,
    min_args: usize,
    max_args: usize,
) -> Spec {
    Spec {
        role,
        ..set(name, Key::Satisfy, contexts, min_args, max_args)
    }
}

const fn block(
    name: &'static str,
    kind: Role,
    contexts: Contexts,
    min_args: usize,
    max_args: usize,
) -> Spec {
    Spec {
        block: true,
        ..role(name, kind, contexts, min_args, max_args)
    }
}

const MANY: usize = usize::MAX;

use Key::*;
use Module::*;

#[rustfmt::skip]
static TABLE: &[Spec] = &[
    block("http", Role::Level, MAIN, 0, 0),
    block("events", Role::Level, MAIN, 0, 0),
    block("server", Role::Level, HTTP, 0, 0),
    block("location", Role::Level, SERVER | LOCATION, 1, 2),
    block("if", Role::Code, SERVER | LOCATION, 1, MANY),
    block("limit_except", Role::Level, LOCATION, 1, MANY),
    block("map", Role::Special, HTTP, 2, 2),
    block("geo", Role::Special, HTTP, 1, 2),
    block("split_clients", Role::Special, HTTP, 2, 2),
    block("upstream", Role::Special, HTTP, 1, 1),
    role("listen", Role::Special, SERVER, 1, MANY),
    role("server_name", Role::Special, SERVER, 1, MANY),

    role("set", Role::Code, REWRITE, 2, 2),
    role("return", Role::Code, REWRITE, 1, 2),
    role("rewrite", Role::Code, REWRITE, 2, 3),
    role("break", Role::Code, REWRITE, 0, 0),

    role("allow", Role::AccessRule, HSL | LIMIT_EXCEPT, 1, 1),
    role("deny", Role::AccessRule, HSL | LIMIT_EXCEPT, 1, 1),
    single("satisfy", Satisfy, HSL),
    single("auth_basic", AuthBasic, HSL | LIMIT_EXCEPT),
    single("auth_basic_user_file", AuthBasicUserFile, HSL | LIMIT_EXCEPT),
    single("auth_request", AuthRequest, HSL),
    set("auth_request_set", AuthRequestSet, HSL, 2, 2),

    set("add_header", AddHeader, HSL | LOCATION_IF, 2, 3),
    single("add_header_inherit", AddHeaderInherit, HSL | LOCATION_IF),
    set("more_set_headers", MoreHeaders, HSL | LOCATION_IF, 1, MANY),
    set("more_clear_headers", MoreHeaders, HSL | LOCATION_IF, 1, MANY),

    single("proxy_pass", Pass(Proxy), LOCATION | LOCATION_IF | LIMIT_EXCEPT),
    set("proxy_set_header", SetHeader(Proxy), HSL, 2, 2),
    flag("proxy_pass_request_headers", PassRequestHeaders(Proxy), HSL),
    flag("proxy_pass_request_body", PassRequestBody(Proxy), HSL),
    set("proxy_hide_header", HideHeader(Proxy), HSL, 1, 1),
    set("proxy_pass_header", PassHeader(Proxy), HSL, 1, 1),
    single("proxy_method", Method, HSL),
    single("proxy_http_version", HttpVersion, HSL),
    flag("proxy_intercept_errors", InterceptErrors(Proxy), HSL),
    flag("proxy_ssl_server_name", SslServerName(Proxy), HSL),
    single("proxy_ssl_name", SslName(Proxy), HSL),
    flag("proxy_ssl_verify", SslVerify(Proxy), HSL),

    single("fastcgi_pass", Pass(Fastcgi), LOCATION | LOCATION_IF),
    set("fastcgi_param", SetHeader(Fastcgi), HSL, 2, 3),
    flag("fastcgi_pass_request_headers", PassRequestHeaders(Fastcgi), HSL),
    flag("fastcgi_pass_request_body", PassRequestBody(Fastcgi), HSL),
    set("fastcgi_hide_header", HideHeader(Fastcgi), HSL, 1, 1),
    set("fastcgi_pass_header", PassHeader(Fastcgi), HSL, 1, 1),
    flag("fastcgi_intercept_errors", InterceptErrors(Fastcgi), HSL),
    single("fastcgi_index", FastcgiIndex, HSL),
    set("fastcgi_split_path_info", FastcgiSplitPathInfo, HSL, 1, 1),

    single("uwsgi_pass", Pass(Uwsgi), LOCATION | LOCATION_IF),
    set("uwsgi_param", SetHeader(Uwsgi), HSL, 2, 3),
    flag("uwsgi_pass_request_headers", PassRequestHeaders(Uwsgi), HSL),
    flag("uwsgi_pass_request_body", PassRequestBody(Uwsgi), HSL),
    set("uwsgi_hide_header", HideHeader(Uwsgi), HSL, 1, 1),
    set("uwsgi_pass_header", PassHeader(Uwsgi), HSL, 1, 1),
    flag("uwsgi_intercept_errors", InterceptErrors(Uwsgi), HSL),

    single("scgi_pass", Pass(Scgi), LOCATION | LOCATION_IF),
    set("scgi_param", SetHeader(Scgi), HSL, 2, 3),
    flag("scgi_pass_request_headers", PassRequestHeaders(Scgi), HSL),
    flag("scgi_pass_request_body", PassRequestBody(Scgi), HSL),
    set("scgi_hide_header", HideHeader(Scgi), HSL, 1, 1),
    set("scgi_pass_header", PassHeader(Scgi), HSL, 1, 1),
    flag("scgi_intercept_errors", InterceptErrors(Scgi), HSL),

    single("grpc_pass", Pass(Grpc), LOCATION | LOCATION_IF),
    set("grpc_set_header", SetHeader(Grpc), HSL, 2, 2),
    set("grpc_hide_header", HideHeader(Grpc), HSL, 1, 1),
    set("grpc_pass_header", PassHeader(Grpc), HSL, 1, 1),
    flag("grpc_intercept_errors", InterceptErrors(Grpc), HSL),
    flag("grpc_ssl_server_name", SslServerName(Grpc), HSL),
    single("grpc_ssl_name", SslName(Grpc), HSL),
    flag("grpc_ssl_verify", SslVerify(Grpc), HSL),

    single("memcached_pass", Pass(Memcached), LOCATION | LOCATION_IF),
    set("stub_status", StubStatus, SERVER | LOCATION, 0, 1),
    set("empty_gif", EmptyGif, LOCATION, 0, 0),

    single("root", Root, HSL | LOCATION_IF),
    single("alias", Alias, LOCATION),
    set("index", Index, HSL, 1, MANY),
    flag("autoindex", Autoindex, HSL),
    Spec { once: true, ..set("try_files", TryFiles, SERVER | LOCATION, 2, MANY) },
    set("error_page", ErrorPage, HSL | LOCATION_IF, 2, MANY),
    flag("recursive_error_pages", RecursiveErrorPages, HSL),
    Spec { once: true, ..set("internal", Internal, LOCATION, 0, 0) },
    single("client_max_body_size", ClientMaxBodySize, HSL),
    set("limit_req", LimitReq, HSL, 1, 3),
    set("limit_conn", LimitConn, HSL, 2, 2),
    single("limit_req_status", LimitReqStatus, HSL),
    single("limit_conn_status", LimitConnStatus, HSL),
    flag("limit_req_dry_run", LimitReqDryRun, HSL),
    flag("limit_conn_dry_run", LimitConnDryRun, HSL),

    set("set_real_ip_from", SetRealIpFrom, HSL, 1, 1),
    single("real_ip_header", RealIpHeader, HSL),
    flag("real_ip_recursive", RealIpRecursive, HSL),
    set("valid_referers", ValidReferers, SERVER | LOCATION, 1, MANY),

    flag("underscores_in_headers", UnderscoresInHeaders, HTTP | SERVER),
    flag("ignore_invalid_headers", IgnoreInvalidHeaders, HTTP | SERVER),
    flag("merge_slashes", MergeSlashes, HTTP | SERVER),
    flag("absolute_redirect", AbsoluteRedirect, HSL),
    flag("port_in_redirect", PortInRedirect, HSL),
    flag("server_name_in_redirect", ServerNameInRedirect, HSL),
    single("ssl_verify_client", SslVerifyClient, HTTP | SERVER),
];
