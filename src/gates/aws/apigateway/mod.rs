//! Amazon API Gateway: REST, HTTP and WebSocket APIs.
//!
//! The order in which a request is judged, with the sources, stands in each kind's `pass`. What
//! the documentation leaves open is a condition or unknown, and never a guess.

pub(super) mod access;
pub mod http;
mod names;
pub mod rest;
mod route;
pub mod run;

pub use access::INVOKE;
pub use http::HttpApi;
pub use names::{Entry, Names, host};
pub use rest::RestApi;
