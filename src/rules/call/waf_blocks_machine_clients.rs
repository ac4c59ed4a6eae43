use std::collections::BTreeMap;

use super::waf::{Behind, behind, has_limit, stopped};
use crate::callers::{Client, Place};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course};
use crate::probes::cloud::Api;
use crate::request::Request;
use crate::rules::preflight::apigw;
use crate::source::Span;
use crate::trace::cloud::{Sent, sent};

pub const ID: &str = "waf-blocks-machine-clients";

/// What a browser says of itself.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// A program that signs its calls, or has an API key, is seldom a browser.
const PROGRAM: &str = "python-requests/2.32.4";

/// A managed group refuses programs where programs are to call.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let guarded = behind(estate, |acl| has_limit(acl, Check::Condition));
    if guarded.is_empty() {
        return;
    }
    let mut refused: BTreeMap<Span, Refused> = BTreeMap::new();
    let called = sent(estate)
        .into_iter()
        .filter_map(|sent| called(&sent, &guarded));
    let made = guarded.iter().filter_map(made_for_programs);
    for one in called.chain(made) {
        refused.entry(one.by).or_insert(one);
    }
    findings.extend(refused.into_values().map(finding));
}

struct Refused {
    acl: String,
    by: Span,
    severity: Severity,
    intent: Intent,
    request: Request,
    course: Course,
}

/// A program in the source that says what it is.
fn called(sent: &Sent<'_>, guarded: &[Behind<'_>]) -> Option<Refused> {
    let call = &sent.caller.call;
    let agent = match call.place {
        Place::Browser => return None,
        _ => says(call.client, call.place)?,
    };
    let mut request = sent.request.clone();
    if !request.headers.has("User-Agent") {
        request.headers.push("User-Agent", agent);
    }
    let guard = guarded
        .iter()
        .find(|behind| behind.gate.name() == sent.gate.name())?;
    let (by, course) = by_client(&request, |request| sent.send(request))?;
    Some(Refused {
        acl: guard.acl.name.clone(),
        by,
        severity: match course.is_conditional() {
            true => Severity::Warning,
            false => Severity::Error,
        },
        intent: Intent {
            text: "the call stands in the source".into(),
            span: Some(call.span),
        },
        request,
        course,
    })
}

/// The User-Agent that a client sends unless it is told another one.
fn says(client: Client, place: Place) -> Option<&'static str> {
    Some(match client {
        Client::Requests => "python-requests/2.32.4",
        Client::Httpx => "python-httpx/0.28.1",
        Client::Urllib => "Python-urllib/3.13",
        Client::Urllib3 => "python-urllib3/2.5.0",
        Client::Aiohttp => "Python/3.13 aiohttp/3.12.15",
        Client::Curl => "curl/8.14.1",
        Client::Wget => "Wget/1.25.0",
        Client::Got => "got (https://github.com/sindresorhus/got)",
        Client::Axios if place == Place::Elsewhere => "axios/1.11.0",
        _ => return None,
    })
}

/// A method that asks for a signature or an API key.
fn made_for_programs(behind: &Behind<'_>) -> Option<Refused> {
    let entry = behind.entry.as_ref()?;
    let Api::Rest(gate) = entry.api else {
        return None;
    };
    let method = gate.method(entry.door);
    let (text, span) = match method.needs_key {
        _ if entry.wants_signature() => (
            "only signed calls are let in, which programs send",
            method.authorization.span,
        ),
        Some(span) => ("it asks for an API key, which programs have", span),
        None => return None,
    };
    let mut request = behind.request.clone();
    request.headers.push("User-Agent", PROGRAM);
    let (by, course) = by_client(&request, |request| behind.send(request))?;
    Some(Refused {
        acl: behind.acl.name.clone(),
        by,
        // A page that signs, or has a key, is a browser all the same.
        severity: match course.is_conditional() || apigw::elsewhere(gate).is_some() {
            true => Severity::Note,
            false => Severity::Warning,
        },
        intent: Intent {
            text: text.into(),
            span: Some(span),
        },
        request,
        course,
    })
}

/// Whether it is the User-Agent alone that is refused.
fn by_client(
    request: &Request,
    send: impl Fn(&Request) -> Option<Course>,
) -> Option<(Span, Course)> {
    let course = send(request)?;
    let by = stopped(&course, Check::Condition)?;
    let mut browser = request.clone();
    browser.headers.remove("User-Agent");
    browser.headers.push("User-Agent", BROWSER);
    let otherwise = send(&browser)?;
    let same = otherwise.culprit().is_some_and(|step| step.span == by);
    (!same).then_some((by, course))
}

fn finding(refused: Refused) -> Finding {
    let agent = refused.request.headers.get("User-Agent");
    let agent = agent.and_then(|agent| agent.known());
    let agent = agent.map_or_else(String::new, |agent| agent.to_string());
    Finding {
        rule: ID,
        severity: refused.severity,
        confidence: Confidence::High,
        message: format!(
            "the web ACL {} answers {} {} with {} to programs such as {agent}",
            refused.acl,
            refused.request.method,
            refused.request.url(),
            refused.course.status().unwrap_or(403)
        ),
        primary: Label {
            span: refused.by,
            text: "stops what is no browser".into(),
        },
        related: Vec::new(),
        intent: Some(refused.intent),
        help:
            "set CategoryHttpLibrary and SignalNonBrowserUserAgent to Count (RuleActionOverrides), \
               or let the group look at other paths alone (ScopeDownStatement)"
                .into(),
        witness: Some(Witness {
            request: refused.request,
            course: refused.course,
        }),
    }
}
