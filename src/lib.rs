//! why403 finds the configuration line that will answer 403, or break CORS, before it is deployed.
//!
//! The map of the house, in reading order; a module imports only from a smaller number:
//!
//! 1. [`source`], [`problem`], [`nearest`]: every byte that was read, in one address space; what could
//!    not be; what was meant
//! 2. [`syntax`]: bytes to trees with spans
//! 3. [`request`], [`gate`]: what travels, and what it travels through
//! 4. [`finding`], [`config`], [`redact`]: what we say, with its witness and intent; what the user
//!    declares; what must not stand in a log
//! 5. [`gates`], [`callers`]: one folder for each kind of gate: what it does to a request; the places
//!    in source code that send one
//! 6. [`estate`]: all that was found, and how it hangs together
//! 7. [`trace`], [`probes`]: a request from gate to gate; the four questions, as requests
//! 8. [`rules`]: one file a rule, at the same path as its page
//! 9. [`check`], [`explain`]: run the rules; send the user's own request
//! 10. [`report`]: one file a format
//! 11. [`aws`], [`cli`], [`run`]: reading accounts of AWS; the arguments, and the pipeline in one
//!     function

pub mod aws;
pub mod callers;
pub mod check;
pub mod cli;
pub mod config;
pub mod estate;
pub mod explain;
pub mod finding;
pub mod gate;
pub mod gates;
pub mod nearest;
pub mod probes;
pub mod problem;
pub mod redact;
pub mod report;
pub mod request;
pub mod rules;
pub mod run;
pub mod source;
pub mod syntax;
pub mod trace;
