//! Finds the middleware manifests and the Express applications among the files, and reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::scripts;
use crate::gates::express::Express;
use crate::gates::express::read::manifest;
use crate::problem::Problem;
use crate::source::{Root, SourceMap, Span, TooLarge};
use crate::syntax::document;

/// What a manifest says of itself, in its first lines.
const MARK: &[u8] = b"express/v";

/// What was found.
#[derive(Default)]
pub struct Found {
    pub apps: Vec<Express>,
    pub comments: Vec<Span>,
    pub problems: Vec<Problem>,
}

/// Whether a file says that it is a middleware manifest.
pub fn is_manifest(path: &Path, head: &[u8]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_document = matches!(extension, Some("yaml" | "yml" | "json"));
    is_document && head.find(MARK).is_some() && head.find("manifest").is_some()
}

/// Whether a file is JavaScript or TypeScript by its name.
pub fn is_script(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(
        extension,
        Some("js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx")
    )
}

pub fn load(root: &Root, paths: &[PathBuf], sources: &mut SourceMap) -> Result<Found, TooLarge> {
    let mut found = Found::default();
    let files = candidates(root, paths);
    for path in files.iter().filter(|path| !is_script(path)) {
        manifest(root, path, sources, &mut found)?;
    }
    let scripts = scripts::applications(root, &files, sources);
    found.problems.extend(scripts.problems);
    found.comments.extend(scripts.comments);
    found
        .apps
        .extend(scripts.apps.into_iter().map(Express::new));
    Ok(found)
}

fn manifest(
    root: &Root,
    path: &Path,
    sources: &mut SourceMap,
    found: &mut Found,
) -> Result<(), TooLarge> {
    let text = match root.read_if(path, |head, _| is_manifest(path, head)) {
        Ok(Some(text)) => text,
        // Who is not one is nobody's problem; who cannot be read is told of by the other reader.
        Ok(None) | Err(_) => return Ok(()),
    };
    let name = root.name(path);
    let id = sources.add(name.clone(), text)?;
    let source = sources.get(id);
    match document::parse(source.base, &source.text) {
        Ok(document) if manifest::is_manifest(&document) => {
            let (app, problems) = manifest::read(&document, &name);
            found.problems.extend(problems);
            found.comments.extend(&document.comments);
            found.apps.extend(app.map(Express::new));
        }
        Ok(_) => {}
        Err(error) => {
            let problem = Problem::fatal(error.span, error.message);
            found.problems.push(problem);
        }
    }
    Ok(())
}

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
    candidates.retain(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        is_script(path) || matches!(extension, Some("yaml" | "yml" | "json"))
    });
    candidates
}
