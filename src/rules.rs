//! The rules: each a page that documents it and a function that finds it.

use crate::estate::Estate;
use crate::finding::Finding;

/// One rule. What a reader should know of it stands on its page.
pub struct Rule {
    /// Kebab-case, never changed: it stands in suppressions and dashboards.
    pub id: &'static str,
    /// The Markdown page, `rules/<question>/<id>.md`.
    pub page: &'static str,
    pub check: fn(&Estate, &mut Vec<Finding>),
}

/// Every rule, in the order of the four questions.
pub static RULES: &[Rule] = &[];
