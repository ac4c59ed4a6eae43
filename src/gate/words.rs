//! What gates do, in words that a user understands. Every report takes its words from here.

use std::fmt::{self, Display, Formatter};

use bstr::{BString, ByteSlice};

use super::{Check, Condition, Course, Effect, End, GateKind, GateName, Unsure};
use crate::request::Known;
use crate::source::SourceMap;

impl GateKind {
    pub fn as_str(self) -> &'static str {
        match self {
            GateKind::Nginx => "nginx",
            GateKind::Express => "express",
            GateKind::ApiGateway => "apigateway",
            GateKind::LoadBalancer => "load-balancer",
            GateKind::CloudFront => "cloudfront",
            GateKind::FunctionUrl => "lambda-url",
            GateKind::SecurityGroup => "security-group",
        }
    }
}

impl Display for GateName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.name)
    }
}

impl Display for Check {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Check::Address => "the sender's address",
            Check::BasicAuth => "the password",
            Check::AuthRequest => "the request, by the authentication service",
            Check::Method => "the method",
            Check::Condition => "the request, by a condition",
            Check::Route => "the path and the method",
            Check::Internal => "a request from outside",
            Check::File => "the file",
            Check::Limit => "the request, by a limit",
            Check::Form => "the form of the request",
            Check::Size => "the size of the body",
            Check::Credential => "the credential",
            Check::Signature => "the request, for want of a signature",
            Check::ApiKey => "the API key",
            Check::Host => "the host",
            Check::Csrf => "the request, for want of a CSRF token",
            Check::Grant => "the caller, for want of a right",
        })
    }
}

impl Display for Effect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Enters { name, .. } => write!(f, "enters {name}"),
            Effect::Rewrites { to } => write!(f, "rewrites the path to {}", Text(to)),
            Effect::Jumps { to, because } => write!(f, "goes on inside as {}: {because}", Text(to)),
            Effect::Sets { variable, value } => {
                let variable = variable.trim_start_matches('$');
                write!(f, "sets ${variable} to {}", Value(value))
            }
            Effect::TakesAddress {
                from_header,
                address,
            } => write!(
                f,
                "takes the sender's address from {from_header}: {address}"
            ),
            Effect::Admits { check, detail } if detail.is_empty() => write!(f, "admits {check}"),
            Effect::Admits { detail, .. } => f.write_str(detail),
            Effect::Refuses {
                check,
                status,
                detail,
            } if detail.is_empty() => write!(f, "answers {status}: refuses {check}"),
            Effect::Refuses { status, detail, .. } => match detail.strip_prefix("answers ") {
                // A `return 403` says no more than that it does.
                Some(said) if said == status.to_string() => f.write_str(detail),
                _ => write!(f, "answers {status}: {detail}"),
            },
            Effect::RemovesHeader { name } => write!(f, "removes the header {name}"),
            Effect::SetsHeader { name, value } => {
                write!(f, "sets the header {name} to {}", Value(value))
            }
            Effect::Answers { status } => write!(f, "answers {status}"),
            Effect::Forwards { to } => write!(f, "forwards to {to}"),
            Effect::Note(text) => f.write_str(text),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let holds = self.holds;
        let not = if holds { "" } else { "not " };
        match &self.what {
            Unsure::Test { text, because } => match text.strip_prefix("that ") {
                Some(clause) if holds => write!(f, "{clause} ({because})"),
                Some(clause) => write!(f, "it is not so that {clause} ({because})"),
                None => write!(f, "{text} is {holds}"),
            },
            Unsure::AddressIn(range) => write!(f, "the sender's address is {not}in {range}"),
            Unsure::AuthServiceAnswers { to, status } if holds => {
                write!(f, "the authentication service {to} answers {status}")
            }
            Unsure::AuthServiceAnswers { to, status } => {
                write!(
                    f,
                    "the authentication service {to} does not answer {status}"
                )
            }
            Unsure::UpstreamAnswers { to, status } if holds => {
                write!(f, "the upstream {to} answers {status}")
            }
            Unsure::UpstreamAnswers { to, status } => {
                write!(f, "the upstream {to} does not answer {status}")
            }
            Unsure::PasswordRight if holds => f.write_str("the password is right"),
            Unsure::PasswordRight => f.write_str("the password is wrong or missing"),
            Unsure::CredentialRight(by) if holds => write!(f, "{by} finds the credential right"),
            Unsure::CredentialRight(by) => write!(f, "{by} finds the credential wrong"),
            Unsure::Granted(right) => write!(f, "the caller is {not}granted {right}"),
            Unsure::HasRoute(of) if holds => write!(f, "{of} take it"),
            Unsure::HasRoute(of) => write!(f, "{of} do not take it"),
            Unsure::IsFile(path) => write!(f, "{path} is {not}a file"),
            Unsure::IsDirectory(path) => write!(f, "{path} is {not}a directory"),
            Unsure::Assumed(reason) => write!(f, "an include brings nothing else: {reason}"),
            Unsure::Lacking(reason) => write!(f, "it would change nothing that {reason}"),
            Unsure::LimitReached { zone } => write!(f, "the limit {zone} is {not}used up"),
        }
    }
}

impl Course {
    /// What has to hold for this course, in words. Of a service's answers the one that it gives
    /// is said, not those that it does not give; of what is assumed, the first.
    pub fn when(&self, sources: &SourceMap) -> Vec<String> {
        let is_assumed = |condition: &&Condition| matches!(condition.what, Unsure::Assumed(_));
        let assumed = self.conditions.iter().filter(is_assumed).count();
        let mut told = false;
        let implied = |condition: &&Condition| {
            !condition.holds
                && self
                    .conditions
                    .iter()
                    .any(|other| other.holds && answers_of_one(&condition.what, &other.what))
        };
        self.conditions
            .iter()
            .filter(|condition| !implied(condition))
            .filter(|condition| !is_assumed(condition) || !std::mem::replace(&mut told, true))
            .map(|condition| match (&condition.what, condition.span) {
                (Unsure::Assumed(reason), Some(span)) => {
                    let place = sources.place(span);
                    // In an account nothing is included; a document is missing.
                    let is_account = place.to_string().starts_with("aws://");
                    match assumed {
                        _ if is_account => {
                            format!("what is not known at {place} changes nothing ({reason})")
                        }
                        1 => format!("the include at {place} brings nothing else ({reason})"),
                        _ => format!(
                            "the include at {place} ({reason}) and {} more bring nothing else",
                            assumed - 1
                        ),
                    }
                }
                _ => condition.to_string(),
            })
            .collect()
    }
}

/// Whether both speak of what the same service answers.
fn answers_of_one(a: &Unsure, b: &Unsure) -> bool {
    use Unsure::{AuthServiceAnswers, UpstreamAnswers};
    match (a, b) {
        (AuthServiceAnswers { to: a, .. }, AuthServiceAnswers { to: b, .. })
        | (UpstreamAnswers { to: a, .. }, UpstreamAnswers { to: b, .. }) => a == b,
        _ => false,
    }
}

/// How a course ends, in words that stand alone.
impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            End::Answered { status, .. } => match status {
                Known::Is(status) => write!(f, "answers {status}"),
                Known::Unknown(why) => write!(f, "answers; the status is not known: {why}"),
            },
            End::Forwarded { to, .. } => match &to.address {
                Known::Is(address) => write!(f, "goes on to {address}"),
                Known::Unknown(why) => write!(f, "goes on; where to is not known: {why}"),
            },
            End::Handled { .. } => f.write_str("the application's own handler answers"),
            End::Dropped { .. } => {
                f.write_str("no answer: the connection is closed, or left to time out")
            }
            End::Unknown { because, .. } => write!(f, "not known from here on: {because}"),
        }
    }
}

/// Of a longer text only the start is told.
const LONGEST_TEXT: usize = 300;

/// A value, or that it is not known and why.
struct Value<'a>(&'a Known<BString>);

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Known::Is(value) if value.is_empty() => f.write_str("nothing"),
            Known::Is(value) => Text(value).fmt(f),
            Known::Unknown(why) => write!(f, "a value that is not known: {why}"),
        }
    }
}

/// A text from a request or a configuration, which may be of any length.
struct Text<'a>(&'a BString);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.len() <= LONGEST_TEXT {
            return write!(f, "{}", self.0);
        }
        let start = self.0[..LONGEST_TEXT].as_bstr();
        write!(f, "{start}… ({} bytes)", self.0.len())
    }
}
