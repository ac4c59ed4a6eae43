//! What packages bring by which requests are sent.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::call::Args;
use super::client::method;
use super::value::{Dict, Entry, Session, Val};
use crate::callers::model::Client;
use crate::callers::text::Text;
use crate::source::Span;

const VERBS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl Reader<'_> {
    /// A function or class of a package by which requests are sent, or signed.
    pub fn sending_call(&mut self, span: Span, path: &str, args: &Args) -> Option<Val> {
        let Some((package, rest)) = split(path) else {
            return self.auth_call(path, args, span);
        };
        match (package, rest) {
            (Client::Requests | Client::Httpx, verb) if VERBS.contains(&verb) => {
                let url = args.at(0, "url").cloned();
                Some(self.send(span, package, None, &method(&Val::text(verb)), url, args))
            }
            (_, "request" | "stream") => {
                let verb = method(args.at(0, "method").unwrap_or(&Val::Nothing));
                let url = args.at(1, "url").cloned();
                Some(self.send(span, package, None, &verb, url, args))
            }
            (_, "urlopen" | "urlretrieve") => {
                let url = args.at(0, "url").cloned().unwrap_or(Val::Nothing);
                Some(self.open_url(span, &url, args))
            }
            (Client::Urllib, "install_opener") => {
                self.lent.insert(package);
                Some(Val::Nothing)
            }
            (_, "Request" | "AWSRequest" | "AWSPreparedRequest") => {
                Some(self.request(package, args, span))
            }
            (
                client,
                "Session" | "session" | "Client" | "AsyncClient" | "ClientSession" | "PoolManager",
            ) => Some(self.session(span, client, args)),
            (Client::Urllib, "HTTPSConnection" | "HTTPConnection") => {
                let scheme = match rest {
                    "HTTPSConnection" => "https://",
                    _ => "http://",
                };
                let host = args.at(0, "host").map(Val::to_text).unwrap_or_default();
                let session = self.made(Client::Urllib, vec![Text::known(scheme).joined(host)]);
                Some(Val::Session(session))
            }
            // botocore's own way to send what it signed.
            (Client::AwsHttp, "URLLib3Session") => {
                Some(Val::Session(self.made(Client::AwsHttp, Vec::new())))
            }
            _ => self.auth_call(path, args, span),
        }
    }

    /// Somebody who is not known has a whole package: `patch(requests)`.
    pub fn lend(&mut self, package: &str) {
        let client = match package {
            "requests" | "requests.sessions" => Client::Requests,
            "httpx" => Client::Httpx,
            "aiohttp" => Client::Aiohttp,
            "urllib3" => Client::Urllib3,
            "urllib.request" => Client::Urllib,
            _ => return,
        };
        self.lent.insert(client);
    }

    fn made(&mut self, client: Client, bases: Vec<Text>) -> Rc<Session> {
        Rc::new(Session {
            client,
            bases,
            headers: Rc::new(RefCell::new(Dict::of(self.branch))),
        })
    }

    /// Something with which many requests are sent, by what it is made with.
    fn session(&mut self, span: Span, client: Client, args: &Args) -> Val {
        let base = match client {
            Client::Httpx => args.named("base_url"),
            Client::Aiohttp => args.at(0, "base_url"),
            _ => None,
        };
        let bases = base.map(Val::texts).unwrap_or_default();
        let session = self.made(client, bases);
        let headers = session.headers.clone();
        if let Some(given) = args.named("headers") {
            headers.borrow_mut().spread(given, true);
        }
        if let Some(auth) = args.named("auth") {
            self.authorize(&headers, auth, true, span);
        }
        // Functions that may do anything to a request.
        const DOERS: [&str; 6] = [
            "event_hooks",
            "transport",
            "mounts",
            "app",
            "request_class",
            "middlewares",
        ];
        if args.is_open || DOERS.iter().any(|name| args.named(name).is_some()) {
            headers.borrow_mut().open();
        }
        Val::Session(session)
    }

    /// A session that somebody else made, by its type.
    pub fn unread_session(&mut self, path: &str) -> Option<Val> {
        let (client, "Session" | "Client" | "AsyncClient" | "ClientSession") = split(path)? else {
            return None;
        };
        let session = self.made(client, Vec::new());
        session.headers.borrow_mut().open();
        Some(Val::Session(session))
    }

    /// `Request(method, url, headers=…)`.
    fn request(&mut self, package: Client, args: &Args, span: Span) -> Val {
        let mut fields = Dict::of(self.branch);
        let mut put = |name: &str, value: Option<Val>| {
            fields.put(Entry {
                name: name.into(),
                value: value.unwrap_or(Val::Nothing),
                span,
                is_sure: true,
            });
        };
        let data = args.named("data").or(args.named("body"));
        if package == Client::Urllib {
            let data = args.at(1, "data");
            let usual = match data {
                Some(data) if !data.is_nothing() => "POST",
                _ => "GET",
            };
            put("url", args.at(0, "url").cloned());
            put("data", data.cloned());
            put(
                "method",
                Some(args.named("method").cloned().unwrap_or(Val::text(usual))),
            );
        } else {
            put("method", args.at(0, "method").cloned());
            put("url", args.at(1, "url").cloned());
            put("data", data.cloned());
        }
        let mut headers = Dict::of(self.branch);
        if let Some(given) = args.at(2, "headers") {
            headers.spread(given, true);
        }
        if args.is_open {
            headers.open();
        }
        let headers = Rc::new(RefCell::new(headers));
        if let Some(auth) = args.named("auth") {
            self.authorize(&headers, auth, true, span);
        }
        fields.put(Entry {
            name: "headers".into(),
            value: Val::Dict(headers),
            span,
            is_sure: true,
        });
        Val::Request(Rc::new(RefCell::new(fields)))
    }

    /// A method of something with which many requests are sent.
    pub fn session_call(
        &mut self,
        span: Span,
        session: &Rc<Session>,
        name: &str,
        args: &Args,
    ) -> Val {
        let whole = Some(session.clone());
        let client = session.client;
        match name {
            verb if VERBS.contains(&verb) => {
                let url = args.at(0, "url").cloned();
                self.send(span, client, whole, &method(&Val::text(verb)), url, args)
            }
            "request" | "stream" | "_request" | "urlopen" => {
                let verb = method(args.at(0, "method").unwrap_or(&Val::Nothing));
                let url = args.at(1, "url").cloned();
                // `http.client`: method, path, body, headers.
                let mut all = Args {
                    list: args.list.clone(),
                    named: args.named.clone(),
                    is_open: args.is_open,
                };
                if client == Client::Urllib
                    && let Some(headers) = args.list.get(3)
                {
                    all.named.push(("headers".into(), span, headers.clone()));
                }
                self.send(span, client, whole, &verb, url, &all)
            }
            "send" => {
                if let Some(Val::Request(request)) = args.list.first() {
                    if let Some(auth) = args.named("auth") {
                        let auth = auth.clone();
                        self.authorize_request(&args.list[0], &auth, span);
                    }
                    self.send_request(span, client, whole, &request.clone());
                }
                Val::unknown("an answer")
            }
            "build_request" => self.request(client, args, span),
            "prepare_request" => args.list.first().cloned().unwrap_or(Val::Nothing),
            // An adapter may sign; the usual one tries again.
            "mount" => {
                let is_usual = |val: &Val| matches!(val, Val::Unknown { name, .. } if &**name == "HTTPAdapter");
                if !args.list.get(1).is_some_and(is_usual) {
                    session.headers.borrow_mut().open();
                }
                Val::Nothing
            }
            name => Val::unknown(name),
        }
    }

    fn open_url(&mut self, span: Span, url: &Val, args: &Args) -> Val {
        match url {
            Val::Request(request) => {
                self.send_request(span, Client::Urllib, None, &request.clone());
                Val::unknown("an answer")
            }
            url => {
                let verb = match args.at(1, "data") {
                    Some(data) if !data.is_nothing() => "POST",
                    _ => "GET",
                };
                let verb = method(&Val::text(verb));
                self.send(
                    span,
                    Client::Urllib,
                    None,
                    &verb,
                    Some(url.clone()),
                    &Args::default(),
                )
            }
        }
    }
}

/// Whose client it is, and what of it: `requests.api.get` is `get` of requests.
fn split(path: &str) -> Option<(Client, &str)> {
    let (module, last) = path.rsplit_once('.')?;
    let module = module.strip_prefix("botocore.vendored.").unwrap_or(module);
    let root = module.split('.').next()?;
    let client = match root {
        "requests" => Client::Requests,
        "httpx" => Client::Httpx,
        "aiohttp" => Client::Aiohttp,
        "urllib3" => Client::Urllib3,
        "urllib2" => Client::Urllib,
        "botocore" | "boto3" => Client::AwsHttp,
        _ if module.ends_with("urllib.request") || module == "http.client" => Client::Urllib,
        _ => return None,
    };
    Some((client, last))
}
