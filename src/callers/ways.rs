//! A place that sends may be reached by several calls: which of them is told of.

use std::collections::HashMap;

use super::model::Call;
use super::text::Piece;
use super::url::Url;
use crate::source::Span;

/// The calls that lead to one place, outermost first, the file in which the first of them stands,
/// and what is sent then.
pub type Way<M> = (Vec<Span>, M, Call);

/// Each call once, at the place where most is known of it.
pub fn chosen<M>(all: Vec<Way<M>>) -> Vec<(M, Call)> {
    let mut groups: HashMap<Span, Vec<Way<M>>> = HashMap::new();
    for way in all {
        if let Some(last) = way.0.last() {
            groups.entry(*last).or_default().push(way);
        }
    }
    let mut calls: Vec<(M, Call)> = groups.into_values().flat_map(of_one_place).collect();
    calls.sort_by_key(|(_, call)| (call.span, call.through));
    calls.dedup_by_key(|(_, call)| (call.span, call.through));
    calls
}

/// Of the ways that lead to one place: those on which it is first known what is sent.
fn of_one_place<M>(mut group: Vec<Way<M>>) -> Vec<(M, Call)> {
    group.sort_by_key(|(chain, ..)| chain.len());
    let mut kept: Vec<(Way<M>, bool)> = Vec::new();
    for way in group {
        let is_clear = !is_open(&way.2);
        let is_inner = |one: &(Way<M>, bool)| way.0.ends_with(&one.0.0);
        if kept.iter().any(|one| is_inner(one) && (one.1 || !is_clear)) {
            continue;
        }
        kept.retain(|one| !is_inner(one));
        kept.push((way, is_clear));
    }
    kept.into_iter()
        .map(|((_, module, call), _)| (module, call))
        .collect()
}

/// Whether a caller decides what is asked for.
pub fn is_open(call: &Call) -> bool {
    let is_param = |piece: &Piece| matches!(piece, Piece::Hole { is_param: true, .. });
    let says_nothing = |url: &Url| {
        let is_word = |piece: &Piece| match piece {
            Piece::Known(text) => text.chars().any(char::is_alphanumeric),
            _ => false,
        };
        !url.path.0.iter().any(is_word) && url.path.0.iter().any(is_param)
    };
    call.method.known().is_none() || call.urls.is_empty() || call.urls.iter().any(says_nothing)
}
