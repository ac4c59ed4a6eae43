//! Whether a call is signed with AWS Signature Version 4.
//!
//! A signature is a header like any other, so whatever signs is read as what puts that header on;
//! its text says for which service and region, where somebody said so.

use super::header::Header;
use super::text::{Piece, Text};
use super::url::Url;
use crate::request::{Known, Reason};
use crate::source::Span;

pub const AUTHORIZATION: &str = "Authorization";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What stands for a hole while a signature is taken apart.
const OPEN: char = '\0';

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Surely nobody: all that could sign was read.
    None,
    SigV4 {
        service: Known<String>,
        region: Known<String>,
        /// Where it is said.
        span: Span,
    },
    Unknown(Reason),
}

/// An `Authorization` header as a signer makes it.
pub fn signature(region: Option<Text>, service: Option<Text>) -> Text {
    let or_hole = |text: Option<Text>, name: &str| text.unwrap_or_else(|| Text::hole(name));
    Text::known(format!("{ALGORITHM} Credential="))
        .joined(Text::hole("key"))
        .joined(Text::known("/"))
        .joined(Text::hole("date"))
        .joined(Text::known("/"))
        .joined(or_hole(region, "region"))
        .joined(Text::known("/"))
        .joined(or_hole(service, "service"))
        .joined(Text::known("/aws4_request, Signature="))
        .joined(Text::hole("signature"))
}

impl Signer {
    /// `is_complete` says that nothing else can add a header.
    pub fn of(headers: &[Header], is_complete: bool, urls: &[Url], call: Span) -> Signer {
        let named = |header: &&Header| header.name.eq_ignore_ascii_case(AUTHORIZATION);
        let mut may_be = None;
        for header in headers.iter().filter(named) {
            match signs(&header.value) {
                Some(true) if header.always => return signed(&header.value, header.span),
                Some(true) => may_be = Some("it is signed under a condition only"),
                Some(false) => {}
                None => may_be = Some("its Authorization may be a signature"),
            }
        }
        let is_presigned = |url: &Url| url.path.filled("").contains("X-Amz-Signature=");
        if urls.iter().any(is_presigned) {
            return signed(&Text::default(), call);
        }
        if may_be.is_none() && !is_complete {
            may_be = Some("not all that is sent along is known");
        }
        may_be.map_or(Signer::None, |reason| Signer::Unknown(Reason::new(reason)))
    }

    pub fn is_signed(&self) -> bool {
        matches!(self, Signer::SigV4 { .. })
    }
}

/// Whether a header is a signature; `None` where its beginning is not known.
fn signs(value: &Text) -> Option<bool> {
    let known = value.beginning();
    let known = known.trim_start();
    if known.starts_with(ALGORITHM) {
        return Some(true);
    }
    let is_open = value
        .0
        .iter()
        .any(|piece| matches!(piece, Piece::Hole { .. } | Piece::Env { .. }));
    match is_open && ALGORITHM.starts_with(known) {
        true => None,
        false => Some(false),
    }
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn signed(value: &Text, span: Span) -> Signer {
    let text = value.filled(&OPEN.to_string());
    let scope = text.split_once("Credential=").map_or("", |(_, rest)| rest);
    let end = scope.find([',', ' ']).unwrap_or(scope.len());
    let mut parts = scope[..end].rsplit('/').skip(1);
    let mut next = |what: &str| match parts.next() {
        Some(part) if !part.is_empty() && !part.contains(OPEN) => Known::Is(part.to_owned()),
        _ => Known::Unknown(Reason::new(format!("nobody says for which {what}"))),
    };
    let service = next("service");
    Signer::SigV4 {
        region: next("region"),
        service,
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: Span = Span { start: 0, end: 0 };

    fn header(value: Text, always: bool) -> Header {
        Header {
            name: "authorization".into(),
            value,
            span: NOWHERE,
            always,
        }
    }

    fn of(headers: &[Header], is_complete: bool) -> Signer {
        Signer::of(headers, is_complete, &[], NOWHERE)
    }

    #[test]
    fn a_signature_says_for_whom() {
        let text = signature(Some(Text::known("eu-west-1")), None);
        let Signer::SigV4 {
            service, region, ..
        } = of(&[header(text.clone(), true)], false)
        else {
            panic!("not signed");
        };
        assert_eq!(region, Known::Is("eu-west-1".into()));
        assert!(service.known().is_none());
        assert!(matches!(
            of(&[header(text, false)], true),
            Signer::Unknown(_)
        ));
        let short = Text::known("AWS4-HMAC-SHA256 ").joined(Text::hole("rest"));
        assert!(of(&[header(short, true)], true).is_signed());
    }

    #[test]
    fn nobody_signs_only_where_all_is_read() {
        assert_eq!(of(&[], true), Signer::None);
        assert!(matches!(of(&[], false), Signer::Unknown(_)));
        let bearer = Text::known("Bearer ").joined(Text::hole("token"));
        assert_eq!(of(&[header(bearer, true)], true), Signer::None);
        let unknown = header(Text::hole("token"), true);
        assert!(matches!(of(&[unknown], true), Signer::Unknown(_)));
    }

    #[test]
    fn a_url_may_bring_its_signature() {
        let url = Url::of(&Text::known("https://a.test/b?X-Amz-Signature=abc"));
        assert!(Signer::of(&[], true, &[url], NOWHERE).is_signed());
    }
}
