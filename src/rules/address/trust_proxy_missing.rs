use std::net::IpAddr;

use super::PRIVATE;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Door, Effect, Gate};
use crate::gates::express::Express;
use crate::gates::nginx::SOMEWHERE;
use crate::probes::Sent;
use crate::request::{Known, Request};

pub const ID: &str = "trust-proxy-missing";

/// A list judges `req.ip`, and that is the address of a proxy.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in &estate.express {
        let Some(proxy) = app.app().proxies.first() else {
            continue;
        };
        let found = app.doors().iter().find_map(|door| {
            let clients = app.listed_addresses();
            clients
                .into_iter()
                .find_map(|client| refused(app, door, client).map(|sent| (client, sent)))
        });
        if let Some((client, sent)) = found
            && let Some(culprit) = sent.course.culprit()
        {
            findings.push(Finding {
                rule: ID,
                severity: Severity::Error,
                confidence: Confidence::High,
                message: format!(
                    "the list lets {client} in, but sees the address of the proxy {}",
                    proxy.name
                ),
                primary: Label {
                    span: culprit.span,
                    text: "refuses whoever comes through the proxy".into(),
                },
                related: vec![Label {
                    span: proxy.span,
                    text: "stands in front of the app".into(),
                }],
                intent: Some(Intent {
                    text: format!("{client} is on the list"),
                    span: Some(culprit.span),
                }),
                help: "`app.set('trust proxy', 1)` with the number of proxies in front; \
                       express-ipfilter has a `trustProxy` of its own"
                    .into(),
                witness: Some(Witness {
                    request: sent.request,
                    course: sent.course,
                }),
            });
        }
    }
}

/// A request of a listed client through the proxy that the list refuses, though it lets in the
/// client itself.
fn refused(app: &Express, door: &Door, client: IpAddr) -> Option<Sent> {
    let example = door.example.as_ref().ok()?;
    let direct = Request {
        from: Known::Is(client),
        ..example.clone()
    };
    let is_refused = |course: &Course| {
        course.culprit().is_some_and(|step| {
            matches!(
                step.effect,
                Effect::Refuses {
                    check: Check::Address,
                    ..
                }
            )
        })
    };
    let stranger = Request {
        from: Known::Is(SOMEWHERE),
        ..example.clone()
    };
    // The list is for addresses at all, and for this one.
    if !is_refused(&app.pass(&stranger).into_iter().next()?)
        || is_refused(&app.pass(&direct).into_iter().next()?)
    {
        return None;
    }
    let mut request = example.clone();
    request.from = Known::Is(PRIVATE);
    request.headers.push("X-Forwarded-For", client.to_string());
    let course = app.pass(&request).into_iter().next()?;
    is_refused(&course).then_some(Sent { request, course })
}
