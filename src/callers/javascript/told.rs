//! What is told of the requests that were sent: each once, where most is known of it.

use std::collections::HashMap;

use super::client::{Sent, combined};
use super::value::{Entry, Val};
use crate::callers::model::{Call, Credentials, CredentialsMode, Header, Place};
use crate::callers::signer::Signer;
use crate::callers::text::{Piece, Text};
use crate::callers::url::Url;
use crate::gates::express::read::source::ModuleId;
use crate::request::{Known, Reason};
use crate::source::Span;

/// The calls, each told of once, at the place where most is known of it.
pub fn finish(sent: Vec<Sent>, places: &HashMap<ModuleId, Place>) -> Vec<(ModuleId, Call)> {
    let mut groups: HashMap<Span, Vec<Way>> = HashMap::new();
    for one in &sent {
        let place = places.get(&one.module).copied().unwrap_or(Place::Unclear);
        if let (Some(call), Some(last)) = (told(one, place), one.chain.last()) {
            let group = groups.entry(*last).or_default();
            group.push((one.chain.clone(), (one.module, call)));
        }
    }
    let mut calls: Vec<(ModuleId, Call)> = groups.into_values().flat_map(chosen).collect();
    calls.sort_by_key(|(_, call)| (call.span, call.through));
    calls.dedup_by_key(|(_, call)| (call.span, call.through));
    calls
}

/// The calls that lead to one place, and what is sent then.
type Way = (Vec<Span>, (ModuleId, Call));

/// Of the ways that lead to one place: those on which it is first known what is sent.
fn chosen(mut group: Vec<Way>) -> Vec<(ModuleId, Call)> {
    group.sort_by_key(|(chain, _)| chain.len());
    let mut kept: Vec<(Way, bool)> = Vec::new();
    for way in group {
        let is_clear = !is_open(&way.1.1);
        let is_inner = |one: &(Way, bool)| way.0.ends_with(&one.0.0);
        if kept.iter().any(|one| is_inner(one) && (one.1 || !is_clear)) {
            continue;
        }
        kept.retain(|one| !is_inner(one));
        kept.push((way, is_clear));
    }
    kept.into_iter().map(|((_, call), _)| call).collect()
}

impl Sent {
    /// Whether a caller decides what is asked for.
    pub fn is_open(&self) -> bool {
        told(self, Place::Unclear).is_some_and(|call| is_open(&call))
    }
}

/// Whether a caller decides what is asked for.
fn is_open(call: &Call) -> bool {
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

fn told(sent: &Sent, place: Place) -> Option<Call> {
    let draft = sent.draft.borrow();
    let instance = &draft.instance;
    let bases = instance.bases();
    let mut urls: Vec<Url> = Vec::new();
    for path in draft.url.texts() {
        match bases.is_empty() {
            true => urls.push(Url::of(&path)),
            false => urls.extend(
                bases
                    .iter()
                    .map(|base| Url::of(&combined(base, path.clone()))),
            ),
        }
    }
    let mut headers = Vec::new();
    let mut is_open = draft.headers.is_open || instance.is_open();
    let own = draft.headers.entries.iter();
    for entry in instance.headers().iter().chain(own) {
        match header(entry) {
            Some(header) => headers.push(header),
            None => is_open |= entry.value.is_open(),
        }
    }
    let usual = CredentialsMode {
        mode: match instance.is_open() {
            true => Known::Unknown(Reason::new("somebody else may change what is sent")),
            false => Known::Is(Credentials::SameOrigin),
        },
        span: None,
    };
    let span = *sent.chain.first()?;
    let signer = draft.signer.clone();
    Some(Call {
        span,
        signer: signer.unwrap_or_else(|| Signer::of(&headers, !is_open, &urls, span)),
        through: sent.chain.last().copied().filter(|_| sent.chain.len() > 1),
        client: instance.client,
        place,
        method: draft.method.clone(),
        urls,
        headers,
        headers_complete: !is_open,
        credentials: draft
            .credentials
            .clone()
            .or_else(|| instance.credentials())
            .unwrap_or(usual),
        body: draft.body,
    })
}

/// A header, if it is one that may be sent.
fn header(entry: &Entry) -> Option<Header> {
    let mut texts = entry.value.texts();
    let alternatives = entry.value.alternatives();
    let may_miss = alternatives.iter().any(Val::is_nothing);
    let value = match texts.len() {
        0 => return None,
        1 => texts.remove(0),
        _ => Text::hole("one of several"),
    };
    Some(Header {
        name: entry.name.to_string(),
        value,
        span: entry.span,
        always: entry.is_sure && !may_miss,
    })
}
