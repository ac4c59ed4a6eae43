//! Whether a caller is one of those that a statement names
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).

use crate::request::Known;

use super::caller::{Caller, Identity, Who};
use super::model::{Effect, Principal, Principals};
use super::truth::Truth;

/// How a caller is named. What a resource policy grants depends on it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
#[derive(Clone, Debug)]
pub struct Named {
    /// By itself, or as everybody.
    pub directly: Truth,
    /// As the role or user on which its session lives.
    pub behind: Truth,
    /// As one of its account, which hands the decision to that account.
    pub account: Truth,
}

impl Named {
    fn nobody() -> Self {
        Named {
            directly: Truth::No,
            behind: Truth::No,
            account: Truth::No,
        }
    }

    pub fn anyhow(self) -> Truth {
        self.directly.or(self.behind).or(self.account)
    }
}

/// How the caller is named by a `Principal` or `NotPrincipal`; `bounded` is whether it has a
/// permissions boundary.
pub fn named(principals: &Principals, caller: &Caller, effect: Effect, bounded: Truth) -> Named {
    let mut named = Named::nobody();
    for principal in &principals.values {
        let one = match &principal.value {
            Known::Is(principal) => is(principal, caller),
            Known::Unknown(reason) => Named {
                directly: Truth::unknown(reason.0.clone(), principal.span),
                ..Named::nobody()
            },
        };
        named = Named {
            directly: named.directly.or(one.directly),
            behind: named.behind.or(one.behind),
            account: named.account.or(one.account),
        };
    }
    if !principals.negated {
        return named;
    }
    let mut directly = unnamed(principals, named, caller);
    if effect == Effect::Deny {
        // It denies whoever has a permissions boundary, named or not
        // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>).
        directly = directly.or(bounded);
    }
    Named {
        directly: directly.at(principals.span),
        ..Named::nobody()
    }
}

/// Whether `NotPrincipal` leaves the caller out: it does when it names the caller, the role behind
/// it and its account. With only some of them the documentation says that it might
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>).
fn unnamed(principals: &Principals, named: Named, caller: &Caller) -> Truth {
    let everyone = principals
        .values
        .iter()
        .any(|one| one.value == Known::Is(Principal::Everyone));
    let Caller::Aws(identity) = caller else {
        return named.anyhow().negated();
    };
    let needed = match identity.who {
        _ if everyone => vec![],
        Who::Root => vec![named.account.clone()],
        Who::User { .. } => vec![named.directly.clone(), named.account.clone()],
        Who::Role { .. } => vec![named.behind.clone(), named.account.clone()],
        Who::Session { .. } | Who::Federated { .. } => vec![
            named.directly.clone(),
            named.behind.clone(),
            named.account.clone(),
        ],
    };
    if Truth::all(needed).is_yes() {
        return Truth::No;
    }
    match named.anyhow() {
        Truth::Yes(()) => Truth::unknown(
            "`NotPrincipal` names some of the caller, its role and its account, but not all",
            None,
        ),
        other => other.negated(),
    }
}

fn is(principal: &Principal, caller: &Caller) -> Named {
    let directly = |truth: Truth| Named {
        directly: truth,
        ..Named::nobody()
    };
    match (principal, caller) {
        (Principal::Everyone, _) => directly(Truth::Yes(())),
        (Principal::Nobody(_), _) => Named::nobody(),
        (_, Caller::Unknown(reason)) => directly(Truth::unknown(
            format!("the caller is not known: {reason}"),
            None,
        )),
        (Principal::Service(service), Caller::Service(own)) => directly((service == own).into()),
        (Principal::Account(account), Caller::Aws(identity)) => Named {
            account: (*account == identity.account).into(),
            ..Named::nobody()
        },
        (Principal::Arn(arn), Caller::Aws(identity)) => by_arn(arn, identity),
        (Principal::CanonicalUser(_), Caller::Aws(_)) => directly(Truth::unknown(
            "which account a canonical user id stands for is not known",
            None,
        )),
        (Principal::Federated(_), Caller::Aws(identity)) if identity.is_session() => directly(
            Truth::unknown("who federated a session cannot be seen in its ARN", None),
        ),
        _ => Named::nobody(),
    }
}

fn by_arn(arn: &str, caller: &Identity) -> Named {
    let Some(own) = Identity::parse(arn) else {
        return Named::nobody();
    };
    let mut named = Named::nobody();
    if own.account != caller.account || own.partition != caller.partition {
        return named;
    }
    match (&own.who, &caller.who) {
        // The ARN of a session does not have the path of its role, and names are unique.
        (Who::Role { name }, Who::Session { role, .. }) => named.behind = (name == role).into(),
        (Who::Role { .. }, Who::Role { .. }) => named.behind = (own.arn == caller.arn).into(),
        (Who::User { name }, Who::Federated { name: own }) => named.behind = (name == own).into(),
        (Who::Session { role, .. }, Who::Role { name }) if role == name => {
            named.directly = Truth::unknown("the name of the caller's session is not known", None);
        }
        _ => named.directly = (own.arn == caller.arn).into(),
    }
    named
}
