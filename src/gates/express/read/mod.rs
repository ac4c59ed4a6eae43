//! From what is written to an application.

pub mod manifest;
pub mod source;
