//! The nginx configuration language, as nginx reads it.

mod differential;
mod grammar;
mod mutation;
mod outline;
mod random;
mod recovery;
mod templates;
