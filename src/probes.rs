//! The four questions, as requests that rules send.
//!
//! A probe rarely stands alone. It is compared with another one that differs in one thing: a
//! preflight with the request that it announces, a call with a credential with one without.
//! What refuses both is deliberate; what refuses one of them is a mistake or close to it.

pub mod cloud;
pub mod front;
pub mod lists;
pub mod route;

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use bstr::ByteSlice;

use crate::estate::Estate;
use crate::gate::{Course, Door, Effect, End, Gate, ResponseHeader, Step, Unsure};
use crate::gates::express::Express;
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::LevelId;
use crate::gates::nginx::{ELSEWHERE, Nginx};
use crate::request::{Header, Known, Request};
use crate::trace::{self, Link};

/// Credentials that probes carry. Neither is a secret.
pub const BEARER: &str = "Bearer why403-probe";
/// `probe:probe`.
pub const BASIC: &str = "Basic cHJvYmU6cHJvYmU=";

/// How many origins are tried at a door. A map of all customers may name thousands.
const MOST_ORIGINS: usize = 64;

/// A door that a request is known to reach.
#[derive(Clone, Copy)]
pub struct Visit<'e> {
    pub gate: &'e Nginx,
    pub door: &'e Door,
    pub example: &'e Request,
    shared: Option<&'e Shared<'e>>,
}

/// What the rules that look at one door have in common, so that no request passes it twice.
pub struct Shared<'e> {
    sent: RefCell<Vec<(Request, Rc<[Course]>)>>,
    inside: Vec<LevelId>,
    estate: &'e Estate,
}

/// A request, and the way that it takes.
#[derive(Clone, Debug)]
pub struct Sent {
    pub request: Request,
    pub course: Course,
}

/// Every door of every nginx that can be tried.
pub fn visits(estate: &Estate) -> impl Iterator<Item = Visit<'_>> {
    estate.nginx.iter().flat_map(visits_of)
}

/// The doors of one nginx that can be tried.
pub fn visits_of(gate: &Nginx) -> impl Iterator<Item = Visit<'_>> {
    gate.doors()
        .iter()
        .filter_map(move |door| Visit::at(gate, door))
}

/// Whether an nginx that stands in front of an application speaks of CORS itself: what a browser
/// sees is then what both make of it, and not what the application says alone.
pub fn is_spoken_for(estate: &Estate, app: &Express) -> bool {
    let speaking = visits(estate).filter(|visit| visit.gate.speaks_of_cors(visit.level()));
    let mut courses = speaking.flat_map(|visit| visit.send(visit.example).to_vec());
    courses.any(|course| {
        let link = trace::next(estate, &course);
        link.is_some_and(|link| std::ptr::eq(link.app, app))
    })
}

/// The `internal` locations to which the answer of an upstream can lead (X-Accel-Redirect), by the
/// first door of their server that hands requests to one.
pub fn places_inside(gate: &Nginx) -> HashMap<u32, Vec<LevelId>> {
    let config = gate.config();
    let mut by_server: HashMap<LevelId, Vec<LevelId>> = HashMap::new();
    for id in (0..config.levels.len() as u32).map(LevelId) {
        if !config.level(id).own(Key::Internal).is_empty()
            && let Some(server) = config.server_of(id)
        {
            by_server.entry(server.level).or_default().push(id);
        }
    }
    let mut by_door = HashMap::new();
    for visit in visits_of(gate) {
        if by_server.is_empty() {
            break;
        }
        let server = config.server_of(visit.level()).map(|server| server.level);
        let hands_on = |request: &Request| {
            let courses = visit.send(request);
            let forwarded = |course: &Course| matches!(course.end, End::Forwarded { .. });
            courses.iter().any(forwarded)
        };
        if let Some(server) = server.filter(|server| by_server.contains_key(server))
            && (hands_on(visit.example) || hands_on(&visit.with_credential(BASIC)))
        {
            by_door.insert(visit.door.id, by_server.remove(&server).unwrap_or_default());
        }
    }
    by_door
}

impl<'e> Shared<'e> {
    /// For a door of this estate from which these places inside are to be tried, too.
    pub fn new(inside: Vec<LevelId>, estate: &'e Estate) -> Shared<'e> {
        Shared {
            sent: RefCell::default(),
            inside,
            estate,
        }
    }
}

impl<'e> Visit<'e> {
    /// `None` for a door for which there is no example.
    pub fn at(gate: &'e Nginx, door: &'e Door) -> Option<Visit<'e>> {
        Some(Visit {
            gate,
            door,
            example: door.example.as_ref().ok()?,
            shared: None,
        })
    }

    /// With what other rules have sent here.
    pub fn sharing(self, shared: &'e Shared<'e>) -> Visit<'e> {
        Visit {
            shared: Some(shared),
            ..self
        }
    }

    /// The application to which a course leads.
    pub fn link(&self, course: &Course) -> Option<Link<'e>> {
        trace::next(self.shared?.estate, course)
    }

    /// The gate of AWS to which a course leads, and the request as it gets there.
    pub fn in_cloud<'c>(&self, course: &'c Course) -> Option<(&'e dyn Gate, &'c Request)> {
        match &course.end {
            End::Forwarded { request, .. } => {
                let gate = trace::in_cloud(self.shared?.estate, request)?;
                Some((gate, request))
            }
            _ => None,
        }
    }

    /// The `internal` locations that are to be tried from here.
    pub fn inside(&self) -> &'e [LevelId] {
        self.shared.map_or(&[], |shared| &shared.inside)
    }

    pub fn level(&self) -> LevelId {
        LevelId(self.door.id)
    }

    /// The courses of a caller who keeps within all rate limits; the likeliest first.
    pub fn send(&self, request: &Request) -> Rc<[Course]> {
        if let Some(shared) = self.shared
            && let Some((_, courses)) = shared.sent.borrow().iter().find(|(one, _)| one == request)
        {
            return courses.clone();
        }
        let mut courses = self.gate.pass(request);
        courses.retain(|course| {
            !course.conditions.iter().any(|condition| {
                condition.holds && matches!(condition.what, Unsure::LimitReached { .. })
            })
        });
        let courses: Rc<[Course]> = courses.into();
        if let Some(shared) = self.shared {
            let sent = (request.clone(), courses.clone());
            shared.sent.borrow_mut().push(sent);
        }
        courses
    }

    /// The example with a credential.
    pub fn with_credential(&self, credential: &str) -> Request {
        let mut request = self.example.clone();
        request.headers.remove("Authorization");
        request.headers.push("Authorization", credential);
        request
    }

    /// A request that the door admits: from anywhere or from an address on its list, without or
    /// with a credential. `template` gives method and headers.
    pub fn admitted(&self, template: &Request) -> Option<Sent> {
        let mut addresses: Vec<IpAddr> = template.from.known().copied().into_iter().collect();
        addresses.push(ELSEWHERE);
        addresses.extend(self.allowed_addresses());
        for credential in [None, Some(BASIC), Some(BEARER)] {
            for from in &addresses {
                let mut request = template.clone();
                request.from = Known::Is(*from);
                if let Some(credential) = credential {
                    request.headers.remove("Authorization");
                    request.headers.push("Authorization", credential);
                }
                if let Some(course) = self.send(&request).iter().find(|course| lets_in(course)) {
                    let course = course.clone();
                    return Some(Sent { request, course });
                }
            }
        }
        None
    }

    /// An address out of each range that the door's list allows.
    pub fn allowed_addresses(&self) -> Vec<IpAddr> {
        let rules = self.gate.config().access(self.level());
        rules
            .iter()
            .filter(|rule| rule.allow)
            .filter_map(|rule| match rule.network.known()? {
                Network::Net { net, .. } => Some(address::member(*net)),
                Network::All | Network::Unix => None,
            })
            .take(8)
            .collect()
    }

    /// The example as a browser page of that origin sends it.
    pub fn from_origin(&self, origin: &str) -> Request {
        let mut request = self.example.clone();
        request.headers.push("Origin", origin);
        request
    }

    /// The first origin that the configuration names to which it answers with
    /// Access-Control-Allow-Origin; else the first that it names, or a stranger.
    pub fn browser_origin(&self) -> &'e str {
        let answers = |origin: &&String| {
            let request = self.from_origin(origin);
            self.send(&request)
                .iter()
                .any(|course| Cors::of(course).origin().is_some())
        };
        let named = || self.gate.origins_of(self.level()).take(MOST_ORIGINS);
        // Where no answer has the header, the page that it was written for asks all the same.
        named()
            .find(answers)
            .or(named().next())
            .map_or(crate::gates::nginx::STRANGER, String::as_str)
    }
}

/// Admitted, and not refused first and then sent elsewhere by an error page: to a login, or to a
/// page that explains the refusal.
pub fn lets_in(course: &Course) -> bool {
    let refused = course.steps.iter().position(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                status: 401 | 403,
                ..
            }
        )
    });
    let jumps = |step: &Step| matches!(step.effect, Effect::Jumps { .. });
    course.admits() && refused.is_none_or(|at| !course.steps[at..].iter().any(jumps))
}

/// The preflight by which a browser announces a request (Fetch §4.8, CORS-preflight fetch).
pub fn preflight(request: &Request, method: &str, headers: &[&str]) -> Request {
    let mut preflight = request.clone();
    preflight.method = "OPTIONS".into();
    preflight.body = 0;
    for name in ["Authorization", "Cookie", "Content-Type", "Content-Length"] {
        preflight.headers.remove(name);
    }
    preflight
        .headers
        .push("Access-Control-Request-Method", method);
    if !headers.is_empty() {
        preflight.headers.push(
            "Access-Control-Request-Headers",
            headers.join(",").to_ascii_lowercase(),
        );
    }
    preflight
}

/// Whether a browser asks for leave before it sends this to another origin (Fetch §2.2, CORS-safelisted
/// methods and request headers).
pub fn is_announced(request: &Request) -> bool {
    const SIMPLE: [&str; 3] = [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ];
    let asks = |header: &Header| {
        let name = header.name.to_str_lossy().to_ascii_lowercase();
        let is_simple = || {
            let value = header.value.known().map(|value| value.to_str_lossy());
            value.is_none_or(|value| SIMPLE.iter().any(|simple| value.starts_with(simple)))
        };
        match name.as_str() {
            "content-type" => !is_simple(),
            name => is_announced_by_name(name),
        }
    };
    !matches!(request.method.as_str(), "GET" | "HEAD" | "POST") || request.headers.iter().any(asks)
}

/// Whether a page may only send a header of this name after it was allowed, whatever its value.
pub fn is_announced_by_name(name: &str) -> bool {
    const SAFE: [&str; 7] = [
        "accept",
        "accept-language",
        "content-language",
        "cookie",
        "host",
        "origin",
        "user-agent",
    ];
    !SAFE.iter().any(|safe| name.eq_ignore_ascii_case(safe))
}

/// What a gate says about CORS on an answer.
#[derive(Default)]
pub struct Cors<'c> {
    pub origins: Vec<&'c ResponseHeader>,
    pub credentials: Option<&'c ResponseHeader>,
    pub methods: Option<&'c ResponseHeader>,
    pub headers: Option<&'c ResponseHeader>,
}

impl<'c> Cors<'c> {
    pub fn of(course: &'c Course) -> Cors<'c> {
        let mut cors = Cors::default();
        for header in course.response_headers() {
            match header.name.to_ascii_lowercase().as_slice() {
                b"access-control-allow-origin" => cors.origins.push(header),
                b"access-control-allow-credentials" => cors.credentials = Some(header),
                b"access-control-allow-methods" => cors.methods = Some(header),
                b"access-control-allow-headers" => cors.headers = Some(header),
                _ => {}
            }
        }
        cors
    }

    pub fn origin(&self) -> Option<&'c ResponseHeader> {
        self.origins.first().copied()
    }

    /// A header that only preflights need: somebody expects them here.
    pub fn expects_preflight(&self) -> Option<&'c ResponseHeader> {
        self.headers.or(self.methods)
    }

    /// Whether Access-Control-Allow-Headers names this request header.
    pub fn allows_header(&self, name: &str) -> bool {
        self.headers
            .and_then(|header| header.value.known())
            .is_some_and(|value| lists(value, name))
    }
}

/// Whether a comma-separated list holds a word, without regard to case.
pub fn lists(list: &[u8], word: &str) -> bool {
    list.split_str(",")
        .any(|item| item.trim().eq_ignore_ascii_case(word.as_bytes()))
}
