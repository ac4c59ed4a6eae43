use super::invoked::{Invoked, allowing, open, shape};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::aws::iam::Policy;
use crate::probes::cloud::{Api, Entry, SOMEWHERE, apis};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "policy-resource-never-matches";

/// A statement names a resource of an API that no call has, and whom it was to allow is refused.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for api in apis(estate) {
        if let Some(policy) = api.policy() {
            findings.extend(dead(api, policy, None));
        }
    }
    let identities = &estate.aws.around.identities;
    for identity in identities.callers() {
        for policy in identities.policies(identity) {
            for api in apis(estate) {
                findings.extend(dead(api, policy, Some(&identity.arn)));
            }
        }
    }
}

fn dead(api: Api<'_>, policy: &Policy, caller: Option<&str>) -> Vec<Finding> {
    let all: Vec<Entry<'_>> = api.entries().collect();
    let found = allowing(policy).filter_map(|(_, text, value)| {
        let invoked = Invoked::parse(value)?;
        let is_own = match (invoked.api, caller) {
            (Some(id), _) => id == api.id(),
            // In a resource policy it can only be this one.
            (None, None) => value.starts_with("execute-api:"),
            (None, Some(_)) => false,
        };
        if !is_own || all.is_empty() || !api.is_whole() {
            return None;
        }
        if all.iter().any(|entry| invoked.fits(entry)) {
            return None;
        }
        let (why, help, entry) = nearest(&invoked, &all)?;
        let (request, course) = refused(&entry, caller)?;
        Some(finding(
            text.span,
            value,
            caller,
            (why, help),
            request,
            course,
        ))
    });
    found.collect()
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

/// A call of the method that is refused for want of a right.
fn refused(entry: &Entry<'_>, caller: Option<&str>) -> Option<(Request, Course)> {
    let is_for_right = |course: &Course| {
        course.refuses()
            && !course.is_conditional()
            && course.culprit().is_some_and(|step| {
                matches!(
                    step.effect,
                    Effect::Refuses {
                        check: Check::Grant,
                        ..
                    }
                )
            })
    };
    match caller {
        Some(arn) => {
            let request = entry.signed_by(arn, SOMEWHERE);
            let course = entry.send(&request)?;
            is_for_right(&course).then_some((request, course))
        }
        None => match entry.admitted(entry.example) {
            Some(_) => None,
            None => entry.attempts().find(|(_, course)| is_for_right(course)),
        },
    }
}

fn finding(
    span: Span,
    value: &str,
    caller: Option<&str>,
    (why, help): (String, String),
    request: Request,
    course: Course,
) -> Finding {
    let whose = match caller {
        Some(arn) => format!("a policy of {arn}"),
        None => "the resource policy".to_owned(),
    };
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "{whose} allows {value}, which no call is: {why}; {} {} is answered {}",
            request.method,
            request.url(),
            course.status().unwrap_or(403)
        ),
        primary: Label {
            span,
            text: why.clone(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "the statement names this API".into(),
            span: Some(span),
        }),
        help,
        witness: Some(Witness { request, course }),
    }
}
