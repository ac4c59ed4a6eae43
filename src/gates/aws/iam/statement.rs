//! Whether a statement is about a request.

use crate::request::Known;

use super::decide::Ask;
use super::model::{Kind, List, Policy, Statement};
use super::pattern::{Reading, Resolved, Token, fits, fits_resource};
use super::truth::Truth;

impl Statement {
    /// Whether action, resource and conditions are those of the request; `policy` is the one that
    /// it stands in. Who asks is not looked at.
    pub fn is_about(&self, ask: &Ask, policy: &Policy) -> Truth {
        let flaw = |flaw: &Option<_>| match flaw.clone() {
            Some(doubt) => Truth::Unknown(doubt),
            None => Truth::Yes(()),
        };
        let conditions = self
            .conditions
            .iter()
            .map(|condition| condition.holds(&ask.context, policy.variables));
        Truth::all(
            std::iter::once_with(|| self.has_action(&ask.action))
                .chain(std::iter::once_with(|| self.has_resource(ask, policy)))
                .chain(conditions)
                .chain([flaw(&self.flaw), flaw(&policy.flaw)]),
        )
    }

    /// Names of services and actions have no case
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>).
    pub fn has_action(&self, action: &str) -> Truth {
        let Some(actions) = &self.actions else {
            return Truth::Yes(());
        };
        let asked = action.to_ascii_lowercase();
        let reading = Reading {
            variables: None,
            wildcards: true,
        };
        actions.has(|text| match reading.resolve(&text.to_ascii_lowercase()) {
            Resolved::Tokens(tokens) => (fits(&tokens, &asked).into(), None),
            Resolved::Invalid(because) | Resolved::Unknown(because) => {
                (Truth::unknown(because, None), None)
            }
        })
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub fn has_resource(&self, ask: &Ask, policy: &Policy) -> Truth {
        let Some(resources) = &self.resources else {
            return Truth::Yes(());
        };
        resources.has(|text| has_resource(text, ask, policy))
    }
}

impl List {
    /// One of the values fits, or none of a `Not…`. A fit comes with the reason for which the
    /// statement may be invalid, if there is one.
    fn has(&self, fits: impl Fn(&str) -> (Truth, Option<String>)) -> Truth {
        let mut invalid = None;
        let mut found = Truth::No;
        for text in &self.values {
            let one = match &text.value {
                Known::Is(own) => {
                    let (one, because) = fits(own);
                    invalid = invalid.or(because.map(|because| (because, text.span)));
                    one.at(text.span)
                }
                Known::Unknown(reason) => Truth::unknown(reason.0.clone(), text.span),
            };
            found = found.or(one);
        }
        let holds = if self.negated { found.negated() } else { found };
        match (holds, invalid) {
            (Truth::Yes(()), Some((because, span))) => Truth::unknown(because, span),
            (holds, _) => holds,
        }
    }
}

fn has_resource(text: &str, ask: &Ask, policy: &Policy) -> (Truth, Option<String>) {
    let own = match text.strip_prefix("execute-api:/") {
        Some(rest) if policy.kind == Kind::Resource => match api(&ask.resource) {
            Some(api) => format!("{api}/{rest}"),
            None => return (Truth::No, None),
        },
        _ => text.to_owned(),
    };
    if !own.starts_with("arn:") && !own.starts_with(['*', '?']) {
        return (Truth::unknown(format!("`{own}` is no ARN"), None), None);
    }
    let reading = Reading {
        variables: policy.variables.then_some(&ask.context),
        wildcards: true,
    };
    if policy.variables && head(&own).contains("${") {
        // Variables stand in the last of the six segments only
        // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-resourceelement>).
        let because = "a variable stands before the fifth colon, where it has no meaning";
        return (Truth::unknown(because, None), None);
    }
    match reading.resolve(&own) {
        Resolved::Tokens(tokens) => (fits_incomplete(tokens, &ask.resource, policy.kind), None),
        Resolved::Invalid(because) => (Truth::No, Some(because)),
        Resolved::Unknown(because) => (Truth::unknown(because, None), None),
    }
}

/// What stands before the fifth colon.
fn head(text: &str) -> &str {
    let fifth = text.match_indices(':').nth(4);
    &text[..fifth.map_or(text.len(), |(at, _)| at)]
}

/// An ARN of fewer than six segments has `*` for the others in a policy of an identity; sessions
/// refuse it, and of other policies nothing is said
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>).
fn fits_incomplete(mut tokens: Vec<Token>, arn: &str, kind: Kind) -> Truth {
    let plainly = fits_resource(&tokens, arn);
    let starts = "arn:".chars().map(Token::Char);
    let colons = tokens.iter().filter(|token| **token == Token::Char(':'));
    let missing = 5_usize.saturating_sub(colons.count());
    if plainly.is_yes() || missing == 0 || !tokens.iter().copied().take(4).eq(starts) {
        return plainly;
    }
    for _ in 0..missing {
        tokens.extend([Token::Char(':'), Token::Many]);
    }
    match (fits(&tokens, arn), kind) {
        (false, _) => plainly,
        (true, Kind::Identity) => Truth::Yes(()),
        (true, _) => Truth::unknown("this is no whole ARN of six segments", None),
    }
}

/// The API of which a method's ARN speaks. API Gateway puts it before the `/` of a resource
/// `execute-api:/stage/method/path`
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>).
fn api(arn: &str) -> Option<&str> {
    let (api, _) = arn.split_once('/')?;
    (api.split(':').nth(2) == Some("execute-api")).then_some(api)
}
