//! One request of the user's through the estate, hop by hop.

pub mod document;
