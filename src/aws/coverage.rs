//! What was asked, and what came of it.

use std::collections::BTreeMap;

use serde::Serialize;

/// What became of a fact that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Fetched,
    Denied,
    Throttled,
    Unsupported,
    NotFetched,
}

impl State {
    /// In words that follow what was asked.
    pub fn told(self) -> &'static str {
        match self {
            State::Fetched => "was fetched",
            State::Denied => "was denied",
            State::Throttled => "was throttled",
            State::Unsupported => "is not supported",
            State::NotFetched => "was not fetched",
        }
    }

    /// Whether there is something to see that was not seen.
    pub fn is_gap(self) -> bool {
        !matches!(self, State::Fetched | State::Unsupported)
    }
}

/// An operation in one region of an account; with a resource, one document that did not come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Asked {
    pub account: String,
    pub region: String,
    pub service: &'static str,
    pub operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One entry of `operations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    #[serde(flatten)]
    pub asked: Asked,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// All that was asked, in order.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    entries: BTreeMap<Asked, Outcome>,
}

impl Coverage {
    /// Calls of one operation that went well are one entry. A failure of the operation itself stays.
    pub fn fetched(&mut self, asked: Asked, count: usize) {
        let outcome = self.entries.entry(asked).or_insert(Outcome {
            state: State::Fetched,
            count: Some(0),
            error: None,
        });
        if let Some(sum) = &mut outcome.count {
            *sum += count;
        }
    }

    pub fn failed(&mut self, asked: Asked, state: State, error: String) {
        let outcome = Outcome {
            state,
            count: None,
            error: Some(error),
        };
        self.entries.insert(asked, outcome);
    }

    pub fn entries(&self) -> Vec<Entry> {
        let entry = |(asked, outcome): (&Asked, &Outcome)| Entry {
            asked: asked.clone(),
            outcome: outcome.clone(),
        };
        self.entries.iter().map(entry).collect()
    }
}
