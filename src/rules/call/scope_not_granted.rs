use super::granted::{Asking, Source, Sources};
use crate::estate::Estate;
use crate::finding::{Finding, Intent};
use crate::gates::express::model::GrantKind;

pub const ID: &str = "scope-not-granted";

/// A route asks for a scope that none of the tokens grants that there are, or looks for it where
/// none can be.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let sources = declared(estate);
    for app in &estate.express {
        let Some(asking) = Asking::of(app, GrantKind::Scope) else {
            continue;
        };
        asking.closed_to_all(GrantKind::Scope, findings, ID);
        if let Some(sources) = &sources {
            asking.closed_to(sources, findings, ID);
        }
    }
}

/// The tokens of `why403.yaml`, if each says which scopes it has.
fn declared(estate: &Estate) -> Option<Sources<'_>> {
    let tokens = &estate.config.tokens;
    let all: Option<Vec<Source<'_>>> = tokens
        .iter()
        .map(|token| {
            Some(Source {
                name: token.name.value.clone(),
                subject: &token.name.value,
                names: token.scopes.as_ref()?.iter().collect(),
                calls: &token.calls,
            })
        })
        .collect();
    Some(Sources {
        kind: GrantKind::Scope,
        claim: None,
        closed: Intent {
            text: "why403.yaml names the tokens that there are".into(),
            span: Some(tokens.first()?.name.span),
        },
        all: all?,
    })
}
