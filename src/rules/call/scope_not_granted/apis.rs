//! APIs of API Gateway whose methods ask for scopes, which API Gateway itself looks for in the
//! token.

use serde_json::{Map, Value, json};

use super::ID;
use crate::config::TokenSource;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::aws::apigateway::http::model::RouteKind;
use crate::nearest::nearest;
use crate::probes::cloud::{Api, Entry, apis};
use crate::request::Request;
use crate::request::token::Claims;
use crate::source::Spanned;

/// How far a name may be from the one that was meant.
const SLIPS: usize = 2;

pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let tokens: Vec<Token<'_>> = estate.config.tokens.iter().filter_map(Token::of).collect();
    // A token of which no scopes are said may have any.
    if tokens.is_empty() || tokens.len() < estate.config.tokens.len() {
        return;
    }
    let entries: Vec<Entry<'_>> = apis(estate).flat_map(Api::entries).collect();
    let called: Vec<&Token<'_>> = tokens
        .iter()
        .filter(|token| token.is_of_one(&entries))
        .collect();
    for entry in entries {
        findings.extend(judge(entry, &tokens, &called));
    }
}

struct Token<'e> {
    source: &'e TokenSource,
    scopes: &'e [Spanned<String>],
}

impl<'e> Token<'e> {
    fn of(source: &'e TokenSource) -> Option<Token<'e>> {
        let scopes = source.scopes.as_deref()?;
        Some(Token { source, scopes })
    }

    /// Whether all that it is used for lies in one API. A path may be of several, such as of a trial
    /// and of the real one.
    fn is_of_one(&self, entries: &[Entry<'_>]) -> bool {
        let own = entries.iter().filter(|entry| self.calls(entry));
        let mut ids = own.map(|entry| entry.api.id());
        let first = ids.next();
        ids.all(|id| Some(id) == first)
    }

    /// Whether `why403.yaml` says that it is used for this very method.
    fn calls(&self, entry: &Entry<'_>) -> bool {
        let mut calls = self.source.calls.iter();
        calls.any(|call| {
            let (verb, fits) = match entry.api {
                Api::Rest(gate) => {
                    let way = gate.way(entry.door);
                    let resource = &gate.api.resources()[way.resource];
                    let verb = resource.methods[way.method].verb.as_str();
                    (verb, resource.pattern.fits(&call.value.path))
                }
                Api::Http(gate) => match &gate.route_of(entry.door).kind {
                    RouteKind::Path(verb, _, pattern) => {
                        (verb.as_str(), pattern.fits(&call.value.path))
                    }
                    _ => return false,
                },
            };
            fits && (verb == "ANY" || verb == call.value.method)
        })
    }
}

fn judge(entry: Entry<'_>, tokens: &[Token<'_>], called: &[&Token<'_>]) -> Option<Finding> {
    let wanted = wanted(&entry);
    let first = wanted.first()?;
    let all: Vec<&str> = wanted.iter().map(|scope| scope.value.as_str()).collect();
    let with = |scopes: &[&str]| {
        let request = carrying(&entry, scopes);
        let course = entry.send(&request)?;
        Some((request, course))
    };
    if !with(&all)?.1.admits() {
        return None;
    }
    let refused: Vec<(&Token<'_>, Request, Course)> = tokens
        .iter()
        .filter_map(|token| {
            let scopes: Vec<&str> = token.scopes.iter().map(|one| one.value.as_str()).collect();
            let (request, course) = with(&scopes)?;
            is_for_scope(&course).then_some((token, request, course))
        })
        .collect();
    let called = refused.iter().find(|(token, ..)| {
        let mut called = called.iter();
        called.any(|one| std::ptr::eq(*one, *token)) && token.calls(&entry)
    });
    let nobody = refused.len() == tokens.len();
    let slip = tokens.iter().find_map(|token| {
        let known: Vec<&str> = token.scopes.iter().map(|one| one.value.as_str()).collect();
        let meant = nearest(&first.value, &known, SLIPS)?;
        let place = token.scopes.iter().find(|one| one.value == meant)?;
        Some((meant.to_owned(), place.span))
    });
    let (severity, (token, request, course)) = match (called, nobody) {
        (Some(one), _) => (Severity::Error, one),
        (None, true) if slip.is_some() => (Severity::Error, refused.first()?),
        (None, true) => (Severity::Warning, refused.first()?),
        (None, false) => return None,
    };
    let name = &token.source.name;
    let scopes = all.join(" or ");
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "{} is refused at {} {}: it asks for the scope {scopes}, which {}",
            name.value,
            request.method,
            request.url(),
            match nobody {
                true => "no token grants",
                false => "this token does not grant",
            }
        ),
        primary: Label {
            span: first.span,
            text: match slip.as_ref().filter(|_| nobody) {
                Some((meant, _)) => format!("did you mean `{meant}`?"),
                None => format!("asks for {scopes}"),
            },
        },
        related: slip
            .filter(|_| nobody)
            .into_iter()
            .map(|(meant, span)| Label {
                span,
                text: format!("{meant} is granted here"),
            })
            .collect(),
        intent: Some(Intent {
            text: match called {
                Some(_) => format!("why403.yaml says that {} is used for it", name.value),
                None => "why403.yaml names the tokens that there are".into(),
            },
            span: Some(name.span),
        }),
        help: "grant the scope, or ask for one that is granted, and deploy the API".into(),
        witness: Some(Witness {
            request: request.clone(),
            course: course.clone(),
        }),
    })
}

fn wanted<'e>(entry: &Entry<'e>) -> &'e [Spanned<String>] {
    match entry.api {
        Api::Rest(gate) => &gate.method(entry.door).scopes,
        Api::Http(gate) => &gate.route_of(entry.door).scopes,
    }
}

/// The example with an access token of these scopes, as the authorizer wants it otherwise.
fn carrying(entry: &Entry<'_>, scopes: &[&str]) -> Request {
    let mut claims = Map::new();
    claims.insert("token_use".into(), json!("access"));
    claims.insert("scope".into(), json!(scopes.join(" ")));
    if let Api::Http(gate) = entry.api {
        let mut authorizers = gate.api.authorizers.known().into_iter().flatten();
        let own = authorizers.find(|one| gate.is_of(one, entry.door));
        if let Some(authorizer) = own {
            let text = |one: &Spanned<String>| Value::String(one.value.clone());
            if let Some(issuer) = &authorizer.issuer {
                claims.insert("iss".into(), text(issuer));
            }
            if let Some(audience) = authorizer.audience.first() {
                claims.insert("aud".into(), text(audience));
            }
        }
    }
    let mut request = entry.example.clone();
    let token = Claims::of(claims).unsigned();
    request
        .headers
        .push("Authorization", format!("Bearer {token}"));
    request
}

fn is_for_scope(course: &Course) -> bool {
    course.refuses()
        && course.culprit().is_some_and(|step| {
            matches!(
                step.effect,
                Effect::Refuses {
                    check: Check::Grant,
                    ..
                }
            )
        })
}
