use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Course;
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::apigateway::rest::model::{Authorization, EndpointKind};
use crate::gates::aws::iam::{Effect, Policy, Principal, Statement};
use crate::probes::cloud::{Api, ApiVisit, Entry};
use crate::request::{Known, Request};
use crate::source::Span;

pub const ID: &str = "policy-condition-never-matches";

/// A statement of a resource policy asks for something that no request to this API has.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    if let Api::Rest(gate) = visit.api
        && let Some(policy) = visit.api.policy()
    {
        findings.extend(policy.statements.iter().filter_map(|statement| {
            let dead = dead(gate, policy, statement)?;
            let (request, course) = kept_out(visit.api, gate, statement, &dead)?;
            Some(finding(gate, dead, request, course))
        }));
    }
}

/// Why a statement never applies, or always does.
struct Dead {
    span: Span,
    why: String,
    help: String,
    /// It is about methods that ask for no signature alone.
    unsigned: bool,
    denies: bool,
}

fn dead(gate: &RestApi, policy: &Policy, statement: &Statement) -> Option<Dead> {
    let denies = statement.effect? == Effect::Deny;
    let is_private = gate.api.endpoint.kind == EndpointKind::Private;
    for condition in &statement.conditions {
        let operator = condition.operator.value;
        let key = condition.key.value.to_ascii_lowercase();
        // Of a key that is missing, a negated test holds, and so does one with IfExists.
        let never = !operator.negated && !operator.if_exists;
        let hits = match denies {
            true => operator.negated,
            false => never,
        };
        if !hits {
            continue;
        }
        match key.as_str() {
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" if !is_private => {
                return Some(Dead {
                    span: condition.key.span,
                    why: format!(
                        "only calls of a private API have {}, and this one is {}",
                        condition.key.value,
                        match gate.api.endpoint.kind {
                            EndpointKind::Edge => "edge-optimized",
                            _ => "regional",
                        }
                    ),
                    help: "test aws:SourceIp, or make the API private".into(),
                    unsigned: false,
                    denies,
                });
            }
            "aws:sourceip" if is_private && condition.is_of_public_networks() => {
                return Some(Dead {
                    span: condition.key.span,
                    why: "calls of a private API come through a VPC endpoint, and their \
                          aws:SourceIp is not the sender's address"
                        .into(),
                    help: "test aws:VpcSourceIp, the address that callers have within their \
                           network, or aws:SourceVpce"
                        .into(),
                    unsigned: false,
                    denies,
                });
            }
            "aws:principalarn"
            | "aws:principalorgid"
            | "aws:principalorgpaths"
            | "aws:principalaccount" => {
                return Some(Dead {
                    span: condition.key.span,
                    why: format!(
                        "only signed calls have {}, and the method asks for no signature",
                        condition.key.value
                    ),
                    help: "set the authorization of the method to AWS_IAM, or test another key"
                        .into(),
                    unsigned: true,
                    denies,
                });
            }
            _ => {}
        }
    }
    let principals = statement.principals.as_ref().filter(|all| !all.negated)?;
    let all_named = principals.values.iter().all(|one| {
        matches!(
            one.value,
            Known::Is(Principal::Arn(_) | Principal::Account(_))
        )
    });
    // What is denied to somebody by name is denied to nobody else.
    (all_named && !denies && !principals.values.is_empty() && policy.flaw.is_none()).then(|| Dead {
        span: principals.span,
        why: "it names callers that only a signature tells, and the method asks for none".into(),
        help: "set the authorization of the method to AWS_IAM, or name `*` and use conditions"
            .into(),
        unsigned: true,
        denies: false,
    })
}

/// A request that nobody can send so that it is let in, by reason of this statement.
fn kept_out(
    api: Api<'_>,
    gate: &RestApi,
    statement: &Statement,
    dead: &Dead,
) -> Option<(Request, Course)> {
    let concerned = |entry: &Entry<'_>| {
        let authorization = &gate.method(entry.door).authorization.value;
        match dead.unsigned {
            true => *authorization == Authorization::Open,
            // What a signature or an authorizer admits needs no allowing statement.
            false => dead.denies || *authorization == Authorization::Open,
        }
    };
    api.entries().filter(concerned).find_map(|entry| {
        if entry.admitted(entry.example).is_some() {
            return None;
        }
        entry.attempts().find(|(_, course)| {
            let is_sure = course.refuses() && !course.is_conditional();
            let Some(step) = course.culprit().filter(|_| is_sure) else {
                return false;
            };
            match dead.denies {
                true => step.span == statement.span,
                // The policy as a whole does not allow it.
                false => step.span.contains(statement.span),
            }
        })
    })
}

fn finding(gate: &RestApi, dead: Dead, request: Request, course: Course) -> Finding {
    let what = match dead.denies {
        true => "denies every call",
        false => "allows no call",
    };
    Finding {
        rule: ID,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!(
            "a statement of the resource policy of {} {what}: {}",
            gate.api.name, dead.why
        ),
        primary: Label {
            span: dead.span,
            text: format!("{what} of {} {}", request.method, request.path()),
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: match dead.denies {
                true => "the statement makes an exception for somebody".into(),
                false => "the statement is to let somebody in".into(),
            },
            span: Some(dead.span),
        }),
        help: dead.help,
        witness: Some(Witness { request, course }),
    }
}
