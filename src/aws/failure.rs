//! Why a call brought nothing, in our own words.

use std::error::Error;
use std::fmt;

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use super::coverage::State;
use crate::redact;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The caller may not.
    Denied,
    /// Too many calls, by us and by others, after all retries.
    Throttled,
    /// Not offered here: by the region, or by what stands in for AWS.
    Unsupported,
    /// The credentials were good once.
    Expired,
    /// No credentials, or a helper that makes them failed.
    NoCredentials,
    /// No connection, or it broke.
    Unreachable,
    /// No answer in time.
    Deadline,
    /// The run was stopped before.
    Stopped,
    /// Any other error.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: Cause,
    /// The error's name, as AWS calls it.
    pub code: Option<String>,
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match &self.code {
            Some(code) if self.message.is_empty() => write!(out, "{code}"),
            Some(code) => write!(out, "{code}: {}", self.message),
            None => write!(out, "{}", self.message),
        }
    }
}

const DENIED: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "ForbiddenException",
    "UnauthorizedException",
    "UnauthorizedOperation",
];

const THROTTLED: [&str; 9] = [
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
];

const EXPIRED: [&str; 4] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
];

/// What a region that the account has not enabled says of good credentials.
const NOT_ENABLED: [&str; 4] = [
    "AuthFailure",
    "InvalidClientTokenId",
    "OptInRequired",
    "UnrecognizedClientException",
];

/// What a region says of a service that it lacks, and what stands in for AWS of an operation.
const UNSUPPORTED: [&str; 5] = [
    "InvalidAction",
    "NotImplemented",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
];

impl Failure {
    pub fn new(cause: Cause, message: impl Into<String>) -> Failure {
        Failure {
            cause,
            code: None,
            message: message.into(),
        }
    }

    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Some(status) = error.raw_response().map(|raw| raw.status().as_u16()) else {
            return Failure::without_answer(error);
        };
        let code = error.code();
        let message = error.message().unwrap_or_default();
        let cause = cause(status, code, message);
        let message = match code {
            Some(code) if NOT_ENABLED.contains(&code) => format!(
                "{} (is the region enabled in the account?)",
                first_line(message)
            ),
            Some(_) => first_line(message),
            None => format!("an answer with status {status} that is not one of AWS"),
        };
        let code = code.map(str::to_owned);
        Failure {
            cause,
            code,
            message,
        }
    }

    fn without_answer<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Failure {
        let chain = chain(error);
        let has = |words: &[&str]| {
            let all = chain.join("\n").to_ascii_lowercase();
            words.iter().any(|word| all.contains(word))
        };
        let last = chain
            .last()
            .map(|text| first_line(text))
            .unwrap_or_default();
        match error {
            SdkError::TimeoutError(_) => Failure::new(Cause::Deadline, "no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Failure::new(Cause::Deadline, "no answer in time")
            }
            _ if has(&["expired"]) => Failure::new(Cause::Expired, last),
            SdkError::DispatchFailure(failure) if failure.is_io() => unreachable(&last),
            _ if last.contains("endpoint must contain") => {
                Failure::new(Cause::Failed, "AWS_ENDPOINT_URL is no URL")
            }
            _ if has(&["credential", "identity", "profile", "sso", "token"]) => {
                Failure::new(Cause::NoCredentials, last)
            }
            SdkError::DispatchFailure(_) => unreachable(&last),
            _ => Failure::new(Cause::Failed, last),
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        let code = self.code.as_deref();
        matches!(
            code,
            Some("ResourceNotFoundException" | "NotFoundException")
        )
    }

    pub fn state(&self) -> State {
        match self.cause {
            Cause::Denied => State::Denied,
            Cause::Throttled => State::Throttled,
            Cause::Unsupported => State::Unsupported,
            _ => State::NotFetched,
        }
    }
}

fn unreachable(why: &str) -> Failure {
    let names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
    let is_set = |name: &String| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut spelled = names
        .iter()
        .flat_map(|name| [name.to_string(), name.to_lowercase()]);
    let through = match spelled.find(is_set) {
        Some(name) => format!(" (the environment names a proxy, {name})"),
        None => String::new(),
    };
    Failure::new(
        Cause::Unreachable,
        format!("cannot connect: {why}{through}"),
    )
}

fn cause(status: u16, code: Option<&str>, message: &str) -> Cause {
    match (status, code) {
        (_, Some(code)) if THROTTLED.contains(&code) => Cause::Throttled,
        (429, _) => Cause::Throttled,
        (_, Some(code)) if EXPIRED.contains(&code) => Cause::Expired,
        (_, Some(code)) if DENIED.contains(&code) => Cause::Denied,
        (_, Some(code)) if UNSUPPORTED.contains(&code) => Cause::Unsupported,
        (_, Some(code)) if NOT_ENABLED.contains(&code) => Cause::Failed,
        (401 | 403, _) if message.contains("token") && message.contains("expired") => {
            Cause::Expired
        }
        (401 | 403, _) => Cause::Denied,
        (501, _) => Cause::Unsupported,
        // AWS names its errors; what stands in for it answers so where it lacks an operation.
        (404 | 405 | 500, None) => Cause::Unsupported,
        _ => Cause::Failed,
    }
}

/// The causes of an error, the innermost last.
pub fn chain(error: &dyn Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut inner = error.source();
    while let Some(error) = inner.filter(|_| texts.len() < 16) {
        texts.push(error.to_string());
        inner = error.source();
    }
    texts
}

/// An error of a signature quotes the request in its further lines, and with it the session's
/// token; a denial may carry a long encoded reason.
pub fn first_line(text: &str) -> String {
    const LONGEST_WORD: usize = 200;
    let line = text.lines().next().unwrap_or_default();
    let words = line.split(' ').map(|word| match word.len() > LONGEST_WORD {
        true => "…",
        false => word,
    });
    let line = words.collect::<Vec<_>>().join(" ");
    let line = redact::tokens(&line, false);
    match line.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_by_its_code_and_else_by_its_status() {
        for (status, code, expected) in [
            (403, Some("UnauthorizedOperation"), Cause::Denied),
            (400, Some("AccessDeniedException"), Cause::Denied),
            (403, None, Cause::Denied),
            (400, Some("ThrottlingException"), Cause::Throttled),
            (503, Some("RequestLimitExceeded"), Cause::Throttled),
            (429, None, Cause::Throttled),
            (403, Some("ExpiredTokenException"), Cause::Expired),
            (400, Some("ExpiredToken"), Cause::Expired),
            (401, Some("AuthFailure"), Cause::Failed),
            (403, Some("UnrecognizedClientException"), Cause::Failed),
            (400, Some("InvalidAction"), Cause::Unsupported),
            (500, None, Cause::Unsupported),
            (404, None, Cause::Unsupported),
            (500, Some("InternalFailure"), Cause::Failed),
            (404, Some("NotFoundException"), Cause::Failed),
        ] {
            assert_eq!(cause(status, code, ""), expected, "{status} {code:?}");
        }
    }

    #[test]
    fn a_message_brings_no_secret_along() {
        let quoted = "The request signature does not match.\nx-amz-security-token:SECRET";
        assert_eq!(first_line(quoted), "The request signature does not match.");
        let encoded = format!(
            "Not authorized. Encoded authorization failure message: {}",
            "x".repeat(600)
        );
        assert!(first_line(&encoded).ends_with("message: …"));
    }
}
