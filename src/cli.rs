//! The command line.

pub mod aws;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::explain::ask::is_method;
use crate::finding::Severity;

/// Finds the configuration line that will answer 403, or break CORS, before it is deployed.
#[derive(Debug, Parser)]
#[command(
    name = "why403",
    version,
    max_term_width = 80,
    disable_help_subcommand = true,
    after_help = "Exit code: 0 nothing found, 1 findings (explain: denied), 2 not done in full.\n\n\
                  Example:\n  why403 check deploy/"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How to print; explain has human and json, rules and snapshot have human
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,

    /// Whether to use colours; NO_COLOR is heeded
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

// The values have no docs of their own, so that the help names them on one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
    Sarif,
    Github,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Check(Check),
    Explain(Explain),
    Rules(Rules),
    Manifest(Manifest),
    Snapshot(aws::Snapshot),
    // As large as all others together.
    Audit(Box<aws::Audit>),
}

/// Print the middleware manifest of an Express app, as it was understood
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  why403 manifest src/server.ts > middleware.json")]
pub struct Manifest {
    /// The file in which the app starts, or a folder that has one app; FILE:LINE where a file makes
    /// several
    #[arg(default_value = ".", value_name = "ENTRY")]
    pub entry: PathBuf,
}

/// Find what will be refused, and should not be
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  why403 check deploy/nginx.conf\n  nginx -T | why403 check -")]
pub struct Check {
    /// Files and folders; `-` is the standard input
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub declared: Declared,

    /// Show notes, too; they count as findings
    #[arg(long)]
    pub strict: bool,

    /// The least severity that makes the exit code 1 [default: warning; note with --strict]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,

    /// Exit with 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,

    /// Also say how much was looked at, and what could not be
    #[arg(long)]
    pub statistics: bool,

    /// Leave out the findings that this file lists
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write all findings to this file, to be left out from now on
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
}

/// Where the user's declarations are
#[derive(Debug, Args)]
pub struct Declared {
    /// The configuration to use [default: why403.yaml in the folder that is checked]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Error,
    Warning,
    Note,
}

/// Follow one request, line by line, to where it is admitted or refused
#[derive(Debug, Args)]
#[command(
    override_usage = "why403 explain [OPTIONS] [METHOD] <URL> [PATH]...",
    after_help = "Example:\n  why403 explain GET http://shop.test/orders deploy/ \\\n\
                  \x20   -H 'Origin: https://app.test'"
)]
pub struct Explain {
    /// The method in capitals (GET if left out), the URL, then files and folders
    #[arg(required = true, value_name = "METHOD, URL, PATH")]
    pub words: Vec<String>,

    #[command(flatten)]
    pub declared: Declared,

    /// A header of the request, as 'Name: value'; may be given again
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<String>,

    /// A JSON Web Token to send as bearer token: itself, @FILE, env:NAME, or - for
    /// the standard input; it is read, and neither verified nor printed
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    pub token: Option<String>,

    /// When the request is sent, as 2026-01-31T12:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// The address that the request comes from
    #[arg(long, value_name = "IP")]
    pub from: Option<IpAddr>,

    /// Who signs it for AWS (SigV4): the ARN of a user, a role or a session
    #[arg(long = "as", value_name = "ARN")]
    pub signed_by: Option<String>,

    /// The VPC endpoint through which it goes to AWS
    #[arg(long, value_name = "ID")]
    pub vpc_endpoint: Option<String>,

    /// The length of its body
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub body: u64,

    /// Print credentials as they are
    #[arg(long)]
    pub show_secrets: bool,

    /// Exit with 0 even if the request is denied
    #[arg(long)]
    pub exit_zero: bool,
}

/// Show the rule book, or one page of it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  why403 rules preflight-denied")]
pub struct Rules {
    /// The rule to show
    pub id: Option<String>,
}

impl Check {
    /// The least severity that counts.
    pub fn threshold(&self) -> Severity {
        match self.fail_on {
            Some(FailOn::Error) => Severity::Error,
            Some(FailOn::Warning) => Severity::Warning,
            Some(FailOn::Note) => Severity::Note,
            None if self.strict => Severity::Note,
            None => Severity::Warning,
        }
    }
}

impl Explain {
    /// Method, URL and paths. The first word is a method only if it is written like one; a log
    /// has both in one.
    pub fn parts(&self) -> Result<(Option<&str>, &str, Vec<PathBuf>), &'static str> {
        let (first, rest) = self.words.split_first().ok_or("the URL is missing")?;
        let (method, url, paths) = match first.split_once(' ') {
            Some((method, url)) if is_method(method) => (Some(method), url.trim(), rest),
            _ if is_method(first) => {
                let (url, paths) = rest.split_first().ok_or("the URL is missing")?;
                (Some(first.as_str()), url.as_str(), paths)
            }
            _ => (None, first.as_str(), rest),
        };
        let mut paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        Ok((method, url, paths))
    }
}
