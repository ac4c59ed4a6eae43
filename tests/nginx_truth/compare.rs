//! Holds the analyzer's answer against what was seen.

use bstr::{BString, ByteSlice};
use why403::estate::Estate;
use why403::gate::{Gate, Protocol};
use why403::request::{Known, Request};

use crate::analyzer;
use crate::case::Exchange;
use crate::expected::{Expected, Forecast, Header};
use crate::server::{Lab, Observation};
use crate::told;
use crate::unknown;
use crate::upstream::{Received, Who};

/// The outcome of one comparison.
pub enum Outcome {
    /// They agree, but for the values that the analyzer says it cannot know, and why.
    Agree(Vec<String>),
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

pub fn compare(lab: &Lab, estate: &Estate, exchange: &Exchange, seen: &Observation) -> Outcome {
    let forecast = Forecast {
        lab,
        nginx: analyzer::gate(estate),
        exchange,
    };
    let request = analyzer::request(lab, exchange);
    let courses = forecast.nginx.pass(&request);
    if let Some(problem) = told::problem(estate, &request, &courses) {
        return Outcome::Differ(Difference {
            kind: "the document".to_string(),
            expected: problem,
            seen: String::new(),
        });
    }
    match forecast.of(&request) {
        Ok(expected) => Judge { forecast, seen }.judge(&expected),
        Err(outcome) => *outcome,
    }
}

struct Judge<'a> {
    forecast: Forecast<'a>,
    seen: &'a Observation,
}

impl Judge<'_> {
    fn judge(&self, expected: &Expected) -> Outcome {
        let mut open = Vec::new();
        let checks = self
            .accelerated()
            .and_then(|()| self.arrival(expected, &mut open))
            .and_then(|()| self.answered(expected, &mut open));
        match checks {
            Ok(()) => Outcome::Agree(open),
            Err(outcome) => *outcome,
        }
    }

    fn same(
        &self,
        what: &str,
        expected: impl ToString,
        seen: impl ToString,
    ) -> Result<(), Box<Outcome>> {
        let (expected, seen) = (expected.to_string(), seen.to_string());
        if expected == seen {
            return Ok(());
        }
        Err(Box::new(Outcome::Differ(Difference {
            kind: what.to_string(),
            expected,
            seen,
        })))
    }

    fn arrival(&self, expected: &Expected, open: &mut Vec<String>) -> Result<(), Box<Outcome>> {
        let Some((to, request)) = &expected.arrives else {
            // A subrequest may have reached a server behind nginx; its answer does not get out.
            let mut headers = self.seen.response.headers.iter();
            let reached = headers.find(|(name, _)| name == "X-From");
            return match reached {
                Some((_, from)) => {
                    let says = format!("{:?}", expected.status);
                    self.same(&format!("reached, not: {says}"), &says, from)
                }
                None => Ok(()),
            };
        };
        let place = self.forecast.place(to);
        let mut received = self.seen.received.iter().rev();
        let Some(received) = received.find(|received| received.by != Who::Mirror) else {
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
            return self.gateway_request(request, received, open);
        }
        self.same("method", &request.method, &received.method)?;
        self.same("uri", &request.target, &received.uri)?;
        let seen = received
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        self.headers("request header", pairs(request), seen, open)
    }

    /// An answer of the upstream may send nginx to another location; that is not compared.
    fn accelerated(&self) -> Result<(), Box<Outcome>> {
        let mut headers = self.forecast.exchange.upstream.headers.iter();
        let redirects = headers.any(|(name, _)| name.eq_ignore_ascii_case("X-Accel-Redirect"));
        let mut received = self.seen.received.iter();
        let gave_it = received.any(|request| !matches!(request.by, Who::Auth | Who::Mirror));
        if redirects && gave_it {
            return Err(Box::new(Outcome::Unknown(
                unknown::ACCEL_REDIRECT.to_string(),
            )));
        }
        Ok(())
    }

    fn answered(&self, expected: &Expected, open: &mut Vec<String>) -> Result<(), Box<Outcome>> {
        let show = |status: Option<u16>| status.map_or("closed".to_string(), |s| s.to_string());
        let seen = show(self.seen.response.status);
        let expects = match &expected.status {
            // 444 closes the connection.
            None | Some(Known::Is(444)) => show(None),
            Some(Known::Is(status)) => show(Some(*status)),
            Some(Known::Unknown(because)) => {
                open.push(because.to_string());
                seen.clone()
            }
        };
        self.same(&format!("status {expects}, not {seen}"), &expects, &seen)?;
        let seen = self.seen.response.headers.iter();
        let seen = seen.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let headers = expected.headers.clone();
        self.headers("response header", headers, seen.collect(), open)
    }

    /// Of the parameters, those that carry request headers; method and path only where the
    /// configuration sends them.
    fn gateway_request(
        &self,
        request: &Request,
        received: &Received,
        open: &mut Vec<String>,
    ) -> Result<(), Box<Outcome>> {
        if !received.method.is_empty() {
            self.same("method", &request.method, &received.method)?;
        }
        if !received.uri.is_empty() {
            self.same("uri", &request.target, &received.uri)?;
        }
        let parameter = |name: String| format!("HTTP_{}", name.to_uppercase().replace('-', "_"));
        let expected = pairs(request)
            .into_iter()
            .map(|(name, value)| (parameter(name), value))
            .collect();
        let seen = received
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("HTTP_"))
            .cloned()
            .collect();
        self.headers("parameter", expected, seen, open)
    }

    /// Compares as multisets. A value that the analyzer does not know is any value; why it does
    /// not is noted in `open`.
    fn headers(
        &self,
        what: &str,
        expected: Vec<Header>,
        mut seen: Vec<(String, BString)>,
        open: &mut Vec<String>,
    ) -> Result<(), Box<Outcome>> {
        let compared = |name: &str| what != "response header" || !NOT_COMPARED.contains(&name);
        seen.retain(|(name, _)| compared(name));
        let mut missing = Vec::new();
        let (known, unknown): (Vec<_>, Vec<_>) = expected
            .into_iter()
            .filter(|(name, _)| compared(name))
            .partition(|(_, value)| value.known().is_some());
        for (name, value) in known.into_iter().chain(unknown) {
            let found = seen.iter().position(|(other, text)| {
                *other == name && value.known().is_none_or(|value| value == text)
            });
            if let Some(at) = found {
                seen.remove(at);
            }
            match value {
                // It may be empty, and then the header is not sent.
                Known::Unknown(because) => open.push(because.to_string()),
                Known::Is(_) if found.is_some() => {}
                Known::Is(value) => missing.push((name, value)),
            }
        }
        if missing.is_empty() && seen.is_empty() {
            return Ok(());
        }
        let name = missing.first().or(seen.first()).map(|(name, _)| name);
        let side = match (missing.is_empty(), seen.is_empty()) {
            (false, true) => "not sent by nginx",
            (true, _) => "sent by nginx only",
            _ => "has another value",
        };
        Err(Box::new(Outcome::Differ(Difference {
            kind: format!("{what} {}: {side}", name.map_or("", |name| name.as_str())),
            expected: format!("{missing:?}"),
            seen: format!("{seen:?}"),
        })))
    }
}

fn pairs(request: &Request) -> Vec<Header> {
    let headers = request.headers.iter();
    headers
        .map(|header| {
            let name = header.name.to_str_lossy().to_ascii_lowercase();
            (name, header.value.clone())
        })
        .collect()
}
