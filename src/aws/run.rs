//! One run of the fetcher: what all its calls share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::coverage::Coverage;
use super::governor::Governor;
use super::progress::Progress;
use super::stop::Stop;

/// Calls at the same time, in all.
const CALLS: usize = 64;

/// How long one call may take, retries included.
pub const CALL_DEADLINE: Duration = Duration::from_secs(120);

pub struct Run {
    pub governor: Governor,
    pub stop: Arc<Stop>,
    pub progress: Progress,
    pub call_deadline: Duration,
    /// Whether API keys are read, too; never their values.
    pub api_keys: bool,
    pub(super) slots: Semaphore,
    collected: Mutex<Collected>,
}

/// What a run brings.
#[derive(Debug, Default)]
pub struct Collected {
    pub coverage: Coverage,
    /// Documents by their addresses.
    pub documents: BTreeMap<String, Value>,
}

impl Run {
    pub fn new(progress: Progress, api_keys: bool) -> Run {
        Run {
            governor: Governor::default(),
            stop: Arc::default(),
            progress,
            call_deadline: CALL_DEADLINE,
            api_keys,
            slots: Semaphore::new(CALLS),
            collected: Mutex::default(),
        }
    }

    pub fn collected(&self) -> MutexGuard<'_, Collected> {
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
