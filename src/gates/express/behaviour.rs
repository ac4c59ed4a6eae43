//! What a layer does to a request, worked out once: known packages by their options, hand-written
//! ones by what was read of them.

mod auth;
mod cors;
mod grants;
mod limit;
mod packages;
mod proxy;
mod puts;

pub use auth::{Auth, Exempt, Scheme, Seen};
pub use cors::{Cors, Origin, Origins};
pub use limit::{Counts, Limit};
pub use proxy::{Change, Edit, Kept, Made, Proxy, Takes};
pub use puts::{Holds, Puts};

use super::model::{Callee, Grant, Guard, Layer, Wants, Written};
use super::value::Value;
use crate::request::{Known, Reason};
use crate::source::Span;

#[derive(Clone, Debug)]
pub enum Behaviour {
    /// It goes on, whatever comes.
    Passes,
    /// It goes on, and puts these on the request, or something that is not known.
    Puts(Vec<String>),
    /// It reads the cookies, without which some others do not work.
    Cookies,
    Session,
    Cors(Box<Cors>),
    Auth(Box<Auth>),
    Limit(Limit),
    Csrf(Csrf),
    IpFilter(IpFilter),
    Guard(Guard),
    Headers(Headers),
    /// Files of a folder; what is not there goes on, if it `falls_through`.
    Static {
        falls_through: bool,
    },
    /// Another server answers.
    Proxy(Box<Proxy>),
    /// The application's own code answers.
    Handler,
    /// It does if it has a route for the request; usually it has, or usually not.
    Routes {
        usual: bool,
    },
    ErrorHandler {
        status: Option<u16>,
    },
    /// What it does cannot be read.
    Unreadable(Reason),
}

/// A check for a token that only a page of the own site can know.
#[derive(Clone, Debug)]
pub struct Csrf {
    pub needs: Needs,
    /// What happens to a request while what it needs is missing: 500 for all, or only for those that
    /// it checks.
    pub fails_for_all: bool,
    /// Names of headers that may carry the token, in lower case.
    pub headers: &'static [&'static str],
}

/// What must stand before a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Cookies,
    Session,
}

/// A list of addresses (express-ipfilter).
#[derive(Clone, Debug)]
pub struct IpFilter {
    pub ips: Known<Vec<String>>,
    pub allows: Known<bool>,
    /// Its own `trustProxy`; the application's does not count.
    pub trust: Value,
    /// Some paths are not checked.
    pub excludes: Option<Reason>,
    /// Where the list stands.
    pub span: Span,
}

/// Headers that a hand-written middleware sets.
#[derive(Clone, Debug)]
pub struct Headers {
    pub set: Vec<Header>,
    /// The status with which it ends OPTIONS.
    pub ends_options: Option<u16>,
    /// What it puts on the request, as `Behaviour::Puts` has it.
    pub puts: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub struct Header {
    pub name: String,
    pub value: HeaderValue,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum HeaderValue {
    Text(String),
    /// `req.headers.origin`, or another header of the request.
    Copied(String),
    Unknown(Reason),
}

impl Behaviour {
    /// What it asks of whoever was recognised, if that is what it does.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Behaviour::Guard(Guard {
                wants: Wants::Granted(grant),
                ..
            }) => Some(grant),
            _ => None,
        }
    }
}

/// What a layer does.
pub fn of(layer: &Layer) -> Behaviour {
    match &layer.callee {
        Callee::Package {
            package, member, ..
        } => packages::behaviour(package, member.as_deref(), layer),
        Callee::Written(written) => of_written(written),
        Callee::Unreadable(reason) => Behaviour::Unreadable(reason.clone()),
    }
}

fn of_written(written: &Written) -> Behaviour {
    match written {
        Written::Handler => Behaviour::Handler,
        Written::Routes { usual } => Behaviour::Routes { usual: *usual },
        Written::Passes => Behaviour::Passes,
        Written::Puts(names) => Behaviour::Puts(names.clone()),
        Written::Guard(guard) => Behaviour::Guard(guard.clone()),
        Written::ErrorHandler { status } => Behaviour::ErrorHandler { status: *status },
        Written::Headers {
            headers,
            ends_options,
            puts,
        } => Behaviour::Headers(Headers {
            set: headers
                .iter()
                .map(|(name, value)| Header {
                    name: name.value.clone(),
                    value: header_value(&value.value),
                    span: value.span,
                })
                .collect(),
            ends_options: *ends_options,
            puts: puts.clone(),
        }),
    }
}

fn header_value(value: &Value) -> HeaderValue {
    match value {
        Value::Text(text) => HeaderValue::Text(text.clone()),
        Value::Bool(truth) => HeaderValue::Text(truth.to_string()),
        Value::Env {
            default: Some(default),
            ..
        } => header_value(default),
        // `{ $request: origin }`, as the readers write a header of the request.
        Value::Object(_) => match value.get("$request").and_then(|name| name.value.text()) {
            Some(name) => HeaderValue::Copied(name.to_owned()),
            None => HeaderValue::Unknown(value.reason()),
        },
        _ => match value.joined() {
            Some(text) => HeaderValue::Text(text),
            None => HeaderValue::Unknown(value.reason()),
        },
    }
}
