//! What layers ask of a caller who was recognised: scopes, roles, claims.
//!
//! A caller is recognised by a layer, which puts what it knows on a property of the request. A
//! check that looks at another property refuses everybody, whatever the token says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Error, Flow, Run};
use crate::gate::{Check, Unsure};
use crate::gates::express::behaviour::{Auth, Holds, Puts, Scheme};
use crate::gates::express::model::{Grant, GrantKind, Guard, Holder, OnOptions, Wants};
use crate::gates::express::stack::Function;
use crate::request::token::{Claims, ROLES, SCOPES};
use crate::request::{Reason, time};
use crate::source::Span;

/// How much is told of what a token says.
const MOST_NAMES: usize = 12;
const LONGEST_NAME: usize = 80;

/// Somebody whom a layer recognised, or what it put on the request.
pub(super) struct Caller {
    /// The property of the request that tells of them.
    property: String,
    holds: Holds,
}

/// Whether the claims of the token are what a check looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// They are, and what they lack is not there.
    Surely,
    /// They may be: what they say holds, and what they lack may come from elsewhere.
    Perhaps,
    No,
}

/// What a check comes to.
enum Found {
    /// With what the token says, where that decided.
    Granted(Option<String>),
    Missing(String),
    /// There is nobody to look at.
    Nobody(String),
}

impl Run<'_> {
    /// Somebody was recognised.
    pub(super) fn recognise(&mut self, auth: &Auth) {
        match &auth.puts {
            Puts::At(property, holds) => self.callers.push(Caller {
                property: property.clone(),
                holds: *holds,
            }),
            Puts::Unknown(because) => self.unseen = Some(because.clone()),
        }
    }

    /// A layer has put these on the request, or what is not known.
    pub(super) fn put_by_hand(&mut self, names: &[String]) {
        self.callers.extend(names.iter().map(|name| Caller {
            property: name.clone(),
            holds: Holds::Something,
        }));
        if names.is_empty() {
            let because = "what it puts on the request is not known";
            self.unseen = Some(Reason::new(because));
        }
    }

    /// Whether a layer has put this on the request by hand.
    pub(super) fn has_put(&self, name: &str) -> bool {
        let mut callers = self.callers.iter();
        callers.any(|caller| caller.holds == Holds::Something && caller.property == name)
    }

    /// Whether a layer that is not followed has put this on the request.
    pub(super) fn may_have_put(&mut self, span: Span, name: &str) -> bool {
        let Some(because) = self.unseen.clone() else {
            return false;
        };
        let puts = Unsure::Test {
            text: format!("that a layer before puts req.{name} on the request"),
            because,
        };
        self.oracle.decide(puts, Some(span), true)
    }

    /// Why a verifier refuses a token that has the right form, as far as its claims say.
    pub(super) fn token_fault(&self, auth: &Auth) -> Option<String> {
        let claims = self.claims.as_ref()?;
        if !matches!(auth.scheme, Scheme::TwoWords) {
            return None;
        }
        if auth.rules.expiry
            && let Some(fault) = self.time_fault(claims)
        {
            return Some(fault);
        }
        let among = |wanted: &[String], found: &[&str]| {
            wanted.iter().any(|one| found.contains(&one.as_str()))
        };
        let issuer = claims.text("iss");
        if let Some(wanted) = &auth.rules.issuer
            && !among(wanted, issuer.as_slice())
        {
            let found = issuer.map_or("nobody".to_owned(), short);
            return Some(format!("finds a token of {found}, not of {}", or(wanted)));
        }
        let audience = claims.audience();
        if let Some(wanted) = &auth.rules.audience
            && !among(wanted, &audience)
        {
            let found = match audience.first() {
                Some(first) => short(first),
                None => "nobody in particular".into(),
            };
            return Some(format!("finds a token for {found}, not for {}", or(wanted)));
        }
        None
    }

    /// Whether the token is valid no longer, or not yet, when the request is sent.
    pub(super) fn time_fault(&self, claims: &Claims) -> Option<String> {
        let now = self.request.sent_at? as f64;
        if let Some(end) = claims.time("exp").filter(|end| *end <= now) {
            return Some(format!(
                "finds the token expired since {}",
                time::shown(end as i64)
            ));
        }
        let start = claims.time("nbf").filter(|start| *start > now)?;
        let start = time::shown(start as i64);
        Some(format!("finds a token that is not valid before {start}"))
    }

    /// Whether a token, if there is one, is valid when the request is sent.
    pub(super) fn is_in_time(&self) -> bool {
        let claims = self.claims.as_ref();
        claims.is_none_or(|claims| self.time_fault(claims).is_none())
    }

    /// Whether nobody was recognised, as far as all layers are known that could; a session may be
    /// somebody's.
    fn is_nobody(&self) -> bool {
        let has_session = self.session && self.has_header("Cookie");
        self.unseen.is_none() && self.callers.is_empty() && !has_session
    }

    /// Whether nothing that a caller is known by came with the request.
    fn is_anonymous(&self) -> bool {
        let brings = |name: &str| self.has_header(name);
        let keys = self.express.api_keys();
        let brought = ["Authorization", "Cookie"]
            .into_iter()
            .chain(keys)
            .any(brings);
        self.is_nobody() && !brought
    }

    /// What the author of a manifest says that a layer asks for. A check that says so itself has
    /// asked already.
    pub(super) fn required(&mut self, function: &Function) -> Flow {
        let requires = &function.requires;
        if function.behaviour.grant().is_some() {
            return Flow::Next;
        }
        if requires.auth == Some(true) && self.is_anonymous() {
            let detail = format!("{} finds no credential", function.name);
            return Flow::End(self.refuse(function.span, Check::Credential, 401, detail));
        }
        for grant in &requires.grants {
            let guard = Guard {
                wants: Wants::Granted(grant.clone()),
                status: 403,
                anonymous: (requires.auth == Some(true)).then_some(401),
                by_error: false,
                options: OnOptions::Asked,
            };
            let nobody = self.is_anonymous();
            let place = grant.place().unwrap_or(function.span);
            match self.granted((function, place), &guard, grant, nobody) {
                Flow::Next => {}
                other => return other,
            }
        }
        Flow::Next
    }

    /// A check that looks at whoever was recognised before.
    pub(super) fn check_grant(
        &mut self,
        function: &Function,
        guard: &Guard,
        grant: &Grant,
    ) -> Flow {
        let nobody = self.is_nobody();
        self.granted((function, function.span), guard, grant, nobody)
    }

    fn granted(
        &mut self,
        (function, place): (&Function, Span),
        guard: &Guard,
        grant: &Grant,
        nobody: bool,
    ) -> Flow {
        let (status, detail) = match self.look(function, grant, nobody) {
            Found::Granted(told) => {
                if let Some(told) = told {
                    self.admit(place, Check::Grant, told);
                }
                return Flow::Next;
            }
            Found::Missing(detail) => (guard.status, detail),
            Found::Nobody(detail) => (guard.anonymous.unwrap_or(guard.status), detail),
        };
        self.tell_refusal(place, Check::Grant, status, detail);
        match guard.by_error {
            true => Flow::Error(Error { status, by: place }),
            false => Flow::End(self.answered(status, place)),
        }
    }

    fn look(&mut self, function: &Function, grant: &Grant, is_nobody: bool) -> Found {
        let name = &function.name;
        let nobody = |text: &str| Found::Nobody(format!("{name} finds nobody {text}"));
        let holds = match &grant.holder {
            Holder::Anyone | Holder::Token if is_nobody => {
                return nobody("who was recognised");
            }
            // What is known of somebody may come from elsewhere than from the token.
            Holder::Anyone => Known::Perhaps,
            Holder::Token => Known::Surely,
            Holder::Property(property) => match self.at(property) {
                Some(Holds::Claims) => Known::Surely,
                Some(Holds::User | Holds::Something) => Known::No,
                _ if self.may_have_put(function.span, property) => Known::No,
                Some(Holds::Payload) => {
                    return Found::Missing(format!(
                        "{name} looks at req.{property}, and the claims are at \
                         req.{property}.payload"
                    ));
                }
                Some(Holds::Password) => {
                    let text = "which is a user's name and password";
                    return Found::Missing(format!("{name} looks at req.{property}, {text}"));
                }
                None => {
                    let mut callers = self.callers.iter().rev();
                    let known = callers.find(|caller| caller.holds != Holds::Something);
                    let elsewhere = match known {
                        Some(caller) => format!("; whoever calls is at req.{}", caller.property),
                        None => String::new(),
                    };
                    return nobody(&format!("at req.{property}{elsewhere}"));
                }
            },
        };
        if let Some(found) = self.by_claims(grant, holds) {
            return found;
        }
        let right = grant.told();
        let right = right.unwrap_or_else(|| format!("what {name} asks for"));
        match self
            .oracle
            .decide(Unsure::Granted(right), Some(function.span), true)
        {
            true => Found::Granted(None),
            false => Found::Missing(format!("{name} finds no grant")),
        }
    }

    /// What the token of the request says of a grant, where it says something.
    fn by_claims(&self, grant: &Grant, holds: Known) -> Option<Found> {
        let claims = self.claims.as_ref().filter(|_| holds != Known::No)?;
        let has = has(claims, grant, holds == Known::Surely)?;
        let told = format!(
            "{}; {} {} requires {}",
            told(claims, grant),
            self.request.method,
            self.request.path(),
            grant.told().unwrap_or_default()
        );
        Some(match has {
            true => Found::Granted(Some(told)),
            false => Found::Missing(told),
        })
    }

    /// What a property of the request holds.
    pub(super) fn at(&self, property: &str) -> Option<Holds> {
        self.callers.iter().rev().find_map(|caller| {
            let within = property.strip_prefix(caller.property.as_str())?;
            match caller.holds {
                holds if within.is_empty() => Some(holds),
                Holds::Payload if within == ".payload" => Some(Holds::Claims),
                // What stands within is not known.
                Holds::User | Holds::Something if within.starts_with('.') => Some(caller.holds),
                _ => None,
            }
        })
    }
}

/// Whether claims have what is asked for; `None` where they do not say.
fn has(claims: &Claims, grant: &Grant, strict: bool) -> Option<bool> {
    if grant.ways.is_empty() {
        return None;
    }
    if let (GrantKind::Value, Some(claim)) = (grant.kind, &grant.claim) {
        let found = claims.get(claim).map(plain);
        let wanted = grant.names().next().map(|name| name.value.clone());
        return Some(found.flatten() == wanted && wanted.is_some());
    }
    let Some(found) = found(claims, grant) else {
        return strict.then_some(false);
    };
    let all = |way: &Vec<_>| {
        let mut names = way.iter();
        names.all(|name: &crate::source::Spanned<String>| found.contains(name.value.as_str()))
    };
    Some(grant.ways.iter().any(all))
}

/// The names that the token has where this grant looks for them.
fn found<'c>(claims: &'c Claims, grant: &Grant) -> Option<BTreeSet<&'c str>> {
    match (&grant.claim, grant.kind) {
        (Some(claim), _) => claims.names(claim),
        (None, GrantKind::Scope) => claims.names_in(&SCOPES),
        (None, GrantKind::Role) => claims.names_in(&ROLES),
        (None, GrantKind::Claim | GrantKind::Value) => None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// `token for alice has the scopes a, b`.
fn told(claims: &Claims, grant: &Grant) -> String {
    let whose = match claims.text("sub") {
        Some(subject) => format!("the token for {}", short(subject)),
        None => "the token".to_owned(),
    };
    let word = grant.kind.word();
    let at = match &grant.claim {
        Some(claim) if claim != word => format!(" in {claim}"),
        _ => String::new(),
    };
    if grant.kind == GrantKind::Value {
        let value = grant.claim.as_deref().and_then(|claim| claims.get(claim));
        return match value.and_then(plain) {
            Some(value) => format!("{whose} has {}{at}", short(&value)),
            None => format!("{whose} has nothing{at}"),
        };
    }
    match found(claims, grant) {
        None => format!("{whose} has no {word}s{at}"),
        Some(names) if names.is_empty() => format!("{whose} has no {word}s{at}"),
        Some(names) => {
            let plural = if names.len() == 1 { "" } else { "s" };
            let mut shown: Vec<String> = names
                .iter()
                .take(MOST_NAMES)
                .map(|name| short(name))
                .collect();
            if names.len() > MOST_NAMES {
                shown.push(format!("and {} more", names.len() - MOST_NAMES));
            }
            format!("{whose} has the {word}{plural} {}{at}", shown.join(", "))
        }
    }
}

/// The start of a text: a claim may hold anything.
fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn or(texts: &[String]) -> String {
    texts.join(" or ")
}
