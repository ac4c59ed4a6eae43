use std::collections::BTreeMap;

use crate::callers::Place;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Door, Effect, Gate, Unsure};
use crate::gates::aws::load_balancer::LoadBalancer;
use crate::gates::aws::load_balancer::model::{Rule, Stranger, Test, What};
use crate::gates::nginx::STRANGER;
use crate::probes::{is_announced, preflight};
use crate::request::Request;
use crate::source::Span;
use crate::trace::cloud::{Sent, sent};

pub const ID: &str = "load-balancer-authenticates-preflight";

/// A load balancer asks a preflight for a login, which browsers never send with one.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut asked: BTreeMap<Span, Finding> = BTreeMap::new();
    if estate.aws.load_balancers.is_empty() {
        return;
    }
    let calls = sent(estate);
    for gate in &estate.aws.load_balancers {
        let doors = gate.doors().iter();
        for finding in doors.filter_map(|door| judge(&calls, gate, door)) {
            asked.entry(finding.primary.span).or_insert(finding);
        }
    }
    findings.extend(asked.into_values());
}

fn judge(calls: &[Sent<'_>], gate: &LoadBalancer, door: &Door) -> Option<Finding> {
    let (_, rule) = gate.way(door);
    let mut actions = rule.actions.iter();
    let asks = actions.find(|action| match &action.what {
        What::Authenticate(stranger) => *stranger != Stranger::Allowed,
        _ => false,
    })?;
    let example = door.example.as_ref().ok()?;
    let called = called(calls, gate, door);
    let page = called.as_ref().map_or(example, |(request, _)| request);
    let mut page = page.clone();
    page.headers.remove("Origin");
    page.headers.push("Origin", STRANGER);
    let request = preflight(&page, &page.method, &[]);
    let course = gate.pass(&request).into_iter().next()?;
    let is_asked =
        course.door() == Some(door.id) && course.steps.iter().any(|step| step.span == asks.span);
    if !is_asked || !is_turned_away(&course) {
        return None;
    }
    let (severity, confidence, intent) = match called {
        Some((_, intent)) => (Severity::Error, Confidence::High, intent),
        None => {
            let intent = exempted(gate, door, &page)?;
            (Severity::Warning, Confidence::Medium, intent)
        }
    };
    let status = course.status().unwrap_or(302);
    Some(Finding {
        rule: ID,
        severity: match is_open(&course) {
            true => Severity::Note,
            false => severity,
        },
        confidence,
        message: format!(
            "the preflight of {} {} is answered {status}: the load balancer {} asks for a login first",
            page.method,
            page.url(),
            gate.own.name
        ),
        primary: Label {
            span: asks.span,
            text: "asks a preflight for what browsers never send with one".into(),
        },
        related: Vec::new(),
        intent: Some(intent),
        help:
            "put a rule for the method OPTIONS and the same hosts and paths above, which forwards \
               without a login"
                .into(),
        witness: Some(Witness { request, course }),
    })
}

/// What we do not have, such as a web ACL, could only refuse it, too.
fn is_open(course: &Course) -> bool {
    let mut conditions = course.conditions.iter();
    conditions.any(|one| matches!(one.what, Unsure::Test { .. }))
}

/// Sent to log in, or refused.
fn is_turned_away(course: &Course) -> bool {
    let by_credential = course.culprit().is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Credential,
                ..
            }
        )
    });
    by_credential || course.status() == Some(302)
}

/// A page in the source that calls what is behind the rule.
fn called(calls: &[Sent<'_>], gate: &LoadBalancer, door: &Door) -> Option<(Request, Intent)> {
    let name = Gate::name(gate);
    calls.iter().find_map(|sent| {
        let is_here = sent.gate.name() == name
            && sent.caller.call.place == Place::Browser
            && is_announced(&sent.request);
        let course = sent.send(&sent.request).filter(|_| is_here)?;
        (course.door() == Some(door.id)).then(|| {
            let intent = Intent {
                text: "a page calls it".into(),
                span: Some(sent.caller.call.span),
            };
            (sent.request.clone(), intent)
        })
    })
}

/// Another rule of the listener lets preflights through, though not these.
fn exempted(gate: &LoadBalancer, door: &Door, page: &Request) -> Option<Intent> {
    let (listener, own) = gate.way(door);
    let for_options = |rule: &&Rule| {
        let mut conditions = rule.conditions.iter();
        let is_for_options = conditions.any(|condition| match &condition.test {
            Test::Method(methods) => methods.iter().any(|one| one == "OPTIONS"),
            _ => false,
        });
        let mut actions = rule.actions.iter();
        let asks = actions.any(|action| matches!(action.what, What::Authenticate(_)));
        is_for_options && !asks
    };
    let rule = listener.rules().iter().find(for_options)?;
    // Where it is for other hosts, it was not meant for this one.
    let hosts = |rule: &Rule| {
        rule.conditions
            .iter()
            .any(|condition| matches!(condition.test, Test::Host(_)))
    };
    let is_elsewhere = hosts(rule) && !hosts(own) && page.host == gate.own.host;
    (!is_elsewhere).then(|| Intent {
        text: format!("the {} lets preflights through", rule.name()),
        span: Some(rule.span),
    })
}
