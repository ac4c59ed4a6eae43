//! What must be seen from outside, from the courses of the analyzer: a request may pass several
//! servers of the same nginx.

use std::net::Ipv4Addr;

use bstr::{BString, ByteSlice};
use why403::gate::{Course, End, Gate, ResponseEdits, ResponseHeader, Upstream};
use why403::gates::nginx::Nginx;
use why403::request::{Known, Request};

use crate::case::Exchange;
use crate::compare::{Difference, Outcome};
use crate::server::Lab;
use crate::unknown;
use crate::upstream::Who;
use crate::world::World;

/// A header as it is compared: its name in lower case; a value that is not known is any value.
pub type Header = (String, Known<BString>);

/// What must be seen from outside.
pub struct Expected {
    /// `None` for a connection that is closed without a word.
    pub status: Option<Known<u16>>,
    pub headers: Vec<Header>,
    /// The request that must arrive behind nginx, and where.
    pub arrives: Option<(Upstream, Request)>,
}

/// How many servers of this nginx a request may pass one after another.
const MAX_HOPS: usize = 4;

/// One exchange with one nginx.
pub struct Forecast<'a> {
    pub lab: &'a Lab,
    pub nginx: &'a Nginx,
    pub exchange: &'a Exchange,
}

impl Forecast<'_> {
    /// What must be seen when this request is sent.
    pub fn of(&self, request: &Request) -> Result<Expected, Box<Outcome>> {
        self.expected(request, MAX_HOPS)
    }

    /// The one course that the request takes in this world.
    fn course(&self, request: &Request) -> Result<Course, Box<Outcome>> {
        let world = World {
            lab: self.lab,
            exchange: self.exchange,
        };
        let courses = self.nginx.pass(request);
        let number = courses.len();
        let mut taken = Vec::new();
        for course in courses {
            match world.takes(&course) {
                Ok(true) => taken.push(course),
                Ok(false) => {}
                Err(condition) => {
                    return Err(Box::new(Outcome::Unknown(unknown::of_condition(condition))));
                }
            }
        }
        // What stands for all that was not followed has no conditions: it holds beside any other.
        if taken.len() > 1 {
            taken.retain(|course| !is_remainder(course));
        }
        match (taken.pop(), taken.len()) {
            (Some(course), 0) => Ok(course),
            (last, more) => Err(Box::new(Outcome::Differ(Difference {
                kind: format!("{} courses hold", more + usize::from(last.is_some())),
                expected: format!("one course of {number}"),
                seen: format!("{taken:?} {last:?}"),
            }))),
        }
    }

    fn expected(&self, request: &Request, hops: usize) -> Result<Expected, Box<Outcome>> {
        let unknown = |reason: String| Err(Box::new(Outcome::Unknown(reason)));
        match self.course(request)?.end {
            End::Unknown { because, .. } => unknown(because.to_string()),
            End::Handled { .. } => unreachable!("nginx has no handlers of an application"),
            End::Dropped { .. } => Ok(Expected {
                status: None,
                headers: Vec::new(),
                arrives: None,
            }),
            End::Answered {
                status, headers, ..
            } => Ok(Expected {
                status: Some(status),
                headers: headers.iter().map(expected_header).collect(),
                arrives: None,
            }),
            End::Forwarded {
                to,
                request,
                response,
                ..
            } => {
                if let Known::Unknown(because) = &to.address {
                    return unknown(because.to_string());
                }
                let inner = if !self.is_this_nginx(&to) {
                    self.answer(*to, *request)
                } else if hops > 0 {
                    let mut inner = *request;
                    inner.from = Known::Is(Ipv4Addr::LOCALHOST.into());
                    inner.headers.0.iter_mut().for_each(|h| trim(&mut h.value));
                    let mut answer = self.expected(&inner, hops - 1)?;
                    answer.headers.iter_mut().for_each(|(_, value)| trim(value));
                    answer
                } else {
                    return unknown("the request goes round in a circle".to_string());
                };
                Ok(edited(inner, &response))
            }
        }
    }

    fn is_this_nginx(&self, to: &Upstream) -> bool {
        self.lab
            .is_listening(to.address.known().map_or("", |address| address))
    }

    /// What a server behind nginx answers.
    fn answer(&self, to: Upstream, request: Request) -> Expected {
        let place = self.place(&to);
        let answer = match place.as_str() {
            "AUTH" => &self.exchange.auth,
            _ => &self.exchange.upstream,
        };
        let from = ("x-from".to_string(), Known::Is(place.into()));
        let named = answer.headers.iter().map(|(name, value)| {
            let value = BString::from(value.as_str());
            (name.to_ascii_lowercase(), Known::Is(value))
        });
        Expected {
            status: Some(Known::Is(answer.status)),
            headers: std::iter::once(from).chain(named).collect(),
            arrives: Some((to, request)),
        }
    }

    /// The name of the port that an upstream's address has.
    pub fn place(&self, to: &Upstream) -> String {
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
}

/// Blanks at the end of a header's line are not a part of it once it was read.
fn trim(value: &mut Known<BString>) {
    if let Known::Is(text) = value {
        let end = text.trim_end_with(|char| char == ' ').len();
        text.truncate(end);
    }
}

/// Whether a course is what was left when there were too many.
fn is_remainder(course: &Course) -> bool {
    course.conditions.is_empty() && matches!(course.end, End::Unknown { .. })
}

/// An answer after nginx has passed it on.
fn edited(mut answer: Expected, edits: &ResponseEdits) -> Expected {
    if let Some(status) = edits.status {
        answer.status = Some(Known::Is(status));
    }
    let plain = matches!(
        answer.status,
        Some(Known::Is(
            200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308
        ))
    );
    answer
        .headers
        .retain(|(name, _)| !edits.hide.iter().any(|hidden| hides(&hidden.name, name)));
    let added = edits.add.iter().filter(|header| header.always || plain);
    answer.headers.extend(added.map(expected_header));
    answer
}

fn expected_header(header: &ResponseHeader) -> Header {
    let name = header.name.to_str_lossy().to_ascii_lowercase();
    (name, header.value.clone())
}

/// Whether a hidden name, which may end in `*`, covers a header.
fn hides(hidden: &str, name: &str) -> bool {
    let (hidden, name) = (hidden.to_ascii_lowercase(), name.to_ascii_lowercase());
    match hidden.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => hidden == name,
    }
}
