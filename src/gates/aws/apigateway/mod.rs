//! Amazon API Gateway: REST, HTTP and WebSocket APIs.
//!
//! The order in which a request is judged, with the sources, stands in each kind's `pass`. What
//! the documentation leaves open is a condition or unknown, and never a guess.

pub mod http;
mod integration;
mod kept;
mod names;
pub mod rest;
mod route;
mod source;

pub use super::access::INVOKE;
pub use http::HttpApi;
pub use kept::Kept;
pub use names::{Entry, Names};
pub use rest::RestApi;
pub use source::Source;
