//! Where a span stands, for programs: the file to open, and its lines and columns.

use serde::Serialize;

use crate::source::{SourceMap, Span};

/// A range in a file that can be opened.
///
/// Lines and columns count from 1, columns in Unicode code points; the end column is the one
/// after the last character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Relative to the root, with `/` between folders; `<stdin>` for the standard input.
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    /// The path that a dump (`nginx -T`) gives to the part of `file` that this stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
}

impl Place {
    pub fn of(span: Span, sources: &SourceMap) -> Place {
        let source = sources.at(span);
        let start = source.position(span.start);
        // A span belongs to one source; one that ran over its end would count lines of the next.
        let end = source.position(
            span.end
                .clamp(span.start, source.span().end.max(span.start)),
        );
        let (file, before, section) = match &source.container {
            Some(container) => (
                &container.name,
                container.lines_before,
                Some(source.name.clone()),
            ),
            None => (&source.name, 0, None),
        };
        Place {
            file: file.clone(),
            line: start.line + before,
            column: start.column,
            end_line: end.line + before,
            end_column: end.column,
            section,
        }
    }
}
