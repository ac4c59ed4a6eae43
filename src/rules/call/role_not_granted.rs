use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::granted::{Asking, Source, Sources, declared};
use crate::estate::Estate;
use crate::finding::{Finding, Intent};
use crate::gates::express::model::{Field, GrantKind};
use crate::source::{Span, Spanned};

pub const ID: &str = "role-not-granted";

/// A route asks for a role that no user can have, by the model of users, or that none of the tokens
/// of `why403.yaml` grants.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in &estate.express {
        let Some(asking) = Asking::of(app, GrantKind::Role) else {
            continue;
        };
        asking.closed_to_all(GrantKind::Role, findings, ID);
        let mut by_model = false;
        for claim in asking.claims_of(GrantKind::Role) {
            if let Some(sources) = of_model(estate, &asking, claim) {
                asking.closed_to(&sources, findings, ID);
                by_model = true;
            }
        }
        if let Some(sources) = declared(estate, GrantKind::Role).filter(|_| !by_model) {
            asking.closed_to(&sources, findings, ID);
        }
    }
}

/// A user with each of the roles that the models know, if all of them bound this field.
fn of_model<'e>(estate: &'e Estate, asking: &Asking<'e>, claim: &'e str) -> Option<Sources<'e>> {
    let fields = estate.fields.iter();
    let fields: Vec<&Field> = fields.filter(|field| field.name.value == claim).collect();
    let first = fields.first()?;
    let mut names: Vec<&Spanned<String>> = Vec::new();
    for field in &fields {
        names.extend(field.values.as_ref()?);
    }
    let tokens = estate.config.tokens.iter();
    names.extend(tokens.flat_map(|token| token.roles.iter().flatten()));
    // Who is spoken of elsewhere may have been made by hand.
    let asked = asking.names_in(claim);
    names.extend(
        asked
            .iter()
            .filter(|name| is_named_elsewhere(estate, name, &asked)),
    );
    let all = names.into_iter().map(|name| Source {
        name: format!("a user with the role {}", name.value),
        subject: "somebody",
        names: vec![name],
        calls: &[],
    });
    Some(Sources {
        kind: GrantKind::Role,
        claim: Some(claim),
        all: all.collect(),
        closed: Intent {
            text: format!("the model names all that `{claim}` can be"),
            span: Some(first.name.span),
        },
    })
}

/// Whether a name stands between quotes somewhere else than where it is asked for.
fn is_named_elsewhere(estate: &Estate, name: &Spanned<String>, asked: &[&Spanned<String>]) -> bool {
    let places: BTreeSet<Span> = (asked.iter())
        .filter(|one| one.value == name.value)
        .map(|one| one.span)
        .collect();
    let quoted = ['\'', '"', '`'].map(|quote| format!("{quote}{}{quote}", name.value));
    let count = |span: Span| {
        let text = estate.sources.bytes(span);
        let found = quoted.iter().map(|word| text.find_iter(word).count());
        found.sum::<usize>()
    };
    let everywhere = estate.sources.iter().map(|source| {
        let found = quoted
            .iter()
            .map(|word| source.text.find_iter(word).count());
        found.sum::<usize>()
    });
    everywhere.sum::<usize>() > places.into_iter().map(count).sum::<usize>()
}
