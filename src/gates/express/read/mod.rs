//! Files to applications.

pub mod source;
