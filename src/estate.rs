//! All that was found in one run, and how it hangs together.

mod addresses;
mod authorizers;
mod calls;
mod cloud;
mod dump;
mod express;
mod load;
mod mounts;
mod recognise;
pub mod scripts;
mod services;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{self, Config};
use crate::gate::Gate;
use crate::gates::aws::Aws;
use crate::gates::express::Express;
use crate::gates::express::model::Field;
use crate::gates::nginx::Nginx;
use crate::gates::nginx::include::Files;
use crate::source::{LARGEST, Root, SourceMap, Span, TooLarge, Unreadable};

pub use crate::problem::Problem;
pub use addresses::{Address, Evidence, Host, socket};
use services::Services;

pub use authorizers::{Answers, Authorizing};
pub use recognise::{Verdict, recognise};
pub use scripts::{Caller, Callers};

/// The name of the configuration, at the root of what is checked.
const CONFIG: &str = "why403.yaml";

/// What the standard input is called.
const STDIN: &str = "<stdin>";

/// Blocks may be nested thousands deep, and some of what reads them recurses.
const STACK: usize = 16 << 20;

pub struct Estate {
    pub sources: SourceMap,
    pub config: Config,
    pub nginx: Vec<Nginx>,
    pub express: Vec<Express>,
    pub aws: Aws,
    /// Under which addresses these applications are reached.
    pub addresses: Vec<Address>,
    /// The call sites, where there is a gate that they may call.
    pub callers: Callers,
    /// Functions that judge callers for API Gateway.
    pub authorizing: Vec<Authorizing>,
    /// The fields of the models that the applications load.
    pub fields: Vec<Field>,
    /// Every comment of the files that were analysed: where suppressions may stand.
    pub comments: Vec<Span>,
    pub analysed: Analysed,
    /// What went wrong while reading.
    pub problems: Vec<Problem>,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Analysed {
    /// nginx files, each section of a dump among them.
    pub files: usize,
    /// Those from which nginx would start.
    pub entries: usize,
    /// Those that are neither started from nor included, and hold no door.
    pub idle: usize,
}

/// What the user asks to check.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, which is analysed whatever its name, or a folder.
    Path(PathBuf),
    Stdin(Arc<[u8]>),
    /// A snapshot of AWS accounts that is in no file.
    Snapshot {
        name: String,
        text: Arc<[u8]>,
    },
    /// The configuration, in place of `why403.yaml` in the folder that is checked.
    Config(PathBuf),
}

impl Input {
    /// A path as it stands on the command line; `-` is read to its end.
    pub fn of(path: &Path) -> io::Result<Input> {
        if path != Path::new("-") {
            return Ok(Input::Path(path.to_path_buf()));
        }
        let mut text = Vec::new();
        io::stdin()
            .lock()
            .take(LARGEST + 1)
            .read_to_end(&mut text)?;
        if text.len() as u64 > LARGEST {
            return Err(io::Error::other(Unreadable::TooLarge));
        }
        Ok(Input::Stdin(text.into()))
    }

    /// Whether this names a file of the root, by its path.
    fn is_file(&self, root: &Root, file: &Path) -> bool {
        match self {
            Input::Path(path) => {
                fs::canonicalize(path).is_ok_and(|real| real == root.folder().join(file))
            }
            _ => false,
        }
    }

    fn config(&self) -> Option<&Path> {
        match self {
            Input::Config(path) => Some(path),
            _ => None,
        }
    }
}

impl Estate {
    /// Reads all that the inputs name. What cannot be read is a problem of the estate; only too
    /// much to address is an error.
    pub fn read(inputs: &[Input], known_rules: &[&str]) -> Result<Estate, TooLarge> {
        let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
        match pool {
            Ok(pool) => pool.install(|| read(inputs, known_rules)),
            // The machine is short of threads: the one that we have must do.
            Err(_) => read(inputs, known_rules),
        }
    }

    pub fn gates(&self) -> impl Iterator<Item = &dyn Gate> {
        let nginx = self.nginx.iter().map(|gate| gate as &dyn Gate);
        let express = self.express.iter().map(|gate| gate as &dyn Gate);
        nginx.chain(express).chain(self.aws.gates())
    }
}

fn read(inputs: &[Input], known_rules: &[&str]) -> Result<Estate, TooLarge> {
    let mut sources = SourceMap::default();
    let mut problems = Vec::new();
    let paths = existing(inputs, &mut problems);
    let root = match Root::around(&paths) {
        Ok(root) => root,
        Err((path, reason)) => {
            let message = format!("{}: {reason}", path.display());
            problems.push(Problem::fatal(None, message));
            return Ok(nothing(sources, problems));
        }
    };
    let given = inputs.iter().find_map(Input::config);
    let config = read_config(&root, given, known_rules, &mut sources, &mut problems)?;
    let load::Load {
        files,
        tellers,
        problems: found,
    } = load::load(&root, inputs, &paths, &config, &mut sources)?;
    problems.extend(found);
    let candidates = candidates(&root, &paths);
    let clouds = cloud::load(&root, inputs, &candidates, &mut sources)?;
    problems.extend(clouds.problems);
    let (aws, found) = Aws::read(clouds.cloud);
    problems.extend(found);
    // Gates of elsewhere may be called from anything in here.
    let is_called = !aws.cloud.is_empty();
    let mut apps = express::load(&root, &candidates, &mut sources, is_called)?;
    problems.extend(apps.problems);
    if is_called {
        apps.callers.others = calls::read(&root, &candidates, &mut sources)?;
    }
    calls::resolve(&mut apps.callers, &root, &config.endpoints);
    let authorizing = match is_called {
        true => authorizers::read(&root, &candidates, &mut sources)?,
        false => Vec::new(),
    };
    let services = match apps.apps.is_empty() {
        true => Services::default(),
        false => services::read(&root, &tellers, &mut sources)?,
    };
    let (addresses, found) =
        addresses::addresses(&root, &apps.apps, &services, &config.applications);
    problems.extend(found);

    let entries = files.entries();
    let gates: Vec<(Nginx, Vec<Problem>)> = entries
        .par_iter()
        .map(|entry| Nginx::read(&files, entry, &config.nginx, &sources))
        .collect();
    let mut nginx = Vec::with_capacity(gates.len());
    for (gate, found) in gates {
        nginx.push(gate);
        problems.extend(found);
    }
    // Whatever else could not be read is reason enough.
    let is_told = problems.iter().any(|problem| problem.fatal);
    if !is_told && nginx.is_empty() && apps.apps.is_empty() && aws.cloud.is_empty() {
        problems.push(nothing_to_analyse(files.idle()));
    }
    Ok(Estate {
        comments: comments(&files, apps.comments),
        analysed: analysed(&files),
        config,
        nginx,
        express: apps.apps,
        aws,
        addresses,
        callers: apps.callers,
        fields: apps.fields,
        authorizing,
        problems: in_order(problems),
        sources,
    })
}

fn nothing_to_analyse(parts: usize) -> Problem {
    let (message, help) = match parts {
        0 => (
            "nothing to analyse: no nginx configuration, no Express application and nothing of AWS \
             was found"
                .to_owned(),
            "name a file to have it analysed whatever it looks like",
        ),
        _ => (
            format!("nothing to analyse: {parts} of nginx's files, and no server or location"),
            "check the folder of the configuration that includes them, too",
        ),
    };
    Problem::fatal(None, message).with_help(help)
}

/// All files of the inputs, as paths from the root.
fn candidates(root: &Root, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut candidates = BTreeSet::new();
    for path in paths {
        let Ok(real) = fs::canonicalize(path) else {
            continue;
        };
        let Ok(relative) = root.locate(&real) else {
            continue;
        };
        match real.is_dir() {
            true => candidates.extend(root.walk(&relative).files),
            false => {
                candidates.insert(relative);
            }
        }
    }
    candidates
}

/// The paths that are there; for each of the others a problem.
fn existing(inputs: &[Input], problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for input in inputs {
        let Input::Path(path) = input else {
            continue;
        };
        match path.metadata() {
            Ok(_) => paths.push(path.clone()),
            Err(error) => {
                let message = format!("{}: {error}", path.display());
                problems.push(Problem::fatal(None, message));
            }
        }
    }
    paths
}

fn read_config(
    root: &Root,
    given: Option<&Path>,
    known_rules: &[&str],
    sources: &mut SourceMap,
    problems: &mut Vec<Problem>,
) -> Result<Config, TooLarge> {
    let (name, text) = match given {
        // The user may keep it anywhere.
        Some(path) => (path.display().to_string(), read_given(path)),
        None => {
            let path = Path::new(CONFIG);
            if root.folder().join(path).symlink_metadata().is_err() {
                return Ok(Config::default());
            }
            (root.name(path), root.read(path))
        }
    };
    let text = match text {
        Ok(text) => text,
        Err(reason) => {
            problems.push(Problem::fatal(None, format!("{name}: {reason}")));
            return Ok(Config::default());
        }
    };
    let id = sources.add(name, text)?;
    let source = sources.get(id);
    let (config, found) = config::read(source.base, &source.text, known_rules);
    problems.extend(found);
    Ok(config)
}

fn read_given(path: &Path) -> Result<Arc<[u8]>, Unreadable> {
    let real = fs::canonicalize(path)?;
    let root = Root::around(std::slice::from_ref(&real)).map_err(|(_, reason)| reason)?;
    root.read(&real)
}

fn comments(files: &Files, of_manifests: Vec<Span>) -> Vec<Span> {
    let mut comments: Vec<Span> = files
        .all()
        .iter()
        .flat_map(|file| file.tree.comments.iter().copied())
        .chain(of_manifests)
        .collect();
    comments.sort_unstable();
    comments
}

fn analysed(files: &Files) -> Analysed {
    Analysed {
        files: files.all().len(),
        entries: files.entries().len(),
        idle: files.idle(),
    }
}

/// By their places, those without one first; each once, however many entries meet it.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
    problems.dedup();
    problems
}

fn nothing(sources: SourceMap, problems: Vec<Problem>) -> Estate {
    Estate {
        sources,
        config: Config::default(),
        nginx: Vec::new(),
        express: Vec::new(),
        aws: Aws::default(),
        addresses: Vec::new(),
        callers: Callers::default(),
        fields: Vec::new(),
        authorizing: Vec::new(),
        comments: Vec::new(),
        analysed: Analysed::default(),
        problems,
    }
}
