//! What a page of another origin and a route of Express say to each other.

use super::exchange::carries;
use super::lines::ALLOW_ORIGIN;
use crate::finding::Severity;
use crate::gate::{Course, Door};
use crate::gates::express::Express;
use crate::gates::nginx::STRANGER;
use crate::probes::route::{CSRF, forms, likeliest};
use crate::probes::{Sent, preflight};
use crate::request::Request;

/// The header that makes a preflight necessary, and what is let in with it.
type Admitted = (Option<String>, Sent);

/// A request of a page, its preflight, and the same request without a credential.
pub struct Crossing<'e> {
    pub app: &'e Express,
    pub door: &'e Door,
    /// As the route admits it: with a credential where it asks for one.
    pub announced: Sent,
    /// The header that makes a preflight necessary, if one does.
    pub header: Option<String>,
    pub preflight: Request,
    /// The likeliest way of the preflight.
    pub answer: Option<Course>,
}

impl<'e> Crossing<'e> {
    /// `None` where no request is let in that a page could send.
    pub fn at(app: &'e Express, door: &'e Door) -> Option<Crossing<'e>> {
        let example = door.example.as_ref().ok()?;
        if example.method == "OPTIONS" {
            return None;
        }
        let mut admitted = origins(app).into_iter().filter_map(|origin| {
            let mut page = example.clone();
            page.headers.push("Origin", origin);
            admitted(app, &page)
        });
        let first = admitted.next()?;
        let is_readable = |(_, sent): &(_, Sent)| carries(&sent.course, ALLOW_ORIGIN);
        let (header, announced) = match is_readable(&first) {
            true => first,
            false => admitted.find(is_readable).unwrap_or(first),
        };
        let names: Vec<&str> = header.as_deref().into_iter().collect();
        let mut preflight = preflight(&announced.request, &announced.request.method, &names);
        // What a script sets is announced, and not sent.
        for name in app.api_keys().chain([CSRF]) {
            preflight.headers.remove(name);
        }
        let answer = likeliest(app, &preflight);
        Some(Crossing {
            app,
            door,
            announced,
            header,
            preflight,
            answer,
        })
    }

    /// Whether no page can send this request without a preflight (Fetch §2.2.1, §2.2.2).
    pub fn needs_preflight(&self) -> bool {
        let method = self.announced.request.method.as_str();
        self.header.is_some() || !matches!(method, "GET" | "HEAD" | "POST")
    }

    /// How grave it is that the preflight fails. A POST needs one if it sends JSON, and not if it
    /// sends a form; a plain GET needs none.
    pub fn severity(&self) -> Option<Severity> {
        match self.announced.request.method.as_str() {
            _ if self.needs_preflight() => Some(Severity::Error),
            "POST" => Some(Severity::Note),
            _ => None,
        }
    }

    /// The layer that lets the page read the answer.
    pub fn allow_origin(&self) -> Option<&crate::gate::ResponseHeader> {
        let headers = self.announced.course.response_headers();
        headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(ALLOW_ORIGIN.as_bytes()))
    }

    /// The likeliest way of a request.
    pub fn send(&self, request: &Request) -> Option<Course> {
        likeliest(self.app, request)
    }

    /// The same request without a credential.
    pub fn without_credential(&self) -> Request {
        let mut request = self.announced.request.clone();
        for name in ["Authorization", "Cookie", CSRF] {
            request.headers.remove(name);
        }
        for name in self.app.api_keys() {
            request.headers.remove(name);
        }
        request
    }
}

/// The origins that the app names, and a stranger.
fn origins(app: &Express) -> Vec<&str> {
    let named = app.origins().iter().map(String::as_str);
    named.chain([STRANGER]).collect()
}

/// The request as it is let in and its answer may be read, with the header of the credential that
/// it takes; else as it is let in.
fn admitted(app: &Express, page: &Request) -> Option<Admitted> {
    let mut unreadable = None;
    for (header, request) in forms(app, page) {
        let Some(course) = likeliest(app, &request).filter(Course::admits) else {
            continue;
        };
        let is_readable = carries(&course, ALLOW_ORIGIN);
        let sent = (header, Sent { request, course });
        if is_readable {
            return Some(sent);
        }
        unreadable = unreadable.or(Some(sent));
    }
    unreadable
}
