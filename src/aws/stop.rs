//! Ending a run early: by Ctrl-C, by its deadline, or because no further call can go well. What was
//! fetched so far is kept.

use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::signal::ctrl_c;
use tokio::sync::watch;

use super::failure::{Cause, Failure};

#[derive(Debug)]
pub struct Stop {
    reason: watch::Sender<Option<Failure>>,
}

impl Default for Stop {
    fn default() -> Self {
        Stop {
            reason: watch::Sender::new(None),
        }
    }
}

impl Stop {
    /// Every call from now on ends with this reason; the first one counts.
    pub fn now(&self, cause: Cause, message: impl Into<String>) {
        self.reason.send_if_modified(|reason| {
            let is_first = reason.is_none();
            if is_first {
                *reason = Some(Failure::new(cause, message));
            }
            is_first
        });
    }

    /// Ends when the run is stopped, and says why.
    pub async fn wait(&self) -> Failure {
        let mut reason = self.reason.subscribe();
        match reason.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone(),
            Err(_) => None,
        }
        .unwrap_or_else(|| Failure::new(Cause::Stopped, "stopped"))
    }

    fn is_now(&self) -> bool {
        self.reason.borrow().is_some()
    }

    pub async fn after(&self, timeout: Duration) {
        tokio::time::sleep(timeout).await;
        let message = format!("not done within {}", in_words(timeout));
        self.now(Cause::Deadline, message);
    }
}

/// The first Ctrl-C stops the run. A second one, or one after the run, ends the program at once, as
/// it would if nobody listened: who has listened once has to for ever.
pub fn at_interrupt(stop: &Arc<Stop>) -> io::Result<()> {
    let stop = Arc::downgrade(stop);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            while ctrl_c().await.is_ok() {
                match stop.upgrade().filter(|stop| !stop.is_now()) {
                    Some(stop) => stop.now(Cause::Stopped, "interrupted"),
                    None => std::process::exit(130),
                }
            }
        });
    });
    Ok(())
}

pub fn in_words(time: Duration) -> String {
    match time.as_secs() {
        minutes if minutes >= 120 && minutes % 60 == 0 => format!("{} minutes", minutes / 60),
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}
