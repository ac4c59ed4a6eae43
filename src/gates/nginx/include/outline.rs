//! What the graph of files has to know of one file.

use crate::source::Span;
use crate::syntax::nginx::{Directive, Tree};

/// A file in a few words.
#[derive(Debug, Default)]
pub struct Outline {
    /// Its includes in reading order: the span of each, and its number in the tree.
    pub includes: Vec<(Span, u32)>,
    /// It has an `http` block, so it is one that nginx is started with.
    pub is_main: bool,
    /// It has something that takes HTTP requests.
    pub has_door: bool,
    /// How many directives it has.
    pub directives: u64,
}

impl Outline {
    pub fn of(tree: &Tree) -> Outline {
        let mut outline = Outline::default();
        // A list instead of recursion: blocks may be nested thousands deep.
        let mut left: Vec<(Directive<'_>, bool)> = tree.directives().map(|d| (d, true)).collect();
        left.reverse();
        while let Some((directive, speaks_http)) = left.pop() {
            outline.directives += 1;
            let name = directive.name();
            match name.as_ref() {
                b"include" => outline.includes.push((directive.span(), directive.index())),
                b"http" => outline.is_main |= directive.is_block(),
                b"server" | b"location" => {
                    outline.has_door |= speaks_http && directive.is_block();
                }
                _ => {}
            }
            let speaks_http = speaks_http && !matches!(name.as_ref(), b"stream" | b"mail");
            let from = left.len();
            left.extend(directive.children().map(|child| (child, speaks_http)));
            left[from..].reverse();
        }
        outline.has_door |= outline.is_main;
        outline
    }
}
