//! Shell: bytes to commands of words with spans, in scripts and in what holds pieces of them.
//!
//! No grammar of a shell is used: what is read here is as often a line of a Makefile or a step of a
//! workflow, with marks of its own in it. Which command runs under which condition is not read.

mod lexer;

pub use lexer::assignment;

use crate::source::Span;

/// A simple command: what it sets for itself or for all that follows, and its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    pub sets: Vec<(String, Word)>,
    pub words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub span: Span,
    pub parts: Vec<Part>,
    /// A part of it stands in quotes, so it is one word whatever its variables hold.
    pub is_quoted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Known(String),
    /// `$NAME`, `${NAME:-default}`, `$(NAME)` of a Makefile, `${{ vars.NAME }}` of a workflow.
    Variable {
        name: String,
        default: Option<String>,
    },
    /// What a command prints, an argument of a script, what is done to a variable.
    Open(String),
}

/// Where the bytes stand.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// From this address on, as they are.
    Base(u32),
    /// Somewhere in here, with escapes.
    Inside(Span),
}

/// Whose marks stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Script,
    /// A line ends a command only where the next one is empty: `>` of YAML.
    Folded,
    /// `$(X)` is a variable, `$$X` one of the shell.
    Make,
}

/// The commands in their order, those within `$(…)` before the one that uses what they print.
pub fn commands(at: At, text: &[u8], style: Style) -> Vec<Command> {
    lexer::commands(at, text, style)
}

impl Word {
    /// The whole, if nothing of it is open.
    pub fn plain(&self) -> Option<String> {
        let known = self.parts.iter().map(|part| match part {
            Part::Known(text) => Some(text.as_str()),
            _ => None,
        });
        known.collect()
    }
}

#[cfg(test)]
mod tests;
