//! What travels: a request, its headers, its sender, and what can be known of each.

pub mod time;
pub mod token;

use std::fmt;
use std::net::IpAddr;

use bstr::{BStr, BString, ByteSlice};

use token::Claims;

/// A value, or the reason why it cannot be known from what we read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    Is(T),
    Unknown(Reason),
}

impl<T> Known<T> {
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::Is(value) => Known::Is(value),
            Known::Unknown(reason) => Known::Unknown(reason.clone()),
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Is(value) => Known::Is(f(value)),
            Known::Unknown(reason) => Known::Unknown(reason),
        }
    }

    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Is(value) => Some(value),
            Known::Unknown(_) => None,
        }
    }
}

/// Why something cannot be known, in words that follow "because".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reason(pub String);

impl Reason {
    pub fn new(text: impl Into<String>) -> Self {
        Reason(text.into())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: BString,
    pub value: Known<BString>,
}

/// Headers in the order in which they travel; names compare without case (RFC 9110 §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    pub fn push(&mut self, name: impl Into<BString>, value: impl Into<BString>) {
        self.0.push(Header {
            name: name.into(),
            value: Known::Is(value.into()),
        });
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Known<BString>> {
        self.0
            .iter()
            .filter(move |h| h.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|h| &h.value)
    }

    pub fn get(&self, name: &str) -> Option<&Known<BString>> {
        self.0
            .iter()
            .find(|h| h.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|h| &h.value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn remove(&mut self, name: &str) {
        self.0
            .retain(|h| !h.name.eq_ignore_ascii_case(name.as_bytes()));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.0.iter()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// One HTTP request as it leaves the caller, or as a gate sends it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub scheme: Scheme,
    /// The host of the URL, without port; also the Host header that a client sends when
    /// `headers` has none.
    pub host: String,
    pub port: u16,
    /// Path and query as they stand on the request line, not decoded.
    pub target: BString,
    pub headers: Headers,
    /// The address that opens the connection; `Unknown` when nobody said.
    pub from: Known<IpAddr>,
    /// Length of the body in bytes.
    pub body: u64,
    /// When it is sent, in seconds since 1970. Only a user's own request has a time: what rules find
    /// does not depend on the clock.
    pub sent_at: Option<u64>,
    /// Who signed it by AWS's Signature Version 4, as an ARN or the name of a service; `None` when
    /// nobody did.
    pub signed_by: Option<Known<String>>,
    /// The VPC endpoint through which it goes to AWS; `None` for one by way of the Internet.
    pub vpc_endpoint: Option<String>,
}

impl Request {
    pub fn path(&self) -> &BStr {
        let end = self.target.find_byte(b'?');
        self.target[..end.unwrap_or(self.target.len())].as_bstr()
    }

    /// What the token in its Authorization header says, if that is a JSON Web Token.
    pub fn claims(&self) -> Option<Claims> {
        let header = self.headers.get("Authorization")?.known()?;
        Claims::of_authorization(header)
    }

    pub fn url(&self) -> String {
        let mut url = format!("{}://", self.scheme.as_str());
        self.push_authority(&mut url);
        url.push_str(&self.target.to_str_lossy());
        url
    }

    /// The host as a URL has it, and the port if it is not the scheme's own.
    fn push_authority(&self, out: &mut String) {
        let brackets = self.host.contains(':') && !self.host.starts_with('[');
        out.push_str(if brackets { "[" } else { "" });
        out.push_str(&self.host);
        out.push_str(if brackets { "]" } else { "" });
        if self.port != self.scheme.default_port() {
            out.push(':');
            out.push_str(&self.port.to_string());
        }
    }

    /// The value of the Host header that a client sends (RFC 9110 §7.2): the port only if it is
    /// not the scheme's own.
    pub fn host_header(&self) -> BString {
        if let Some(Known::Is(value)) = self.headers.get("Host") {
            return value.clone();
        }
        let mut authority = String::with_capacity(self.host.len() + 8);
        self.push_authority(&mut authority);
        authority.into()
    }
}
