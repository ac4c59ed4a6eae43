//! Egress groups and calls of tokens that change nothing: whoever declares one believes that it is
//! checked.

use crate::config::Call;
use crate::estate::Estate;
use crate::gate::Gate;
use crate::problem::Problem;
use crate::request::Request;
use crate::rules::{may_be_answered, speaks_of};

/// A problem for each group that nothing of what was read speaks of, and for each URL under `calls`
/// that none of the servers can answer.
pub fn egress(estate: &Estate) -> impl Iterator<Item = Problem> {
    groups(estate).chain(calls(estate))
}

fn calls(estate: &Estate) -> impl Iterator<Item = Problem> {
    let groups = estate.config.egress.iter();
    groups
        .flat_map(|group| group.calls.iter().map(move |call| (group, call)))
        .filter(|_| !estate.nginx.is_empty() || estate.aws.gates().next().is_some())
        .filter(|(_, call)| !may_be_answered(estate, &call.value))
        .map(|(group, call)| {
            let message = format!(
                "no server was read that answers {}, so whether it lets {} in was not checked",
                call.value, group.name.value
            );
            let help = "correct the host, check the folder that holds its server, too, or take \
                        the entry out";
            Problem::fatal(call.span, message).with_help(help)
        })
}

fn groups(estate: &Estate) -> impl Iterator<Item = Problem> {
    let groups = estate.config.egress.iter();
    groups
        .filter(|group| group.calls.is_empty() && !group.addresses.is_empty())
        .filter(|group| !speaks_of(estate, group))
        .map(|group| {
            let name = &group.name;
            let message = format!(
                "the egress group `{}` is of no use: no list or table names one of its addresses, \
                 and it has no `calls`",
                name.value
            );
            let help = "name under `calls` the URLs that it calls, check the folder that holds \
                        their server, too, or take the group out";
            Problem::fatal(name.span, message).with_help(help)
        })
}

/// A problem for each call of a token that no route of what was read takes.
pub fn token_calls(estate: &Estate) -> impl Iterator<Item = Problem> {
    let tokens = estate.config.tokens.iter();
    let calls = tokens.flat_map(|token| token.calls.iter().map(move |call| (token, call)));
    calls
        .filter(|(_, call)| !estate.express.is_empty() && !may_be_taken(estate, &call.value))
        .map(|(token, call)| {
            let message = format!(
                "no route was read that takes {}, so whether {} is let in was not checked",
                call.value, token.name.value
            );
            let help = "correct the call, check the folder of its application, too, or take the \
                        entry out";
            Problem::fatal(call.span, message).with_help(help)
        })
}

fn may_be_taken(estate: &Estate, call: &Call) -> bool {
    estate.express.iter().any(|app| {
        let mut examples = app
            .doors()
            .iter()
            .filter_map(|door| door.example.as_ref().ok());
        let Some(example) = examples.next() else {
            return true;
        };
        let courses = app.pass(&Request {
            method: call.method.clone(),
            target: call.path.as_str().into(),
            ..example.clone()
        });
        // A refusal before the route says nothing of it; what is not known may be one.
        courses.iter().any(|course| course.status() != Some(404))
    })
}
