//! From what is written to an application.

mod common;
pub mod gateway;
pub mod loopback;
pub mod manifest;
pub mod meddleware;

#[cfg(test)]
mod tests;
