//! What the analyzer may leave open. All else that it does not know is a failure of the test.

use why403::gate::{Condition, Unsure};

/// An answer that sends nginx to another of its locations (`X-Accel-Redirect`). The analyzer says
/// where the request went and not what the server there answers, so it cannot say this either.
pub const ACCEL_REDIRECT: &str = "the upstream's answer names a location to go to";

/// Reasons by how they begin.
const ALLOWED: &[&str] = &[
    // Variables that auth_request_set takes from an answer.
    "the upstream's answer gives $",
    // More than 48 courses.
    "it depends on too many things that are not known",
    // The upstream is this nginx: its status is not among the conditions of the test.
    "another server of this nginx answers",
    ACCEL_REDIRECT,
];

pub fn is_allowed(reason: &str) -> bool {
    ALLOWED.iter().any(|allowed| reason.starts_with(allowed))
}

/// Why nobody can say whether a condition holds.
pub fn of_condition(condition: &Condition) -> String {
    match &condition.what {
        Unsure::Test { because, .. } | Unsure::Assumed(because) => because.to_string(),
        Unsure::UpstreamAnswers { .. } => "another server of this nginx answers".to_string(),
        _ => condition.to_string(),
    }
}
