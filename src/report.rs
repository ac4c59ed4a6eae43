//! How findings and explanations are shown: one file a format.
//!
//! A format is one function, `render(&Outcome, &SourceMap) -> String`. It returns the whole
//! output, so that nothing is printed when it fails half way.

pub mod book;
mod course;
mod excerpt;
mod fold;
pub mod github;
pub mod human;
pub mod json;
pub mod json_text;
pub mod manifest;
pub mod place;
pub mod sarif;
pub mod story;
pub mod text;
pub mod visible;
