//! Packages that ask who is there.

use pcre2::bytes::{Regex, RegexBuilder};

use super::super::model::Layer;
use super::super::value::Value;
use crate::request::Reason;

/// A check of a credential, and the answers of who fails it.
#[derive(Clone, Debug)]
pub struct Auth {
    pub scheme: Scheme,
    /// Who brings none passes, too.
    pub optional: bool,
    /// The statuses for a credential that is missing, cannot be read, or is wrong.
    pub missing: u16,
    pub malformed: u16,
    pub wrong: u16,
    /// It calls `next(error)`, and an error handler answers.
    pub by_error: bool,
    /// The WWW-Authenticate header of a refusal, where it is always the same.
    pub challenge: Option<String>,
    /// A preflight that announces Authorization passes (express-jwt).
    pub lets_announced_pass: bool,
    /// What is not checked (express-unless).
    pub exempt: Vec<Exempt>,
}

#[derive(Clone, Debug)]
pub enum Exempt {
    Path(String),
    Regex(Box<Regex>),
    /// A function, or another condition.
    Unknown(Reason),
}

/// How the credential is read out of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Exactly two words, the first of them `Bearer` in any case.
    TwoWords,
    /// Two words with any blanks between; the first is this one in any case.
    Scheme(String),
    /// `Basic` and a user with a password.
    Basic,
    /// Not out of a header that is known: a cookie, a query, a function.
    Elsewhere(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Missing,
    Malformed,
    /// It has the right form; whether it is right nobody knows.
    There,
}

impl Scheme {
    /// What it sees in an Authorization header.
    pub fn read(&self, header: Option<&str>) -> Seen {
        let Some(header) = header.filter(|header| !header.is_empty()) else {
            return Seen::Missing;
        };
        let is = |scheme: &str, word: &str| word.eq_ignore_ascii_case(scheme);
        let good = match self {
            Scheme::TwoWords => {
                let mut words = header.split(' ');
                let (scheme, token) = (words.next(), words.next());
                let two = token.is_some_and(|token| !token.is_empty()) && words.next().is_none();
                two && scheme.is_some_and(|word| is("bearer", word))
            }
            Scheme::Scheme(scheme) => {
                let mut words = header.split_whitespace();
                words.next().is_some_and(|word| is(scheme, word)) && words.next().is_some()
            }
            Scheme::Basic => {
                let mut words = header.split_whitespace();
                words.next().is_some_and(|word| is("basic", word)) && words.next().is_some()
            }
            Scheme::Elsewhere(_) => return Seen::There,
        };
        match good {
            true => Seen::There,
            false => Seen::Malformed,
        }
    }
}

impl Auth {
    fn new(scheme: Scheme, status: u16) -> Auth {
        Auth {
            scheme,
            optional: false,
            missing: status,
            malformed: status,
            wrong: status,
            by_error: false,
            challenge: None,
            lets_announced_pass: false,
            exempt: Vec::new(),
        }
    }

    /// express-jwt 7 and 8.
    pub fn express_jwt(layer: &Layer) -> Auth {
        let option = |key: &str| option(layer, key);
        let scheme = match option("getToken") {
            None | Some(Value::Undefined) => Scheme::TwoWords,
            Some(_) => Scheme::Elsewhere(Reason::new("getToken is a function")),
        };
        Auth {
            optional: option("credentialsRequired") == Some(&Value::Bool(false)),
            by_error: true,
            lets_announced_pass: true,
            exempt: exempt(layer),
            ..Auth::new(scheme, 401)
        }
    }

    /// express-oauth2-jwt-bearer.
    pub fn oauth2_jwt_bearer(layer: &Layer) -> Auth {
        Auth {
            optional: option(layer, "authRequired") == Some(&Value::Bool(false)),
            malformed: 400,
            by_error: true,
            challenge: Some("Bearer realm=\"api\"".into()),
            ..Auth::new(Scheme::TwoWords, 401)
        }
    }

    /// express-basic-auth.
    pub fn basic(layer: &Layer) -> Auth {
        let challenges = option(layer, "challenge") == Some(&Value::Bool(true));
        Auth {
            challenge: challenges.then(|| "Basic".into()),
            ..Auth::new(Scheme::Basic, 401)
        }
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
            ["jwt"] => Scheme::Scheme("bearer".into()),
            ["bearer"] => Scheme::TwoWords,
            ["basic"] => Scheme::Basic,
            _ => Scheme::Elsewhere(Reason::new("a passport strategy of its own decides")),
        };
        let redirects = has("failureRedirect");
        let status = if redirects { 302 } else { 401 };
        Auth {
            by_error: has("failWithError"),
            optional: names.contains(&"anonymous"),
            // passport-http-bearer: `fail(400)` unless there are two words.
            ..Auth::new(scheme, status)
        }
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
            let built = RegexBuilder::new()
                .caseless(flags.contains('i'))
                .build(&pattern.replace("\\/", "/"));
            match built {
                Ok(regex) => Exempt::Regex(Box::new(regex)),
                Err(error) => Exempt::Unknown(Reason::new(error.to_string())),
            }
        }
        other => Exempt::Unknown(other.reason()),
    }
}

fn option<'l>(layer: &'l Layer, key: &str) -> Option<&'l Value> {
    let options = layer.args.first()?;
    options.value.get(key).map(|value| &value.value)
}
