//! Where the bytes come from: the map of all sources, and the walk over a root that finds them.

mod map;
mod span;

pub use map::{Container, Position, Source, SourceId, SourceMap, TooLarge};
pub use span::{Span, Spanned};
