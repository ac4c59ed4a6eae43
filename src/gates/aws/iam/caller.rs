//! Who asks.

use crate::request::{Known, Reason};

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody signed the request.
    Anonymous,
    Aws(Identity),
    /// A service of AWS on its own behalf: `apigateway.amazonaws.com`.
    Service(String),
    Unknown(Reason),
}

/// Somebody with an ARN
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub arn: String,
    pub partition: String,
    pub account: String,
    pub who: Who,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Root,
    /// Names are unique in an account, whatever their path.
    User {
        name: String,
    },
    /// A session of this role, of which the name is not known.
    Role {
        name: String,
    },
    Session {
        role: String,
        name: String,
    },
    /// A session that a user began by `GetFederationToken`.
    Federated {
        name: String,
    },
}

impl Caller {
    /// Who signed a request: an ARN, or a service by its name.
    pub fn of(signer: &Known<String>) -> Caller {
        match signer {
            Known::Is(name) if name.ends_with(".amazonaws.com") && !name.contains(':') => {
                Caller::Service(name.clone())
            }
            Known::Is(arn) => Caller::from_arn(arn)
                .unwrap_or_else(|| Caller::Unknown(Reason::new(format!("{arn} is no caller")))),
            Known::Unknown(reason) => Caller::Unknown(reason.clone()),
        }
    }

    /// Reads the ARN of a user, a role, a session or a root user.
    pub fn from_arn(arn: &str) -> Option<Caller> {
        Identity::parse(arn).map(Caller::Aws)
    }
}

impl Identity {
    pub fn parse(arn: &str) -> Option<Identity> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", partition, service, "", account, resource] = parts.as_slice() else {
            return None;
        };
        if !is_account(account) {
            return None;
        }
        let name = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            (!name.is_empty()).then(|| name.to_owned())
        };
        let who = match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Who::Root,
            ("iam", Some(("user", path))) => Who::User { name: name(path)? },
            ("iam", Some(("role", path))) => Who::Role { name: name(path)? },
            ("sts", Some(("assumed-role", path))) => {
                let (role, session) = path.split_once('/')?;
                Who::Session {
                    role: role.to_owned(),
                    name: session.to_owned(),
                }
            }
            ("sts", Some(("federated-user", path))) => Who::Federated {
                name: path.to_owned(),
            },
            _ => return None,
        };
        Some(Identity {
            arn: arn.to_owned(),
            partition: partition.to_owned(),
            account: account.to_owned(),
            who,
        })
    }

    /// A session lives on what it was begun with, and a policy can be passed along.
    pub fn is_session(&self) -> bool {
        !matches!(self.who, Who::Root | Who::User { .. })
    }
}

/// The number of an account has twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
