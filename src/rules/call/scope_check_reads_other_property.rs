use std::collections::HashSet;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::express::{Express, Lookup};
use crate::probes::Sent;
use crate::probes::route::{forms, likeliest, routes, running};
use crate::request::Request;

pub const ID: &str = "scope-check-reads-other-property";

/// A check of scopes looks where no layer before it has put the claims: it refuses everybody.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        let lookups = app.lookups();
        if lookups.is_empty() {
            continue;
        }
        let mut told = HashSet::new();
        for (_, example) in routes(app) {
            let refused = always_refused(app, example);
            let found = refused.and_then(|sent| finding(app, &lookups, sent));
            findings.extend(found.filter(|finding| told.insert(finding.primary.span)));
        }
    }
}

/// A request that gets as far as the check, where no form of it is let in.
fn always_refused(app: &Express, example: &Request) -> Option<Sent> {
    let mut refused = None;
    for (_, request) in forms(app, example) {
        let course = likeliest(app, &request)?;
        if course.admits() {
            return None;
        }
        if refused.is_none() && is_by_grant(&course) && is_recognised(&course) {
            refused = Some(Sent { request, course });
        }
    }
    refused
}

/// Whoever is likely granted what is asked for is refused only where nothing is found to look at.
fn is_by_grant(course: &Course) -> bool {
    let by_grant = course.culprit().is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Grant,
                ..
            }
        )
    });
    by_grant && course.refuses()
}

fn is_recognised(course: &Course) -> bool {
    course.steps.iter().any(|step| {
        matches!(
            step.effect,
            Effect::Admits {
                check: Check::Credential,
                ..
            }
        )
    })
}

fn finding(app: &Express, lookups: &[Lookup<'_>], sent: Sent) -> Option<Finding> {
    let span = sent.course.culprit()?.span;
    let lookup = lookups.iter().find(|lookup| lookup.span == span)?;
    let puts = app.puts();
    let admitted = sent.course.steps.iter().rev();
    let put = admitted
        .filter_map(|step| puts.iter().find(|put| put.span == step.span))
        .next()?;
    let (property, name) = (&lookup.property, lookup.name);
    Some(Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{} {} is answered {} whatever the token grants: {name} looks in req.{property}, and \
             the claims are in req.{}",
            sent.request.method,
            sent.request.url(),
            sent.course.status()?,
            put.property
        ),
        primary: Label {
            span,
            text: format!("looks in req.{property}"),
        },
        related: vec![Label {
            span: put.span,
            text: format!("puts the claims into req.{}", put.property),
        }],
        intent: Some(Intent {
            text: format!(
                "{} lets a token pass, and its scopes are asked for",
                put.name
            ),
            span: Some(put.span),
        }),
        help: help(lookup, &put.property),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}

fn help(lookup: &Lookup<'_>, property: &str) -> String {
    let is_deep = property.contains('.');
    match lookup.name {
        name if name.starts_with("express-jwt-authz") && is_deep => {
            "take `requiredScopes` of express-oauth2-jwt-bearer: this package cannot look so far in"
                .into()
        }
        name if name.starts_with("express-jwt-authz") => {
            format!("give it `{{ customUserKey: '{property}' }}`")
        }
        name if name.starts_with("express-jwt-permissions") => {
            format!("give it `{{ requestProperty: '{property}' }}`")
        }
        _ => format!("have the claims put into req.{}", lookup.property),
    }
}
