//! The arguments of what reads AWS accounts.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Check;
use crate::aws::operation::Service;
use crate::aws::settings::{Regions, Settings};

/// Write what AWS accounts say of their gates to a file, to be checked
#[derive(Debug, Args)]
#[command(
    after_help = "Credentials are found as by the AWS CLI: AWS_PROFILE, keys in the environment, \
                  `aws sso login`. It only reads, and needs no more than what --print-policy \
                  allows. What may be a secret is not written. Whatever could not be seen is told \
                  in the end, and the exit code is then 2.\n\n\
                  Example:\n  why403 snapshot --print-policy > policy.json\n  \
                  why403 snapshot --profile audit --region all -o aws.json\n  \
                  why403 check aws.json services/"
)]
pub struct Snapshot {
    /// The file to write
    #[arg(
        short,
        long,
        value_name = "FILE",
        required_unless_present = "print_policy"
    )]
    pub output: Option<PathBuf>,

    /// Write over the file
    #[arg(long)]
    pub force: bool,

    /// Print the IAM policy that allows what would be read, and do nothing else
    #[arg(long)]
    pub print_policy: bool,

    #[command(flatten)]
    pub account: Account,
}

/// Find what an AWS account will refuse, and should not, together with the code in a folder
#[derive(Debug, Args)]
#[command(
    after_help = "The account is read as by `why403 snapshot`, whose help tells of credentials and \
                  permissions, and nothing of it is kept. Code that calls it is looked for in PATH: \
                  JavaScript, Python, scripts, Postman collections, nginx. Whatever could not be \
                  seen is told in the end, and the exit code is then 2.\n\n\
                  Example:\n  why403 audit --profile audit --region eu-west-1 services/"
)]
pub struct Audit {
    #[command(flatten)]
    pub check: Check,

    #[command(flatten)]
    pub account: Account,
}

/// What to read, and as whom
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS")]
pub struct Account {
    /// The profile to use, as with the AWS CLI [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// The regions to read, or `all` that are enabled; may be given again. CloudFront and IAM are
    /// read once [default: that of the profile, or AWS_REGION]
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',', value_parser = region)]
    pub regions: Vec<String>,

    /// Read the account of this role in place of the own; may be given again
    #[arg(long = "assume-role", value_name = "ARN", value_parser = role)]
    pub roles: Vec<String>,

    /// What the role asks for as external id
    #[arg(long, value_name = "ID", requires = "roles")]
    pub external_id: Option<String>,

    /// The services to read [default: all]
    #[arg(long, value_name = "SERVICE", value_enum, value_delimiter = ',')]
    pub services: Vec<Service>,

    /// Also read which API keys there are; the permission for that shows their values, which are
    /// neither asked for nor written
    #[arg(long)]
    pub with_api_keys: bool,

    /// How long to read at most, in seconds or as 15m; what was read by then is kept
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub timeout: Duration,
}

impl Account {
    pub fn settings(&self) -> Settings {
        let regions = match self.regions.as_slice() {
            [] => Regions::Configured,
            names if names.iter().any(|name| name == "all") => Regions::All,
            names => Regions::Named(names.to_vec()),
        };
        Settings {
            profile: self.profile.clone(),
            regions,
            roles: self.roles.clone(),
            external_id: self.external_id.clone(),
            services: self.services.clone(),
            api_keys: self.with_api_keys,
            timeout: self.timeout,
        }
    }
}

/// It becomes part of host names.
fn region(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !text.is_empty() && text.len() <= 32 && text.bytes().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("not a region like eu-west-1"),
    }
}

/// `arn:aws:iam::123456789012:role/audit`.
fn role(text: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, role]
            if account.bytes().all(|byte| byte.is_ascii_digit())
                && role
                    .strip_prefix("role/")
                    .is_some_and(|name| !name.is_empty()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("not a role like arn:aws:iam::123456789012:role/audit"),
    }
}

/// `90`, `90s`, `15m` or `1h`.
fn duration(text: &str) -> Result<Duration, &'static str> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let given = units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)));
    let (number, unit) = given.unwrap_or((text, 1));
    let number: u64 = number.parse().map_err(|_| "not a time like 90s or 15m")?;
    match number.checked_mul(unit) {
        Some(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("not between a second and a day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_told_by_its_arn() {
        for right in [
            "arn:aws:iam::123456789012:role/audit",
            "arn:aws-cn:iam::123456789012:role/path/audit",
        ] {
            assert!(role(right).is_ok(), "{right}");
        }
        for wrong in [
            "audit",
            "arn:aws:iam::123456789012:user/ada",
            "arn:aws:sts::123456789012:assumed-role/audit/x",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(role(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["", "m", "-1", "0", "1d", "99999999999999999999", "900h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
