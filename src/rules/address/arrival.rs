//! By which ways requests come to an application, and how they look when they are there.

use std::net::IpAddr;

use super::PRIVATE;
use crate::estate::Estate;
use crate::gate::{Check, Course, Effect, End, Gate};
use crate::gates::express::Express;
use crate::probes::route::routes;
use crate::probes::{Visit, visits};
use crate::request::{Known, Request};
use crate::source::Span;
use crate::trace::{self, Link};

/// One way by which requests come to an app: a proxy that the manifest names, a door of nginx, or
/// none of these.
pub enum Way<'e> {
    Declared {
        name: &'e str,
        span: Span,
        replaces: bool,
        example: &'e Request,
    },
    Nginx(Visit<'e>, Link<'e>),
    Direct(&'e Request),
}

/// The ways through a proxy that is known.
pub fn through_proxies<'e>(estate: &'e Estate, app: &'e Express) -> Vec<Way<'e>> {
    let mut ways = Vec::new();
    if let Some(proxy) = app.app().proxies.first() {
        ways.extend(routes(app).map(|(_, example)| Way::Declared {
            name: &proxy.name,
            span: proxy.span,
            replaces: proxy.replaces,
            example,
        }));
    }
    let leads_here = |visit: Visit<'e>| {
        let courses = visit.send(visit.example);
        let link = courses
            .iter()
            .find_map(|course| trace::next(estate, course))?;
        std::ptr::eq(link.app, app).then_some(Way::Nginx(visit, link))
    };
    ways.extend(visits(estate).filter_map(leads_here));
    ways
}

/// Those through a proxy, or where none is known the way of a client that calls the app itself.
pub fn ways<'e>(estate: &'e Estate, app: &'e Express) -> Vec<Way<'e>> {
    let ways = through_proxies(estate, app);
    match ways.is_empty() {
        true => routes(app)
            .map(|(_, request)| Way::Direct(request))
            .collect(),
        false => ways,
    }
}

/// A request as it comes to the app, and the line of the proxy that sends it on.
pub struct Arrived {
    pub request: Request,
    pub by: Option<Span>,
    pub proxy: String,
}

impl Way<'_> {
    pub fn arrived(&self, client: IpAddr) -> Option<Arrived> {
        self.claiming(client, None)
    }

    /// From a client that has written another address into X-Forwarded-For itself.
    pub fn claiming(&self, client: IpAddr, claimed: Option<IpAddr>) -> Option<Arrived> {
        const HEADER: &str = "X-Forwarded-For";
        match self {
            Way::Declared {
                name,
                span,
                replaces,
                example,
            } => {
                let mut request = (*example).clone();
                request.from = Known::Is(PRIVATE);
                let chain = match claimed.filter(|_| !replaces) {
                    Some(claimed) => format!("{claimed}, {client}"),
                    None => client.to_string(),
                };
                request.headers.push(HEADER, chain);
                Some(Arrived {
                    request,
                    by: Some(*span),
                    proxy: (*name).to_owned(),
                })
            }
            Way::Nginx(visit, link) => {
                let mut request = Request {
                    from: Known::Is(client),
                    ..visit.example.clone()
                };
                if let Some(claimed) = claimed {
                    request.headers.push(HEADER, claimed.to_string());
                }
                let courses = visit.send(&request);
                courses.iter().find_map(|course| match &course.end {
                    End::Forwarded { request, by, .. } => Some(Arrived {
                        request: trace::arrived(request, link),
                        by: Some(*by),
                        proxy: visit.gate.name().to_string(),
                    }),
                    _ => None,
                })
            }
            Way::Direct(example) => {
                let mut request = Request {
                    from: Known::Is(client),
                    ..(*example).clone()
                };
                if let Some(claimed) = claimed {
                    request.headers.push(HEADER, claimed.to_string());
                }
                Some(Arrived {
                    request,
                    by: None,
                    proxy: String::new(),
                })
            }
        }
    }
}

/// The line of the list that refuses a request, if one does.
pub fn refusing(course: &Course) -> Option<Span> {
    course.culprit().and_then(|step| match step.effect {
        Effect::Refuses {
            check: Check::Address,
            ..
        } => Some(step.span),
        _ => None,
    })
}
