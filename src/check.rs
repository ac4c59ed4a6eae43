//! Run the rules, apply the user's levels, suppressions and baseline, sort.

pub mod fingerprint;

pub use fingerprint::fingerprint;

use crate::estate::Problem;
use crate::finding::Finding;
use crate::request::Reason;
use crate::source::Span;

/// All that a check has to say; every format renders this and nothing else.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is shown, sorted by file name, position and rule.
    pub findings: Vec<Finding>,
    /// What was found and is not shown because somebody decided so.
    pub suppressed: Vec<(Finding, Suppression)>,
    /// What could not be done, or was asked for wrongly; sorted like the findings.
    pub problems: Vec<Problem>,
    pub statistics: Statistics,
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub reason: String,
    pub by: SuppressedBy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment `# why403: ignore[rule-id] reason`, at this place.
    Comment(Span),
    /// An entry of the baseline file.
    Baseline,
}

/// What was looked at. Nothing here depends on the clock or on the machine.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Statistics {
    pub sources: usize,
    pub bytes: usize,
    pub gates: usize,
    pub doors: usize,
    pub rules: usize,
    /// Doors to which no rule could send a request.
    pub unprobed: Vec<Unprobed>,
    /// Notes that `--strict` would show.
    pub hidden_notes: usize,
}

/// A door for which no request could be built that really reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprobed {
    pub door: String,
    pub span: Span,
    pub because: Reason,
}
