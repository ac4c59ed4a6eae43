//! URLs of Lambda functions.

mod access;
mod pass;
mod read;

use std::sync::Arc;

use crate::gate::{Course, Door, Gate, GateName, Knowledge};
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Place, Resource};
use crate::gates::aws::iam::Policy;
use crate::gates::oracle;
use crate::request::{Headers, Known, Reason, Request, Scheme};
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct FunctionUrl {
    /// Of the function, or of one of its aliases.
    pub arn: String,
    pub place: Place,
    pub span: Span,
    pub host: String,
    pub auth: Spanned<Auth>,
    pub cors: Option<Cors>,
    /// When the URL was made.
    pub created: Option<Spanned<String>>,
    /// The function's policy: `None` where it has none.
    pub policy: Known<Option<Spanned<Policy>>>,
    around: Arc<Around>,
    doors: [Door; 1],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    None,
    Iam,
    Unknown(String),
}

#[derive(Debug)]
pub struct Cors {
    pub span: Span,
    pub origins: Vec<Spanned<String>>,
    pub methods: Vec<Spanned<String>>,
    pub headers: Vec<Spanned<String>>,
    pub credentials: Option<Span>,
}

/// The two rights that a call needs
/// (<https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    InvokeFunctionUrl,
    /// Of URLs made since October 2025, and with notice of others.
    InvokeFunction,
}

impl Right {
    pub fn action(self) -> &'static str {
        match self {
            Right::InvokeFunctionUrl => "lambda:InvokeFunctionUrl",
            Right::InvokeFunction => "lambda:InvokeFunction",
        }
    }
}

/// Since when new URLs need both rights.
const BOTH_SINCE: &str = "2025-10";

impl FunctionUrl {
    pub fn read(resource: &Resource, cloud: &Cloud, around: &Arc<Around>) -> Option<FunctionUrl> {
        read::read(resource, cloud, around)
    }

    /// `None` where nothing says when it was made.
    pub fn needs_both(&self) -> Option<bool> {
        let created = self.created.as_ref()?;
        Some(created.value.get(..BOTH_SINCE.len())? >= BOTH_SINCE)
    }

    /// The function's name, without its account and region.
    pub fn name(&self) -> &str {
        self.arn.split(":function:").nth(1).unwrap_or(&self.arn)
    }
}

/// A request for the root of a URL.
fn example(host: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        scheme: Scheme::Https,
        host: host.to_owned(),
        port: 443,
        target: "/".into(),
        headers: Headers::default(),
        from: Known::Unknown(Reason::new("nothing says where it is sent from")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}

impl Gate for FunctionUrl {
    fn name(&self) -> GateName {
        GateName {
            kind: "function-url",
            name: FunctionUrl::name(self).to_owned(),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        match request.host.eq_ignore_ascii_case(&self.host) {
            true => Knowledge::Named,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        oracle::explore(|oracle| self.run(request, oracle)).collect()
    }
}
