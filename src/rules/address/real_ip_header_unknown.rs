use super::{Depends, ask, depends, through_proxy, trusted_proxy};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::nginx::SOMEWHERE;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::remark::{Remark, RemarkKind};
use crate::probes::{Sent, Visit, visits_of};
use crate::source::Span;

pub const ID: &str = "real-ip-header-unknown";

/// A header that no proxy sends is the one from which the sender's address is taken.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        for remark in gate.remarks() {
            let RemarkKind::UnknownRealIpHeader { written, nearest } = &remark.kind else {
                continue;
            };
            let doors = visits_of(gate).filter(|visit| is_here(visit, remark));
            let worst = doors
                .filter_map(|visit| try_door(visit, nearest))
                .max_by_key(|tried| tried.severity);
            if let Some(tried) = worst {
                findings.push(finding(tried, remark, written, nearest));
            }
        }
    }
}

struct Tried {
    severity: Severity,
    what: &'static str,
    sent: Sent,
    proxy: Span,
    at_stake: Option<Span>,
}

fn is_here(visit: &Visit<'_>, remark: &Remark) -> bool {
    let config = visit.gate.config();
    config
        .setting(visit.level(), Key::RealIpHeader)
        .is_some_and(|setting| setting.span == remark.span)
}

/// Sends a request through a trusted proxy that uses the header which was most likely meant.
fn try_door(visit: Visit<'_>, nearest: &str) -> Option<Tried> {
    let (peer, proxy) =
        trusted_proxy(visit.gate, visit.level()).or_else(|| trusted_everyone(&visit))?;
    let listed = visit.allowed_addresses();
    let client = listed.first().copied().unwrap_or(SOMEWHERE);
    let request = through_proxy(visit.example, peer, nearest, client);
    let depends = depends(&visit);
    let at_stake = depends.as_ref().map(Depends::span);
    let tried = |severity, what, sent| Tried {
        severity,
        what,
        sent,
        proxy,
        at_stake,
    };
    if let Some(Depends::List(_)) = depends
        && let Some(refused) = ask(&visit, &request, peer).refused()
        && ask(&visit, visit.example, client).admitted().is_some()
    {
        let what = "the list judges the proxy and refuses whom it means to let in";
        return Some(tried(Severity::Error, what, refused));
    }
    let courses = visit.send(&request);
    let course = courses.iter().find(|course| course.admits())?.clone();
    let sent = Sent { request, course };
    Some(match depends {
        Some(Depends::Limit(_)) => {
            let what = "all clients share the proxy's limit";
            tried(Severity::Error, what, sent)
        }
        _ => {
            let what = "nginx takes the proxy's address for the client's";
            tried(Severity::Warning, what, sent)
        }
    })
}

/// `set_real_ip_from 0.0.0.0/0`: any address is a trusted one, such as a private one.
fn trusted_everyone(visit: &Visit<'_>) -> Option<(std::net::IpAddr, Span)> {
    let setting = visit
        .gate
        .config()
        .setting(visit.level(), Key::SetRealIpFrom)?;
    Some((super::PRIVATE, setting.span))
}

fn finding(tried: Tried, remark: &Remark, written: &str, nearest: &str) -> Finding {
    let mut related = vec![Label {
        span: tried.proxy,
        text: "the proxy whose header is to be believed".into(),
    }];
    related.extend(tried.at_stake.map(|span| Label {
        span,
        text: "this goes by the address".into(),
    }));
    Finding {
        rule: ID,
        severity: tried.severity,
        confidence: Confidence::High,
        message: format!("no proxy sends `{written}`, so {}", tried.what),
        primary: Label {
            span: remark.span,
            text: format!("is this meant to be {nearest}?"),
        },
        related,
        intent: Some(Intent {
            text: "set_real_ip_from names a proxy, whose clients are to be told apart".into(),
            span: Some(tried.proxy),
        }),
        help: format!("write `real_ip_header {nearest};`"),
        witness: Some(Witness {
            request: tried.sent.request,
            course: tried.sent.course,
        }),
    }
}
