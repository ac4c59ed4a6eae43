//! Files to applications.

mod common;
pub mod gateway;
pub mod loopback;
pub mod manifest;
pub mod meddleware;
pub mod source;

#[cfg(test)]
mod tests;
