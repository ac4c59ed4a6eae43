//! What reads AWS accounts: to a file, or to check them at once.

#[cfg(feature = "aws")]
mod read;

use crate::aws::policy::policy;
use crate::cli::aws::{Audit, Snapshot};
use crate::cli::{Format, Output};
use crate::report::json_text;

use super::{Done, Exit, Refusal};

pub fn run_snapshot(args: &Snapshot, output: &Output) -> Result<Done, Refusal> {
    if output.format != Format::Human {
        return Err(Refusal::Format("snapshot", "human"));
    }
    if args.print_policy {
        let settings = args.account.settings();
        return Ok(Done {
            text: json_text::to_text(&policy(&settings.wanted())),
            exit: Exit::Clean,
        });
    }
    read::to_file(args)
}

pub fn run_audit(args: &Audit, output: &Output) -> Result<Done, Refusal> {
    read::and_check(args, output)
}

#[cfg(not(feature = "aws"))]
mod read {
    use super::*;

    pub fn to_file(_: &Snapshot) -> Result<Done, Refusal> {
        Err(Refusal::WithoutAws)
    }

    pub fn and_check(_: &Audit, _: &Output) -> Result<Done, Refusal> {
        Err(Refusal::WithoutAws)
    }
}
