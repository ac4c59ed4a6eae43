//! Packages that ask what whoever was recognised may do: they look for scopes in a property of the
//! request that another layer has to fill.

use crate::gates::express::model::{Callee, Layer};
use crate::gates::express::value::Value;
use crate::request::{Known, Reason};

#[derive(Clone, Debug)]
pub struct Grant {
    /// The property of the request in which the claims have to be: `user`, `auth.payload`.
    pub from: Known<String>,
    /// What has to be granted, in words.
    pub names: String,
    /// The answer where the property is missing, and where the claims do not hold it.
    pub missing: u16,
    pub lacking: u16,
    pub by_error: bool,
}

/// What a layer that recognises somebody puts on the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Puts {
    /// The claims of the token, in this property.
    Claims(String),
    /// Only the program knows where.
    Unknown(Reason),
    Nothing,
}

impl Grant {
    /// express-jwt-authz 2: `jwtAuthz(scopes, options)`.
    pub fn express_jwt_authz(layer: &Layer) -> Grant {
        let options = layer.args.get(1).map(|options| &options.value);
        let option = |key: &str| options.and_then(|options| options.get(key));
        Grant {
            from: property(options, "customUserKey", "user"),
            names: names(layer),
            missing: 403,
            lacking: 403,
            by_error: option("failWithError")
                .is_some_and(|value| value.value.truth() == Known::Is(true)),
        }
    }

    /// express-jwt-permissions 1: `guard(options).check(permissions)`.
    pub fn express_jwt_permissions(layer: &Layer) -> Grant {
        let options = layer.args.get(1).map(|options| &options.value);
        Grant {
            from: property(options, "requestProperty", "user"),
            names: names(layer),
            missing: 403,
            lacking: 403,
            by_error: true,
        }
    }

    /// `requiredScopes` and its like of express-oauth2-jwt-bearer 1.
    pub fn oauth2_jwt_bearer(layer: &Layer, member: &str) -> Grant {
        let lacking = match member {
            "requiredScopes" | "scopeIncludesAny" => 403,
            _ => 401,
        };
        Grant {
            from: Known::Is("auth.payload".into()),
            names: names(layer),
            missing: 401,
            lacking,
            by_error: true,
        }
    }
}

impl Puts {
    /// express-jwt: `req.auth` since version 7, `req.user` before.
    pub fn express_jwt(layer: &Layer) -> Puts {
        let Callee::Package { member, major, .. } = &layer.callee else {
            return Puts::Nothing;
        };
        let usual = match (major, member.as_deref()) {
            (Some(..7), _) => "user",
            (Some(_), _) | (None, Some("expressjwt")) => "auth",
            (None, _) => {
                let because = "nothing says which version of express-jwt is installed";
                return Puts::Unknown(Reason::new(because));
            }
        };
        let get = |key: &str| {
            let mut options = layer.args.iter();
            options.find_map(|options| options.value.get(key))
        };
        // It is put on the response then.
        if let Some(result) = get("resultProperty") {
            return Puts::Unknown(result.value.reason());
        }
        match get("requestProperty").or_else(|| get("userProperty")) {
            None => Puts::Claims(usual.into()),
            Some(property) => match &property.value {
                Value::Text(text) => Puts::Claims(text.clone()),
                Value::Undefined => Puts::Claims(usual.into()),
                other => Puts::Unknown(other.reason()),
            },
        }
    }
}

fn property(options: Option<&Value>, key: &str, usual: &str) -> Known<String> {
    match options {
        None | Some(Value::Object(_)) => {}
        Some(options) => return Known::Unknown(options.reason()),
    }
    match options.and_then(|options| options.get(key)) {
        None => Known::Is(usual.into()),
        Some(value) => match &value.value {
            Value::Text(text) => Known::Is(text.clone()),
            Value::Undefined => Known::Is(usual.into()),
            other => Known::Unknown(other.reason()),
        },
    }
}

/// The first argument, which is a text or a list of them.
fn names(layer: &Layer) -> String {
    let words = layer.args.first().and_then(|names| names.value.words());
    words.map_or("what it asks for".into(), |words| words.join(", "))
}
