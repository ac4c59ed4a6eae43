//! Holds the analyzer's answer against what was seen.

use bstr::{BString, ByteSlice};
use why403::gate::{Course, End, Gate, Protocol, ResponseEdits, ResponseHeader, Upstream};
use why403::gates::nginx::Nginx;
use why403::request::{Known, Request};

use crate::analyzer;
use crate::case::Exchange;
use crate::server::{Lab, Observation};
use crate::upstream::{Received, Who};
use crate::world::World;

/// The outcome of one comparison.
pub enum Outcome {
    Agree,
    /// The analyzer says that it cannot know, and why.
    Unknown(String),
    Differ(Difference),
}

#[derive(Clone, Debug)]
pub struct Difference {
    /// What differs, in few words: the same for all disagreements of one kind.
    pub kind: String,
    pub expected: String,
    pub seen: String,
}

/// Headers of an answer that no configuration of these tests decides: what nginx says of itself,
/// of the connection and of the body.
const NOT_COMPARED: &[&str] = &[
    "server",
    "date",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-type",
    "content-length",
    "last-modified",
    "etag",
    "accept-ranges",
];

pub fn compare(lab: &Lab, nginx: &Nginx, exchange: &Exchange, seen: &Observation) -> Outcome {
    let courses = nginx.pass(&analyzer::request(lab, exchange));
    let world = World { lab, exchange };
    let mut taken = Vec::new();
    for course in &courses {
        match world.takes(course) {
            Ok(true) => taken.push(course),
            Ok(false) => {}
            Err(condition) => return Outcome::Unknown(format!("condition: {condition}")),
        }
    }
    let [course] = taken.as_slice() else {
        return differ(
            format!("{} courses hold", taken.len()),
            format!("one course of {}", courses.len()),
            format!("{taken:?}"),
        );
    };
    let judge = Judge {
        lab,
        exchange,
        seen,
        course,
    };
    judge.end()
}

fn differ(kind: String, expected: String, seen: String) -> Outcome {
    Outcome::Differ(Difference {
        kind,
        expected,
        seen,
    })
}

struct Judge<'a> {
    lab: &'a Lab,
    exchange: &'a Exchange,
    seen: &'a Observation,
    course: &'a Course,
}

impl Judge<'_> {
    fn end(&self) -> Outcome {
        let checks = match &self.course.end {
            End::Unknown { because, .. } => return Outcome::Unknown(because.to_string()),
            End::Dropped { .. } => self.status(None),
            End::Answered {
                status, headers, ..
            } => self.answered(status, headers),
            End::Forwarded {
                to,
                request,
                response,
                ..
            } => self.forwarded(to, request, response),
        };
        match checks {
            Ok(()) => Outcome::Agree,
            Err(difference) => Outcome::Differ(difference),
        }
    }

    fn same(
        &self,
        what: &str,
        expected: impl ToString,
        seen: impl ToString,
    ) -> Result<(), Difference> {
        let (expected, seen) = (expected.to_string(), seen.to_string());
        if expected == seen {
            return Ok(());
        }
        Err(Difference {
            kind: what.to_string(),
            expected,
            seen,
        })
    }

    fn status(&self, expected: Option<u16>) -> Result<(), Difference> {
        let show = |status: Option<u16>| status.map_or("closed".to_string(), |s| s.to_string());
        let (expected, seen) = (show(expected), show(self.seen.response.status));
        self.same(&format!("status {expected}, not {seen}"), &expected, &seen)
    }

    fn answered(&self, status: &Known<u16>, headers: &[ResponseHeader]) -> Result<(), Difference> {
        // A subrequest may have reached a server behind nginx; its answer does not get out.
        let mut headers_seen = self.seen.response.headers.iter();
        if let Some((_, from)) = headers_seen.find(|(name, _)| name == "X-From") {
            let says = self.says();
            return self.same(&format!("reached, not: {says}"), &says, from);
        }
        if let Known::Is(status) = status {
            // 444 closes the connection.
            self.status((*status != 444).then_some(*status))?;
        }
        let expected = headers.iter().map(expected_header).collect();
        self.headers("response header", expected, self.seen_headers())
    }

    fn forwarded(
        &self,
        to: &Upstream,
        request: &Request,
        response: &ResponseEdits,
    ) -> Result<(), Difference> {
        let place = self.place(to);
        let Some(received) = self.seen.received.last() else {
            let status = self.seen.response.status.unwrap_or_default();
            return self.same(
                &format!("answered {status}, not reached"),
                place,
                format!("status {status}"),
            );
        };
        self.same("upstream", &place, received.by.port_name())?;
        let gateway = matches!(
            to.protocol,
            Protocol::Fastcgi | Protocol::Scgi | Protocol::Uwsgi
        );
        if gateway {
            self.gateway_request(request, received)?;
        } else {
            self.same("method", &request.method, &received.method)?;
            self.same("uri", &request.target, &received.uri)?;
            let expected = pairs(request);
            let seen = received
                .headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect();
            self.headers("request header", expected, seen)?;
        }
        self.forwarded_answer(received.by, response)
    }

    /// The name of the port that an upstream's address has.
    fn place(&self, to: &Upstream) -> String {
        let address = to
            .servers
            .first()
            .or(to.address.known())
            .cloned()
            .unwrap_or_else(|| "unknown".to_string());
        Who::ALL
            .iter()
            .map(|who| who.port_name())
            .find(|name| {
                let port = self.lab.port(name).unwrap_or_default();
                address.ends_with(&format!(":{port}"))
            })
            .map_or(address.clone(), str::to_string)
    }

    /// Of the parameters, those that carry request headers; method and path only where the
    /// configuration sends them.
    fn gateway_request(&self, request: &Request, received: &Received) -> Result<(), Difference> {
        if !received.method.is_empty() {
            self.same("method", &request.method, &received.method)?;
        }
        if !received.uri.is_empty() {
            self.same("uri", &request.target, &received.uri)?;
        }
        let expected = pairs(request)
            .into_iter()
            .map(|(name, value)| {
                (
                    format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_")),
                    value,
                )
            })
            .collect();
        let seen = received
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("HTTP_"))
            .cloned()
            .collect();
        self.headers("parameter", expected, seen)
    }

    fn forwarded_answer(&self, by: Who, response: &ResponseEdits) -> Result<(), Difference> {
        let answer = match by {
            Who::Auth => &self.exchange.auth,
            _ => &self.exchange.upstream,
        };
        let status = response.status.unwrap_or(answer.status);
        self.status(Some(status))?;
        let plain = matches!(
            status,
            200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308
        );
        let from = ("X-From".to_string(), by.port_name().to_string());
        let mut expected: Vec<_> = std::iter::once(&from)
            .chain(&answer.headers)
            .filter(|(name, _)| !response.hide.iter().any(|hidden| hides(&hidden.name, name)))
            .map(|(name, value)| (name.to_ascii_lowercase(), Some(value.as_str().into())))
            .collect();
        expected.extend(
            response
                .add
                .iter()
                .filter(|header| header.always || plain)
                .map(expected_header),
        );
        self.headers("response header", expected, self.seen_headers())
    }

    fn seen_headers(&self) -> Vec<(String, BString)> {
        self.seen
            .response
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect()
    }

    /// Compares as multisets; a value that the analyzer does not know is any value.
    fn headers(
        &self,
        what: &str,
        expected: Vec<(String, Option<BString>)>,
        mut seen: Vec<(String, BString)>,
    ) -> Result<(), Difference> {
        let compared = |name: &str| what != "response header" || !NOT_COMPARED.contains(&name);
        seen.retain(|(name, _)| compared(name));
        let mut missing = Vec::new();
        let (known, unknown): (Vec<_>, Vec<_>) = expected
            .into_iter()
            .filter(|(name, _)| compared(name))
            .partition(|(_, value)| value.is_some());
        for (name, value) in known.into_iter().chain(unknown) {
            let found = seen.iter().position(|(other, text)| {
                *other == name && value.as_ref().is_none_or(|value| value == text)
            });
            match found {
                Some(at) => {
                    seen.remove(at);
                }
                // A value that is not known may be empty, and then the header is not sent.
                None if value.is_none() => {}
                None => missing.push((name, value)),
            }
        }
        if missing.is_empty() && seen.is_empty() {
            return Ok(());
        }
        let name = missing
            .first()
            .map(|(name, _)| name)
            .or(seen.first().map(|(name, _)| name));
        let side = match (missing.is_empty(), seen.is_empty()) {
            (false, true) => "not sent by nginx",
            (true, _) => "sent by nginx only",
            _ => "has another value",
        };
        Err(Difference {
            kind: format!("{what} {}: {side}", name.map_or("", |name| name.as_str())),
            expected: format!("{missing:?}"),
            seen: format!("{seen:?}"),
        })
    }

    fn says(&self) -> String {
        format!("{}", self.course.end)
    }
}

fn expected_header(header: &ResponseHeader) -> (String, Option<BString>) {
    let name = header.name.to_str_lossy().to_ascii_lowercase();
    (name, header.value.known().cloned())
}

fn pairs(request: &Request) -> Vec<(String, Option<BString>)> {
    request
        .headers
        .iter()
        .map(|header| {
            let name = header.name.to_str_lossy().to_ascii_lowercase();
            (name, header.value.known().cloned())
        })
        .collect()
}

/// Whether a hidden name, which may end in `*`, covers a header.
fn hides(hidden: &str, name: &str) -> bool {
    let (hidden, name) = (hidden.to_ascii_lowercase(), name.to_ascii_lowercase());
    match hidden.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => hidden == name,
    }
}
