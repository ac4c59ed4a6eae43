use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect, Step};
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::apigateway::rest::model::KeySource;
use crate::probes::cloud::{Api, ApiVisit, Entry};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "api-key-unreachable";

/// A method asks for an API key, and no key can be good.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    let Api::Rest(gate) = visit.api else {
        return;
    };
    if gate.api.plans.known().is_none() {
        return;
    }
    let entries = visit.api.entries();
    let mut refused: Vec<Refused> = entries
        .filter_map(|entry| Refused::of(gate, entry))
        .collect();
    // A preflight is the last that anybody thinks of.
    let is_preflight = |one: &Refused| one.request.method == "OPTIONS";
    refused.sort_by_key(|one| (one.stage.clone(), is_preflight(one), one.needed));
    // One for each stage: what is missing is one thing.
    refused.dedup_by(|later, first| {
        let is_same = later.stage == first.stage;
        first.more += u32::from(is_same);
        is_same
    });
    findings.extend(refused.into_iter().map(|one| finding(gate, one)));
}

struct Refused {
    stage: String,
    /// Where the method asks for a key.
    needed: Span,
    more: u32,
    request: Request,
    course: Course,
}

impl Refused {
    fn of(gate: &RestApi, entry: Entry<'_>) -> Option<Refused> {
        let needed = gate.method(entry.door).needs_key?;
        // Whoever gets as far as the key is admitted or refused for it.
        if entry.admitted(entry.example).is_some() {
            return None;
        }
        let refused = entry.attempts().filter(|(_, course)| {
            let step = course.culprit().filter(|_| course.refuses());
            step.is_some_and(|step| is_for_key(gate, needed, step))
        });
        // The plainest of those with a key.
        let (request, course) =
            refused.min_by_key(|(request, _)| !request.headers.has("x-api-key"))?;
        Some(Refused {
            stage: gate.way(entry.door).stage.clone(),
            needed,
            more: 0,
            request,
            course,
        })
    }
}

/// Refused with a key: where it is looked for, nothing can be found.
fn is_for_key(gate: &RestApi, needed: Span, step: &Step) -> bool {
    let is_key = matches!(
        step.effect,
        Effect::Refuses {
            check: Check::ApiKey,
            ..
        }
    );
    is_key && (step.span == needed || step.span == gate.api.key_source.span)
}

/// Whether another stage is the one that callers have keys for. SAM makes one by the name of
/// `Stage` beside it that nobody asked for
/// (<https://github.com/aws/serverless-application-model/issues/1202>).
fn is_beside(gate: &RestApi, stage: &str) -> bool {
    let plans = gate.api.plans.known().into_iter().flatten();
    let mut good = plans
        .filter(|plan| !matches!(plan.keys, Known::Is(0)))
        .flat_map(|plan| &plan.stages);
    let stages = gate.api.stages.known();
    good.any(|other| {
        let is_there = stages.is_some_and(|all| all.iter().any(|one| one.name == *other));
        other != stage && is_there
    })
}

fn finding(gate: &RestApi, refused: Refused) -> Finding {
    let api = &gate.api;
    let stage = &refused.stage;
    let from_nowhere = refused
        .course
        .culprit()
        .is_some_and(|step| step.span == api.key_source.span && step.span != refused.needed);
    let plan = api.plans.known().and_then(|plans| {
        plans
            .iter()
            .find(|plan| plan.stages.contains(stage) && matches!(plan.keys, Known::Is(0)))
    });
    let (why, help, related) = match (from_nowhere && api.key_source.value == KeySource::Authorizer, plan) {
        (true, _) => (
            "the key is to come from a Lambda authorizer, and the method has none".to_owned(),
            "set the API key source to HEADER, or give the method a Lambda authorizer that returns \
             usageIdentifierKey"
                .to_owned(),
            Some((api.key_source.span, "takes the key from an authorizer".to_owned())),
        ),
        (_, Some(plan)) => (
            format!("the usage plan {} of the stage {stage} has no key that is on", plan.name),
            format!("add an API key to the usage plan {}", plan.name),
            Some((plan.span, "has no key".to_owned())),
        ),
        (_, None) => (
            format!("no usage plan has the stage {stage}"),
            format!("add the stage {stage} of {} to a usage plan that has a key", api.name),
            None,
        ),
    };
    let others = match refused.more {
        0 => String::new(),
        1 => " (and one more method)".to_owned(),
        more => format!(" (and {more} more methods)"),
    };
    Finding {
        rule: ID,
        severity: match is_beside(gate, stage) {
            true => Severity::Note,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "{} {}{others} is answered 403 whatever key it carries: {why}",
            refused.request.method,
            refused.request.url()
        ),
        primary: Label {
            span: refused.needed,
            text: "asks for an API key, and none can be good".into(),
        },
        related: related
            .into_iter()
            .map(|(span, text)| Label { span, text })
            .collect(),
        intent: Some(Intent {
            text: "who has a key is to be let in".into(),
            span: Some(refused.needed),
        }),
        help,
        witness: Some(Witness {
            request: refused.request,
            course: refused.course,
        }),
    }
}
