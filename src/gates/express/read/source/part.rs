//! What stands for the arguments of a middleware while its body is read: a request that brings
//! nothing, an answer, and `next`.

use crate::syntax::javascript::Text;

/// Something of the three arguments.
#[derive(Clone, Debug)]
pub enum Part {
    Request,
    /// `req.headers`, `req.cookies`, `req.session`… whose members are absent.
    Bag(Bag),
    /// What the request could have brought, and did not.
    Absent(Subject),
    /// Whoever was recognised, while somebody calls.
    Caller,
    /// The address, which is not known.
    Address(Source),
    Method(Text),
    /// With the status that was set.
    Response(Status),
    Next,
    /// `jwt.verify` and its like did not like what they got.
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bag {
    Headers,
    Cookies,
    Session,
    /// `req.socket`, `req.connection`.
    Socket,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Header(String),
    Session,
    /// A member of whoever was recognised: `role`, `scope`.
    Grant(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    ReqIp,
    Socket,
    Forwarded,
}

/// The status that an answer has so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// None was set: it will be 200.
    Usual,
    Set(u16),
    /// One was set that is not known, such as `error.status || 500`.
    Unknown,
}

impl From<Option<u16>> for Status {
    /// Of what was given as a status.
    fn from(given: Option<u16>) -> Status {
        given.map_or(Status::Unknown, Status::Set)
    }
}

impl Part {
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Part::Absent(_) => false,
            Part::Address(_) => return None,
            _ => true,
        })
    }
}
