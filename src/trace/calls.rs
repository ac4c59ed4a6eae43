//! From a call site to the route of the application that it is meant for.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use bstr::ByteSlice;

use crate::callers::Credentials;
use crate::callers::{Base, Piece, Place, Url};
use crate::estate::Host;
use crate::estate::{Caller, Callers, Estate};
use crate::finding::Severity;
use crate::gate::{Course, Door, Gate};
use crate::gates::express::Express;
use crate::gates::nginx::STRANGER;
use crate::probes::Cors;
use crate::request::{Headers, Known, Request, Scheme};
use crate::source::Span;

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// What stands in the place of what is not known: of a header, and of a path.
pub const UNKNOWN: &str = "why403-probe";
pub const COOKIE: &str = "session=why403-probe";
const HOLE: &str = "1";

/// How many beginnings of paths are tried for what an environment variable may bring.
const MOST_PREFIXES: usize = 24;

/// A call site and the route that it is meant for.
pub struct Joined<'e> {
    pub callers: &'e Callers,
    pub caller: &'e Caller,
    pub app: &'e Express,
    pub door: &'e Door,
    pub by: By,
    pub remote: Remote,
    /// It stands in another package than the application.
    pub is_apart: bool,
    /// Method and URL, with nothing else.
    pub request: Request,
}

/// How it is known that the call goes to this application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It names this machine and the port on which the application listens, there.
    Port(Span),
    /// It names a host elsewhere, and this application has the whole path as no other one has.
    Host,
    /// It goes to whoever gave the page, and no other application has such a route.
    Path,
    /// An environment variable says where it goes, and no other application has such a route.
    Env,
}

/// Whether the page is of another origin than the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remote {
    No,
    /// It may be.
    Likely,
    /// A server of its own gives the page while it is worked on.
    Yes,
}

/// All call sites that are meant for a route of which we know.
pub fn joined(estate: &Estate) -> Vec<Joined<'_>> {
    let apps: Vec<Candidate<'_>> = estate
        .express
        .iter()
        .filter(|app| app.refusals().is_empty())
        .map(Candidate::of)
        .collect();
    let calls = estate.callers.calls.iter();
    calls
        .flat_map(|caller| {
            let urls = caller.call.urls.iter();
            urls.filter_map(|url| join(estate, &apps, caller, url))
        })
        .collect()
}

/// An application, and the words of its paths.
struct Candidate<'e> {
    app: &'e Express,
    words: BTreeSet<&'e str>,
    /// What stands before the last parts of its paths.
    prefixes: BTreeSet<String>,
}

impl<'e> Candidate<'e> {
    fn of(app: &'e Express) -> Candidate<'e> {
        let mut words = BTreeSet::new();
        let mut prefixes = BTreeSet::new();
        for door in app.doors() {
            words.extend(words_of(&door.name));
            let Ok(example) = &door.example else {
                continue;
            };
            let path = example.path().to_string();
            let ends = path.match_indices('/').map(|(at, _)| at);
            prefixes.extend(ends.take(4).map(|at| path[..at].to_owned()));
        }
        while prefixes.len() > MOST_PREFIXES {
            prefixes.pop_last();
        }
        Candidate {
            app,
            words,
            prefixes,
        }
    }

    /// The route that takes a request, if all of its path is written there.
    fn whole(&self, request: &Request, words: &[&str]) -> Option<&'e Door> {
        let door = self.route(request, words)?;
        let written: Vec<&str> = words_of(&door.name).collect();
        let is_all = words.iter().all(|word| written.contains(word));
        (is_all && words.len() >= TELLING).then_some(door)
    }

    /// The route that takes a request, if its path is written there and not only matched.
    fn route(&self, request: &Request, words: &[&str]) -> Option<&'e Door> {
        if !words.iter().any(|word| self.words.contains(word)) {
            return None;
        }
        let door = self.app.route(request)?;
        let written: Vec<&str> = words_of(&door.name).collect();
        words
            .iter()
            .any(|word| written.contains(word))
            .then_some(door)
    }
}

/// Two words that are the same are no chance.
const TELLING: usize = 2;

/// The parts of a path that are the same in each request.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    let paths = name.split(' ').skip(1).filter(|part| *part != "or");
    let parts = paths.flat_map(|path| path.split('/'));
    parts.filter(|part| !part.is_empty() && !part.contains([':', '*', '(', '{', '…']))
}

fn join<'e>(
    estate: &'e Estate,
    apps: &[Candidate<'e>],
    caller: &'e Caller,
    url: &Url,
) -> Option<Joined<'e>> {
    let method = caller.call.method.known()?;
    let (app, door, by, request) = match &url.base {
        Base::Host { host, port, .. } => {
            let (host, port) = (host.plain()?, (*port)?);
            let request = request(method, &host, port, url);
            match Host::of(&host) == Host::ThisMachine {
                true => {
                    let (app, span) = listening(apps, port)?;
                    let door = app.route(&request, &written(url, false))?;
                    (app.app, door, By::Port(span), request)
                }
                false => only(apps.iter().filter_map(|app| {
                    let door = app.whole(&request, &written(url, true))?;
                    Some((app.app, door, By::Host, request.clone()))
                }))?,
            }
        }
        Base::SameOrigin => {
            let words = written(url, true);
            let found = apps.iter().filter_map(|app| {
                let request = at(method, app.app, url);
                Some((app.app, app.route(&request, &words)?, By::Path, request))
            });
            only(found)?
        }
        Base::Env(_) => {
            let words = written(url, true);
            let found = apps.iter().flat_map(|app| {
                let tried = app.prefixes.iter().filter_map(|prefix| {
                    let mut request = at(method, app.app, url);
                    request.target = format!("{prefix}{}", request.target).into();
                    Some((app.app, app.route(&request, &words)?, By::Env, request))
                });
                tried.collect::<Vec<_>>()
            });
            only(found)?
        }
        Base::Unknown => return None,
    };
    let home = estate.callers.homes.get(&app.app().name);
    let is_apart = home.is_some_and(|home| *home != caller.package);
    Some(Joined {
        callers: &estate.callers,
        remote: remote(caller, is_apart, by),
        is_apart,
        caller,
        app,
        door,
        by,
        request,
    })
}

type Found<'e> = (&'e Express, &'e Door, By, Request);

/// The one route that was found, in whatever way.
fn only<'e>(mut found: impl Iterator<Item = Found<'e>>) -> Option<Found<'e>> {
    let first = found.next()?;
    let is_same = |other: Found<'e>| std::ptr::eq(first.1, other.1);
    found.all(is_same).then_some(first)
}

fn listening<'c, 'e>(apps: &'c [Candidate<'e>], port: u16) -> Option<(&'c Candidate<'e>, Span)> {
    let mut found = apps.iter().filter_map(|app| {
        let mut listens = app.app.app().listens.iter();
        let listen = listens.find(|listen| listen.port == Some(port))?;
        Some((app, listen.span))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The words of the path; without those that are in all paths, if they are to tell one from another.
fn written(url: &Url, is_telling: bool) -> Vec<&str> {
    let mut words = Vec::new();
    for piece in &url.path.0 {
        if let Piece::Known(text) = piece {
            let path = text.split(['?', '#']).next().unwrap_or_default();
            words.extend(path.split('/').filter(|word| !word.is_empty()));
            if path.len() < text.len() {
                break;
            }
        }
    }
    let is_common = |word: &&str| {
        let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
        *word == "api" || number.parse::<u16>().is_ok()
    };
    words.retain(|word| !is_telling || !is_common(word));
    words
}

fn at(method: &str, app: &Express, url: &Url) -> Request {
    let listen = app.app().listens.first().and_then(|listen| listen.port);
    request(method, "localhost", listen.unwrap_or(3000), url)
}

fn request(method: &str, host: &str, port: u16, url: &Url) -> Request {
    let target = url.path.filled(HOLE);
    let target = target.split('#').next().unwrap_or("/");
    Request {
        method: method.to_owned(),
        scheme: match &url.base {
            Base::Host { scheme, .. } => *scheme,
            _ => Scheme::Http,
        },
        host: host.to_owned(),
        port,
        target: target.replace(' ', "%20").into(),
        headers: Headers::default(),
        from: Known::Is(SOMEWHERE),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

fn remote(caller: &Caller, is_apart: bool, by: By) -> Remote {
    match by {
        By::Path => Remote::No,
        _ if caller.call.place == Place::Elsewhere => Remote::No,
        By::Port(_) if is_apart && caller.has_dev_server => Remote::Yes,
        _ if is_apart || caller.has_dev_server => Remote::Likely,
        _ => Remote::No,
    }
}

impl Joined<'_> {
    /// Of an application that lets some origins in: the first of whose pages may read an answer.
    pub fn origin(&self) -> Option<String> {
        if self.remote == Remote::No {
            return None;
        }
        let mut origins = self
            .app
            .origins()
            .iter()
            .map(String::as_str)
            .chain([STRANGER]);
        origins.find_map(|origin| {
            let mut request = self.request.clone();
            request.headers.push("Origin", origin);
            let course = self.send(&request)?;
            let allowed = Cors::of(&course).origin()?.value.known().cloned();
            // Who sets the header by hand names one, whoever asks.
            let named = allowed.filter(|allowed| allowed.contains_str("://"));
            Some(named.map_or(origin.to_owned(), |named| named.to_string()))
        })
    }

    /// The request with all that the call site puts on it, as a page of this origin sends it. What is
    /// not known is a text of ours.
    pub fn as_sent(&self, origin: Option<&str>) -> Request {
        let call = &self.caller.call;
        let mut request = self.request.clone();
        if let Some(origin) = origin {
            request.headers.push("Origin", origin);
        }
        for header in &call.headers {
            request.headers.remove(&header.name);
            let value = header.value.filled(UNKNOWN);
            request.headers.push(header.name.as_str(), value);
        }
        if let Some(content) = call.content_type() {
            request.headers.remove("Content-Type");
            request.headers.push("Content-Type", content);
        }
        if self.sends_cookies() {
            request.headers.push("Cookie", COOKIE);
        }
        request
    }

    /// Whether cookies go along (Fetch §2.2.5).
    pub fn sends_cookies(&self) -> bool {
        match self.caller.call.credentials.mode {
            Known::Is(Credentials::Include) => true,
            Known::Is(Credentials::SameOrigin) => self.remote == Remote::No,
            _ => false,
        }
    }

    /// How grave it is that a call fails: it surely goes there, or it is likely that it does.
    pub fn severity(&self, course: &Course) -> Severity {
        let is_sure = matches!(self.by, By::Port(_) | By::Path) && self.remote != Remote::Likely;
        match is_sure && !course.is_conditional() {
            true => Severity::Error,
            false => Severity::Warning,
        }
    }

    /// The likeliest way of a request.
    pub fn send(&self, request: &Request) -> Option<Course> {
        self.app.pass(request).into_iter().next()
    }

    /// In words that follow "the call": how it is known where it goes.
    pub fn evidence(&self) -> String {
        let to = format!(
            "{} {}",
            self.request.method,
            self.request.path().to_str_lossy()
        );
        match self.by {
            By::Port(_) => format!("{to} on port {}, where the app listens", self.request.port),
            By::Host => format!("{to} on {}, a route of this app alone", self.request.host),
            By::Path => format!("{to} on the page's own origin, a route of this app alone"),
            By::Env => format!("{to}, a route of this app alone"),
        }
    }
}
