//! What is said of a check that somebody fails.

use std::collections::BTreeSet;

use super::{Sources, Wrong};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gates::express::model::Grant;
use crate::nearest::nearest;
use crate::probes::Sent;
use crate::source::{Span, Spanned};

/// A name that nobody has, and that was most likely meant to be another one.
pub struct Slip<'s> {
    pub written: &'s Spanned<String>,
    pub meant: &'s str,
    place: Span,
}

impl<'s> Slip<'s> {
    pub fn of(grant: &'s Grant, sources: &'s Sources<'_>) -> Option<Slip<'s>> {
        let all = || sources.all.iter().flat_map(|source| source.names.iter());
        let asked: BTreeSet<&str> = grant.names().map(|name| name.value.as_str()).collect();
        let choices: Vec<&str> = all()
            .map(|name| name.value.as_str())
            .filter(|name| !asked.contains(name))
            .collect();
        grant.names().find_map(|written| {
            if all().any(|name| name.value == written.value) {
                return None;
            }
            let most = written.value.chars().count() / 4;
            let meant = nearest(&written.value, &choices, most)?;
            let place = all().find(|name| name.value == meant)?.span;
            Some(Slip {
                written,
                meant,
                place,
            })
        })
    }
}

/// `the scopes a and b`, `one of the roles a or b`.
pub fn asked(grant: &Grant) -> String {
    let word = grant.kind.word();
    let told = grant.told().unwrap_or_default();
    match (grant.ways.len(), grant.ways.first().map_or(0, Vec::len)) {
        (1, 0 | 1) => format!("the {word} {told}"),
        _ => format!("the {word}s {told}"),
    }
}

pub fn finding(
    rule: &'static str,
    grant: &Grant,
    place: Span,
    wrong: &Wrong<'_, '_>,
    slip: Option<&Slip<'_>>,
    sent: &Sent,
) -> Option<Finding> {
    let request = &sent.request;
    let at = format!("{} {}", request.method, request.path());
    let asked = asked(grant);
    let word = grant.kind.word();
    let (severity, message, intent) = said(wrong, grant, place, slip, &at)?;
    // A name may be written elsewhere than the check: in a table of all names.
    let primary = slip.map_or(place, |slip| slip.written.span);
    Some(Finding {
        rule,
        severity,
        confidence: Confidence::High,
        message,
        primary: Label {
            span: primary,
            text: match slip {
                Some(slip) => format!("did you mean `{}`?", slip.meant),
                None => format!("asks for {asked}"),
            },
        },
        related: slip
            .map(|slip| Label {
                span: slip.place,
                text: format!("the {word} that there is"),
            })
            .into_iter()
            .collect(),
        witness: Some(Witness {
            request: sent.request.clone(),
            course: sent.course.clone(),
        }),
        intent: Some(intent),
        help: help(wrong, grant, slip),
    })
}

/// What is wrong at a line, and how that is known.
fn said(
    wrong: &Wrong<'_, '_>,
    grant: &Grant,
    place: Span,
    slip: Option<&Slip<'_>>,
    at: &str,
) -> Option<(Severity, String, Intent)> {
    let asked = asked(grant);
    let word = grant.kind.word();
    Some(match wrong {
        Wrong::Nobody {
            because,
            recognised,
        } => (
            Severity::Error,
            format!("no token is let in at {at}, whatever it grants: {because}"),
            Intent {
                text: match recognised {
                    Some(_) => "whoever calls is recognised before".into(),
                    None => format!("{asked} would let somebody in"),
                },
                span: Some(recognised.unwrap_or(place)),
            },
        ),
        Wrong::Called(source, call) => (
            Severity::Error,
            format!(
                "{} is refused at {at}: {asked} would be needed",
                source.name
            ),
            Intent {
                text: format!("why403.yaml says that {} calls {}", source.name, call.value),
                span: Some(call.span),
            },
        ),
        Wrong::Slip(source) => {
            let slip = slip?;
            (
                Severity::Error,
                format!(
                    "{} is refused at {at}: it asks for {asked}, and nobody has {}",
                    source.name, slip.written.value
                ),
                Intent {
                    text: format!("there is the {word} {}", slip.meant),
                    span: Some(slip.place),
                },
            )
        }
        Wrong::Missing => (
            Severity::Warning,
            format!("nobody is let in at {at}: nobody has {asked}"),
            Intent {
                text: String::new(),
                span: None,
            },
        ),
    })
}

fn help(wrong: &Wrong<'_, '_>, grant: &Grant, slip: Option<&Slip<'_>>) -> String {
    let asked = asked(grant);
    let word = grant.kind.word();
    match (wrong, slip) {
        (_, Some(slip)) => format!("write `{}`", slip.meant),
        (
            Wrong::Nobody {
                recognised: Some(_),
                ..
            },
            _,
        ) => "let both speak of one property of the request: `requestProperty` of express-jwt and \
             express-jwt-permissions, `customUserKey` of express-jwt-authz"
            .into(),
        (Wrong::Nobody { .. }, _) => "recognise callers before this line".into(),
        (Wrong::Called(source, _), _) => {
            format!("grant {} {asked}, or ask for what it has", source.name)
        }
        _ => format!("ask for a {word} that somebody has, or say in why403.yaml who has this one"),
    }
}
