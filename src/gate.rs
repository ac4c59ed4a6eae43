//! What a request travels through: gates with doors, and the course that it takes.

mod words;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use bstr::BString;

use crate::request::{Known, Reason, Request};
use crate::source::Span;

/// One thing that a request passes.
///
/// `pass` is pure: no I/O, no clock, no global. Two calls with one request give one answer.
pub trait Gate: Send + Sync {
    /// Kind and name, as a report shows them.
    fn name(&self) -> GateName;
    fn doors(&self) -> &[Door];
    /// Whether this is the gate that the request's host and port are meant for.
    fn knows(&self, request: &Request) -> Knowledge;
    /// Where a request goes: one course, or several where a condition cannot be known.
    fn pass(&self, request: &Request) -> Vec<Course>;
}

/// How well a gate knows the host and port that a request is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knowledge {
    /// Nothing of it listens on this port.
    Nothing,
    /// It takes the request, as it takes any name.
    Default,
    /// Something of it has this very name, if only by a wildcard or a pattern.
    Named,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GateKind {
    Nginx,
    Express,
    ApiGateway,
    LoadBalancer,
    CloudFront,
    FunctionUrl,
    SecurityGroup,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateName {
    pub kind: GateKind,
    /// The file or resource that it was read from.
    pub name: String,
}

/// Why no request of a client's reaches some doors, by design and not for want of knowledge.
pub const ONLY_INTERNAL: &str = "only internal redirects reach it";

/// One way into a gate.
#[derive(Clone, Debug)]
pub struct Door {
    /// As a person would point at it: `server shop.test · location /orders`.
    pub name: String,
    pub span: Span,
    /// The gate's own number for it.
    pub id: u32,
    /// A request that was seen to reach this door, or why none could be built.
    pub example: Result<Request, Reason>,
}

/// One way that a request can take through a gate.
#[derive(Clone, Debug)]
pub struct Course {
    /// What has to hold for the request to take this way; empty when nothing was left open.
    pub conditions: Vec<Condition>,
    pub steps: Vec<Step>,
    pub end: End,
}

impl Course {
    /// The step that decided a refusal: the last one that refused, or that answered so.
    pub fn culprit(&self) -> Option<&Step> {
        self.steps
            .iter()
            .rev()
            .find(|step| matches!(step.effect, Effect::Refuses { .. }))
            .or_else(|| {
                self.steps
                    .iter()
                    .rev()
                    .find(|step| matches!(step.effect, Effect::Answers { status } if status >= 400))
            })
    }

    /// The status with which a gate itself answers.
    pub fn status(&self) -> Option<u16> {
        match &self.end {
            End::Answered { status, .. } => status.known().copied(),
            _ => None,
        }
    }

    /// Whether the request got what it came for, as far as this gate can tell: it went on, or was
    /// answered below 400.
    pub fn admits(&self) -> bool {
        match &self.end {
            End::Forwarded { response, .. } => response.status.is_none_or(|status| status < 400),
            End::Answered { status, .. } => status.known().is_some_and(|status| *status < 400),
            End::Handled { .. } => true,
            End::Dropped { .. } | End::Unknown { .. } => false,
        }
    }

    /// Whether the gate refused the request: with one of the statuses of a refusal, or by silence.
    pub fn refuses(&self) -> bool {
        match &self.end {
            End::Dropped { .. } => true,
            End::Answered { status, .. } => {
                matches!(status.known(), Some(401 | 403 | 405 | 407 | 429))
            }
            End::Forwarded { .. } | End::Handled { .. } | End::Unknown { .. } => false,
        }
    }

    /// Whether it rests on what cannot be known: a layer that cannot be read, a condition, a
    /// missing include.
    pub fn is_conditional(&self) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|one| {
            matches!(
                one.what,
                Unsure::Test { .. } | Unsure::Assumed(_) | Unsure::Lacking(_)
            )
        })
    }

    /// Whether it rests on something that we do not have, such as a missing include.
    pub fn is_assumed(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| matches!(condition.what, Unsure::Assumed(_) | Unsure::Lacking(_)))
    }

    /// The headers that this gate puts on the answer, whatever the end.
    pub fn response_headers(&self) -> &[ResponseHeader] {
        match &self.end {
            End::Answered { headers, .. } | End::Handled { headers, .. } => headers,
            End::Forwarded { response, .. } => &response.add,
            _ => &[],
        }
    }

    /// The door in which the request ended: the last one that it entered.
    pub fn door(&self) -> Option<u32> {
        self.steps.iter().rev().find_map(|step| match step.effect {
            Effect::Enters { door, .. } => Some(door),
            _ => None,
        })
    }
}

/// Something that a course depends on and that the configuration does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub what: Unsure,
    pub holds: bool,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// A condition whose value we cannot work out: as the configuration writes it, or a clause
    /// that begins with `that`.
    Test {
        text: String,
        because: Reason,
    },
    /// The sender's address is (not) in this range.
    AddressIn(String),
    /// What an authentication service answers: this status.
    AuthServiceAnswers {
        to: String,
        status: u16,
    },
    /// The upstream answers with this status.
    UpstreamAnswers {
        to: String,
        status: u16,
    },
    /// The password is right.
    PasswordRight,
    /// What this layer looks at is right: a token, a session.
    CredentialRight(String),
    /// Whoever was recognised has this role or scope.
    Granted(String),
    /// Routes that are registered elsewhere have one for the request.
    HasRoute(String),
    /// The path names a file / a directory under the server's root.
    IsFile(String),
    IsDirectory(String),
    /// The rate or connection limit is used up.
    LimitReached {
        zone: String,
    },
    /// Something that we do not have is taken to change nothing: a missing include.
    Assumed(Reason),
    /// What is not here of an account would change nothing.
    Lacking(Reason),
}

/// One thing that one line did to the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub span: Span,
    pub effect: Effect,
}

/// What was checked at an access step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    Address,
    /// A password in the Authorization header (RFC 7617).
    BasicAuth,
    /// A subrequest to an authentication service.
    AuthRequest,
    /// The request method.
    Method,
    /// A condition such as nginx's `if`.
    Condition,
    /// Whether there is anything of this path and method.
    Route,
    /// A location that clients may not ask for.
    Internal,
    /// A file or directory on disk.
    File,
    /// Rate or number of connections.
    Limit,
    /// The form of the request itself: bad path, two Host headers.
    Form,
    /// The size of the body.
    Size,
    /// A token, a session or another credential.
    Credential,
    /// A signature of AWS (Signature Version 4).
    Signature,
    ApiKey,
    /// The host by which it is called.
    Host,
    /// A token that only a page of the own site knows.
    Csrf,
    /// What whoever was recognised may do.
    Grant,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The server, location, `if` or route that now governs; `door` is the gate's number for it.
    Enters {
        door: u32,
        name: Arc<str>,
    },
    /// The path was changed.
    Rewrites {
        to: BString,
    },
    /// An internal redirect, and what made it.
    Jumps {
        to: BString,
        because: String,
    },
    Sets {
        variable: String,
        value: Known<BString>,
    },
    /// The sender's address was replaced by one from a header.
    TakesAddress {
        from_header: String,
        address: IpAddr,
    },
    Admits {
        check: Check,
        detail: String,
    },
    Refuses {
        check: Check,
        status: u16,
        detail: String,
    },
    /// A request header was removed, set or lost on its way on.
    RemovesHeader {
        name: String,
    },
    SetsHeader {
        name: String,
        value: Known<BString>,
    },
    Answers {
        status: u16,
    },
    Forwards {
        to: String,
    },
    Note(String),
}

#[derive(Clone, Debug)]
pub enum End {
    /// The gate itself answers.
    Answered {
        status: Known<u16>,
        headers: Vec<ResponseHeader>,
        by: Span,
    },
    /// The request goes on.
    Forwarded {
        to: Box<Upstream>,
        /// As it leaves this gate.
        request: Box<Request>,
        /// What happens to the answer on its way back.
        response: ResponseEdits,
        by: Span,
    },
    /// A program of this gate answers, of which no more is known: a route's own handler.
    Handled {
        headers: Vec<ResponseHeader>,
        by: Span,
    },
    /// No answer at all.
    Dropped {
        by: Option<Span>,
    },
    Unknown {
        because: Reason,
        span: Option<Span>,
    },
}

/// Where a request is sent on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    pub protocol: Protocol,
    /// As a URL or socket address: `http://127.0.0.1:3000`, `fastcgi://unix:/run/php.sock`.
    pub address: Known<String>,
    /// The group of servers that the configuration names instead of a host.
    pub group: Option<String>,
    /// The addresses of the group's servers.
    pub servers: Vec<String>,
    /// The name sent in the TLS handshake (RFC 6066 §3); `None` when none is sent.
    pub sni: Option<Known<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    Http,
    Https,
    Fastcgi,
    Uwsgi,
    Scgi,
    Grpc,
    Grpcs,
    Memcached,
}

/// What a gate does to an answer that passes back through it.
#[derive(Clone, Debug, Default)]
pub struct ResponseEdits {
    pub add: Vec<ResponseHeader>,
    /// A header of the upstream's takes the place of one that is added, and does not stand beside it.
    pub yields: bool,
    /// Headers of the upstream's answer that the client does not get.
    pub hide: Vec<Hidden>,
    /// The status that replaces the upstream's (`error_page … =200`), if any.
    pub status: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub name: Cow<'static, str>,
    /// `None` for what the gate hides by default.
    pub span: Option<Span>,
}

/// A header that the gate puts on the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseHeader {
    pub name: BString,
    pub value: Known<BString>,
    /// Also on answers that tell of an error.
    pub always: bool,
    pub span: Option<Span>,
}
