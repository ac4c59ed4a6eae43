//! The differential test: what `why403` says that nginx does, against what nginx does.
//!
//! Needs nginx 1.22.1 with the headers-more module, as Debian 12 has it. Environment:
//!
//! - `WHY403_SEED`: the seed of the generated cases (printed by every run)
//! - `WHY403_CASES`: how many requests to compare (2,000 if not given)
//! - `WHY403_CASE`: only the configuration of this number

mod analyzer;
mod case;
mod client;
mod compare;
mod expect;
mod expected;
mod files;
mod generated;
mod generator;
mod named;
mod params;
mod random;
mod server;
mod shrink;
mod told;
mod tree;
mod unknown;
mod upstream;
mod world;
