//! why403 finds the configuration line that will answer 403, or break CORS, before it is deployed.
//!
//! The map of the house, in reading order; a module imports only from a smaller number:
//!
//! 1. [`source`], [`problem`]: every byte that was read, in one address space; what could not be
//! 2. [`syntax`]: bytes to trees with spans
//! 3. [`request`], [`gate`]: what travels, and what it travels through
//! 4. [`gates`]: one folder for each kind of gate: what it does to a request
//! 5. [`config`], [`estate`]: what the user declares, and all that was found
//! 6. [`finding`]: what we say, with its witness and its intent
//! 7. [`rules`]: one file a rule, at the same path as its page
//! 8. `check`, `explain`: run the rules; send the user's own request
//! 9. `report`: one file a format
//! 10. `cli`, `run`: the arguments, and the pipeline in one function

pub mod check;
pub mod cli;
pub mod config;
pub mod estate;
pub mod explain;
pub mod finding;
pub mod gate;
pub mod gates;
pub mod problem;
pub mod report;
pub mod request;
pub mod rules;
pub mod run;
pub mod source;
pub mod syntax;
