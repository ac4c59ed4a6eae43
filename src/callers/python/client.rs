//! Requests as they are sent, and what is told of them in the end.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::call::Args;
use super::value::{Dict, Entry, Session, Val};
use crate::callers::header::Header;
use crate::callers::model::{Body, Call, Client, Credentials, CredentialsMode, Place};
use crate::callers::signer::Signer;
use crate::callers::text::Text;
use crate::callers::url::{Url, combined};
use crate::request::{Known, Reason};
use crate::source::Span;

/// A request that was sent.
pub struct Sent {
    /// The places of the calls that led here, outermost first, and of the client's own call.
    chain: Vec<Span>,
    /// The file in which the first of them stands.
    pub file: usize,
    client: Client,
    /// Its headers go along, also those that it gets later.
    session: Option<Rc<Session>>,
    method: Known<String>,
    urls: Vec<Text>,
    headers: Dict,
    body: Body,
}

/// A method, in capitals.
pub fn method(val: &Val) -> Known<String> {
    match val.to_text().plain() {
        Some(text) => Known::Is(text.to_ascii_uppercase()),
        None => Known::Unknown(Reason::new("the method is not known")),
    }
}

impl Reader<'_> {
    pub fn send(
        &mut self,
        span: Span,
        client: Client,
        session: Option<Rc<Session>>,
        method: &Known<String>,
        url: Option<Val>,
        args: &Args,
    ) -> Val {
        let mut headers = Dict::of(self.branch);
        if let Some(given) = args.named("headers") {
            headers.spread(given, true);
        }
        // A proxy may sign what it hands on.
        let is_diverted = ["proxies", "proxy"].iter().any(|name| {
            let given = args.named(name);
            given.is_some_and(|val| !val.is_nothing())
        });
        if args.is_open || is_diverted {
            headers.open();
        }
        let headers = Rc::new(RefCell::new(headers));
        if let Some(auth) = args.named("auth") {
            self.authorize(&headers, auth, true, span);
        }
        let headers = headers.take();
        self.note(
            span,
            Sent {
                chain: Vec::new(),
                file: 0,
                client,
                session,
                method: method.clone(),
                urls: url.map(|url| url.texts()).unwrap_or_default(),
                headers,
                body: body(args),
            },
        );
        Val::unknown("an answer")
    }

    /// A request that was put together before.
    pub fn send_request(
        &mut self,
        span: Span,
        client: Client,
        session: Option<Rc<Session>>,
        request: &Rc<RefCell<Dict>>,
    ) {
        let part = |name: &str| request.borrow().value(name);
        let mut headers = Dict::of(self.branch);
        headers.spread(&part("headers").unwrap_or(Val::Nothing), true);
        let urls = part("url").map(|url| url.texts()).unwrap_or_default();
        let body = match part("data") {
            Some(data) if !data.is_nothing() => Body::Simple,
            _ => Body::None,
        };
        self.note(
            span,
            Sent {
                chain: Vec::new(),
                file: 0,
                client,
                session,
                method: method(&part("method").unwrap_or(Val::text("GET"))),
                urls,
                headers,
                body,
            },
        );
    }

    fn note(&mut self, span: Span, mut sent: Sent) {
        if self.is_seed {
            sent.file = self.current;
            sent.chain = self.through.clone();
            sent.chain.push(span);
            self.sent.push(sent);
        }
    }
}

fn body(args: &Args) -> Body {
    let has = |name: &str| args.named(name).is_some_and(|val| !val.is_nothing());
    match () {
        () if has("json") => Body::Json,
        () if has("files") => Body::Form,
        () if has("data") || has("content") || has("body") || has("fields") => Body::Simple,
        () if args.is_open => Body::Unknown,
        () => Body::None,
    }
}

impl Sent {
    pub fn told(&self) -> Option<(Vec<Span>, Call)> {
        let span = *self.chain.first()?;
        let last = *self.chain.last()?;
        let bases = self
            .session
            .as_ref()
            .map_or(&[][..], |session| &session.bases);
        let mut urls = Vec::new();
        for path in &self.urls {
            match bases.is_empty() {
                true => urls.push(Url::of(path)),
                false => {
                    let all = bases
                        .iter()
                        .map(|base| Url::of(&combined(base, path.clone())));
                    urls.extend(all);
                }
            }
        }
        let mut is_open = self.headers.is_open;
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(session) = &self.session {
            let headers = session.headers.borrow();
            is_open |= headers.is_open;
            entries.extend(headers.entries.iter().cloned());
        }
        // What a call says takes the place of what its session says.
        let own = &self.headers.entries;
        entries.retain(|entry| {
            let is_same = |one: &Entry| one.is_sure && one.name.eq_ignore_ascii_case(&entry.name);
            !own.iter().any(is_same)
        });
        entries.extend(own.iter().cloned());
        let headers: Vec<Header> = entries.iter().filter_map(header).collect();
        let signer = Signer::of(&headers, !is_open, &urls, span);
        let call = Call {
            span,
            through: (self.chain.len() > 1).then_some(last),
            client: self.client,
            place: Place::Elsewhere,
            method: self.method.clone(),
            urls,
            headers,
            headers_complete: !is_open,
            credentials: CredentialsMode {
                mode: Known::Is(Credentials::Omit),
                span: None,
            },
            body: self.body,
            signer,
        };
        Some((self.chain.clone(), call))
    }
}

/// A header, if it is one that may be sent.
fn header(entry: &Entry) -> Option<Header> {
    let mut texts = entry.value.texts();
    let may_miss = entry.value.alternatives().iter().any(Val::is_nothing);
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
