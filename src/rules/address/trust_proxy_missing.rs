use std::net::{IpAddr, Ipv4Addr};

use super::arrival::{Arrived, Way, refusing, through_proxies};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Gate, Unsure};
use crate::gates::express::Express;
use crate::gates::nginx::SOMEWHERE;
use crate::probes::route::likeliest;
use crate::request::{Known, Request};

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
        let ways = through_proxies(estate, app);
        let by_list = ways.iter().find_map(|way| list(app, way));
        let by_limit = ways.iter().find_map(|way| limit(app, way));
        findings.extend(by_list.or(by_limit));
    }
}

/// A client on a list is refused where it comes through the proxy, and let in where it comes itself.
fn list(app: &Express, way: &Way<'_>) -> Option<Finding> {
    let lists = app.lists();
    let mut clients = lists
        .iter()
        .flat_map(|list| list.clients().map(move |client| (list, client)))
        // A list for the machine itself is to keep out what comes through the proxy.
        .filter(|(_, client)| !client.is_loopback());
    clients.find_map(|(list, client)| {
        let arrived = way.arrived(client)?;
        let refused_at = |request: &Request| refusing(&likeliest(app, request)?);
        let from = |from: IpAddr| Request {
            from: Known::Is(from),
            ..arrived.request.clone()
        };
        // It stands here, and no other list refuses this one.
        if refused_at(&from(SOMEWHERE))? != list.span
            || refused_at(&from(client)).is_some_and(|by| by != list.span)
        {
            return None;
        }
        let course = likeliest(app, &arrived.request)?;
        let culprit = refusing(&course).filter(|by| *by == list.span)?;
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
            related: stands_in_front(&arrived),
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
        related: stands_in_front(&one),
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

fn stands_in_front(arrived: &Arrived) -> Vec<Label> {
    let label = |span| Label {
        span,
        text: "what comes from here has the proxy's address".into(),
    };
    arrived.by.map(label).into_iter().collect()
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
