//! What a page of another origin and a door say to each other.

use super::lines::{self, ALLOW_ORIGIN};
use crate::finding::{Confidence, Severity};
use crate::gate::{Condition, Course, Effect, End, Gate, ResponseHeader, Unsure};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::LevelId;
use crate::probes::{Cors, Sent, Visit, lets_in, preflight};
use crate::request::Request;
use crate::trace;

/// The request of a page, and the preflight by which its browser announces it.
pub struct Exchange<'e> {
    pub visit: Visit<'e>,
    /// As the door admits it: with a credential where it asks for one.
    pub announced: Sent,
    pub preflight: Request,
    /// The ways of the preflight that fit to the way of the request.
    pub answers: Vec<Course>,
    pub need: Option<lines::Need>,
}

impl<'e> Exchange<'e> {
    /// `None` where nobody speaks of CORS, or no page of another origin is let in.
    pub fn at(visit: Visit<'e>) -> Option<Self> {
        if !may_speak(&visit) {
            return None;
        }
        let origin = origin(&visit);
        let page = visit.from_origin(origin);
        let mut announced = ["GET", "POST"].into_iter().find_map(|method| {
            visit.admitted(&Request {
                method: method.into(),
                ..page.clone()
            })
        })?;
        announced.course = plainest(&visit, &announced.request)?;
        if is_own_origin(origin, &announced) {
            return None;
        }
        let config = visit.gate.config();
        let need = lines::need(config, level_of(&announced.course, &visit))
            .and_then(|need| admitted_need(&visit, &page, &announced, need));
        let method = need
            .as_ref()
            .map_or(&announced.request.method, |need| &need.method);
        let header = need.as_ref().and_then(|need| need.header.as_deref());
        let headers: Vec<&str> = header.into_iter().collect();
        let request = preflight(&announced.request, method, &headers);
        let answers = visit
            .send(&request)
            .iter()
            .filter(|answer| fit(&announced.course, answer))
            .cloned()
            .collect();
        Some(Exchange {
            visit,
            announced,
            preflight: request,
            answers,
            need,
        })
    }

    /// The level that governs the answer to the request itself.
    pub fn level(&self) -> LevelId {
        level_of(&self.announced.course, &self.visit)
    }

    /// The level that governs the answer on this course.
    pub fn level_of(&self, course: &Course) -> LevelId {
        level_of(course, &self.visit)
    }

    /// Whether this course rests on a condition that the request itself does not rest on: a map
    /// or a template that we cannot see through.
    pub fn is_conditional(&self, course: &Course) -> bool {
        let known = &self.announced.course.conditions;
        course
            .conditions
            .iter()
            .any(|one| matches!(one.what, Unsure::Test { .. }) && !known.contains(one))
    }

    /// Whether nginx adds this header on any way of any method. Where it does so for some and not
    /// for others, the difference may be meant.
    pub fn origin_on_some_method(&self) -> bool {
        METHODS.iter().any(|method| {
            let request = self.with_method(method);
            let courses = self.visit.send(&request);
            courses.iter().any(|course| carries(course, ALLOW_ORIGIN))
        })
    }

    /// The request with another method.
    pub fn with_method(&self, method: &str) -> Request {
        Request {
            method: method.to_owned(),
            ..self.announced.request.clone()
        }
    }
}

/// Whether an answer may have a header of CORS, on whatever way the example can take from here.
fn may_speak(visit: &Visit<'_>) -> bool {
    let gate = visit.gate;
    if !gate.speaks_of_cors(visit.level()) {
        return false;
    }
    // `error_page 405 =200 @cors`: a way that only a preflight takes.
    let pages = gate.config().settings(visit.level(), Key::ErrorPage);
    let mut codes = pages.iter().flat_map(|page| &page.args);
    if codes.any(|code| code.raw.len() == 3 && code.raw.starts_with(b"4")) {
        return true;
    }
    let courses = visit.send(visit.example);
    let steps = courses.iter().flat_map(|course| &course.steps);
    let entered = steps.filter_map(|step| match step.effect {
        Effect::Enters { door, .. } => Some(LevelId(door)),
        _ => None,
    });
    let mut levels = std::iter::once(visit.level()).chain(entered);
    levels.any(|level| gate.sets_cors(level))
}

/// How many of the origins that a configuration names are tried at one door.
pub const MAX_ORIGINS: usize = 16;

/// Methods of requests that pages send.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];

pub fn carries(course: &Course, name: &str) -> bool {
    course
        .response_headers()
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case(name.as_bytes()))
}

fn level_of(course: &Course, visit: &Visit<'_>) -> LevelId {
    course.door().map_or(visit.level(), LevelId)
}

/// An origin that the door lets in: by the answer to the request, or else to its preflight.
fn origin<'e>(visit: &Visit<'e>) -> &'e str {
    let origin = visit.browser_origin();
    let answered = |request: &Request| {
        let courses = visit.send(request);
        courses.iter().any(|course| carries(course, ALLOW_ORIGIN))
    };
    if answered(&visit.from_origin(origin)) {
        return origin;
    }
    let mut named = visit.gate.origins_of(visit.level()).take(MAX_ORIGINS);
    named
        .find(|origin| answered(&preflight(&visit.from_origin(origin), "GET", &[])))
        .map_or(origin, String::as_str)
}

/// Whether the only pages that are let in are the server's own: their requests need no CORS.
fn is_own_origin(origin: &str, announced: &Sent) -> bool {
    let request = &announced.request;
    let own = format!("{}://{}", request.scheme.as_str(), request.host_header());
    let allowed = |header: &ResponseHeader| {
        header.name.eq_ignore_ascii_case(ALLOW_ORIGIN.as_bytes())
            && header.value.known().is_some_and(|value| *value == own)
    };
    origin == own || announced.course.response_headers().iter().any(allowed)
}

/// What somebody expects, as far as the door admits it once it is announced: a method that it
/// refuses anyhow needs no preflight.
fn admitted_need(
    visit: &Visit<'_>,
    page: &Request,
    announced: &Sent,
    mut need: lines::Need,
) -> Option<lines::Need> {
    let request = Request {
        method: need.method.clone(),
        ..page.clone()
    };
    if need.method != announced.request.method && visit.admitted(&request).is_none() {
        need.header.as_ref()?;
        need.method = announced.request.method.clone();
    }
    Some(need)
}

/// Of the ways on which a request is admitted the one that stays in its location: maintenance
/// pages and missing files make others.
fn plainest(visit: &Visit<'_>, request: &Request) -> Option<Course> {
    let courses = visit.send(request);
    let admitted = courses.iter().filter(|course| lets_in(course));
    admitted
        .min_by_key(|course| (is_redirect(course), jump(course).is_some()))
        .cloned()
}

/// Two courses under the same unknowns. What a password or a service decides may differ: the two
/// requests carry different credentials.
fn fit(one: &Course, other: &Course) -> bool {
    let fixed = |condition: &&Condition| {
        matches!(
            condition.what,
            Unsure::Test { .. }
                | Unsure::AddressIn(_)
                | Unsure::IsFile(_)
                | Unsure::IsDirectory(_)
                | Unsure::UpstreamAnswers { .. }
        )
    };
    one.conditions.iter().filter(fixed).all(|left| {
        other
            .conditions
            .iter()
            .all(|right| left.what != right.what || left.holds == right.holds)
    })
}

/// Where the last jump of a course left from: the level that governed before it, and the line
/// that made it.
pub fn jump(course: &Course) -> Option<(LevelId, crate::source::Span)> {
    let at = course
        .steps
        .iter()
        .rposition(|step| matches!(step.effect, Effect::Jumps { .. }))?;
    let from = course.steps[..at]
        .iter()
        .rev()
        .find_map(|step| match step.effect {
            Effect::Enters { door, .. } => Some(LevelId(door)),
            _ => None,
        })?;
    Some((from, course.steps[at].span))
}

/// Whether nginx answers and sends the browser somewhere else.
pub fn is_redirect(course: &Course) -> bool {
    course
        .status()
        .is_some_and(|status| (300..400).contains(&status))
}

/// Whether the answer comes from somebody behind nginx, who may set headers of their own.
pub fn is_forwarded(course: &Course) -> bool {
    matches!(course.end, End::Forwarded { .. })
}

/// The Access-Control-Allow-Origin that the application behind puts on the answer, and that gets
/// through.
pub fn origin_behind(visit: &Visit<'_>, course: &Course) -> Option<ResponseHeader> {
    let End::Forwarded { request, .. } = &course.end else {
        return None;
    };
    if hides(course, ALLOW_ORIGIN) {
        return None;
    }
    let link = visit.link(course)?;
    let answers = link.app.pass(&trace::arrived(request, &link));
    Cors::of(answers.first()?).origin().cloned()
}

/// Whether the upstream's own header of this name does not reach the client.
pub fn hides(course: &Course, name: &str) -> bool {
    match &course.end {
        End::Forwarded { response, .. } => response
            .hide
            .iter()
            .any(|hidden| hidden.name.eq_ignore_ascii_case(name)),
        _ => true,
    }
}

pub fn confidence(course: &Course, otherwise: Confidence) -> Confidence {
    match course.is_assumed() {
        true => Confidence::Low,
        false => otherwise,
    }
}

/// A step lower: what is true only if something that we cannot see holds.
pub fn lowered(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        _ => Severity::Note,
    }
}
