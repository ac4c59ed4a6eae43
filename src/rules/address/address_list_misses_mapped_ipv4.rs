use std::net::IpAddr;

use super::arrival::{refusing, through_proxies};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::express::model::Form;
use crate::gates::express::{AddressList, Express};
use crate::gates::nginx::SOMEWHERE;
use crate::probes::Sent;
use crate::probes::route::{likeliest, routes};
use crate::request::{Known, Request};

pub const ID: &str = "address-list-misses-mapped-ipv4";

/// A list of IPv4 addresses on a socket for IPv6 lets nobody in.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in estate
        .express
        .iter()
        .filter(|app| app.refusals().is_empty() && listens_on_both(app))
    {
        let lists = app.lists();
        // Behind a proxy that is known, that it is not believed is what is to be said.
        if lists.is_empty() || !through_proxies(estate, app).is_empty() {
            continue;
        }
        findings.extend(lists.iter().filter_map(|list| judge(app, list)));
    }
}

/// Where nothing is said of the address, Node.js takes `::`, and IPv4 with it.
fn listens_on_both(app: &Express) -> bool {
    let listens = &app.app().listens;
    let is_both = |host: &Option<String>| host.as_deref().is_none_or(|host| host == "::");
    let said = !listens.is_empty() || app.app().form == Form::Manifest;
    said && listens
        .iter()
        .all(|listen| !listen.is_host_open && is_both(&listen.host))
}

fn judge(app: &Express, list: &AddressList<'_>) -> Option<Finding> {
    let clients: Vec<IpAddr> = list.clients().collect();
    let client = *clients.iter().find(|client| client.is_ipv4())?;
    let (_, example) = routes(app).find(|(_, example)| {
        let course = likeliest(app, &from(example, SOMEWHERE));
        course.is_some_and(|course| refusing(&course) == Some(list.span))
    })?;
    let refused = |request: Request| {
        let course = likeliest(app, &request)?;
        let is_here = refusing(&course) == Some(list.span);
        is_here.then_some(Sent { request, course })
    };
    // Whom it lets in by whatever way, it is for.
    for one in &clients {
        refused(from(example, *one))?;
        let mut by_proxy = from(example, SOMEWHERE);
        by_proxy.headers.push("X-Forwarded-For", one.to_string());
        refused(by_proxy)?;
    }
    finding(list, client, refused(from(example, client))?)
}

fn from(example: &Request, client: IpAddr) -> Request {
    Request {
        from: Known::Is(client),
        ..example.clone()
    }
}

fn finding(list: &AddressList<'_>, client: IpAddr, sent: Sent) -> Option<Finding> {
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "the list names {client}, and on a socket for IPv6 that client comes as \
             ::ffff:{client}: nobody whom it names is let in"
        ),
        primary: Label {
            span: list.span,
            text: format!("equals no ::ffff:{client}"),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: format!("{client} is on the list"),
            span: Some(list.span),
        }),
        help: match list.is_filter {
            true => {
                "listen on IPv4 alone, `app.listen(port, '0.0.0.0')`, or, behind a proxy, give \
                     the filter its `trustProxy`"
                    .into()
            }
            false => "listen on IPv4 alone, `app.listen(port, '0.0.0.0')`, or compare \
                      `req.ip.replace('::ffff:', '')`"
                .into(),
        },
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}
