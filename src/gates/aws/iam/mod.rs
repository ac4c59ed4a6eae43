//! Policies of AWS Identity and Access Management: what they say, and what they decide.
//!
//! Nothing here asks the network. A policy is read with its places, an [`Ask`] is who wants to do
//! what to which resource in which circumstances, and [`decide`] says what comes of it:
//!
//! ```
//! use why403::gates::aws::iam::{Ask, Caller, Context, Decision, Kind, Policies, decide, read_text};
//! use why403::request::Known;
//! use why403::source::Span;
//!
//! // As API Gateway gives it: text within a string, at the place of that string.
//! let text = r#"{
//!   "Version": "2012-10-17",
//!   "Statement": {
//!     "Effect": "Allow", "Principal": "*",
//!     "Action": "execute-api:Invoke", "Resource": "execute-api:/prod/GET/*",
//!     "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }
//!   }
//! }"#;
//! let (policy, problems) = read_text(text, Span::new(0, 300), Kind::Resource);
//! assert!(problems.is_empty());
//!
//! let mut ask = Ask {
//!     caller: Caller::Anonymous,
//!     action: "execute-api:Invoke".into(),
//!     resource: "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders".into(),
//!     owner: Known::Is("111122223333".into()),
//!     context: Context::of(&Caller::Anonymous),
//! };
//! let policies = Policies {
//!     resource: Known::Is(Some(&policy)),
//!     ..Policies::none()
//! };
//!
//! // Nobody said where the request comes from.
//! assert!(matches!(decide(&ask, &policies), Decision::Unknown { .. }));
//!
//! ask.context.set("aws:SourceIp", "198.51.100.7");
//! assert!(matches!(decide(&ask, &policies), Decision::NotAllowed { .. }));
//!
//! ask.context.set("aws:SourceIp", "203.0.113.7");
//! assert!(matches!(decide(&ask, &policies), Decision::Allowed { .. }));
//! ```
//!
//! **What is not known stays so.** A condition key that nobody told, a policy that was not fetched,
//! a statement with a mistake, and what AWS's documentation leaves open are [`Truth::Unknown`] with
//! the reason. It makes a decision [`Decision::Unknown`] only where it matters: a Deny that applies
//! decides, whatever else is not known.
//!
//! **What the caller of this has to know.** Which keys a service puts into the context (what it
//! never sends is [`Value::Absent`], see [`Context::set`]); which of a resource's gates asks at all
//! (an API without a resource policy does not); and access control lists, Block Public Access,
//! grants and resource control policies, which are no part of this.

mod caller;
mod condition;
mod context;
mod decide;
mod granted;
mod model;
mod pattern;
mod principal;
mod read;
mod statement;
mod truth;

pub use caller::{Caller, Identity, Who};
pub use context::{Context, Value};
pub use decide::{Ask, Decision, Policies, decide};
pub use granted::{By, Lack};
pub use model::{
    Comparison, Condition, Effect, Kind, List, Operator, Policy, Principal, Principals, Set,
    Statement, Test, Text,
};
pub use read::{decoded, read, read_text};
pub use truth::{Doubt, Truth};
