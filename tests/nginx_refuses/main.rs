//! What `why403` says that nginx refuses to start with, against `nginx -t`.
//!
//! Needs nginx 1.22.1, as Debian 12 has it.

mod named;
mod places;
mod sample;
mod verdict;
