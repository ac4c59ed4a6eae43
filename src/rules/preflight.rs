//! Does the browser's preflight get through?

pub mod preflight_denied;
