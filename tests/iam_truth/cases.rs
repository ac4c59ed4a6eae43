//! Cases with a name.

use crate::case::Case;
use crate::simulator::Verdict;

pub struct Named {
    pub name: &'static str,
    pub case: Case,
    /// What the package was seen to decide.
    pub package: Verdict,
    /// What we decide; `None` for unknown.
    pub ours: Option<Verdict>,
    /// Where the two differ: what the documentation says, and where.
    pub because: Option<&'static str>,
}

pub fn cases() -> Vec<Named> {
    Vec::new()
}
