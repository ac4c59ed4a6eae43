//! What is told of the requests that were sent: each once, where most is known of it.

use std::collections::HashMap;

use super::client::Sent;
use super::value::{Entry, Val};
use crate::callers::header::Header;
use crate::callers::model::{Call, Credentials, CredentialsMode, Place};
use crate::callers::signer::Signer;
use crate::callers::text::Text;
use crate::callers::url::{Url, combined};
use crate::callers::ways::{chosen, is_open};
use crate::gates::express::read::source::ModuleId;
use crate::request::{Known, Reason};

/// The calls, each told of once, at the place where most is known of it.
pub fn finish(sent: Vec<Sent>, places: &HashMap<ModuleId, Place>) -> Vec<(ModuleId, Call)> {
    let all = sent.iter().filter_map(|one| {
        let place = places.get(&one.module).copied().unwrap_or(Place::Unclear);
        Some((one.chain.clone(), one.module, told(one, place)?))
    });
    chosen(all.collect())
}

impl Sent {
    /// Whether a caller decides what is asked for.
    pub fn is_open(&self) -> bool {
        told(self, Place::Unclear).is_some_and(|call| is_open(&call))
    }
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
