mod apis;

use super::granted::{Asking, declared};
use crate::estate::Estate;
use crate::finding::Finding;
use crate::gates::express::model::GrantKind;

pub const ID: &str = "scope-not-granted";

/// A route asks for a scope that none of the tokens grants that there are, or looks for it where
/// none can be.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let sources = declared(estate, GrantKind::Scope);
    for app in &estate.express {
        let Some(asking) = Asking::of(app, GrantKind::Scope) else {
            continue;
        };
        asking.closed_to_all(GrantKind::Scope, findings, ID);
        if let Some(sources) = &sources {
            asking.closed_to(sources, findings, ID);
        }
    }
    apis::check(estate, findings);
}
