use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use why403::cli::Cli;
use why403::redact;
use why403::report::visible::visible_line;
use why403::run::{Exit, run};

/// A pass makes and drops hundreds of short texts, which glibc's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match run(&Cli::parse()) {
        Ok(done) => done,
        Err(refusal) => {
            let told = redact::tokens(&refusal.to_string(), false);
            complain(&visible_line(&told));
            return ExitCode::from(Exit::Incomplete as u8);
        }
    };
    let mut out = io::stdout().lock();
    match out
        .write_all(done.text.as_bytes())
        .and_then(|()| out.flush())
    {
        Ok(()) => ExitCode::from(done.exit as u8),
        // Whoever reads has seen enough, as with `why403 check | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the output cannot be written: {error}"));
            ExitCode::from(Exit::Incomplete as u8)
        }
    }
}

/// Whoever has closed the standard error does not want to know.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "error: {text}");
}
