//! Scopes and roles that a route asks for.

use crate::source::{Span, Spanned};

/// What is asked of the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// Whether there has to be one at all.
    pub auth: Option<bool>,
    /// Each of them.
    pub grants: Vec<Grant>,
}

/// Names of which the caller has some: scopes of a token, roles of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub kind: GrantKind,
    /// Any of these will do, and each is all of its names. Empty where they are not known.
    pub ways: Vec<Vec<Spanned<String>>>,
    /// The claim or member in which they stand; `None` for any of the usual ones.
    pub claim: Option<String>,
    pub holder: Holder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantKind {
    Scope,
    Role,
    /// Some other claim holds the names.
    Claim,
    /// Some other claim is this very text.
    Value,
}

/// Where it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// What is known of the caller, be it from the token or from a database.
    Anyone,
    /// The token itself.
    Token,
    /// A property of the request, such as `auth.payload`.
    Property(String),
}

impl Grant {
    pub fn new(kind: GrantKind, ways: Vec<Vec<Spanned<String>>>) -> Grant {
        Grant {
            kind,
            ways,
            claim: None,
            holder: Holder::Anyone,
        }
    }

    /// Each name, once for each way that needs it.
    pub fn names(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.ways.iter().flatten()
    }

    /// Where the first of them is written.
    pub fn place(&self) -> Option<Span> {
        self.names().next().map(|name| name.span)
    }

    /// `a and b`, `a or b`; `None` where it is not known.
    pub fn told(&self) -> Option<String> {
        let ways = self.ways.iter().map(|way| {
            let names: Vec<&str> = way.iter().map(|name| name.value.as_str()).collect();
            names.join(" and ")
        });
        let ways: Vec<String> = ways.collect();
        (!ways.is_empty()).then(|| ways.join(" or "))
    }
}

impl GrantKind {
    /// By the name of a claim: `scope`, `permissions`, `role`.
    pub fn of_claim(name: &str) -> GrantKind {
        let name = name.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if has(&["scope", "scp", "permission"]) => GrantKind::Scope,
            () if has(&["role", "group"]) => GrantKind::Role,
            () => GrantKind::Claim,
        }
    }

    /// `the scope`, as it stands before names.
    pub fn word(self) -> &'static str {
        match self {
            GrantKind::Scope => "scope",
            GrantKind::Role => "role",
            GrantKind::Claim | GrantKind::Value => "value",
        }
    }
}
