//! The parts of a request that statements look at.

use bstr::{BString, ByteSlice};

use super::Judge;
use crate::gates::aws::waf::model::{Field, Oversize};
use crate::request::{Known, Reason};

pub(super) enum Part<T> {
    /// The request does not have it.
    Absent,
    Text(T),
    /// It is too long, and what that means was set.
    Decided(bool),
    Unknown(Reason),
}

impl Judge<'_, '_> {
    pub(super) fn part(&self, field: &Field) -> Part<BString> {
        let request = self.run.request;
        match field {
            Field::Path => Part::Text(request.path().to_owned()),
            Field::Method => Part::Text(request.method.as_str().into()),
            Field::Query => Part::Text(query(&request.target)),
            Field::Argument(name) => {
                let query = query(&request.target);
                let mut pairs = query
                    .split_str("&")
                    .filter_map(|pair| pair.split_once_str("="));
                let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()));
                found.map_or(Part::Absent, |(_, value)| Part::Text(value.into()))
            }
            Field::Header(name) => self.header(name),
            // Each of them is looked at on its own, and which of them was chosen is not read.
            Field::Cookies => match request.headers.has("Cookie") {
                false => Part::Absent,
                true => Part::Unknown(Reason::new("which cookies are looked at is not known")),
            },
            Field::Json { oversize } => match (request.body, self.oversize(*oversize)) {
                (0, _) => Part::Absent,
                (_, Some(decided)) => Part::Decided(decided),
                _ => Part::Unknown(Reason::new("what the body holds is not known")),
            },
            Field::Body { oversize } => match (request.body, self.oversize(*oversize)) {
                (0, _) => Part::Text(BString::default()),
                (_, Some(decided)) => Part::Decided(decided),
                _ => Part::Unknown(Reason::new("what the body holds is not known")),
            },
            Field::Other(name) => {
                Part::Unknown(Reason::new(format!("{name} of the request is not known")))
            }
        }
    }

    pub(super) fn size(&self, field: &Field, transforms: &[String]) -> Part<u64> {
        if let Field::Body { oversize } = field {
            let limit = self.acl.body_limit(self.before);
            return match self.oversize(*oversize) {
                Some(decided) => Part::Decided(decided),
                None if transforms.is_empty() || self.run.request.body == 0 => {
                    Part::Text(self.run.request.body.min(limit))
                }
                None => Part::Unknown(Reason::new("what the body holds is not known")),
            };
        }
        match self.part(field) {
            Part::Absent => Part::Absent,
            Part::Decided(fits) => Part::Decided(fits),
            Part::Unknown(reason) => Part::Unknown(reason),
            Part::Text(text) => match transformed(&text, transforms) {
                Ok(text) => Part::Text(text.len() as u64),
                Err(reason) => Part::Unknown(reason),
            },
        }
    }

    fn header(&self, name: &str) -> Part<BString> {
        let request = self.run.request;
        if name.eq_ignore_ascii_case("host") {
            return Part::Text(request.host_header());
        }
        match request.headers.get(name) {
            Some(Known::Is(value)) => Part::Text(value.clone()),
            Some(Known::Unknown(reason)) => Part::Unknown(reason.clone()),
            // Nearly every client sends one, even where nothing is said of it.
            None if name.eq_ignore_ascii_case("user-agent") => {
                Part::Unknown(Reason::new("nothing says what User-Agent it has"))
            }
            None => Part::Absent,
        }
    }

    /// What a body that is too long to be looked at means, if it is.
    fn oversize(&self, handling: Oversize) -> Option<bool> {
        let is_long = self.run.request.body > self.acl.body_limit(self.before);
        match handling {
            Oversize::Match if is_long => Some(true),
            Oversize::NoMatch if is_long => Some(false),
            _ => None,
        }
    }
}

fn query(target: &BString) -> BString {
    let query = target.split_once_str("?");
    query.map_or_else(BString::default, |(_, query)| query.into())
}

/// What is looked at after the transformations
/// (<https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html>):
/// those that most rules use, and others where they change nothing.
pub(super) fn transformed(text: &BString, transforms: &[String]) -> Result<BString, Reason> {
    let mut text = text.clone();
    for name in transforms {
        let is_in = |parts: &[&str]| parts.iter().any(|part| text.contains_str(part));
        let changes = match name.as_str() {
            "LOWERCASE" => {
                text = text.to_ascii_lowercase().into();
                false
            }
            "URL_DECODE" | "URL_DECODE_UNI" => {
                text = decoded(&text);
                false
            }
            "COMPRESS_WHITE_SPACE" => text.iter().any(u8::is_ascii_whitespace),
            "HTML_ENTITY_DECODE" => is_in(&["&"]),
            "NORMALIZE_PATH" => is_in(&["//", "/."]),
            "NORMALIZE_PATH_WIN" => is_in(&["//", "/.", "\\"]),
            "REMOVE_NULLS" | "REPLACE_NULLS" => is_in(&["\0"]),
            "REPLACE_COMMENTS" => is_in(&["/*"]),
            "JS_DECODE" | "CSS_DECODE" | "ESCAPE_SEQ_DECODE" => is_in(&["\\"]),
            "SQL_HEX_DECODE" => is_in(&["0x"]),
            "UTF8_TO_UNICODE" => !text.is_ascii(),
            _ => !text.is_empty(),
        };
        if changes {
            let reason = format!("what {name} makes of it is not known");
            return Err(Reason::new(reason));
        }
    }
    Ok(text)
}

fn decoded(text: &BString) -> BString {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let hex = (text[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if text[at] == b'+' { b' ' } else { text[at] });
                at += 1;
            }
        }
    }
    out.into()
}
