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
    /// The Origin header. A request brings nothing but this: what a body does for pages counts.
    Origin,
    /// Whoever was recognised, while somebody calls.
    Caller,
    /// The address, which is not known.
    Address(Source),
    Method(Text),
    /// With the status that was given to it in the same chain of calls.
    Response(Status),
    Next,
    /// `jwt.verify` and its like did not like what they got.
    Error,
}

/// The status of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is 200 as long as nobody says otherwise.
    Unset,
    Is(u16),
    Unknown,
}

impl Status {
    pub fn of(number: Option<u16>) -> Status {
        number.map_or(Status::Unknown, Status::Is)
    }
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

impl Part {
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Part::Absent(_) => false,
            Part::Address(_) => return None,
            _ => true,
        })
    }
}
