//! What the gates of AWS have in common.

pub mod iam;
