//! Known packages: by what they are called, and what they do.

use super::{Auth, Behaviour, Cors, Csrf, IpFilter, Needs, Proxy, grants, limit};
use crate::gates::express::model::Layer;
use crate::gates::express::value::Value;
use crate::request::{Known, Reason};

/// Packages that look at a request or change it, and never answer one that is in order: loggers,
/// parsers, headers for security. What a parser says to a body that it cannot read is no concern
/// of a door.
const PASSING: &[&str] = &[
    "body-parser",
    "busboy-body-parser",
    "compression",
    "connect-flash",
    "connect-livereload",
    "connect-timeout",
    "errorhandler",
    "express-async-errors",
    "express-device",
    "express-fileupload",
    "express-flash",
    "express-formidable",
    "express-list-endpoints",
    "express-mongo-sanitize",
    "express-pino-logger",
    "express-request-id",
    "express-slow-down",
    "express-status-monitor",
    "express-useragent",
    "express-winston",
    "feature-policy",
    "helmet",
    "hpp",
    "http-context",
    "kraken-js/middleware/multipart",
    "kraken-js/middleware/shutdown",
    "loopback-context",
    "i18n",
    "i18next-http-middleware",
    "method-override",
    "morgan",
    "morgan-body",
    "multer",
    "nocache",
    "permissions-policy",
    "pino-http",
    "prom-client",
    "referrer-policy",
    "request-ip",
    "response-time",
    "rotating-file-stream",
    "serve-favicon",
    "static-favicon",
    "sanitizer",
    "winston",
    "x-xss-protection",
    "xss-clean",
];

/// What a call to a package makes.
pub fn behaviour(package: &str, member: Option<&str>, layer: &Layer) -> Behaviour {
    let grant = member.filter(|_| package == "express-oauth2-jwt-bearer");
    if let Some(grant) = grant.and_then(|member| grants::oauth2_jwt_bearer(member, layer)) {
        return grant;
    }
    match (package, member) {
        ("cors", _) => Behaviour::Cors(Box::new(Cors::of(layer))),
        ("express", Some("static")) | ("serve-static", _) => files(layer),
        ("express", Some("json" | "urlencoded" | "raw" | "text")) => Behaviour::Passes,
        ("cookie-parser", _) => Behaviour::Cookies,
        ("express-session" | "cookie-session", _) => Behaviour::Session,
        ("express-jwt", _) => Behaviour::Auth(Box::new(Auth::express_jwt(layer))),
        ("express-oauth2-jwt-bearer", Some("auth")) => {
            Behaviour::Auth(Box::new(Auth::oauth2_jwt_bearer(layer)))
        }
        ("express-jwt-authz", _) => grants::jwt_authz(layer),
        ("express-jwt-permissions", Some("check")) => grants::jwt_permissions(layer),
        ("express-basic-auth", _) => Behaviour::Auth(Box::new(Auth::basic())),
        ("passport", Some("authenticate")) => Behaviour::Auth(Box::new(Auth::passport(layer))),
        ("passport", Some("initialize")) => Behaviour::Passes,
        ("passport", Some("session")) => Behaviour::Puts(vec!["user".to_owned()]),
        ("express-rate-limit", _) => Behaviour::Limit(limit::limit(layer)),
        ("express-ipfilter", _) => Behaviour::IpFilter(ip_filter(layer)),
        ("loopback", Some(member)) => loopback(member),
        ("strong-error-handler", _) => Behaviour::ErrorHandler { status: None },
        ("express-enrouten", _) => Behaviour::Routes { usual: true },
        // Functions of its own say where a token is, or methods go unchecked.
        ("csurf" | "csrf-csrf" | "csrf-sync", _) if has_any(layer, &OWN_CHECKS) => {
            Behaviour::Unreadable(Reason::new(format!("options of {package} decide")))
        }
        ("csurf", _) => Behaviour::Csrf(csurf(layer)),
        ("csrf-csrf", _) => Behaviour::Csrf(Csrf {
            needs: Needs::Cookies,
            fails_for_all: false,
            headers: &["x-csrf-token"],
        }),
        ("csrf-sync", _) => Behaviour::Csrf(Csrf {
            needs: Needs::Session,
            fails_for_all: false,
            headers: &["x-csrf-token"],
        }),
        ("lusca", Some("csrf")) => Behaviour::Csrf(lusca()),
        ("lusca", None) if has(layer, "csrf") => Behaviour::Csrf(lusca()),
        ("lusca", _) => Behaviour::Passes,
        ("http-proxy-middleware", _) => {
            Behaviour::Proxy(Box::new(Proxy::http_proxy_middleware(layer)))
        }
        ("express-http-proxy", _) => Behaviour::Proxy(Box::new(Proxy::express_http_proxy(layer))),
        _ if PASSING.contains(&package) => Behaviour::Passes,
        _ => Behaviour::Unreadable(Reason::new(format!(
            "what the package {package} does is not known"
        ))),
    }
}

/// What LoopBack brings along (loopback 3, server/middleware).
fn loopback(member: &str) -> Behaviour {
    match member {
        "static" => Behaviour::Static {
            falls_through: true,
        },
        "rest" => Behaviour::Routes { usual: true },
        "status" => Behaviour::Handler,
        // It reads the token, and models decide whether one is needed.
        "token" | "context" | "favicon" | "cookieParser" | "bodyParser" | "json" | "urlencoded"
        | "logger" | "compress" => Behaviour::Passes,
        "errorHandler" => Behaviour::ErrorHandler { status: None },
        _ => Behaviour::Unreadable(Reason::new(format!(
            "what loopback#{member} does is not known"
        ))),
    }
}

/// serve-static: without `fallthrough` it answers what is not there, and what is no GET.
fn files(layer: &Layer) -> Behaviour {
    let mut args = layer.args.iter();
    let falls = args.find_map(|options| options.value.get("fallthrough"));
    Behaviour::Static {
        falls_through: falls.is_none_or(|falls| falls.value.truth() != Known::Is(false)),
    }
}

/// Options of libraries against CSRF by which they look elsewhere, or not at all.
const OWN_CHECKS: [&str; 7] = [
    "value",
    "ignoreMethods",
    "ignoredMethods",
    "getTokenFromRequest",
    "getCsrfTokenFromRequest",
    "skipCsrfProtection",
    "errorConfig",
];

fn has_any(layer: &Layer, keys: &[&str]) -> bool {
    keys.iter().any(|key| has(layer, key))
}

fn has(layer: &Layer, key: &str) -> bool {
    let options = layer.args.first();
    let value = options.and_then(|options| options.value.get(key));
    value.is_some_and(|value| value.value.truth() != Known::Is(false))
}

fn ip_filter(layer: &Layer) -> IpFilter {
    let ips = layer.args.first();
    let options = layer.args.get(1);
    let get = |key: &str| options.and_then(|options| options.value.get(key));
    IpFilter {
        ips: match ips.map(|ips| &ips.value) {
            Some(list @ Value::List(_)) => match list.words() {
                Some(ips) => Known::Is(ips.into_iter().map(str::to_owned).collect()),
                None => Known::Unknown(Reason::new("the list holds more than texts")),
            },
            Some(value) => Known::Unknown(value.reason()),
            None => Known::Is(Vec::new()),
        },
        allows: match get("mode").map(|mode| &mode.value) {
            None => Known::Is(false),
            Some(Value::Text(mode)) => Known::Is(mode.eq_ignore_ascii_case("allow")),
            Some(value) => Known::Unknown(value.reason()),
        },
        trust: get("trustProxy").map_or(Value::Bool(false), |value| value.value.clone()),
        excludes: get("excluding")
            .or_else(|| get("detectIp"))
            .map(|_| Reason::new("it has an option that lets some requests off")),
        span: ips.map_or(layer.span, |ips| ips.span),
    }
}

fn csurf(layer: &Layer) -> Csrf {
    Csrf {
        needs: match has(layer, "cookie") {
            true => Needs::Cookies,
            false => Needs::Session,
        },
        fails_for_all: true,
        headers: &["csrf-token", "xsrf-token", "x-csrf-token", "x-xsrf-token"],
    }
}

fn lusca() -> Csrf {
    Csrf {
        needs: Needs::Session,
        fails_for_all: true,
        headers: &["x-csrf-token"],
    }
}
