//! How far a run is: a line that moves on a terminal, a line for each region elsewhere.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    pub fn on_stderr() -> Progress {
        let is_terminal = std::io::stderr().is_terminal();
        let target = match is_terminal {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{spinner} {pos} of {len} calls {wide_bar} {elapsed}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if is_terminal {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress {
            bar,
            lines: !is_terminal,
        }
    }

    pub fn hidden() -> Progress {
        Progress {
            bar: ProgressBar::hidden(),
            lines: false,
        }
    }

    pub fn plan(&self, calls: u64) {
        self.bar.inc_length(calls);
    }

    pub fn done(&self, went_well: bool) {
        self.bar.inc(1);
        if !went_well {
            self.bar.set_message("some were refused");
        }
    }

    /// Something larger is done.
    pub fn say(&self, text: &str) {
        match self.lines {
            // Whoever has closed it does not want to know.
            true => drop(writeln!(std::io::stderr(), "{text}")),
            false => self.bar.println(text),
        }
    }

    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
