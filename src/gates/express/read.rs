//! From what is written to an application.

pub mod manifest;
