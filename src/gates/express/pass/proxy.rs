//! A request that is sent on: as it leaves, and what becomes of the answer.

use bstr::{BString, ByteSlice};

use super::{Flow, Run};
use crate::gate::{Effect, End, Protocol, ResponseEdits, Unsure, Upstream};
use crate::gates::express::behaviour::{Change, Edit, Kept, Made, Proxy, Takes};
use crate::gates::express::stack::Function;
use crate::request::{Header, Known, Reason, Request};

impl Run<'_> {
    pub(super) fn proxy(&mut self, function: &Function, proxy: &Proxy) -> Flow {
        let url = self.sent_url(function, proxy);
        if !self.takes(function, proxy, &url) {
            return Flow::Next;
        }
        let target = match self.target_path(function, proxy, url) {
            Ok(target) => target,
            Err(because) => {
                return Flow::End(End::Unknown {
                    because,
                    span: Some(function.span),
                });
            }
        };
        let mut request = Request {
            target: target.into(),
            ..self.request.clone()
        };
        if request.headers.get("Host").is_none() {
            let host = request.host_header();
            request.headers.push("Host", host);
        }
        request.headers.remove("Connection");
        if proxy.host_of_target {
            let host = proxy.target.clone().map(|target| authority(&target));
            set(&mut request, "Host", host);
        }
        for edit in &proxy.edits {
            self.edit(function, edit, &mut request);
        }
        if let Some(because) = &proxy.changes_answer {
            let keeps = Unsure::Test {
                text: format!(
                    "that {} leaves the headers of the answer as they are",
                    function.name
                ),
                because: because.clone(),
            };
            self.oracle.decide(keeps, Some(function.span), true);
        }
        let shown = match &proxy.target {
            Known::Is(target) => target.clone(),
            Known::Unknown(_) => "its target".into(),
        };
        self.step(function.span, Effect::Forwards { to: shown });
        let is_tls = |target: &String| target.starts_with("https:");
        Flow::End(End::Forwarded {
            to: Box::new(Upstream {
                protocol: match proxy.target.known().is_some_and(is_tls) {
                    true => Protocol::Https,
                    false => Protocol::Http,
                },
                address: proxy.target.clone(),
                group: None,
                servers: Vec::new(),
                sni: None,
            }),
            request: Box::new(request),
            response: ResponseEdits {
                add: std::mem::take(&mut self.headers),
                // `res.setHeader` for each header of the answer.
                yields: true,
                ..ResponseEdits::default()
            },
            by: function.span,
        })
    }

    /// The path and query by which the package goes.
    fn sent_url(&mut self, function: &Function, proxy: &Proxy) -> String {
        let whole = self.request.target.to_str_lossy().into_owned();
        let query = whole.find('?').map_or("", |at| &whole[at..]);
        let rest = format!("{}{query}", self.here);
        match proxy.path.kept {
            Kept::Whole => whole,
            Kept::Rest => rest,
            Kept::Either if rest == whole => rest,
            Kept::Either => {
                let is_old = Unsure::Test {
                    text: format!("that {} is of version 2 or older", function.name),
                    because: Reason::new("nothing says which version is installed"),
                };
                match self.oracle.decide(is_old, Some(function.span), false) {
                    true => whole,
                    false => rest,
                }
            }
        }
    }

    fn takes(&mut self, function: &Function, proxy: &Proxy, url: &str) -> bool {
        let path = url.split('?').next().unwrap_or_default();
        match &proxy.takes {
            Takes::All => true,
            Takes::Starting(starts) => starts.iter().any(|start| path.starts_with(start.as_str())),
            Takes::Unknown(because) => {
                let takes = Unsure::Test {
                    text: format!("that {} takes {path}", function.name),
                    because: because.clone(),
                };
                self.oracle.decide(takes, Some(function.span), true)
            }
        }
    }

    fn target_path(
        &mut self,
        function: &Function,
        proxy: &Proxy,
        url: String,
    ) -> Result<String, Reason> {
        let mut url = url;
        if let Some(because) = &proxy.path.unknown {
            let kept = Unsure::Test {
                text: format!("that {} leaves the path as it is", function.name),
                because: because.clone(),
            };
            if !self.oracle.decide(kept, Some(function.span), true) {
                return Err(because.clone());
            }
        }
        for (pattern, to) in &proxy.path.rewrites {
            if let Some(found) = pattern.find(&url)? {
                url.replace_range(found, to);
                break;
            }
        }
        if !proxy.path.after_target {
            return Ok(url);
        }
        let before = proxy.target.known().map(|target| path_of(target));
        Ok(join(before.unwrap_or_default(), &url))
    }

    fn edit(&mut self, function: &Function, edit: &Edit, request: &mut Request) {
        let name = edit.what.name().unwrap_or("its headers");
        if edit.sometimes {
            let done = Unsure::Test {
                text: format!("that {} changes {name}", function.name),
                because: Reason::new("a condition of its function decides"),
            };
            if !self.oracle.decide(done, Some(edit.span), true) {
                return;
            }
        }
        let had = |request: &Request, name: &str| request.headers.has(name);
        match &edit.what {
            Change::Remove(name) if had(request, name) => {
                request.headers.remove(name);
                self.step(edit.span, Effect::RemovesHeader { name: name.clone() });
            }
            Change::SetIfAbsent(name, _) if had(request, name) => {}
            Change::Set(name, made) | Change::SetIfAbsent(name, made) => {
                let value = match made {
                    Made::Text(text) => Known::Is(text.as_str().into()),
                    Made::Unknown(because) => Known::Unknown(because.clone()),
                    // Who sets a header to what is not there gets an error; it is tested before.
                    Made::Copied(from) => match self.request.headers.get(from) {
                        Some(value) => value.clone(),
                        None => return,
                    },
                };
                let effect = Effect::SetsHeader {
                    name: name.clone(),
                    value: value.clone(),
                };
                self.step(edit.span, effect);
                set(request, name, value);
            }
            Change::Remove(_) => {}
            // Whatever it does, most likely it adds.
            Change::Unknown(because) => {
                set(request, "Authorization", Known::Unknown(because.clone()));
            }
        }
    }
}

fn set(request: &mut Request, name: &str, value: Known<BString>) {
    request.headers.remove(name);
    request.headers.0.push(Header {
        name: name.into(),
        value,
    });
}

/// Host and port of a URL, as they stand in a Host header.
fn authority(target: &str) -> BString {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    authority.into()
}

fn path_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let rest = rest.find('/').map_or("", |at| &rest[at..]);
    rest.split(['?', '#']).next().unwrap_or_default()
}

/// The path of the target and that of the request, with one slash for many (http-proxy, `urlJoin`).
fn join(before: &str, url: &str) -> String {
    let (path, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    let mut joined = String::from("/");
    for part in [before, "/", path] {
        for char in part.chars() {
            if char != '/' || !joined.ends_with('/') {
                joined.push(char);
            }
        }
    }
    if path.is_empty() && joined.len() > 1 {
        joined.pop();
    }
    joined + query
}
