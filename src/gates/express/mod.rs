//! Express: from its middleware manifest or its source to what the stack does to a request.
//!
//! All claims about Express's behaviour in here are held against the real one, versions 4 and 5,
//! by `tests/express_truth`.

pub mod model;
pub mod read;
pub mod value;
