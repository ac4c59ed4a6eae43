//! What the Allow statements come to.

use super::truth::{Doubt, Truth};
use crate::source::Span;

/// What allows a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Statement(Span),
    /// The root user needs no policy of its own.
    RootUser,
}

/// Which policies would have to allow a request, and do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lack {
    /// Within an account: neither those of the identity nor that of the resource.
    IdentityOrResource,
    Identity,
    Resource,
    Boundary,
    Session,
    Control,
    Endpoint,
}

impl Lack {
    /// What limits the caller, whatever its own policies and the resource's allow.
    pub fn limit(self) -> Option<&'static str> {
        Some(match self {
            Lack::Boundary => "the caller's permissions boundary does not allow it",
            Lack::Session => "the session's policy does not allow it",
            Lack::Control => "a service control policy does not allow it",
            Lack::Endpoint => "the policy of the VPC endpoint does not allow it",
            Lack::IdentityOrResource | Lack::Identity | Lack::Resource => return None,
        })
    }
}

/// Allowed, or what it lacks.
pub enum Granted {
    By(By),
    Lacks(Lack),
    Unknown(Doubt),
}

impl Granted {
    pub fn of(allowed: Truth<By>, lack: Lack) -> Self {
        match allowed {
            Truth::Yes(by) => Granted::By(by),
            Truth::No => Granted::Lacks(lack),
            Truth::Unknown(doubt) => Granted::Unknown(doubt),
        }
    }

    /// What is left when this has to allow it, too.
    pub fn limited<T>(self, allowed: Truth<T>, lack: Lack) -> Self {
        match (self, allowed) {
            (Granted::Lacks(lack), _) => Granted::Lacks(lack),
            (_, Truth::No) => Granted::Lacks(lack),
            (Granted::By(_), Truth::Unknown(doubt)) => Granted::Unknown(doubt),
            (granted, _) => granted,
        }
    }

    /// What is certain when it is one of two, and not known which.
    pub fn either(self, other: Granted, doubt: Doubt) -> Self {
        match (self, other) {
            (Granted::By(by), Granted::By(_)) => Granted::By(by),
            (Granted::Lacks(lack), Granted::Lacks(_)) => Granted::Lacks(lack),
            _ => Granted::Unknown(doubt),
        }
    }
}
