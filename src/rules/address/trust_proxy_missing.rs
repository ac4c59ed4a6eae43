use std::net::{IpAddr, Ipv4Addr};

use super::PRIVATE;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, End, Gate, Unsure};
use crate::gates::express::Express;
use crate::gates::nginx::SOMEWHERE;
use crate::probes::{Visit, visits};
use crate::request::{Known, Request};
use crate::source::Span;
use crate::trace::{self, Link};

pub const ID: &str = "trust-proxy-missing";

/// Another caller (TEST-NET-3, RFC 5737).
const SOMEBODY_ELSE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

/// A list or a limit goes by `req.ip`, and that is the address of a proxy.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in estate
        .express
        .iter()
        .filter(|app| app.refusals().is_empty())
    {
        let ways = ways(estate, app);
        let by_list = ways.iter().find_map(|way| list(app, way));
        let by_limit = ways.iter().find_map(|way| limit(app, way));
        findings.extend(by_list.or(by_limit));
    }
}

/// One way by which requests come to an app: a proxy that the manifest names, or a door of nginx.
enum Way<'e> {
    Declared {
        name: &'e str,
        span: Span,
        example: &'e Request,
    },
    Nginx(Visit<'e>, Link<'e>),
}

fn ways<'e>(estate: &'e Estate, app: &'e Express) -> Vec<Way<'e>> {
    let mut ways = Vec::new();
    if let Some(proxy) = app.app().proxies.first() {
        let examples = app
            .doors()
            .iter()
            .filter_map(|door| door.example.as_ref().ok());
        ways.extend(examples.map(|example| Way::Declared {
            name: &proxy.name,
            span: proxy.span,
            example,
        }));
    }
    let leads_here = |visit: Visit<'e>| {
        let courses = visit.send(visit.example);
        let link = courses
            .iter()
            .find_map(|course| trace::next(&estate.express, course))?;
        std::ptr::eq(link.app, app).then_some(Way::Nginx(visit, link))
    };
    ways.extend(visits(estate).filter_map(leads_here));
    ways
}

/// A request as it comes to the app, and the line of the proxy that sends it on.
struct Arrived {
    request: Request,
    by: Span,
    proxy: String,
}

impl Way<'_> {
    fn arrived(&self, client: IpAddr) -> Option<Arrived> {
        match self {
            Way::Declared {
                name,
                span,
                example,
            } => {
                let mut request = (*example).clone();
                request.from = Known::Is(PRIVATE);
                request.headers.push("X-Forwarded-For", client.to_string());
                Some(Arrived {
                    request,
                    by: *span,
                    proxy: (*name).to_owned(),
                })
            }
            Way::Nginx(visit, link) => {
                let request = Request {
                    from: Known::Is(client),
                    ..visit.example.clone()
                };
                let courses = visit.send(&request);
                courses.iter().find_map(|course| match &course.end {
                    End::Forwarded { request, by, .. } => Some(Arrived {
                        request: trace::arrived(request, link),
                        by: *by,
                        proxy: visit.gate.name().to_string(),
                    }),
                    _ => None,
                })
            }
        }
    }
}

/// A client on a list is refused where it comes through the proxy, and let in where it comes itself.
fn list(app: &Express, way: &Way<'_>) -> Option<Finding> {
    let answer = |request: &Request| app.pass(request).into_iter().next();
    app.listed_addresses().iter().copied().find_map(|client| {
        let arrived = way.arrived(client)?;
        let from = |from: IpAddr| Request {
            from: Known::Is(from),
            ..arrived.request.clone()
        };
        // The list is for addresses at all, and for this one.
        if !is_refused(&answer(&from(SOMEWHERE))?) || is_refused(&answer(&from(client))?) {
            return None;
        }
        let course = answer(&arrived.request).filter(is_refused)?;
        let culprit = course.culprit()?.span;
        Some(Finding {
            rule: ID,
            severity: Severity::Error,
            confidence: Confidence::High,
            message: format!(
                "the list lets {client} in, but sees the address of the proxy {}",
                arrived.proxy
            ),
            primary: Label {
                span: culprit,
                text: "refuses whoever comes through the proxy".into(),
            },
            related: vec![stands_in_front(&arrived)],
            intent: Some(Intent {
                text: format!("{client} is on the list"),
                span: Some(culprit),
            }),
            help: help(&arrived),
            witness: Some(Witness {
                request: arrived.request,
                course,
            }),
        })
    })
}

fn is_refused(course: &Course) -> bool {
    course.culprit().is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Address,
                ..
            }
        )
    })
}

/// Two clients are one to a limit.
fn limit(app: &Express, way: &Way<'_>) -> Option<Finding> {
    let limit = *app.limits().first()?;
    let (one, other) = (way.arrived(SOMEWHERE)?, way.arrived(SOMEBODY_ELSE)?);
    let seen = app.req_ip(&one.request);
    let address = seen.known()?;
    if app.req_ip(&other.request).known() != Some(address) {
        return None;
    }
    let course = app.pass(&one.request).into_iter().find(|course| {
        let mut conditions = course.conditions.iter();
        conditions.any(|one| one.holds && matches!(one.what, Unsure::LimitReached { .. }))
    })?;
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        message: format!(
            "the limit counts all callers as one: behind the proxy {} each of them is {address}",
            one.proxy
        ),
        primary: Label {
            span: limit,
            text: "counts by req.ip".into(),
        },
        related: vec![stands_in_front(&one)],
        intent: Some(Intent {
            text: "a limit counts each caller by itself".into(),
            span: Some(limit),
        }),
        help: help(&one),
        witness: Some(Witness {
            request: one.request,
            course,
        }),
    })
}

fn stands_in_front(arrived: &Arrived) -> Label {
    Label {
        span: arrived.by,
        text: "what comes from here has the proxy's address".into(),
    }
}

fn help(arrived: &Arrived) -> String {
    let own = "`app.set('trust proxy', 1)`, with the number of proxies in front; express-ipfilter \
               has a `trustProxy` of its own";
    match arrived.request.headers.has("X-Forwarded-For") {
        true => own.to_owned(),
        false => format!(
            "`proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;` in nginx, and {own}"
        ),
    }
}
