//! Egress groups that change nothing: whoever declares one believes that it is checked.

use crate::estate::Estate;
use crate::problem::Problem;
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
        .filter(|(_, call)| !estate.nginx.is_empty() && !may_be_answered(estate, &call.value))
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
