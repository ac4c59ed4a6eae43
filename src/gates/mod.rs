//! The kinds of gates, one folder each.

pub mod aws;
pub mod express;
pub mod nginx;
mod oracle;
