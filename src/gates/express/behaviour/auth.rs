//! Packages that ask who is there.

use super::super::model::Layer;
use super::super::pattern::Pattern;
use super::super::value::Value;
use super::puts::{Holds, Puts};
use crate::request::Reason;

/// A check of a credential, and the answers of who fails it; `None` lets them pass.
#[derive(Clone, Debug)]
pub struct Auth {
    pub scheme: Scheme,
    /// There is none.
    pub missing: Option<u16>,
    /// There is one of another scheme.
    pub other: Option<u16>,
    /// It has not the form that is looked for.
    pub malformed: Option<u16>,
    /// It is of the right form, and not right.
    pub wrong: Option<u16>,
    /// It calls `next(error)`, and an error handler answers.
    pub by_error: bool,
    /// A preflight that announces Authorization passes (express-jwt).
    pub lets_announced_pass: bool,
    /// What is not checked (express-unless).
    pub exempt: Vec<Exempt>,
    /// Where it puts whom it has recognised.
    pub puts: Puts,
    /// What it asks of a JSON Web Token.
    pub rules: TokenRules,
}

/// What a verifier asks of a token beside its signature. What is `None` is not known, or not asked.
#[derive(Clone, Debug, Default)]
pub struct TokenRules {
    /// Whether one that is no longer valid, or not yet, is refused for sure.
    pub expiry: bool,
    pub issuer: Option<Vec<String>>,
    pub audience: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub enum Exempt {
    Path(String),
    Regex(Pattern),
    /// A function, or another condition.
    Unknown(Reason),
}

/// How the credential is read out of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Exactly two words, the first of them `Bearer` in any case.
    TwoWords,
    /// Two words or more with any blanks between; the first is this one in any case.
    Loose(&'static str),
    /// Two words or more by single blanks; the first of them holds `basic` (passport-http).
    PassportBasic,
    /// Not out of a header that is known: a cookie, a query, a function.
    Elsewhere(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Missing,
    Other,
    Malformed,
    /// It has the right form; whether it is right nobody knows.
    There,
}

impl Scheme {
    /// What it sees in an Authorization header.
    pub fn read(&self, header: Option<&str>) -> Seen {
        let Some(header) = header.filter(|header| !header.is_empty()) else {
            return match self {
                Scheme::Elsewhere(_) => Seen::There,
                _ => Seen::Missing,
            };
        };
        match self {
            Scheme::TwoWords => {
                let words: Vec<&str> = header.split(' ').take(3).collect();
                match words.as_slice() {
                    [scheme, _] if !scheme.eq_ignore_ascii_case("bearer") => Seen::Other,
                    [_, token] if !token.is_empty() => Seen::There,
                    _ => Seen::Malformed,
                }
            }
            Scheme::Loose(scheme) => {
                let mut words = header.split_whitespace();
                let is_it = words
                    .next()
                    .is_some_and(|word| word.eq_ignore_ascii_case(scheme));
                match (is_it, words.next()) {
                    // The scheme once more is no token.
                    (true, Some(word))
                        if *scheme == "bearer" && word.eq_ignore_ascii_case(scheme) =>
                    {
                        Seen::Malformed
                    }
                    (true, Some(_)) => Seen::There,
                    (true, None) => Seen::Malformed,
                    (false, _) => Seen::Other,
                }
            }
            Scheme::PassportBasic => match header.split_once(' ') {
                None => Seen::Malformed,
                Some((scheme, _)) if scheme.to_ascii_lowercase().contains("basic") => Seen::There,
                Some(_) => Seen::Other,
            },
            Scheme::Elsewhere(_) => Seen::There,
        }
    }
}

impl Auth {
    /// Who fails it in whatever way gets this status.
    fn new(scheme: Scheme, status: u16, puts: Puts) -> Auth {
        Auth {
            scheme,
            missing: Some(status),
            other: Some(status),
            malformed: Some(status),
            wrong: Some(status),
            by_error: false,
            lets_announced_pass: false,
            exempt: Vec::new(),
            puts,
            rules: TokenRules::default(),
        }
    }

    /// express-jwt.
    pub fn express_jwt(layer: &Layer) -> Auth {
        let option = |key: &str| option(layer, key);
        let scheme = match option("getToken") {
            None | Some(Value::Undefined) => Scheme::TwoWords,
            Some(_) => Scheme::Elsewhere(Reason::new("getToken is a function")),
        };
        let required = option("credentialsRequired") != Some(&Value::Bool(false));
        Auth {
            missing: required.then_some(401),
            other: required.then_some(401),
            by_error: true,
            lets_announced_pass: true,
            exempt: exempt(layer),
            rules: rules(layer),
            ..Auth::new(scheme, 401, Puts::express_jwt(layer))
        }
    }

    /// express-oauth2-jwt-bearer.
    pub fn oauth2_jwt_bearer(layer: &Layer) -> Auth {
        let required = option(layer, "authRequired") != Some(&Value::Bool(false));
        let status = |status: u16| required.then_some(status);
        Auth {
            missing: status(401),
            other: status(400),
            malformed: status(400),
            wrong: status(401),
            by_error: true,
            rules: rules(layer),
            ..Auth::new(
                Scheme::TwoWords,
                401,
                Puts::At("auth".into(), Holds::Payload),
            )
        }
    }

    /// express-basic-auth.
    pub fn basic() -> Auth {
        let puts = Puts::At("auth".into(), Holds::Password);
        Auth::new(Scheme::Loose("basic"), 401, puts)
    }

    /// `passport.authenticate(strategy, options)`; the strategy by its usual name.
    pub fn passport(layer: &Layer) -> Auth {
        let strategies = layer.args.first().and_then(|names| names.value.words());
        let options = layer.args.get(1).map(|options| &options.value);
        let has = |key: &str| {
            let value = options.and_then(|options| options.get(key));
            value.is_some_and(|value| value.value != Value::Bool(false))
        };
        let names = strategies.unwrap_or_default();
        let scheme = match names.as_slice() {
            ["jwt"] => Scheme::Loose("bearer"),
            ["bearer"] => Scheme::TwoWords,
            ["basic"] => Scheme::PassportBasic,
            _ => Scheme::Elsewhere(Reason::new("a passport strategy of its own decides")),
        };
        let status = if has("failureRedirect") { 302 } else { 401 };
        let mut auth = Auth::new(scheme, status, Puts::passport(options));
        auth.by_error = has("failWithError") && status == 401;
        if matches!(names.as_slice(), ["bearer"] | ["basic"]) && status == 401 {
            // passport-http-bearer: `fail(400)` for what has not two words; passport-http for less.
            auth.malformed = Some(400);
        }
        if names.contains(&"anonymous") {
            (auth.missing, auth.other) = (None, None);
            (auth.malformed, auth.wrong) = (None, None);
        }
        auth
    }
}

fn rules(layer: &Layer) -> TokenRules {
    let texts = |key: &str| {
        let names = match option(layer, key)? {
            Value::Text(text) => vec![text.as_str()],
            Value::List(items) => items
                .iter()
                .map(|item| item.value.text())
                .collect::<Option<_>>()?,
            _ => return None,
        };
        Some(names.into_iter().map(str::to_owned).collect())
    };
    let is_off = |key: &str| matches!(option(layer, key), None | Some(Value::Bool(false)));
    TokenRules {
        expiry: is_off("ignoreExpiration") && is_off("clockTolerance"),
        issuer: texts("issuer"),
        audience: texts("audience"),
    }
}

/// The paths of `unless`, which the readers put beside the options.
fn exempt(layer: &Layer) -> Vec<Exempt> {
    let unless = layer.args.iter().find_map(|arg| arg.value.get("unless"));
    let Some(unless) = unless else {
        return Vec::new();
    };
    match unless.value.get("path").map(|path| &path.value) {
        Some(Value::List(paths)) => paths.iter().map(|path| exempt_path(&path.value)).collect(),
        Some(path) => vec![exempt_path(path)],
        None => vec![Exempt::Unknown(unless.value.reason())],
    }
}

fn exempt_path(path: &Value) -> Exempt {
    match path {
        Value::Text(text) => Exempt::Path(text.clone()),
        Value::Regex { pattern, flags } => {
            Pattern::new(pattern, flags).map_or_else(Exempt::Unknown, Exempt::Regex)
        }
        other => Exempt::Unknown(other.reason()),
    }
}

fn option<'l>(layer: &'l Layer, key: &str) -> Option<&'l Value> {
    let mut options = layer.args.iter();
    let value = options.find_map(|options| options.value.get(key));
    value.map(|value| &value.value)
}
