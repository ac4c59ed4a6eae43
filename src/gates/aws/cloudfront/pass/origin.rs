//! What of a request reaches the origin
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html>).

use bstr::{BString, ByteSlice};

use super::answer;
use crate::gate::{Effect, End};
use crate::gates::aws::cloudfront::CloudFront;
use crate::gates::aws::cloudfront::model::{Behavior, Forwards, Origin, OriginProtocol};
use crate::gates::aws::run::{Run, server};
use crate::request::{Header, Headers, Known, Reason, Request, Scheme};

/// Headers that go on by the older settings only if they are named.
const HELD_BACK: [&str; 12] = [
    "accept",
    "accept-charset",
    "accept-language",
    "expect",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "upgrade",
    "user-agent",
];

/// What is about the body and about how it is asked for goes on in any case.
const ALWAYS: [&str; 9] = [
    "cache-control",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
    "transfer-encoding",
    "x-forwarded-for",
];

impl CloudFront {
    pub(super) fn forward(&self, run: &mut Run<'_>, behavior: &Behavior) -> End {
        let Some(origin) = self.own.origin(&behavior.origin.value) else {
            let text = "its origin is a group of origins, or not here";
            return Run::unknown(text, behavior.origin.span);
        };
        let came = run.request;
        let headers = headers(run, behavior, origin);
        let (scheme, port) = endpoint(origin, came.scheme);
        let host = origin.domain.value.clone();
        let keeps_credential = headers.has("Authorization");
        let request = Request {
            method: came.method.clone(),
            scheme,
            host: host.clone(),
            port,
            target: target(came, behavior, origin),
            headers,
            from: Known::Unknown(Reason::new("CloudFront's own address is not known")),
            body: came.body,
            sent_at: came.sent_at,
            signed_by: match origin.signs {
                true => Some(Known::Is("cloudfront.amazonaws.com".to_owned())),
                false => came.signed_by.clone().filter(|_| keeps_credential),
            },
            vpc_endpoint: None,
        };
        let to = format!("{}://{host}:{port}", scheme.as_str());
        run.step(origin.domain.span, Effect::Forwards { to });
        End::Forwarded {
            to: Box::new(server(scheme, &host, port)),
            request: Box::new(request),
            response: answer::edits(run, behavior),
            by: origin.domain.span,
        }
    }
}

fn endpoint(origin: &Origin, viewer: Scheme) -> (Scheme, u16) {
    let scheme = match origin.protocol {
        OriginProtocol::Http => Scheme::Http,
        OriginProtocol::Https => Scheme::Https,
        OriginProtocol::AsViewer => viewer,
    };
    match scheme {
        Scheme::Http => (scheme, origin.ports.0),
        Scheme::Https => (scheme, origin.ports.1),
    }
}

/// The headers as they leave, with a step for each that is lost.
fn headers(run: &mut Run<'_>, behavior: &Behavior, origin: &Origin) -> Headers {
    let came = run.request;
    let forwards = &behavior.forwards;
    let mut headers = Headers::default();
    for header in came.headers.iter() {
        let name = header.name.to_str_lossy().into_owned();
        if name.eq_ignore_ascii_case("host") {
            continue;
        }
        let value = match keeps(forwards, behavior, &came.method, &name) {
            Some(true) => header.value.clone(),
            None => Known::Unknown(Reason::new("whether CloudFront hands it on is not known")),
            Some(false) => {
                run.step(forwards.span, Effect::RemovesHeader { name });
                continue;
            }
        };
        headers.0.push(Header {
            name: header.name.clone(),
            value,
        });
    }
    cookies(&mut headers, forwards);
    host(run, &mut headers, forwards);
    forwarded_for(&mut headers, came);
    if !headers.has("User-Agent") {
        headers.push("User-Agent", "Amazon CloudFront");
    }
    for (name, value) in &origin.headers {
        let value = match value {
            Some(value) => Known::Is(BString::from(value.as_str())),
            None => Known::Unknown(Reason::new("its value is not here")),
        };
        headers.remove(&name.value);
        run.step(
            name.span,
            Effect::SetsHeader {
                name: name.value.clone(),
                value: value.clone(),
            },
        );
        headers.0.push(Header {
            name: name.value.as_str().into(),
            value,
        });
    }
    headers
}

fn keeps(forwards: &Forwards, behavior: &Behavior, method: &str, name: &str) -> Option<bool> {
    let lower = name.to_ascii_lowercase();
    if lower == "cookie" {
        // Which of them go on is said on its own.
        return Some(true);
    }
    if ALWAYS.contains(&lower.as_str()) || lower.starts_with("content-") {
        return Some(true);
    }
    let named = forwards.keeps(name, |kept| &kept.headers);
    let by_method = match lower.as_str() {
        // What changes something is never kept, and its credential goes on
        // (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html#add-origin-custom-headers-forward-authorization>).
        "authorization" => match method {
            "GET" | "HEAD" => false,
            "OPTIONS" => !behavior.caches_options,
            _ => true,
        },
        _ => forwards.legacy && !HELD_BACK.contains(&lower.as_str()),
    };
    match named {
        Some(true) => Some(true),
        _ if by_method => Some(true),
        other => other,
    }
}

/// Cookies go on one by one.
fn cookies(headers: &mut Headers, forwards: &Forwards) {
    let Some(Known::Is(all)) = headers.get("Cookie").cloned() else {
        return;
    };
    headers.remove("Cookie");
    let mut unknown = false;
    let kept: Vec<&[u8]> = all
        .split_str(";")
        .map(|cookie| cookie.trim())
        .filter(|cookie| {
            let name = cookie.split_str("=").next().unwrap_or_default();
            let keeps = forwards.keeps(&name.to_str_lossy(), |kept| &kept.cookies);
            unknown |= keeps.is_none();
            keeps == Some(true)
        })
        .collect();
    let value = match unknown {
        true => Known::Unknown(Reason::new(
            "which cookies CloudFront hands on is not known",
        )),
        false if kept.is_empty() => return,
        false => Known::Is(BString::from(bstr::join("; ", kept))),
    };
    headers.0.push(Header {
        name: "Cookie".into(),
        value,
    });
}

/// The Host header is the origin's own, unless the viewer's is handed on.
fn host(run: &mut Run<'_>, headers: &mut Headers, forwards: &Forwards) {
    let value = match forwards.keeps("Host", |kept| &kept.headers) {
        Some(false) => return,
        Some(true) => Known::Is(run.request.host_header()),
        None => Known::Unknown(Reason::new("whether CloudFront hands it on is not known")),
    };
    let said_by_cache = forwards
        .cache
        .known()
        .is_some_and(|kept| kept.headers.has("Host"));
    let span = match said_by_cache {
        true => forwards.span,
        false => forwards.request.span,
    };
    let name = "Host".to_owned();
    run.step(
        span,
        Effect::SetsHeader {
            name,
            value: value.clone(),
        },
    );
    headers.0.push(Header {
        name: "Host".into(),
        value,
    });
}

fn forwarded_for(headers: &mut Headers, came: &Request) {
    const NAME: &str = "X-Forwarded-For";
    let value = match (headers.get(NAME), &came.from) {
        (None, Known::Is(from)) => Known::Is(from.to_string().into()),
        (Some(Known::Is(before)), Known::Is(from)) => Known::Is(format!("{before}, {from}").into()),
        (Some(Known::Unknown(reason)), _) | (_, Known::Unknown(reason)) => {
            Known::Unknown(reason.clone())
        }
    };
    headers.remove(NAME);
    headers.0.push(Header {
        name: NAME.into(),
        value,
    });
}

/// The path behind that of the origin, and what of the query goes on.
fn target(came: &Request, behavior: &Behavior, origin: &Origin) -> BString {
    let mut target = BString::from(origin.path.as_str());
    target.extend_from_slice(came.path());
    let Some((_, query)) = came.target.split_once_str("?") else {
        return target;
    };
    let kept: Vec<&[u8]> = query
        .split_str("&")
        .filter(|pair| {
            let name = pair.split_str("=").next().unwrap_or_default();
            let keeps = behavior
                .forwards
                .keeps(&name.to_str_lossy(), |kept| &kept.query);
            keeps != Some(false)
        })
        .collect();
    if !kept.is_empty() {
        target.push(b'?');
        target.extend_from_slice(&bstr::join("&", kept));
    }
    target
}
