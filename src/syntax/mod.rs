//! Bytes to trees with spans. This level knows languages, not what they mean.

pub mod document;
pub mod javascript;
pub mod nginx;
pub mod python;
pub mod shell;
