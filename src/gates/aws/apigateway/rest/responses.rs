//! The answers that API Gateway itself gives, and what was set for them
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>).

use super::model::{AnswerHeader, Api, Response};
use crate::gate::ResponseHeader;
use crate::request::Known;

/// Why API Gateway refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    AccessDenied,
    InvalidApiKey,
    InvalidSignature,
    MissingAuthenticationToken,
    Unauthorized,
    AuthorizerConfigurationError,
    WafFiltered,
}

impl Type {
    pub const ALL: [Type; 7] = [
        Type::AccessDenied,
        Type::InvalidApiKey,
        Type::InvalidSignature,
        Type::MissingAuthenticationToken,
        Type::Unauthorized,
        Type::AuthorizerConfigurationError,
        Type::WafFiltered,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Type::AccessDenied => "ACCESS_DENIED",
            Type::InvalidApiKey => "INVALID_API_KEY",
            Type::InvalidSignature => "INVALID_SIGNATURE",
            Type::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Type::Unauthorized => "UNAUTHORIZED",
            Type::AuthorizerConfigurationError => "AUTHORIZER_CONFIGURATION_ERROR",
            Type::WafFiltered => "WAF_FILTERED",
        }
    }

    pub fn status(self) -> u16 {
        match self {
            Type::Unauthorized => 401,
            Type::AuthorizerConfigurationError => 500,
            _ => 403,
        }
    }

    /// The type of which all of its class are, unless they are set themselves.
    fn class(self) -> &'static str {
        match self.status() {
            500.. => "DEFAULT_5XX",
            _ => "DEFAULT_4XX",
        }
    }
}

impl Api {
    /// What was set for a type: for itself, else for its class. Who sets it for itself has to set
    /// all of it.
    pub fn response(&self, kind: Type) -> Option<&Response> {
        let all = self.responses.known()?;
        all.get(kind.name()).or_else(|| all.get(kind.class()))
    }
}

pub fn told(headers: &[AnswerHeader]) -> Vec<ResponseHeader> {
    let told = headers.iter().map(|header| ResponseHeader {
        name: header.name.as_str().into(),
        value: match &header.value {
            Known::Is(value) => Known::Is(value.as_str().into()),
            Known::Unknown(reason) => Known::Unknown(reason.clone()),
        },
        always: true,
        span: Some(header.span),
    });
    told.collect()
}
