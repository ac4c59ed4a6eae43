use crate::callers::{Body, Client, Place};
use crate::estate::Callers;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::trace::calls::{COOKIE, Joined, Remote, UNKNOWN};

pub const ID: &str = "csrf-token-missing";

/// The header that every library of which we know takes.
const TOKEN: &str = "X-CSRF-Token";

/// A page changes something, and has no token with which it may.
pub fn check(joined: &Joined<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(joined));
}

fn judge(joined: &Joined<'_>) -> Option<Finding> {
    let call = &joined.caller.call;
    if call.place != Place::Browser || may_bring_one(joined) {
        return None;
    }
    let origin = joined.origin();
    let mut sent = joined.as_sent(origin.as_deref());
    if !sent.headers.has("Cookie") {
        sent.headers.push("Cookie", COOKIE);
    }
    let course = joined.send(&sent).filter(Course::refuses)?;
    let culprit = course.culprit()?;
    let Effect::Refuses {
        check: Check::Csrf,
        status,
        ..
    } = culprit.effect
    else {
        return None;
    };
    let severity = joined.severity(&course);
    let mut right = sent.clone();
    right.headers.push(TOKEN, UNKNOWN);
    joined.send(&right).filter(Course::admits)?;
    Some(Finding {
        rule: ID,
        severity: match joined.remote {
            Remote::No => severity,
            _ => severity.min(Severity::Warning),
        },
        confidence: Confidence::High,
        message: format!(
            "{} {} brings no CSRF token, and nothing in its package has one: it is answered {status}",
            sent.method,
            sent.url()
        ),
        primary: Label {
            span: call.span,
            text: "sends no token".into(),
        },
        related: vec![Label {
            span: culprit.span,
            text: "asks each request that changes something for a token".into(),
        }],
        intent: Some(Intent {
            text: format!("a page calls {}", joined.evidence()),
            span: Some(call.span),
        }),
        help: format!(
            "give the page a token, from a route that answers with `req.csrfToken()` or by a \
             cookie, and send it as {TOKEN}; a route that takes no cookie for a credential needs \
             no such check"
        ),
        witness: Some(Witness {
            request: sent,
            course,
        }),
    })
}

/// Whether a token may come along in a way that is not seen at the call.
fn may_bring_one(joined: &Joined<'_>) -> bool {
    const PLAIN: [&str; 5] = [
        "accept",
        "authorization",
        "content-type",
        "cache-control",
        "x-requested-with",
    ];
    let (caller, call) = (joined.caller, &joined.caller.call);
    let is_plain = |name: &str| PLAIN.contains(&name.to_ascii_lowercase().as_str());
    // A page that a template of the server makes may have it in a form or in its head.
    let is_of_server = !joined.is_apart && !caller.has_dev_server;
    is_of_server
        || caller.speaks_of_csrf
        || !call.headers_complete
        || matches!(call.body, Body::Form | Body::Unknown)
        || !call.headers.iter().all(|header| is_plain(&header.name))
        || sends_by_itself(call.client, joined.callers)
}

/// axios and Angular make a header of a cookie of this name.
fn sends_by_itself(client: Client, callers: &Callers) -> bool {
    matches!(client, Client::Axios | Client::Angular) && callers.names_xsrf_cookie
}
