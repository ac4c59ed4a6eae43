//! Packages that ask what a recognised caller may do.

use super::super::model::{Grant, GrantKind, Guard, Holder, Layer, OnOptions, Wants};
use super::super::value::Value;
use super::Behaviour;
use crate::request::Reason;
use crate::source::Spanned;

/// Names as an option has them, each with its place; `None` where they are not all known.
type Names = Option<Vec<Spanned<String>>>;

/// express-oauth2-jwt-bearer's checks, by their names.
pub fn oauth2_jwt_bearer(member: &str, layer: &Layer) -> Option<Behaviour> {
    let payload = || Holder::Property("auth.payload".into());
    let first = layer.args.first();
    let claim = first.and_then(|arg| arg.value.text()).map(str::to_owned);
    let rest = || -> Names { layer.args.iter().skip(1).map(primitive).collect() };
    let (grant, status) = match member {
        "requiredScopes" | "scopeIncludesAny" => {
            let names = first.and_then(words);
            let grant = Grant {
                claim: Some("scope".into()),
                holder: payload(),
                ..Grant::new(GrantKind::Scope, ways(names, member == "requiredScopes"))
            };
            (grant, 403)
        }
        "claimIncludes" => {
            let kind = GrantKind::of_claim(claim.as_deref().unwrap_or_default());
            let grant = Grant {
                holder: payload(),
                claim,
                ..Grant::new(kind, ways(rest(), true))
            };
            (grant, 401)
        }
        "claimEquals" => {
            let grant = Grant {
                holder: payload(),
                claim,
                ..Grant::new(GrantKind::Value, ways(rest(), true))
            };
            (grant, 401)
        }
        "claimCheck" => {
            let grant = Grant {
                holder: payload(),
                ..Grant::new(GrantKind::Claim, Vec::new())
            };
            (grant, 401)
        }
        _ => return None,
    };
    Some(Behaviour::Guard(Guard {
        wants: Wants::Granted(grant),
        status,
        anonymous: Some(401),
        by_error: true,
        options: OnOptions::Asked,
    }))
}

/// `jwtAuthz(scopes, options)` of express-jwt-authz.
pub fn jwt_authz(layer: &Layer) -> Behaviour {
    let option = |key: &str| option(layer, key);
    let place = text(layer, "customUserKey", "user");
    let claim = text(layer, "customScopeKey", "scope");
    let (Ok(place), Ok(claim)) = (&place, &claim) else {
        return unreadable([place, claim]);
    };
    let is_on = |key: &str| option(key).is_some_and(|value| *value != Value::Bool(false));
    let names = layer.args.first().and_then(words);
    if names.as_ref().is_some_and(Vec::is_empty) {
        return Behaviour::Passes;
    }
    let grant = Grant {
        claim: Some(claim.clone()),
        holder: Holder::Property(place.clone()),
        ..Grant::new(GrantKind::Scope, ways(names, is_on("checkAllScopes")))
    };
    guard(grant, is_on("failWithError"))
}

/// `guard(options).check(permissions)` of express-jwt-permissions. The readers put the options
/// behind what is checked.
pub fn jwt_permissions(layer: &Layer) -> Behaviour {
    let place = text(layer, "requestProperty", "user");
    let claim = text(layer, "permissionsProperty", "permissions");
    let (Ok(place), Ok(claim)) = (&place, &claim) else {
        return unreadable([place, claim]);
    };
    let ways = match layer.args.first() {
        Some(Spanned {
            value: Value::List(items),
            ..
        }) if items
            .iter()
            .any(|item| matches!(item.value, Value::List(_))) =>
        {
            let ways: Option<Vec<_>> = items.iter().map(words).collect();
            ways.unwrap_or_default()
        }
        Some(one) if one.value.text().is_some() => {
            ways(primitive(one).map(|name| vec![name]), true)
        }
        Some(list) => ways(words(list), true),
        None => Vec::new(),
    };
    let grant = Grant {
        claim: Some(claim.clone()),
        holder: Holder::Property(place.clone()),
        ..Grant::new(GrantKind::Scope, ways)
    };
    guard(grant, true)
}

fn guard(grant: Grant, by_error: bool) -> Behaviour {
    Behaviour::Guard(Guard {
        wants: Wants::Granted(grant),
        status: 403,
        anonymous: None,
        by_error,
        options: OnOptions::Asked,
    })
}

/// An option that is a text, with what it is if nobody gives it; else why it is not known.
fn text(layer: &Layer, key: &str, usual: &str) -> Result<String, Reason> {
    match layer.args.get(1).map(|options| &options.value) {
        None | Some(Value::Object(_) | Value::Undefined) => {}
        Some(options) => return Err(options.reason()),
    }
    match option(layer, key) {
        None | Some(Value::Undefined) => Ok(usual.to_owned()),
        Some(Value::Text(text)) => Ok(text.clone()),
        Some(other) => Err(other.reason()),
    }
}

fn unreadable(options: [Result<String, Reason>; 2]) -> Behaviour {
    let because = options.into_iter().find_map(Result::err);
    Behaviour::Unreadable(because.unwrap_or_else(|| Reason::new("its options are not known")))
}

fn option<'l>(layer: &'l Layer, key: &str) -> Option<&'l Value> {
    layer.args.get(1)?.value.get(key).map(|value| &value.value)
}

fn ways(names: Names, all: bool) -> Vec<Vec<Spanned<String>>> {
    match (names, all) {
        (None, _) => Vec::new(),
        (Some(names), true) => vec![names],
        (Some(names), false) => names.into_iter().map(|name| vec![name]).collect(),
    }
}

/// Words between blanks, or the texts of a list.
fn words(arg: &Spanned<Value>) -> Names {
    match &arg.value {
        Value::Text(text) => {
            let words = text.split(' ').filter(|word| !word.is_empty());
            Some(
                words
                    .map(|word| Spanned::new(word.to_owned(), arg.span))
                    .collect(),
            )
        }
        Value::List(items) => items.iter().map(primitive).collect(),
        _ => None,
    }
}

fn primitive(arg: &Spanned<Value>) -> Option<Spanned<String>> {
    let text = match &arg.value {
        Value::Text(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(Spanned::new(text, arg.span))
}
