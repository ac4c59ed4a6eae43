//! The pipeline: read this first.
//!
//! Arguments → inputs → estate → rules or one request → a text and an exit code.

mod aws;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::check::baseline::{Baseline, BaselineError};
use crate::check::{Settings, check};
use crate::cli::{self, Cli, Color, Command, Format, Output};
use crate::estate::{Estate, Input};
use crate::explain::document::Verdict;
use crate::explain::{self, ask, token};
use crate::gates::express::model::App;
use crate::report::text::Terminal;
use crate::report::visible::visible_line;
use crate::report::{book, github, human, json, json_text, manifest, sarif, story};
use crate::rules::{self, RULES};
use crate::source::TooLarge;

/// How the program ends, and what it prints before.
#[derive(Debug)]
pub struct Done {
    pub text: String,
    pub exit: Exit,
}

/// What the exit code says; a higher one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above the threshold; explain: not denied.
    Clean = 0,
    /// Findings; explain: denied.
    Findings = 1,
    /// The job could not be done in full.
    Incomplete = 2,
}

/// Why nothing was done at all.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error("the standard input cannot be read: {0}")]
    Stdin(#[from] io::Error),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    Request(#[from] ask::Misfit),
    #[error(transparent)]
    Token(#[from] token::TokenError),
    #[error("there is no rule `{0}`; `why403 rules` lists all rules")]
    NoSuchRule(String),
    #[error("{0} has no such format; it has {1}")]
    Format(&'static str, &'static str),
    #[error("no Express application was found in {0}")]
    NoApp(String),
    #[error("there are several Express applications; name one: {0}")]
    ManyApps(String),
    #[error("{0}; see `why403 explain --help`")]
    Usage(&'static str),
    #[cfg(feature = "aws")]
    #[error("name the file to write: `why403 snapshot -o FILE`")]
    NoOutput,
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Fetch(#[from] crate::aws::FetchError),
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Write(#[from] crate::aws::snapshot::WriteError),
    #[cfg(not(feature = "aws"))]
    #[error(
        "this why403 was built without the feature `aws`; `cargo install why403` builds one with \
         it, and a snapshot that another machine took can be checked with this one"
    )]
    WithoutAws,
}

/// Does what the command line asks for.
pub fn run(cli: &Cli) -> Result<Done, Refusal> {
    match &cli.command {
        Command::Check(args) => run_check(args, Vec::new(), &cli.output),
        Command::Explain(args) => run_explain(args, &cli.output),
        Command::Rules(args) => run_rules(args, &cli.output),
        Command::Manifest(args) => run_manifest(args, &cli.output),
        Command::Snapshot(args) => aws::run_snapshot(args, &cli.output),
        Command::Audit(args) => aws::run_audit(args, &cli.output),
    }
}

/// Checks the paths, and what else is at hand.
fn run_check(args: &cli::Check, more: Vec<Input>, output: &Output) -> Result<Done, Refusal> {
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let estate = read(&args.paths, more, &args.declared)?;
    let settings = Settings {
        strict: args.strict,
        baseline,
    };
    let outcome = check(&estate, RULES, &settings);

    let sources = &estate.sources;
    let mut text = match output.format {
        Format::Human => human::render(&outcome, sources, terminal(output), args.statistics),
        Format::Json => json::render(&outcome, sources),
        Format::Sarif => sarif::render(&outcome, sources),
        Format::Github => github::render(&outcome, sources),
    };
    let counts = outcome
        .findings
        .iter()
        .any(|finding| finding.severity >= args.threshold());
    let mut exit = match counts && !args.exit_zero {
        true => Exit::Findings,
        false => Exit::Clean,
    };
    if let Some(path) = &args.write_baseline {
        let baseline = Baseline::of(&outcome.findings, sources);
        baseline.write(path)?;
        if output.format == Format::Human {
            text.push_str(&format!("{} written to the baseline\n", baseline.len()));
        }
        exit = Exit::Clean;
    }
    if outcome.problems.iter().any(|problem| problem.fatal) {
        exit = Exit::Incomplete;
    }
    Ok(Done { text, exit })
}

fn run_explain(args: &cli::Explain, output: &Output) -> Result<Done, Refusal> {
    let (method, url, paths) = args.parts().map_err(Refusal::Usage)?;
    if !matches!(output.format, Format::Human | Format::Json) {
        return Err(Refusal::Format("explain", "human and json"));
    }
    let headers = headers(args)?;
    let request = ask::request(&ask::Question {
        method,
        url,
        headers: &headers,
        from: args.from,
        body: args.body,
        signed_by: args.signed_by.as_deref(),
        vpc_endpoint: args.vpc_endpoint.as_deref(),
        sent_at: Some(match &args.at {
            Some(time) => token::moment(time)?,
            None => now(),
        }),
    })?;
    let estate = read(&paths, Vec::new(), &args.declared)?;
    let story = explain::explain(&estate, &request, args.show_secrets);

    let text = match output.format {
        Format::Json => json_text::to_text(&story.document),
        _ => {
            let outcome = check(&estate, RULES, &Settings::default());
            let advice = explain::advice(&story, &outcome.findings);
            let (problems, sources) = (&estate.problems, &estate.sources);
            story::render(&story, &advice, problems, sources, terminal(output))
        }
    };
    let denied = story.document.verdict == Verdict::Denied && !args.exit_zero;
    let exit = match estate.problems.iter().any(|problem| problem.fatal) {
        true => Exit::Incomplete,
        false if denied => Exit::Findings,
        false => Exit::Clean,
    };
    Ok(Done { text, exit })
}

/// The headers that are given, and the one with the token.
fn headers(args: &cli::Explain) -> Result<Vec<String>, Refusal> {
    let mut headers = args.headers.clone();
    let is_authorization = |header: &String| {
        let name = header.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("authorization")
    };
    if let Some(word) = &args.token {
        if headers.iter().any(is_authorization) {
            return Err(token::TokenError::Twice.into());
        }
        headers.push(format!("Authorization: Bearer {}", token::given(word)?));
    }
    Ok(headers)
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn run_manifest(args: &cli::Manifest, output: &Output) -> Result<Done, Refusal> {
    if output.format != Format::Human {
        return Err(Refusal::Format("manifest", "one format, which is JSON"));
    }
    let (path, line) = entry(&args.entry);
    let estate = Estate::read(&[Input::of(&path)?], &[])?;
    let sources = &estate.sources;
    let all: Vec<&App> = estate.express.iter().map(|app| app.app()).collect();
    // The file that is named may import a file that makes another application.
    let real = fs::canonicalize(&path).ok();
    let mut named = all.clone();
    named.retain(|app| {
        let is_line = line.is_none_or(|line| sources.position(app.span).line == line);
        fs::canonicalize(&app.name).ok() == real && is_line
    });
    match (all.as_slice(), named.as_slice()) {
        ([app], _) | (_, [app]) => Ok(Done {
            text: manifest::render(app, sources),
            exit: Exit::Clean,
        }),
        ([], _) => Err(Refusal::NoApp(visible_line(
            &args.entry.display().to_string(),
        ))),
        (apps, _) => {
            let places = apps.iter().map(|app| sources.place(app.span));
            Err(Refusal::ManyApps(visible_line(
                &places.collect::<Vec<_>>().join(", "),
            )))
        }
    }
}

/// `FILE`, or `FILE:LINE` for one of the applications that a file makes.
fn entry(given: &Path) -> (PathBuf, Option<u32>) {
    let text = given.to_str().filter(|_| !given.exists());
    let parts = text.and_then(|text| text.rsplit_once(':'));
    match parts.and_then(|(path, line)| Some((path.into(), line.parse().ok()?))) {
        Some((path, line)) => (path, Some(line)),
        None => (given.to_owned(), None),
    }
}

fn run_rules(args: &cli::Rules, output: &Output) -> Result<Done, Refusal> {
    if output.format != Format::Human {
        return Err(Refusal::Format("rules", "human"));
    }
    let text = match &args.id {
        None => book::list(RULES, terminal(output)),
        Some(id) => {
            let rule = rules::find(id).ok_or_else(|| Refusal::NoSuchRule(id.clone()))?;
            book::page(rule, terminal(output))
        }
    };
    Ok(Done {
        text,
        exit: Exit::Clean,
    })
}

fn read(paths: &[PathBuf], more: Vec<Input>, declared: &cli::Declared) -> Result<Estate, Refusal> {
    let mut inputs: Vec<Input> = paths
        .iter()
        .map(|path| Input::of(path))
        .collect::<io::Result<_>>()?;
    inputs.extend(more);
    inputs.extend(declared.config.clone().map(Input::Config));
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    Ok(Estate::read(&inputs, &known)?)
}

/// What the output goes to. A file is as wide as a page, so that it does not depend on the
/// window that it was made in.
fn terminal(output: &Output) -> Terminal {
    let is_terminal = io::stdout().is_terminal();
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !refused,
    };
    let width = match terminal_size::terminal_size() {
        Some((width, _)) if is_terminal => usize::from(width.0).clamp(60, 120),
        _ => 80,
    };
    Terminal { colour, width }
}
