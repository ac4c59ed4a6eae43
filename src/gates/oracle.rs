//! Answers to what the configuration leaves open, and the courses that follow from them.

use crate::gate::{Condition, Course, End, Step, Unsure};
use crate::request::Reason;
use crate::source::Span;

/// How many courses one request may have; what is left after that is one Unknown.
const MAX_COURSES: usize = 48;

/// Gives the answers of one run: first those that it was told to give, then the likelier ones.
pub struct Oracle {
    told: Vec<bool>,
    given: Vec<bool>,
    conditions: Vec<Condition>,
}

impl Oracle {
    /// Whether something holds. The same question gets the same answer all through a run.
    pub fn decide(&mut self, what: Unsure, span: Option<Span>, likely: bool) -> bool {
        if let Some(known) = self.conditions.iter().find(|one| one.what == what) {
            return known.holds;
        }
        let holds = self.told.get(self.given.len()).copied().unwrap_or(likely);
        self.given.push(holds);
        self.conditions.push(Condition { what, holds, span });
        holds
    }

    /// Notes what the run rests on without a choice.
    pub fn assume(&mut self, reason: &Reason, span: Span) {
        self.take_for_granted(Unsure::Assumed(reason.clone()), span);
    }

    /// Rests on a document of an account that we do not have.
    pub fn lack(&mut self, reason: &Reason, span: Span) {
        self.take_for_granted(Unsure::Lacking(reason.clone()), span);
    }

    fn take_for_granted(&mut self, what: Unsure, span: Span) {
        let condition = Condition {
            what,
            holds: true,
            span: Some(span),
        };
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }
}

/// Runs again and again, until each open question was answered both ways; the likeliest way first.
pub fn explore(run: impl FnMut(&mut Oracle) -> (Vec<Step>, End)) -> impl Iterator<Item = Course> {
    Explorer {
        run,
        courses: 0,
        pending: vec![Vec::new()],
    }
}

struct Explorer<R> {
    run: R,
    /// How many there were so far.
    courses: usize,
    /// The answers with which a run is still to begin.
    pending: Vec<Vec<bool>>,
}

impl<R: FnMut(&mut Oracle) -> (Vec<Step>, End)> Iterator for Explorer<R> {
    type Item = Course;

    fn next(&mut self) -> Option<Course> {
        let told = self.pending.pop()?;
        if self.courses == MAX_COURSES {
            self.pending.clear();
            return Some(Course {
                conditions: Vec::new(),
                steps: Vec::new(),
                end: End::Unknown {
                    because: Reason::new("it depends on too many things that are not known"),
                    span: None,
                },
            });
        }
        self.courses += 1;
        let first_new = told.len();
        let mut oracle = Oracle {
            told,
            given: Vec::new(),
            conditions: Vec::new(),
        };
        let (steps, end) = (self.run)(&mut oracle);
        for at in first_new..oracle.given.len() {
            let mut other = oracle.given[..at].to_vec();
            other.push(!oracle.given[at]);
            self.pending.push(other);
        }
        Some(Course {
            conditions: oracle.conditions,
            steps,
            end,
        })
    }
}
