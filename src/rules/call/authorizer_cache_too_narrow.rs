use crate::estate::{Estate, Narrow};
use crate::finding::{Confidence, Finding, Intent, Label, Severity};
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::apigateway::rest::model::{Authorization, Authorizer, Method};

pub const ID: &str = "authorizer-cache-too-narrow";

/// An authorizer's answer is kept, and allows only the method that was called first.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.aws.rest {
        for authorizer in gate.api.authorizers.known().into_iter().flatten() {
            findings.extend(judge(estate, gate, authorizer));
        }
    }
}

fn judge(estate: &Estate, gate: &RestApi, authorizer: &Authorizer) -> Option<Finding> {
    if authorizer.ttl.value == 0 || authorizer.uri.is_none() {
        return None;
    }
    let methods: Vec<(&str, &Method)> = gate
        .api
        .resources()
        .iter()
        .flat_map(|resource| {
            let methods = resource.methods.iter();
            methods.map(|method| (resource.path.as_str(), method))
        })
        .filter(|(_, method)| {
            matches!(&method.authorization.value, Authorization::Lambda(id) if *id == authorizer.id)
        })
        .collect();
    let [(first_path, first), (path, second), ..] = methods.as_slice() else {
        return None;
    };
    let source = source(estate, authorizer)?;
    Some(Finding {
        rule: ID,
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        message: format!(
            "whoever called {} {first_path} of {} is refused at {} {path} for {} seconds: the \
             answer of the authorizer {} is kept, and allows one method alone",
            first.verb, gate.api.name, second.verb, authorizer.ttl.value, authorizer.name
        ),
        primary: Label {
            span: source.span,
            text: "allows the method that is called, and no other".into(),
        },
        related: vec![Label {
            span: authorizer.ttl.span,
            text: format!("keeps the answer for {} seconds", authorizer.ttl.value),
        }],
        witness: None,
        intent: Some(Intent {
            text: format!("{} methods share the authorizer", methods.len()),
            span: Some(authorizer.span),
        }),
        help: "answer with a policy for all methods that the caller may call \
               (`…/stage/*`), or set the authorizer's TTL to 0"
            .into(),
    })
}

/// The file of an authorizer's function: the one that has its name, or the only one there is, where
/// no other function judges callers, whose source may lie elsewhere.
fn source<'e>(estate: &'e Estate, authorizer: &Authorizer) -> Option<&'e Narrow> {
    let all = &estate.narrow;
    let own = function(authorizer)?;
    let name = own.to_ascii_lowercase();
    let is_named = |one: &&Narrow| {
        let path = one.path.to_ascii_lowercase();
        let stems = path
            .split('/')
            .map(|part| part.split('.').next().unwrap_or_default());
        let mut stems = stems.filter(|stem| stem.len() > 3);
        stems.any(|stem| name.contains(stem) || stem.contains(&name))
    };
    let named = all.iter().find(is_named);
    let authorizers = estate.aws.rest.iter();
    let mut functions = authorizers
        .flat_map(|gate| gate.api.authorizers.known().into_iter().flatten())
        .filter_map(function);
    named.or_else(|| match all.as_slice() {
        [one] if functions.all(|other| other == own) => Some(one),
        _ => None,
    })
}

/// The name of the function that an authorizer calls.
fn function(authorizer: &Authorizer) -> Option<&str> {
    let (_, name) = authorizer.uri.as_deref()?.rsplit_once(":function:")?;
    name.split(['/', ':']).next()
}
