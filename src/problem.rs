//! What went wrong while reading.

use crate::source::Span;

/// Something that kept us from doing the whole job, or that limits what we can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Part of the job could not be done: exit code 2.
    pub fatal: bool,
    /// The place; `None` for what has no place in a source, such as a folder without permission.
    pub span: Option<Span>,
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    /// Part of the job could not be done.
    pub fn fatal(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Problem {
            fatal: true,
            span: span.into(),
            message: message.into(),
            help: None,
        }
    }

    /// The job was done, with less than there is to know.
    pub fn note(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Problem {
            fatal: false,
            ..Problem::fatal(span, message)
        }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
