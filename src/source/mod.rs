//! Where the bytes come from: the map of all sources, and the walk over a root that finds them.

mod map;
mod root;
mod span;
mod walk;

pub use map::{Container, Position, Source, SourceId, SourceMap, TooLarge};
pub use root::{LARGEST, Root, Unreadable};
pub use span::{Span, Spanned};
pub use walk::Walk;
