//! Reads AWS accounts: the only network, and all that is asynchronous. What comes of it is one
//! snapshot; gates and rules read snapshots, and cannot tell a live account from a recorded one.
//!
//! A build without the feature `aws` knows the table of operations, and the policy out of it.

pub mod operation;
pub mod policy;
pub mod settings;

#[cfg(feature = "aws")]
mod bounded;
#[cfg(feature = "aws")]
mod coverage;
#[cfg(feature = "aws")]
mod document;
#[cfg(feature = "aws")]
mod failure;
#[cfg(feature = "aws")]
mod fetch;
#[cfg(feature = "aws")]
mod governor;
#[cfg(feature = "aws")]
pub mod progress;
#[cfg(feature = "aws")]
mod run;
#[cfg(feature = "aws")]
mod scope;
#[cfg(feature = "aws")]
mod secrets;
#[cfg(feature = "aws")]
mod services;
#[cfg(feature = "aws")]
mod session;
#[cfg(feature = "aws")]
mod shapes;
#[cfg(feature = "aws")]
pub mod snapshot;
#[cfg(feature = "aws")]
mod stop;

#[cfg(feature = "aws")]
pub use fetch::{FetchError, fetch};
