//! The Python of a project, given to whoever reads call sites out of it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::is_of_a_test;
use crate::callers::Call;
use crate::callers::python::{self, Project};
use crate::source::{Root, SourceMap, TooLarge};
use crate::syntax::python::{Module, parse};

/// How many files are read, with those that are imported.
const MOST_FILES: usize = 6_000;

struct Files<'a> {
    root: &'a Root,
    sources: &'a mut SourceMap,
    /// All that is there to be imported.
    known: &'a BTreeSet<PathBuf>,
    files: Vec<File>,
    by_path: HashMap<PathBuf, usize>,
    /// Who imports which file, once that is asked for.
    importers: Option<HashMap<usize, Vec<usize>>>,
}

struct File {
    path: PathBuf,
    /// Where its first byte lies, once it was read.
    base: Option<u32>,
    /// `None` until it is asked for.
    tree: Option<Option<Arc<Module>>>,
}

/// The call sites of these files, each with its file.
pub fn read(
    root: &Root,
    known: &BTreeSet<PathBuf>,
    seeds: Vec<(PathBuf, Arc<[u8]>)>,
    sources: &mut SourceMap,
) -> Result<Vec<(PathBuf, Call)>, TooLarge> {
    let mut parsed = Vec::new();
    for (path, text) in seeds {
        let id = sources.add(root.name(&path), text.clone())?;
        parsed.push((path, sources.get(id).base, text));
    }
    let parsed: Vec<File> = parsed
        .into_par_iter()
        .map(|(path, base, text)| File {
            path,
            base: Some(base),
            tree: Some(parse(base, &text).map(Arc::new)),
        })
        .collect();
    let seeds: Vec<usize> = (0..parsed.len()).collect();
    let by_path = parsed.iter().enumerate();
    let by_path = by_path.map(|(at, file)| (file.path.clone(), at)).collect();
    let mut files = Files {
        root,
        sources,
        known,
        files: parsed,
        by_path,
        importers: None,
    };
    let calls = python::read(&mut files, &seeds);
    let mut bases: Vec<(u32, &Path)> = files
        .files
        .iter()
        .filter_map(|file| Some((file.base?, file.path.as_path())))
        .collect();
    bases.sort_unstable();
    let path_of = |call: &Call| {
        let after = bases.partition_point(|(base, _)| *base <= call.span.start);
        let (_, path) = bases.get(after.checked_sub(1)?)?;
        Some(path.to_path_buf())
    };
    let calls = calls.into_iter();
    let calls = calls.filter_map(|call| Some((path_of(&call)?, call)));
    Ok(calls.collect())
}

impl Files<'_> {
    fn number(&mut self, path: &Path) -> usize {
        if let Some(number) = self.by_path.get(path) {
            return *number;
        }
        let number = self.files.len();
        self.files.push(File {
            path: path.to_path_buf(),
            base: None,
            tree: None,
        });
        self.by_path.insert(path.to_path_buf(), number);
        number
    }

    /// Who imports which file, by the lines that begin like an import.
    fn graph(&mut self) -> HashMap<usize, Vec<usize>> {
        let is_python = |path: &&PathBuf| path.extension().is_some_and(|end| end == "py");
        let own: Vec<&PathBuf> = self
            .known
            .iter()
            .filter(is_python)
            .take(MOST_FILES)
            .collect();
        let root = self.root;
        let imports: Vec<(&PathBuf, Vec<String>)> = own
            .into_par_iter()
            .filter(|path| !is_of_a_test(path))
            .filter_map(|path| Some((path, modules(&root.read(path).ok()?))))
            .collect();
        let mut importers: HashMap<usize, Vec<usize>> = HashMap::new();
        for (path, modules) in imports {
            let from = self.number(path);
            for module in modules {
                if let Some(to) = self.resolve(from, &module) {
                    importers.entry(to).or_default().push(from);
                }
            }
        }
        importers
    }

    fn parse(&mut self, file: usize) -> Option<Arc<Module>> {
        let path = self.files[file].path.clone();
        let text = self.root.read(&path).ok()?;
        let source = self.sources.add(self.root.name(&path), text).ok()?;
        let source = self.sources.get(source);
        self.files[file].base = Some(source.base);
        parse(source.base, &source.text).map(Arc::new)
    }
}

impl Project for Files<'_> {
    fn resolve(&mut self, from: usize, module: &str) -> Option<usize> {
        if self.files.len() >= 2 * MOST_FILES {
            return None;
        }
        let from = self.files[from].path.clone();
        let name = module.trim_start_matches('.');
        let dots = module.len() - name.len();
        let parts: PathBuf = name.split('.').filter(|part| !part.is_empty()).collect();
        let above = from.parent()?.ancestors();
        let starts: Vec<PathBuf> = match dots {
            // A program's own folders, from its own one upwards.
            0 => above
                .flat_map(|above| [above.to_path_buf(), above.join("src")])
                .collect(),
            dots => above
                .skip(dots - 1)
                .take(1)
                .map(Path::to_path_buf)
                .collect(),
        };
        let found = starts.into_iter().find_map(|start| {
            let path = start.join(&parts);
            let package = path.join("__init__.py");
            let file = match name.is_empty() {
                true => package.clone(),
                false => path.with_extension("py"),
            };
            let mut files = [file, package].into_iter();
            files.find(|path| self.known.contains(path) && *path != from)
        });
        found.map(|path| self.number(&path))
    }

    fn importers(&mut self, file: usize) -> Vec<usize> {
        let importers = match self.importers.take() {
            Some(importers) => importers,
            None => self.graph(),
        };
        let found = importers.get(&file).cloned().unwrap_or_default();
        self.importers = Some(importers);
        found
    }

    fn tree(&mut self, file: usize) -> Option<Arc<Module>> {
        if let Some(tree) = &self.files[file].tree {
            return tree.clone();
        }
        let tree = self.parse(file);
        self.files[file].tree = Some(tree.clone());
        tree
    }
}

/// What a file imports, each also with what it takes from there: that may be a file, too.
fn modules(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("import ") {
            let names = rest
                .split(',')
                .filter_map(|name| name.split_whitespace().next());
            found.extend(names.map(str::to_owned));
        } else if let Some(rest) = line.strip_prefix("from ")
            && let Some((module, names)) = rest.split_once(" import ")
        {
            let module = module.trim();
            found.push(module.to_owned());
            let dot = if module.ends_with('.') { "" } else { "." };
            let names = names.trim_start_matches('(').split(',');
            let names = names.filter_map(|name| name.split_whitespace().next());
            found.extend(names.map(|name| format!("{module}{dot}{name}")));
        }
    }
    found
}
