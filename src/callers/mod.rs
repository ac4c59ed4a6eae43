//! Who calls: the places in source code that send requests.
//!
//! A call site says what a request will be as far as it can be known without running anything:
//! method, URL, headers, whether cookies go along. What cannot be known is a hole with its name.
//! Which gate a call is meant for is not decided here.

mod header;
pub mod http_file;
pub mod javascript;
mod model;
pub mod postman;
pub mod python;
pub mod refusal;
pub mod shell;
mod signer;
mod template;
#[cfg(test)]
mod testing;
mod text;
mod url;
mod ways;

pub use header::Header;
pub use model::{Body, Call, Client, Credentials, CredentialsMode, Place};
pub use signer::Signer;
pub use text::{Piece, Text};
pub use url::{Base, Url};
