//! What the program says: a finding, its witness and the intent behind it.

use crate::gate::Course;
use crate::request::Request;
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; shown with `--strict`.
    Note,
    /// Denied under a stated condition, or fragile.
    Warning,
    /// Denied, and evidently meant to be admitted.
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// A request that fails, and the way that it took.
#[derive(Clone, Debug)]
pub struct Witness {
    pub request: Request,
    pub course: Course,
}

/// The evidence that somebody meant the request to succeed.
#[derive(Clone, Debug)]
pub struct Intent {
    /// In words that follow "meant to pass:".
    pub text: String,
    pub span: Option<Span>,
}

/// A place that belongs to a finding, with what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the rule: `preflight-denied`.
    pub rule: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    /// One sentence: which request, stopped by what.
    pub message: String,
    /// The line to look at first, and what it does.
    pub primary: Label,
    /// Other lines that take part.
    pub related: Vec<Label>,
    pub witness: Option<Witness>,
    pub intent: Option<Intent>,
    /// What to write instead.
    pub help: String,
}
