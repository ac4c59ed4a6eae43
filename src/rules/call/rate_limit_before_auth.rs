use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::express::Express;
use crate::probes::route::{forms, likeliest, routes, running};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "rate-limit-before-auth";

/// A limit counts by who calls, and stands before the layer that says who that is.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        let found = routes(app).filter_map(|(_, example)| judge(app, example));
        findings.extend(found);
    }
}

/// What the limit makes of a request that brings all that it may be asked for.
fn judge(app: &Express, example: &Request) -> Option<Finding> {
    let (_, request) = forms(app, example).pop()?;
    let course = likeliest(app, &request)?;
    let (span, refuses) = limit(&course)?;
    let severity = match (course.is_conditional(), refuses) {
        (true, _) => Severity::Note,
        (false, true) => Severity::Error,
        (false, false) => Severity::Warning,
    };
    let url = format!("{} {}", request.method, request.url());
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: match refuses {
            true => format!(
                "{url} is answered 500 whatever it carries: the limit reads who calls before anybody is recognised"
            ),
            false => format!(
                "all callers of {url} have one limit together, for it counts by who calls before anybody is recognised"
            ),
        },
        primary: Label {
            span,
            text: "counts by who calls, who is not known yet".into(),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: "its keyGenerator tells callers apart".into(),
            span: Some(span),
        }),
        help: "register it behind the authentication, or let it count by `req.ip`".into(),
        witness: Some(Witness { request, course }),
    })
}

/// A limit that finds nobody, and whether it refuses for that.
fn limit(course: &Course) -> Option<(Span, bool)> {
    course.steps.iter().find_map(|step| match &step.effect {
        Effect::Refuses {
            check: Check::Limit,
            status: 500,
            ..
        } => Some((step.span, true)),
        Effect::Admits {
            check: Check::Limit,
            ..
        } => Some((step.span, false)),
        _ => None,
    })
}
