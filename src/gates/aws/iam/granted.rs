//! What the Allow statements come to.

use super::decide::{By, Lack};
use super::truth::{Doubt, Truth};

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
