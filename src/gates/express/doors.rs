//! The ways into an application: its routes, and what else answers, each with a request that was
//! seen to reach it.

use std::net::{IpAddr, Ipv4Addr};

use super::Express;
use super::behaviour::{Behaviour, Kept, Proxy, Takes};
use super::model::{Host, Item, Methods, Path, Paths, What};
use super::stack::{Does, Entry, Stack};
use crate::gate::{Door, Effect, Gate};
use crate::request::{Headers, Known, Reason, Request, Scheme};

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// The port of an application that does not say its own.
const USUAL_PORT: u16 = 3000;

#[derive(Debug, Default)]
pub struct Doors {
    pub doors: Vec<Door>,
    /// For doors that no request was found to reach, one that was stopped on its way.
    pub stopped: Vec<(u32, Request)>,
}

/// Where a router stands.
struct Place {
    host: String,
    prefix: String,
}

impl Place {
    fn inside(&self, at: &Paths, host: Option<&Host>) -> Place {
        let mounted = sample(at).unwrap_or_default();
        Place {
            prefix: format!("{}{}", self.prefix, mounted.trim_end_matches('/')),
            host: match host {
                Some(Host::Name(name)) => name.value.replace('*', "x"),
                _ => self.host.clone(),
            },
        }
    }
}

impl Doors {
    pub fn of(express: &Express) -> Doors {
        let root = Place {
            host: "localhost".into(),
            prefix: String::new(),
        };
        let mut made = Doors::default();
        made.collect(express, &express.app.stack, &express.stack, &root);
        made
    }

    fn collect(&mut self, express: &Express, items: &[Item], stack: &Stack, place: &Place) {
        for (item, entry) in items.iter().zip(&stack.entries) {
            match (&item.what, &entry.does) {
                (What::Router { at, router }, Does::Router { stack, .. }) => {
                    let inside = place.inside(at, router.host.as_ref());
                    self.collect(express, &router.stack, stack, &inside);
                }
                (What::Route { at, .. }, Does::Route { methods, .. }) => {
                    let path = sample(at).map(|path| format!("{}{path}", place.prefix));
                    self.add(express, entry, place, path, &method(methods));
                }
                (What::Use { at, .. }, Does::Use(function)) => {
                    if let Behaviour::Proxy(proxy) = &function.behaviour {
                        let path = sample(at).map(|at| proxied(&place.prefix, &at, proxy));
                        self.add(express, entry, place, path, "GET");
                    }
                }
                _ => {}
            }
        }
    }

    fn add(
        &mut self,
        express: &Express,
        entry: &Entry,
        place: &Place,
        path: Option<String>,
        method: &str,
    ) {
        let example = match path {
            None => Err(Reason::new("its path is not known")),
            Some(path) => {
                let request = request(express, method, place, &path);
                let found = callers(express)
                    .into_iter()
                    .map(|from| Request {
                        from: Known::Is(from),
                        ..request.clone()
                    })
                    .find(|request| reaches(express, entry.id, request));
                if found.is_none() {
                    self.stopped.push((entry.id, request));
                }
                found.ok_or_else(|| Reason::new("no request was found that reaches it"))
            }
        };
        self.doors.push(Door {
            name: entry.name.to_string(),
            span: entry.span,
            id: entry.id,
            example,
        });
    }
}

/// A path that a proxy takes which is mounted here.
fn proxied(prefix: &str, at: &str, proxy: &Proxy) -> String {
    let mount = format!("{prefix}{}", at.trim_end_matches('/'));
    let start = match &proxy.takes {
        Takes::Starting(starts) => starts.first().map_or("/", String::as_str),
        Takes::All | Takes::Unknown(_) => "/",
    };
    match proxy.path.kept {
        Kept::Whole if start.starts_with(&mount) => start.to_owned(),
        _ => format!("{mount}{start}"),
    }
}

/// A caller from somewhere, and those whom a list names.
fn callers(express: &Express) -> Vec<IpAddr> {
    let mut callers = vec![SOMEWHERE];
    callers.extend(express.listed_addresses().iter().take(8));
    callers
}

/// The method for which most is asked: one that no page can send without a preflight, or POST.
fn method(methods: &Methods) -> String {
    let Methods::These(methods) = methods else {
        return "GET".into();
    };
    let simple = ["GET", "HEAD", "POST", "OPTIONS"];
    let asks = |method: &&String| !simple.contains(&method.as_str());
    let posts = |method: &&String| *method == "POST";
    let mut methods = methods.iter();
    let first = methods.clone().next();
    let found = methods.clone().find(asks).or_else(|| methods.find(posts));
    found.or(first).map_or("GET".into(), String::clone)
}

fn request(express: &Express, method: &str, place: &Place, path: &str) -> Request {
    let listen = express.app.listens.first();
    Request {
        method: method.into(),
        scheme: Scheme::Http,
        host: place.host.as_str().into(),
        port: listen.and_then(|listen| listen.port).unwrap_or(USUAL_PORT),
        target: path.into(),
        headers: Headers::default(),
        from: Known::Is(SOMEWHERE),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

/// Whether a request gets as far as this door, if only with a credential, whatever stops it there.
fn reaches(express: &Express, id: u32, request: &Request) -> bool {
    forms(express, request).iter().any(|request| {
        super::pass::pass(express, request).any(|course| {
            let mut steps = course.steps.iter();
            steps.any(|step| matches!(step.effect, Effect::Enters { door, .. } if door == id))
        })
    })
}

/// The route in which a request ends, if only with a credential.
pub fn route<'e>(express: &'e Express, request: &Request) -> Option<&'e Door> {
    forms(express, request).iter().rev().find_map(|request| {
        let course = super::pass::pass(express, request).next()?;
        let id = course.door()?;
        express.doors().iter().find(|door| door.id == id)
    })
}

/// A request without a credential, and with each kind of one.
fn forms(express: &Express, request: &Request) -> [Request; 3] {
    let mut with_all = request.clone();
    for name in express.api_keys().chain(["X-CSRF-Token"]) {
        with_all.headers.push(name, "why403-probe");
    }
    with_all.headers.push("Cookie", "session=why403-probe");
    let with = |credential: &str| {
        let mut request = with_all.clone();
        request.headers.push("Authorization", credential);
        request
    };
    [
        request.clone(),
        with("Bearer why403-probe"),
        with("Basic cHJvYmU6cHJvYmU="),
    ]
}

/// A path that a pattern matches: `:id` is 1, a wildcard is x, what is optional is left out.
fn sample(at: &Paths) -> Option<String> {
    let text = at.0.iter().find_map(|path| match &path.value {
        Path::Text(text) => Some(text.as_str()),
        _ => None,
    })?;
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            ':' => {
                while chars
                    .next_if(|c| c.is_alphanumeric() || *c == '_')
                    .is_some()
                {}
                if chars.next_if_eq(&'(').is_some() {
                    while chars.next().is_some_and(|c| c != ')') {}
                }
                while chars.next_if(|c| matches!(c, '?' | '*' | '+')).is_some() {}
                out.push('1');
            }
            '*' => {
                while chars
                    .next_if(|c| c.is_alphanumeric() || *c == '_')
                    .is_some()
                {}
                out.push('x');
            }
            '{' => while chars.next().is_some_and(|c| c != '}') {},
            '(' => while chars.next().is_some_and(|c| c != ')') {},
            '?' => {
                out.pop();
            }
            '+' => {}
            '\\' => out.extend(chars.next()),
            _ => out.push(char),
        }
    }
    if !out.starts_with('/') {
        out.insert(0, '/');
    }
    Some(out)
}
