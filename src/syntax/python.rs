//! Python: bytes to a tree with spans, as far as anything in here reads it.
//!
//! The parser is tree-sitter's, and nobody else knows of it. It does not recurse, and it reads on
//! after a mistake; what nests too deep is cut off while its tree is made into ours.

mod lower;
mod tree;

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, Parser};

pub use tree::*;

/// Larger files are data.
pub const LARGEST: usize = 1 << 20;

/// How often the parser may ask whether to go on; on what people write it asks about once for each
/// hundred bytes.
const MOST_ROUNDS: usize = 200_000;

/// `None` for what is too large, or takes too long.
pub fn parse(base: u32, text: &[u8]) -> Option<Module> {
    if text.len() > LARGEST {
        return None;
    }
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .ok()?;
    let mut rounds = 0;
    let mut go_on = |_: &tree_sitter::ParseState| {
        rounds += 1;
        match rounds < MOST_ROUNDS {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    let options = ParseOptions::new().progress_callback(&mut go_on);
    let mut read = |at: usize, _| text.get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut read, None, Some(options))?;
    Some(lower::module(base, text, tree.root_node()))
}

#[cfg(test)]
mod tests;
