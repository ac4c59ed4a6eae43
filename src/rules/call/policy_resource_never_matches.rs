use std::net::IpAddr;

use super::invoked::{Invoked, Wish, addresses, allowing, open, shape, wishes};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::probes::cloud::{Api, Entry, apis};
use crate::request::Request;

pub const ID: &str = "policy-resource-never-matches";

/// A statement names a resource of an API that no call has, and whom it was to allow is refused.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut wishes = wishes(estate);
    for api in apis(estate).filter(|api| api.is_whole()) {
        let mut own: Vec<Wish<'_>> = by_resource(api).collect();
        own.extend(wishes.remove(api.id()).unwrap_or_default());
        if own.is_empty() {
            continue;
        }
        let entries: Vec<Entry<'_>> = api.entries().collect();
        let dead = own
            .iter()
            .filter_map(|wish| dead(estate, api, wish, &entries));
        findings.extend(dead);
    }
}

/// What the policy of the API itself names of it.
fn by_resource<'e>(api: Api<'e>) -> impl Iterator<Item = Wish<'e>> {
    let texts = api.policy().into_iter().flat_map(allowing);
    texts.filter_map(move |(_, text, value)| {
        let invoked = Invoked::parse(value)?;
        let is_own = match invoked.api {
            Some(id) => id == api.id(),
            None => value.starts_with("execute-api:"),
        };
        is_own.then_some(Wish {
            arn: None,
            value,
            invoked,
            span: text.span,
        })
    })
}

fn dead(estate: &Estate, api: Api<'_>, wish: &Wish<'_>, all: &[Entry<'_>]) -> Option<Finding> {
    if all.is_empty() || all.iter().any(|entry| wish.invoked.fits(entry)) {
        return None;
    }
    let (why, help, entry) = nearest(&wish.invoked, all)?;
    let (request, course) = match wish.arn {
        Some(arn) => refused_signed(&entry, arn, &addresses(estate, api, arn))?,
        None => refused(&entry)?,
    };
    Some(finding(wish, (why, help), request, course))
}

/// What was meant, most likely, and what is wrong with how it is written.
fn nearest<'e>(invoked: &Invoked<'_>, all: &[Entry<'e>]) -> Option<(String, String, Entry<'e>)> {
    let (stage, verb, path) = invoked.parts();
    let with = |rest: &str| {
        let other = Invoked {
            rest,
            api: invoked.api,
        };
        all.iter().find(|entry| other.fits(entry)).copied()
    };
    let tail = |from: usize| {
        invoked
            .rest
            .splitn(3, '/')
            .skip(from)
            .collect::<Vec<_>>()
            .join("/")
    };
    let opened = open(invoked.rest);
    if opened != invoked.rest
        && let Some(entry) = with(&opened)
    {
        let why = "braces stand for themselves in a policy, and no call has them in its path";
        return Some((why.into(), format!("write `{opened}`"), entry));
    }
    if path.is_none()
        && let Some(entry) = with(&format!("{}/*", invoked.rest.trim_end_matches('/')))
    {
        let why = "it ends before the method and the path, and has no star for them";
        return Some((why.into(), "put `/*` at its end".into(), entry));
    }
    if let Some(entry) = with(&format!("*/{}", tail(1))) {
        let (own, ..) = shape(&entry);
        let why = format!("there is no stage `{stage}`");
        return Some((why, format!("name the stage `{own}`, or `*`"), entry));
    }
    let entry = with(&format!("{stage}/*/{}", tail(2)))?;
    let (_, own, path) = shape(&entry);
    let verb = verb.unwrap_or_default();
    let why = format!("/{path} has no method {verb}");
    Some((why, format!("name the method `{own}`, or `*`"), entry))
}

/// A call of the method that is refused for want of a right, and no other is let in.
fn refused(entry: &Entry<'_>) -> Option<(Request, Course)> {
    match entry.admitted(entry.example) {
        Some(_) => None,
        None => entry.attempts().find(|(_, course)| is_for_right(course)),
    }
}

/// The same of one caller, from wherever its policies may let it in.
fn refused_signed(entry: &Entry<'_>, arn: &str, addresses: &[IpAddr]) -> Option<(Request, Course)> {
    let sent = addresses.iter().map(|from| {
        let request = entry.signed_by(arn, *from);
        let course = entry.send(&request)?;
        is_for_right(&course).then_some((request, course))
    });
    sent.collect::<Option<Vec<_>>>()?.into_iter().next()
}

fn is_for_right(course: &Course) -> bool {
    let step = course
        .culprit()
        .filter(|_| course.refuses() && !course.is_conditional());
    step.is_some_and(|step| {
        matches!(
            step.effect,
            Effect::Refuses {
                check: Check::Grant,
                ..
            }
        )
    })
}

fn finding(
    wish: &Wish<'_>,
    (why, help): (String, String),
    request: Request,
    course: Course,
) -> Finding {
    let whose = match wish.arn {
        Some(arn) => format!("a policy of {arn}"),
        None => "the resource policy".to_owned(),
    };
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{whose} allows {}, which no call is: {why}; {} {} is answered {}",
            wish.value,
            request.method,
            request.url(),
            course.status().unwrap_or(403)
        ),
        primary: Label {
            span: wish.span,
            text: why.clone(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "the statement names this API".into(),
            span: Some(wish.span),
        }),
        help,
        witness: Some(Witness { request, course }),
    }
}
