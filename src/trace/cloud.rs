//! From a call site to the gate of AWS that it is sent to, by the host of its URL.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use bstr::ByteSlice;

use super::in_cloud;
use crate::callers::{Base, Piece, Signer, Url, refusal};
use crate::estate::{Caller, Estate};
use crate::gate::{Course, Gate};
use crate::request::{Headers, Known, Reason, Request};
use crate::source::Span;

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// What stands in the place of what is not known of a header, and of a path.
const UNKNOWN: &str = "why403-probe";
const HOLE: &str = "1";

/// How far from a call a test of its answer is looked for, in bytes.
const FARTHEST: u32 = 800;

/// A call site and the gate that its URL names.
pub struct Sent<'e> {
    pub caller: &'e Caller,
    pub gate: &'e dyn Gate,
    /// As it is sent, with all that the call site puts on it.
    pub request: Request,
    /// A part of the path is filled in by us.
    pub has_holes: bool,
}

/// All call sites whose URL leads to a gate of AWS, but for those that test a refusal.
pub fn sent(estate: &Estate) -> Vec<Sent<'_>> {
    if estate.aws.gates().next().is_none() {
        return Vec::new();
    }
    let callers = &estate.callers;
    let calls = || callers.calls.iter().chain(&callers.others);
    let starts: BTreeSet<u32> = calls().map(|caller| caller.call.span.start).collect();
    calls()
        .flat_map(|caller| {
            let urls = caller.urls.iter();
            urls.filter_map(|url| to_gate(estate, caller, url))
        })
        .filter(|sent| !is_meant_to_fail(estate, sent.caller, &starts))
        .collect()
}

fn is_meant_to_fail(estate: &Estate, caller: &Caller, starts: &BTreeSet<u32>) -> bool {
    let call = caller.call.span;
    let source = estate.sources.at(call);
    let whole = source.span();
    let next = starts.range(call.end..).next().copied();
    let end = next.unwrap_or(u32::MAX).min(whole.end);
    let before = Span::new(
        whole.start.max(call.start.saturating_sub(FARTHEST)),
        call.start,
    );
    let after = Span::new(call.end, end.min(call.end.saturating_add(FARTHEST)));
    let text = |span: Span| source.bytes(span).to_str_lossy();
    let before = text(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    refusal::is_meant(&caller.call, line, &text(after))
}

fn to_gate<'e>(estate: &'e Estate, caller: &'e Caller, url: &Url) -> Option<Sent<'e>> {
    let call = &caller.call;
    let Base::Host {
        scheme, host, port, ..
    } = &url.base
    else {
        return None;
    };
    let target = url.path.filled(HOLE);
    let target = target.split('#').next().unwrap_or("/").replace(' ', "%20");
    let mut request = Request {
        method: call.method.known()?.clone(),
        scheme: *scheme,
        host: host.plain()?,
        port: (*port)?,
        target: target.into(),
        headers: Headers::default(),
        from: Known::Is(SOMEWHERE),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    };
    let gate = in_cloud(estate, &request)?;
    for header in &call.headers {
        // Who signs names the host that is called, and that is hardly another one.
        if header.name.eq_ignore_ascii_case("Host") && header.value.plain().is_none() {
            continue;
        }
        request.headers.remove(&header.name);
        let value = header.value.filled(UNKNOWN);
        request.headers.push(header.name.as_str(), value);
    }
    if let Some(content) = call.content_type() {
        request.headers.remove("Content-Type");
        request.headers.push("Content-Type", content);
    }
    let is_open = |piece: &Piece| !matches!(piece, Piece::Known(_));
    request.signed_by = match &call.signer {
        Signer::SigV4 { .. } => Some(Known::Unknown(Reason::new(
            "the source does not say who runs it",
        ))),
        Signer::None | Signer::Unknown(_) => None,
    };
    Some(Sent {
        caller,
        gate,
        request,
        has_holes: url.path.0.iter().any(is_open),
    })
}

impl Sent<'_> {
    /// The likeliest way of a request through the gate.
    pub fn send(&self, request: &Request) -> Option<Course> {
        self.gate.pass(request).into_iter().next()
    }

    /// The same call with a signature.
    pub fn signed(&self) -> Request {
        let mut request = self.request.clone();
        request.headers.remove("Authorization");
        request
            .headers
            .push("Authorization", "AWS4-HMAC-SHA256 Credential=why403-probe");
        request.signed_by = Some(Known::Unknown(Reason::new("it is a probe")));
        request
    }
}
