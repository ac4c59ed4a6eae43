//! Who can pass the checks of scopes and roles of an application: each of those who come is sent to
//! each route, and so is somebody who has all that is asked for anywhere.

mod told;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::config::Call;
use crate::estate::Estate;
use crate::finding::{Finding, Intent};
use crate::gate::{Check, Course, Door, Effect, End, Gate, Step, Unsure};
use crate::gates::express::Express;
use crate::gates::express::model::{Grant, GrantKind, Holder};
use crate::probes::Sent;
use crate::request::Request;
use crate::request::token::Claims;
use crate::source::{Span, Spanned};
use told::{Slip, finding};

/// Somebody who comes: a token of `why403.yaml`, or a user with one of the roles that there are.
pub struct Source<'e> {
    /// `web-app`, or `a user with the role admin`.
    pub name: String,
    /// As their token names them.
    pub subject: &'e str,
    pub names: Vec<&'e Spanned<String>>,
    /// What it is used for; empty when it may be anything.
    pub calls: &'e [Spanned<Call>],
}

/// All who come, of one kind of right.
pub struct Sources<'e> {
    pub kind: GrantKind,
    /// The claim in which they have it; `None` for wherever it is looked for.
    pub claim: Option<&'e str>,
    pub all: Vec<Source<'e>>,
    /// Where it is said that these are all.
    pub closed: Intent,
}

/// What is wrong at one check.
pub enum Wrong<'f, 'e> {
    /// No token is let in, whatever it grants.
    Nobody {
        because: &'f str,
        recognised: Option<Span>,
    },
    /// It is used for this very call.
    Called(&'f Source<'e>, &'f Spanned<Call>),
    /// None of them has what is asked for.
    Missing,
    /// It has what is asked for but for a slip of the finger.
    Slip(&'f Source<'e>),
}

/// One application, and what its checks ask for.
pub struct Asking<'e> {
    app: &'e Express,
    grants: Vec<(Span, &'e Grant)>,
}

/// The tokens of `why403.yaml`, if each says what it has of this kind.
pub fn declared(estate: &Estate, kind: GrantKind) -> Option<Sources<'_>> {
    let tokens = &estate.config.tokens;
    let all = tokens.iter().map(|token| {
        let names = match kind {
            GrantKind::Scope => token.scopes.as_ref()?,
            GrantKind::Role => token.roles.as_ref()?,
            GrantKind::Claim | GrantKind::Value => return None,
        };
        Some(Source {
            name: token.name.value.clone(),
            subject: &token.name.value,
            names: names.iter().collect(),
            calls: &token.calls,
        })
    });
    Some(Sources {
        kind,
        claim: None,
        all: all.collect::<Option<_>>()?,
        closed: Intent {
            text: "why403.yaml names the tokens that there are".into(),
            span: Some(tokens.first()?.name.span),
        },
    })
}

impl<'e> Asking<'e> {
    /// `None` where nothing of this kind is asked for, or nothing starts.
    pub fn of(app: &'e Express, kind: GrantKind) -> Option<Asking<'e>> {
        let grants = app.grants();
        let asks = grants.iter().any(|(_, grant)| grant.kind == kind);
        (asks && app.refusals().is_empty()).then_some(Asking { app, grants })
    }

    /// The claims in which names of a kind are looked for.
    pub fn claims_of(&self, kind: GrantKind) -> BTreeSet<&'e str> {
        let grants = self.grants.iter().filter(|(_, grant)| grant.kind == kind);
        grants
            .filter_map(|(_, grant)| grant.claim.as_deref())
            .collect()
    }

    /// The names that are asked for in a claim.
    pub fn names_in(&self, claim: &str) -> Vec<&'e Spanned<String>> {
        let grants = self.grants.iter();
        let here = grants.filter(|(_, grant)| grant.claim.as_deref() == Some(claim));
        here.flat_map(|(_, grant)| grant.names()).collect()
    }

    /// The routes at which somebody with all rights is refused.
    pub fn closed_to_all(&self, kind: GrantKind, findings: &mut Vec<Finding>, rule: &'static str) {
        let puts = self.app.puts();
        for door in self.app.doors() {
            let Some(request) = self.request(door) else {
                continue;
            };
            let Some(sent) = self.send(request, None) else {
                continue;
            };
            let Some((step, grant)) = self.refusal(&sent.course, kind) else {
                continue;
            };
            let Effect::Refuses { detail, .. } = &step.effect else {
                continue;
            };
            let recognises = |step: &&Step| {
                matches!(
                    step.effect,
                    Effect::Admits {
                        check: Check::Credential,
                        ..
                    }
                )
            };
            let mut admitting = sent.course.steps.iter().filter(recognises);
            // That the claims stand elsewhere is another rule's, which tells where.
            if matches!(grant.holder, Holder::Property(_))
                && (admitting.clone()).any(|step| puts.iter().any(|put| put.span == step.span))
            {
                continue;
            }
            let recognised = admitting.next();
            let wrong = Wrong::Nobody {
                because: detail,
                recognised: recognised.map(|step| step.span),
            };
            let place = step.span;
            findings.extend(finding(rule, grant, place, &wrong, None, &sent));
        }
    }

    /// The routes at which those are refused who come.
    pub fn closed_to(
        &self,
        sources: &Sources<'e>,
        findings: &mut Vec<Finding>,
        rule: &'static str,
    ) {
        for door in self.app.doors() {
            let Some(request) = self.request(door) else {
                continue;
            };
            let full = self.send(request.clone(), None);
            let is_in = |sent: Sent| {
                sent.course.admits() && self.refusal(&sent.course, sources.kind).is_none()
            };
            if !full.is_some_and(is_in) {
                continue;
            }
            let found = self.judge(door, &request, sources, rule);
            findings.extend(found);
        }
    }

    fn judge(
        &self,
        door: &Door,
        request: &Request,
        sources: &Sources<'e>,
        rule: &'static str,
    ) -> Option<Finding> {
        let mut refused: Vec<(&Source<'e>, Option<&Spanned<Call>>, Sent)> = Vec::new();
        let (mut passes, mut is_meant) = (false, false);
        for source in &sources.all {
            let call = source
                .calls
                .iter()
                .find(|call| self.reaches(door, &call.value));
            is_meant |= call.is_some() || source.calls.is_empty();
            let request = match call {
                Some(call) => with_call(request, &call.value),
                None => request.clone(),
            };
            let sent = self.send(request, Some((sources, source)))?;
            match self.refusal(&sent.course, sources.kind) {
                Some(_) => refused.push((source, call, sent)),
                None => passes |= call.is_some() || source.calls.is_empty(),
            }
        }
        let (_, _, first) = refused.first()?;
        let (step, grant) = self.refusal(&first.course, sources.kind)?;
        let place = step.span;
        let slip = Slip::of(grant, sources);
        let called = refused.iter().find(|(_, call, _)| call.is_some());
        let (wrong, sent) = match (called, &slip) {
            (Some((source, Some(call), sent)), _) => (Wrong::Called(source, call), sent),
            (_, Some(slip)) => {
                let (source, _, sent) =
                    refused.iter().find(|(source, ..)| source.has(slip.meant))?;
                (Wrong::Slip(source), sent)
            }
            _ if !passes && is_meant => (Wrong::Missing, first),
            _ => return None,
        };
        let mut finding = finding(rule, grant, place, &wrong, slip.as_ref(), sent)?;
        if let Wrong::Missing = wrong {
            finding.intent = Some(sources.closed.clone());
        }
        Some(finding)
    }

    /// The check that refuses, if it is one of this kind, and if nothing unknown leads to it.
    fn refusal<'c>(&self, course: &'c Course, kind: GrantKind) -> Option<(&'c Step, &'e Grant)> {
        // A layer that cannot be read lets pass, or refuses even more.
        let unknown = |unsure: &Unsure| match unsure {
            Unsure::Test { text, .. } => !text.ends_with(" lets it pass"),
            unsure => matches!(
                unsure,
                Unsure::Assumed(_) | Unsure::Lacking(_) | Unsure::Granted(_)
            ),
        };
        let is_open = course.conditions.iter().any(|one| unknown(&one.what));
        // An error handler may answer with whatever status.
        if is_open || matches!(course.end, End::Unknown { .. }) {
            return None;
        }
        let step = course.culprit()?;
        let is_grant = matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Grant,
                ..
            }
        );
        let mut here = self.grants.iter().filter(|(span, _)| *span == step.span);
        let (_, grant) = here.find(|(_, grant)| grant.kind == kind)?;
        is_grant.then_some((step, *grant))
    }

    /// The request of a door, where somebody with all rights is let in; else as it is.
    fn request(&self, door: &Door) -> Option<Request> {
        let mut request = door.example.as_ref().ok()?.clone();
        if request.method == "OPTIONS" {
            return None;
        }
        request.headers.remove("Authorization");
        // What another check than one of the token may ask for.
        let mut more = request.clone();
        more.headers.push("Cookie", "session=why403-probe");
        more.headers.push("X-CSRF-Token", "why403-probe");
        for name in self.app.api_keys() {
            more.headers.push(name, "why403-probe");
        }
        let admits = |request: &Request| {
            let sent = self.send(request.clone(), None);
            sent.is_some_and(|sent| sent.course.admits())
        };
        let found = [&request, &more]
            .into_iter()
            .find(|request| admits(request));
        Some(found.unwrap_or(&request).clone())
    }

    fn reaches(&self, door: &Door, call: &Call) -> bool {
        let Some(request) = self.request(door) else {
            return false;
        };
        let sent = self.send(with_call(&request, call), None);
        sent.is_some_and(|sent| sent.course.door() == Some(door.id))
    }

    /// The likeliest way of a request with the token of a source, or with one that has all names.
    fn send(&self, mut request: Request, of: Option<(&Sources<'_>, &Source<'_>)>) -> Option<Sent> {
        let token = Claims::of(self.claims(of)).unsigned();
        request
            .headers
            .push("Authorization", format!("Bearer {token}"));
        let course = self.app.pass(&request).into_iter().next()?;
        Some(Sent { request, course })
    }

    /// For each claim that is looked at, the names that the source has; where it says nothing, all
    /// that are asked for.
    fn claims(&self, of: Option<(&Sources<'_>, &Source<'_>)>) -> Map<String, Value> {
        let mut claims = Map::new();
        let subject = of.map_or("somebody with all rights", |(_, source)| source.subject);
        claims.insert("sub".into(), subject.into());
        for (_, grant) in &self.grants {
            let usual = if grant.kind == GrantKind::Role {
                "roles"
            } else {
                "scope"
            };
            let key = grant.claim.as_deref().unwrap_or(usual);
            let own = of.filter(|(sources, _)| {
                let of_claim = sources
                    .claim
                    .is_none_or(|claim| grant.claim.as_deref() == Some(claim));
                sources.kind == grant.kind && of_claim
            });
            let names = match own {
                Some((_, source)) => source.names.iter().map(|name| name.value.clone()).collect(),
                None => self.names_of(key, usual),
            };
            let value = match (grant.kind, names.first()) {
                (GrantKind::Value, Some(name)) => Value::String(name.clone()),
                _ => names.into(),
            };
            claims.insert(key.to_owned(), value);
        }
        claims
    }

    fn names_of(&self, key: &str, usual: &str) -> Vec<String> {
        let here = self
            .grants
            .iter()
            .filter(|(_, grant)| grant.claim.as_deref().unwrap_or(usual) == key);
        let names: BTreeSet<String> = here
            .flat_map(|(_, grant)| grant.names())
            .map(|name| name.value.clone())
            .collect();
        names.into_iter().collect()
    }
}

impl Source<'_> {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.value == name)
    }
}

fn with_call(request: &Request, call: &Call) -> Request {
    Request {
        method: call.method.clone(),
        target: call.path.as_str().into(),
        ..request.clone()
    }
}
