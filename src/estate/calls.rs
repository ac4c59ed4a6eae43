//! Call sites in other languages than JavaScript, and where all call sites lead.

mod env;
mod python;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::ByteSlice;
use rayon::prelude::*;

use super::scripts::{Caller, Callers, is_of_a_test, shown};
use crate::callers::{Base, Call, http_file, postman, shell};
use crate::config::Endpoint;
use crate::source::{Root, SourceMap, TooLarge};

/// Larger files are data; a collection may be large.
const LARGEST: usize = 512 << 10;
const LARGEST_COLLECTION: usize = 8 << 20;

/// A line is not longer in what people write.
const LONGEST_LINE: usize = 5_000;

/// How many files are read.
const MOST_FILES: usize = 4_000;

/// Folders that begin with a dot, and hold what build servers run.
const HIDDEN: [&str; 2] = [".github", ".circleci"];
const HIDDEN_FILES: [&str; 2] = [".gitlab-ci.yml", ".travis.yml"];

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Python,
    Shell(shell::Kind),
    HttpFile,
    Postman,
}

/// The call sites of these files, and of what build servers run.
pub fn read(
    root: &Root,
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
) -> Result<Vec<Caller>, TooLarge> {
    let mut all: BTreeSet<PathBuf> = files.clone();
    for folder in HIDDEN {
        let is_folder = root.locate(Path::new(folder)).is_ok();
        if is_folder {
            all.extend(root.walk(Path::new(folder)).files);
        }
    }
    all.extend(HIDDEN_FILES.map(PathBuf::from));
    let candidates: Vec<(&PathBuf, Kind)> = all
        .iter()
        .filter_map(|path| Some((path, Kind::of(path)?)))
        .filter(|(path, _)| !is_of_a_test(path))
        .collect();
    let texts: Vec<(&PathBuf, Kind, Arc<[u8]>)> = candidates
        .par_iter()
        .filter_map(|(path, kind)| Some((*path, *kind, kind.text(root, path)?)))
        .collect();
    let mut pythons = Vec::new();
    let mut others: Vec<(&PathBuf, Kind, u32, Arc<[u8]>)> = Vec::new();
    for (path, kind, text) in texts.into_iter().take(MOST_FILES) {
        match kind {
            // Its files belong together.
            Kind::Python => pythons.push((path.clone(), text)),
            kind => {
                let id = sources.add(root.name(path), text.clone())?;
                others.push((path, kind, sources.get(id).base, text));
            }
        }
    }
    let mut calls: Vec<(PathBuf, Call)> = others
        .par_iter()
        .flat_map_iter(|(path, kind, base, text)| {
            let calls = match kind {
                Kind::Shell(kind) => shell::read(*kind, *base, text),
                Kind::HttpFile => http_file::read(*base, text),
                Kind::Postman => postman::read(*base, text),
                Kind::Python => Vec::new(),
            };
            calls.into_iter().map(|call| ((*path).clone(), call))
        })
        .collect();
    calls.extend(python::read(root, &all, pythons, sources)?);
    calls.sort_by_key(|(_, call)| call.span);
    let callers = calls.into_iter().map(|(path, call)| Caller {
        urls: call.urls.clone(),
        call,
        package: shown(path.parent().unwrap_or(Path::new(""))),
        has_dev_server: false,
        speaks_of_csrf: false,
    });
    Ok(callers.collect())
}

/// Puts what is said of variables into the URLs of all calls.
pub fn resolve(callers: &mut Callers, root: &Root, endpoints: &[Endpoint]) {
    let env = env::Files::new(root);
    for caller in callers.calls.iter_mut().chain(&mut callers.others) {
        let folder = PathBuf::from(caller.package.trim_start_matches('/'));
        for url in &mut caller.urls {
            *url = url.with(&|name| {
                let declared = endpoints.iter().find(|one| one.name.value == name);
                match declared {
                    Some(endpoint) => Some(endpoint.url.value.clone()),
                    None => env.value(&folder, name, env::Kind::Used),
                }
            });
            // An example is less than what the code itself falls back to.
            if url.is_suffix() || matches!(url.base, Base::Host { .. }) && url.base.host().is_none()
            {
                *url = url.with(&|name| env.value(&folder, name, env::Kind::Example));
            }
        }
    }
}

impl Kind {
    fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?;
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Some(match extension {
            "py" => Kind::Python,
            "http" | "rest" => Kind::HttpFile,
            "json" if name != "package.json" => Kind::Postman,
            _ => Kind::Shell(shell::Kind::of(path)?),
        })
    }

    /// The text of a file, if it may hold a call.
    fn text(self, root: &Root, path: &Path) -> Option<Arc<[u8]>> {
        let is_collection = |head: &[u8], is_whole: bool| {
            self != Kind::Postman || head.find(postman::MARK).is_some() || is_whole
        };
        let text = root.read_if(path, is_collection).ok()??;
        let words: &[&str] = match self {
            Kind::Python => &[
                "requests",
                "httpx",
                "urllib",
                "aiohttp",
                "botocore",
                "http.client",
            ],
            Kind::Shell(_) => &["curl", "wget"],
            Kind::HttpFile => &["http", "{{", "Host"],
            Kind::Postman => &[postman::MARK],
        };
        let largest = match self {
            Kind::Postman => LARGEST_COLLECTION,
            _ => LARGEST,
        };
        let is_written = self == Kind::Postman || {
            let mut lines = text.lines();
            lines.all(|line| line.len() <= LONGEST_LINE)
        };
        let has_word = words.iter().any(|word| text.find(word).is_some());
        (text.len() <= largest && has_word && is_written).then_some(text)
    }
}
