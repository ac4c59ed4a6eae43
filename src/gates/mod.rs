//! The kinds of gates, one folder each.

pub mod nginx;
