//! The ways into an application: its routes, and what else answers, each with a request that was
//! seen to reach it.

use std::net::{IpAddr, Ipv4Addr};

use super::Express;
use super::model::{Host, Item, Methods, Path, Paths, What};
use super::stack::{Does, Entry, Stack};
use crate::gate::{Door, Effect};
use crate::request::{Headers, Known, Reason, Request, Scheme};

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// The port of an application that does not say its own.
const USUAL_PORT: u16 = 3000;

pub fn doors(express: &Express) -> Vec<Door> {
    let mut doors = Vec::new();
    let root = Place {
        host: "localhost".into(),
        prefix: String::new(),
    };
    collect(
        express,
        &express.app.stack,
        &express.stack,
        &root,
        &mut doors,
    );
    doors
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

fn collect(express: &Express, items: &[Item], stack: &Stack, place: &Place, doors: &mut Vec<Door>) {
    for (item, entry) in items.iter().zip(&stack.entries) {
        match (&item.what, &entry.does) {
            (What::Router { at, router }, Does::Router { stack, .. }) => {
                let inside = place.inside(at, router.host.as_ref());
                collect(express, &router.stack, stack, &inside, doors);
            }
            (What::Route { at, .. }, Does::Route { methods, .. }) => {
                let method = method(methods);
                doors.push(door(express, entry, at, place, &method));
            }
            _ => {}
        }
    }
}

fn door(express: &Express, entry: &Entry, at: &Paths, place: &Place, method: &str) -> Door {
    let example = match sample(at) {
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
            found.ok_or_else(|| Reason::new("no request was found that reaches it"))
        }
    };
    Door {
        name: entry.name.to_string(),
        span: entry.span,
        id: entry.id,
        example,
    }
}

/// A caller from somewhere, and those whom a list names.
fn callers(express: &Express) -> Vec<IpAddr> {
    let mut callers = vec![SOMEWHERE];
    callers.extend(express.listed_addresses().into_iter().take(8));
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
        target: format!("{}{path}", place.prefix).into(),
        headers: Headers::default(),
        from: Known::Is(SOMEWHERE),
        body: 0,
        sent_at: None,
    }
}

/// Whether a request gets as far as this door, if only with a credential, whatever stops it there.
fn reaches(express: &Express, id: u32, request: &Request) -> bool {
    let mut with_all = request.clone();
    for name in express.api_keys().into_iter().chain(["X-CSRF-Token"]) {
        with_all.headers.push(name, "why403-probe");
    }
    with_all.headers.push("Cookie", "session=why403-probe");
    let with = |credential: &str| {
        let mut request = with_all.clone();
        request.headers.push("Authorization", credential);
        request
    };
    let forms = [
        request.clone(),
        with("Bearer why403-probe"),
        with("Basic cHJvYmU6cHJvYmU="),
    ];
    forms.iter().any(|request| {
        super::pass::pass(express, request).any(|course| {
            let mut steps = course.steps.iter();
            steps.any(|step| matches!(step.effect, Effect::Enters { door, .. } if door == id))
        })
    })
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
