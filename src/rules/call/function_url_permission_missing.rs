use std::net::IpAddr;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Gate;
use crate::gates::aws::function_url::model::{Auth, Made};
use crate::gates::aws::function_url::{FunctionUrl, INVOKE, INVOKE_URL};
use crate::gates::aws::iam::{
    Ask, Caller, Context, Decision, Effect, Policy, Principal, Statement,
};
use crate::probes::cloud::{SOMEWHERE, clients};
use crate::request::{Known, Reason, Request};
use crate::source::{Span, Spanned};

pub const ID: &str = "function-url-permission-missing";

/// The policy of a function gives one of the two rights that callers of its URL need, or none.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.aws.function_urls {
        match gate.url.auth.value {
            Auth::Open => findings.extend(to_everybody(gate)),
            Auth::Iam => findings.extend(to_some(gate)),
            Auth::Unknown(_) => {}
        }
    }
}

/// Somebody who is to call the URL.
struct Meant {
    /// As a message has it.
    name: String,
    caller: Caller,
    signer: Option<String>,
    intent: Intent,
}

fn to_everybody(gate: &FunctionUrl) -> Option<Finding> {
    let meant = Meant {
        name: "everybody".to_owned(),
        caller: Caller::Anonymous,
        signer: None,
        intent: Intent {
            text: "AuthType NONE is for callers that nobody knows".into(),
            span: Some(gate.url.auth.span),
        },
    };
    judge(gate, meant)
}

/// Services and other accounts have no other policy here than the function's.
fn to_some(gate: &FunctionUrl) -> Option<Finding> {
    let policy = gate.url.policy.known()?.as_ref()?;
    let statements = policy.value.statements.iter();
    let mut named = statements
        .filter(|statement| opens_url(gate, statement, &policy.value))
        .flat_map(|statement| statement.principals.as_ref().filter(|all| !all.negated))
        .flat_map(|principals| &principals.values);
    named.find_map(|principal| judge(gate, meant(gate, principal)?))
}

fn opens_url(gate: &FunctionUrl, statement: &Statement, policy: &Policy) -> bool {
    let ask = Ask {
        caller: Caller::Anonymous,
        action: INVOKE_URL.to_owned(),
        resource: gate.url.arn.clone(),
        owner: Known::Unknown(Reason::new("it is not asked")),
        context: Context::open(),
    };
    statement.effect == Some(Effect::Allow)
        && statement.has_action(INVOKE_URL).is_yes()
        && statement.has_resource(&ask, policy).is_yes()
}

fn meant(gate: &FunctionUrl, principal: &Spanned<Known<Principal>>) -> Option<Meant> {
    let (name, signer) = match principal.value.known()? {
        Principal::Service(name) => (name.clone(), name.clone()),
        Principal::Account(account) => (
            format!("the account {account}"),
            format!("arn:aws:iam::{account}:root"),
        ),
        Principal::Arn(arn) => (arn.clone(), arn.clone()),
        _ => return None,
    };
    let caller = Caller::of(&Known::Is(signer.clone()));
    if let Caller::Aws(identity) = &caller {
        let own = gate.url.place.account.as_deref()?;
        // In the same account the caller's own policies may give the right.
        if identity.account == own {
            return None;
        }
    }
    Some(Meant {
        intent: Intent {
            text: format!("the policy lets {name} call the URL"),
            span: Some(principal.span),
        },
        name,
        caller,
        signer: Some(signer),
    })
}

fn judge(gate: &FunctionUrl, meant: Meant) -> Option<Finding> {
    let url = &gate.url;
    let mut request: Request = gate.door().example.as_ref().ok()?.clone();
    request.signed_by = meant.signer.map(Known::Is);
    // Conditions may let in some addresses alone: what lacks there, lacks for all.
    let policy = url.policy.known()?.as_ref();
    let named = policy.into_iter().flat_map(|policy| clients(&policy.value));
    let addresses = std::iter::once(SOMEWHERE).chain(named);
    let (from, lacking) = addresses
        .filter_map(|from| Some((from, lacking(gate, &request, &meant.caller, from)?)))
        .min_by_key(|(_, lacking)| lacking.len())?;
    request.from = Known::Is(from);
    let is_old = lacking == [INVOKE] && url.made == Made::Earlier;
    let actions = lacking.join(" and ");
    let course = gate.pass(&request).into_iter().next()?;
    if lacking.is_empty() || !course.refuses() {
        return None;
    }
    let policy: Option<Span> = policy.map(|policy| policy.span);
    let related = policy.map(|span| Label {
        span,
        text: format!("does not allow {actions}"),
    });
    Some(Finding {
        rule: ID,
        severity: match is_old {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: match is_old {
            true => Confidence::Medium,
            false => Confidence::High,
        },
        message: format!(
            "the URL of {} answers 403 to {}: {} {actions}{}",
            url.name,
            meant.name,
            match policy {
                Some(_) => "the function's policy does not allow",
                None => "the function has no policy, which would have to allow",
            },
            match is_old {
                true => ", which URLs older than November 2025 need since November 2026, too",
                false => "",
            }
        ),
        primary: Label {
            span: meant.intent.span.unwrap_or(url.auth.span),
            text: format!("{} is to call the URL", meant.name),
        },
        related: related.into_iter().collect(),
        help: help(
            &url.name,
            &lacking,
            &meant.name,
            request.signed_by.is_none(),
        ),
        intent: Some(meant.intent),
        witness: Some(Witness { request, course }),
    })
}

/// The rights that nothing gives to a caller from an address; `None` where a statement denies one,
/// which it does on purpose.
fn lacking(
    gate: &FunctionUrl,
    request: &Request,
    caller: &Caller,
    from: IpAddr,
) -> Option<Vec<&'static str>> {
    let mut request = request.clone();
    request.from = Known::Is(from);
    let mut lacking = Vec::new();
    for action in [INVOKE_URL, INVOKE] {
        match gate.decide(&request, caller, action) {
            Ok(Decision::Denied { .. }) => return None,
            Ok(Decision::NotAllowed { doubt: None, .. }) => lacking.push(action),
            _ => {}
        }
    }
    Some(lacking)
}

fn help(function: &str, lacking: &[&str], to: &str, is_open: bool) -> String {
    let to = match is_open {
        true => "`--principal '*'`".to_owned(),
        false => format!("the principal {to}"),
    };
    let how = lacking.iter().map(|action| match *action {
        INVOKE => format!("`--action {INVOKE} --invoked-via-function-url`"),
        _ if is_open => format!("`--action {INVOKE_URL} --function-url-auth-type NONE`"),
        _ => format!("`--action {INVOKE_URL} --function-url-auth-type AWS_IAM`"),
    });
    let how: Vec<String> = how.collect();
    format!(
        "allow it for {to}: `aws lambda add-permission --function-name {function}` with {}",
        how.join(", and once more with ")
    )
}
