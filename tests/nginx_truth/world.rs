//! What the analyzer cannot know and this test does: files, passwords, what servers answer.

use why403::gate::{Condition, Course, Unsure};

use crate::case::Exchange;
use crate::server::{Lab, RIGHT_PASSWORD};
use crate::upstream::Who;

/// The world in which one request is sent.
pub struct World<'a> {
    pub lab: &'a Lab,
    pub exchange: &'a Exchange,
}

impl World<'_> {
    /// Whether something holds here; `None` when nobody can say.
    fn holds(&self, what: &Unsure) -> Option<bool> {
        Some(match what {
            Unsure::IsFile(path) => self.lab.folder().join(path).is_file(),
            Unsure::IsDirectory(path) => self.lab.folder().join(path).is_dir(),
            Unsure::PasswordRight => self.password_is_right(),
            // To nginx every answer of the 200s is the same.
            Unsure::AuthServiceAnswers { to, status: 200 } => self.answer_of(to)? / 100 == 2,
            Unsure::AuthServiceAnswers { to, status } | Unsure::UpstreamAnswers { to, status } => {
                self.answer_of(to)? == *status
            }
            Unsure::LimitReached { .. } => self.exchange.limited,
            Unsure::Test { .. }
            | Unsure::AddressIn(_)
            | Unsure::Assumed(_)
            | Unsure::Lacking(_)
            | Unsure::CredentialRight(_)
            | Unsure::Granted(_)
            | Unsure::HasRoute(_) => return None,
        })
    }

    /// The status with which an upstream answers; of this nginx itself nobody says it here.
    fn answer_of(&self, to: &str) -> Option<u16> {
        if self.lab.is_listening(to) {
            return None;
        }
        let auth = self.lab.port(Who::Auth.port_name())?;
        Some(if to.contains(&format!(":{auth}")) {
            self.exchange.auth.status
        } else {
            self.exchange.upstream.status
        })
    }

    fn password_is_right(&self) -> bool {
        let right = RIGHT_PASSWORD.trim_start_matches("Basic ");
        self.exchange
            .lines
            .iter()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("Authorization"))
            .filter_map(|(_, value)| value.split_once(' '))
            .any(|(scheme, rest)| scheme.eq_ignore_ascii_case("Basic") && rest == right)
    }

    /// Whether a course is the one that the request takes in this world; the condition that
    /// nobody can judge otherwise.
    pub fn takes<'c>(&self, course: &'c Course) -> Result<bool, &'c Condition> {
        for condition in &course.conditions {
            match self.holds(&condition.what) {
                Some(holds) if holds == condition.holds => {}
                Some(_) => return Ok(false),
                None => return Err(condition),
            }
        }
        Ok(true)
    }
}
