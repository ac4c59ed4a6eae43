//! Egress groups that change nothing: whoever declares one believes that it is checked.

use crate::estate::Estate;
use crate::problem::Problem;
use crate::rules::speaks_of;

/// A problem for each group that nothing of what was read speaks of. Of one with `calls` the rule
/// `egress-not-allowed` says so, at the line of each URL that leads nowhere.
pub fn egress(estate: &Estate) -> impl Iterator<Item = Problem> {
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
