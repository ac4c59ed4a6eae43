//! One header of a call.

use super::text::Text;
use crate::source::Span;

#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    pub name: String,
    pub value: Text,
    pub span: Span,
    /// It is sent whatever the program's state; others only under a condition.
    pub always: bool,
}
