//! The options of the `cors` package, as its source reads them (cors 2.8, lib/index.js).

use crate::gates::express::model::Layer;
use crate::gates::express::pattern::Pattern;
use crate::gates::express::value::Value;
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};

const DEFAULT_METHODS: &str = "GET,HEAD,PUT,PATCH,POST,DELETE";

#[derive(Clone, Debug)]
pub struct Cors {
    pub origin: Spanned<Origin>,
    pub methods: Spanned<Known<String>>,
    /// `None` says again what the preflight announces.
    pub allowed_headers: Spanned<Option<Known<String>>>,
    pub credentials: Spanned<Known<bool>>,
    /// An OPTIONS request goes on.
    pub continues: Known<bool>,
    /// The status with which OPTIONS is answered.
    pub status: u16,
}

#[derive(Clone, Debug)]
pub enum Origin {
    /// `*`, the default.
    Any,
    /// False or null: no header is sent, and OPTIONS goes on.
    Off,
    /// An empty text, or an option that is there without a value: the same, by mistake.
    Unset,
    /// A text: sent as it is, whoever asks.
    Fixed(String),
    /// True: whoever asks is named.
    Reflected,
    /// Whoever asks is named if one of these is it.
    Among(Vec<Origins>),
    /// A function, which is asked of each origin.
    Asked(Reason),
    /// The environment.
    Unknown(Reason),
}

#[derive(Clone, Debug)]
pub enum Origins {
    Text(String),
    Regex(Pattern),
    /// Anything else that counts as true admits everybody.
    Everybody,
    Unknown(Reason),
}

impl Cors {
    /// Of a layer that calls `cors(…)`; the package's own `cors` handed over uncalled has the
    /// request for its options, and so the defaults.
    pub fn of(layer: &Layer) -> Cors {
        let options = layer.args.first();
        let here = options.map_or(layer.span, |options| options.span);
        // A function in place of options decides for each request.
        if let Some(options) = options
            && matches!(
                options.value,
                Value::Function(_) | Value::Unknown(_) | Value::Env { .. }
            )
        {
            return Cors::unknown(options.value.reason(), options.span);
        }
        let get = |key: &str| options.and_then(|options| options.value.get(key));
        let allowed = get("allowedHeaders")
            .filter(|value| value.value.truth() != Known::Is(false))
            .or_else(|| get("headers"));
        let at = |value: Option<&Spanned<Value>>| value.map_or(here, |value| value.span);
        Cors {
            origin: Spanned::new(
                get("origin").map_or(Origin::Any, |value| origin(&value.value)),
                at(get("origin")),
            ),
            methods: Spanned::new(
                get("methods").map_or(Known::Is(DEFAULT_METHODS.into()), |value| {
                    joined(&value.value)
                }),
                at(get("methods")),
            ),
            allowed_headers: Spanned::new(
                allowed
                    .filter(|value| value.value.truth() != Known::Is(false))
                    .map(|value| joined(&value.value)),
                at(allowed),
            ),
            credentials: Spanned::new(
                get("credentials").map_or(Known::Is(false), |value| match &value.value {
                    Value::Bool(truth) => Known::Is(*truth),
                    Value::Env { .. } | Value::Unknown(_) => Known::Unknown(value.value.reason()),
                    // Only the truth itself will do, not what counts as true.
                    _ => Known::Is(false),
                }),
                at(get("credentials")),
            ),
            continues: get("preflightContinue")
                .map_or(Known::Is(false), |value| value.value.truth()),
            status: match get("optionsSuccessStatus").map(|value| &value.value) {
                Some(Value::Number(status)) => *status as u16,
                _ => 204,
            },
        }
    }

    fn unknown(reason: Reason, span: Span) -> Cors {
        Cors {
            origin: Spanned::new(Origin::Unknown(reason.clone()), span),
            methods: Spanned::new(Known::Unknown(reason.clone()), span),
            allowed_headers: Spanned::new(Some(Known::Unknown(reason.clone())), span),
            credentials: Spanned::new(Known::Unknown(reason), span),
            continues: Known::Is(false),
            status: 204,
        }
    }
}

fn joined(value: &Value) -> Known<String> {
    match value.joined() {
        Some(text) => Known::Is(text),
        None => Known::Unknown(value.reason()),
    }
}

fn origin(value: &Value) -> Origin {
    match value {
        Value::Text(text) if text == "*" => Origin::Any,
        Value::Text(text) if text.is_empty() => Origin::Unset,
        Value::Text(text) => Origin::Fixed(text.clone()),
        Value::Bool(true) => Origin::Reflected,
        Value::Bool(false) | Value::Null => Origin::Off,
        Value::Undefined => Origin::Unset,
        Value::List(items) => {
            Origin::Among(items.iter().map(|item| origins(&item.value)).collect())
        }
        Value::Regex { .. } => Origin::Among(vec![origins(value)]),
        Value::Env {
            default: Some(default),
            ..
        } => match origin(default) {
            // Who lets it be empty means it to be set where it counts.
            Origin::Off | Origin::Unset => Origin::Unknown(value.reason()),
            known => known,
        },
        Value::Number(_) | Value::Object(_) if value.truth() == Known::Is(true) => {
            Origin::Reflected
        }
        Value::Number(_) | Value::Object(_) => Origin::Off,
        Value::Function(_) => Origin::Asked(value.reason()),
        Value::Env { .. } | Value::Unknown(_) => Origin::Unknown(value.reason()),
    }
}

fn origins(value: &Value) -> Origins {
    match value {
        Value::Text(text) => Origins::Text(text.clone()),
        Value::Regex { pattern, flags } => {
            Pattern::new(pattern, flags).map_or_else(Origins::Unknown, Origins::Regex)
        }
        Value::Env {
            default: Some(default),
            ..
        } => origins(default),
        Value::Env { .. } | Value::Function(_) | Value::Unknown(_) => {
            Origins::Unknown(value.reason())
        }
        // A list within the list.
        Value::List(_) => Origins::Unknown(Reason::new("a list stands within the list")),
        _ if value.truth() == Known::Is(true) => Origins::Everybody,
        _ => Origins::Text(String::new()),
    }
}
