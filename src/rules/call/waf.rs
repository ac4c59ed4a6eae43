//! What stands behind web ACLs, as requests that would get there.

use std::sync::Arc;

use crate::estate::Estate;
use crate::gate::{Check, Course, Effect, Gate};
use crate::gates::aws::load_balancer::model::{Test, What};
use crate::gates::aws::waf::common_limits;
use crate::gates::aws::waf::model::{Acl, Statement};
use crate::probes::cloud::{Api, Entry, apis};
use crate::probes::front::fronts;
use crate::request::{Known, Request};
use crate::source::Span;

/// A way in that a web ACL guards.
pub struct Behind<'e> {
    pub acl: &'e Arc<Acl>,
    pub gate: &'e dyn Gate,
    /// As a person would point at it.
    pub name: String,
    pub span: Span,
    /// The method of an API, where it is one.
    pub entry: Option<Entry<'e>>,
    pub request: Request,
}

impl Behind<'_> {
    /// The likeliest way of a request.
    pub fn send(&self, request: &Request) -> Option<Course> {
        self.gate.pass(request).into_iter().next()
    }
}

/// What stands behind those web ACLs that are of interest.
pub fn behind(estate: &Estate, is_of_interest: fn(&Acl) -> bool) -> Vec<Behind<'_>> {
    let mut all: Vec<Behind<'_>> = apis(estate)
        .flat_map(|api| of_api(estate, api, is_of_interest))
        .collect();
    let others = of_load_balancers(estate).chain(of_distributions(estate));
    all.extend(others.filter(|behind| is_of_interest(behind.acl)));
    all
}

/// Whether a web ACL has a managed group that goes by this.
pub fn has_limit(acl: &Acl, of: Check) -> bool {
    acl.rules.iter().any(|rule| match &rule.statement {
        Statement::Managed(group) => common_limits(group).iter().any(|limit| limit.check == of),
        _ => false,
    })
}

fn of_api<'e>(
    estate: &'e Estate,
    api: Api<'e>,
    is_of_interest: fn(&Acl) -> bool,
) -> Vec<Behind<'e>> {
    let Api::Rest(gate) = api else {
        return Vec::new();
    };
    let entries = api.entries().filter_map(|entry| {
        let stage = gate.api.stage(&gate.way(entry.door).stage)?;
        let named = stage.web_acl.as_ref()?;
        let acls = &estate.aws.around.acls;
        let Known::Is(acl) = acls.named(&named.value) else {
            return None;
        };
        if !is_of_interest(acl) {
            return None;
        }
        Some(Behind {
            acl,
            gate,
            name: entry.door.name.clone(),
            span: entry.door.span,
            request: entry.admitted(entry.example)?.request,
            entry: Some(entry),
        })
    });
    entries.collect()
}

fn of_load_balancers(estate: &Estate) -> impl Iterator<Item = Behind<'_>> {
    estate.aws.load_balancers.iter().flat_map(|gate| {
        let acl = gate.own.acl.known().and_then(|acl| acl.as_ref());
        let doors = gate.doors().iter();
        doors.filter_map(move |door| {
            let (_, rule) = gate.way(door);
            let is_on = |what: &What| matches!(what, What::Forward(_));
            if !rule.actions.iter().any(|action| is_on(&action.what)) {
                return None;
            }
            let mut request = door.example.as_ref().ok()?.clone();
            let mut tests = rule.conditions.iter().map(|condition| &condition.test);
            if !tests.any(|test| matches!(test, Test::Method(_))) {
                request.method = "POST".into();
            }
            Some(Behind {
                acl: acl?,
                gate,
                name: door.name.clone(),
                span: door.span,
                entry: None,
                request,
            })
        })
    })
}

fn of_distributions(estate: &Estate) -> impl Iterator<Item = Behind<'_>> {
    fronts(estate).filter_map(|front| {
        let acl = front.gate.own.acl.known()?.as_ref()?;
        let takes_post = front.behavior.methods.value.iter().any(|one| one == "POST");
        let mut request = front.example.clone();
        if takes_post {
            request.method = "POST".into();
        }
        Some(Behind {
            acl,
            gate: front.gate,
            name: front.behavior.name(),
            span: front.behavior.span,
            entry: None,
            request,
        })
    })
}

/// The line of a web ACL that refused by this check.
pub fn stopped(course: &Course, by: Check) -> Option<Span> {
    let step = course.culprit().filter(|_| course.refuses())?;
    match step.effect {
        Effect::Refuses { check, .. } if check == by => Some(step.span),
        _ => None,
    }
}
