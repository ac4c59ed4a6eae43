//! Packages that ask what a recognised caller may do.

use super::super::model::{Grant, GrantKind, Guard, Holder, Layer, Wants};
use super::super::value::Value;
use super::Behaviour;
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
        skips_options: false,
    }))
}

/// `jwtAuthz(scopes, options)` of express-jwt-authz.
pub fn jwt_authz(layer: &Layer) -> Behaviour {
    let option = |key: &str| option(layer, key);
    let text = |key: &str, usual: &str| {
        option(key)
            .and_then(Value::text)
            .unwrap_or(usual)
            .to_owned()
    };
    let is_on = |key: &str| option(key).is_some_and(|value| *value != Value::Bool(false));
    let names = layer.args.first().and_then(words);
    if names.as_ref().is_some_and(Vec::is_empty) {
        return Behaviour::Passes;
    }
    let grant = Grant {
        claim: Some(text("customScopeKey", "scope")),
        holder: Holder::Property(text("customUserKey", "user")),
        ..Grant::new(GrantKind::Scope, ways(names, is_on("checkAllScopes")))
    };
    guard(grant, is_on("failWithError"))
}

/// `guard(options).check(permissions)` of express-jwt-permissions. The readers put the options
/// behind what is checked.
pub fn jwt_permissions(layer: &Layer) -> Behaviour {
    let text = |key: &str, usual: &str| {
        let option = option(layer, key).and_then(Value::text);
        option.unwrap_or(usual).to_owned()
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
        claim: Some(text("permissionsProperty", "permissions")),
        holder: Holder::Property(text("requestProperty", "user")),
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
        skips_options: false,
    })
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
