//! Conditions of policies (express-gateway, lib/conditions/predefined.js): those that go by the
//! method alone are understood.

use super::{listed, text};
use crate::gates::express::model::RunsFor;
use crate::syntax::document::Node;

/// When a policy runs.
pub enum When {
    Runs(RunsFor),
    Never,
    /// It goes by more than the method.
    Unknown,
}

pub fn when(condition: Node<'_>) -> When {
    // A name within a name: no deeper than one `not`.
    match condition.get("name").and_then(Node::text) {
        Some("not") => match condition.get("condition").map(plain) {
            Some(When::Runs(RunsFor::All)) => When::Never,
            Some(When::Runs(RunsFor::These(methods))) => When::Runs(RunsFor::Others(methods)),
            Some(When::Never) => When::Runs(RunsFor::All),
            _ => When::Unknown,
        },
        _ => plain(condition),
    }
}

fn plain(condition: Node<'_>) -> When {
    match condition.get("name").and_then(Node::text) {
        Some("always") => When::Runs(RunsFor::All),
        Some("never") => When::Never,
        Some("method") => {
            let methods = condition.get("methods").map_or(Vec::new(), listed);
            let names: Option<Vec<String>> = methods.into_iter().map(text::known).collect();
            names.map_or(When::Unknown, |names| When::Runs(RunsFor::These(names)))
        }
        _ => When::Unknown,
    }
}
