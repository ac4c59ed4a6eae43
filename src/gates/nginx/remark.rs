//! What stands in a configuration and that no single request shows.

use crate::source::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub span: Span,
    pub kind: RemarkKind,
    /// The `include` by which nginx comes to what it refuses, if one does.
    pub included: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// nginx does not start with this line; in its own words.
    Refused(String),
    /// `10.0.0.5/24`: the host's bits are ignored.
    LowBits { written: String, meant: String },
    /// A `real_ip_header` that no proxy sends.
    UnknownRealIpHeader {
        written: String,
        nearest: &'static str,
    },
    /// `set_real_ip_from 0.0.0.0/0`.
    TrustsEveryone,
}
