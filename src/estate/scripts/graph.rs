//! Which file imports which, and from which an application is started.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Scripts;
use super::resolve::Target;
use crate::syntax::javascript::Dialect;

/// By which names servers are started.
const NAMES: [&str; 6] = ["server", "index", "app", "main", "www", "start"];

/// How many files are asked whether they begin a circle, which takes a walk over all imports.
const MOST_CIRCLES: usize = 20;

/// Files are scanned for imports and not parsed: most have nothing to do with an application.
#[derive(Debug, Default)]
pub struct Graph {
    imports: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// Files that import Express and make an application.
    makers: BTreeSet<PathBuf>,
}

impl Graph {
    /// Of these files, and of what they import: who names the file in which a program starts means
    /// the program.
    pub fn of(scripts: &mut Scripts<'_>, files: &BTreeSet<PathBuf>) -> Graph {
        let mut graph = Graph::default();
        let mut open: BTreeSet<PathBuf> = files.clone();
        while let Some(path) = open.pop_first() {
            if !may_start(&path) || graph.imports.contains_key(&path) {
                continue;
            }
            let text = scripts
                .root
                .read_if(&path, |head, _| is_script(&path, head));
            let Ok(Some(text)) = text else {
                continue;
            };
            let text = String::from_utf8_lossy(&text);
            let mut imports = BTreeSet::new();
            let mut has_express = false;
            for specifier in specifiers(&text) {
                match scripts.packages.resolve(scripts.root, &path, specifier) {
                    Target::File(target) if target != path => {
                        imports.insert(target);
                    }
                    Target::Package(name) => has_express |= name == "express",
                    _ => {}
                }
            }
            if has_express && makes_application(&text) {
                graph.makers.insert(path.clone());
            }
            open.extend(imports.iter().cloned());
            graph.imports.insert(path, imports);
        }
        graph
    }

    /// The files from which an application is reached and that nobody imports; those by whose name
    /// it is started come first.
    pub fn entries(&self) -> Vec<PathBuf> {
        let mut importers: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
        for (from, targets) in &self.imports {
            for to in targets {
                importers.entry(to).or_default().push(from);
            }
        }
        let mut entries = BTreeSet::new();
        let circles = Cell::new(MOST_CIRCLES);
        for maker in &self.makers {
            let mut seen = BTreeSet::from([maker.as_path()]);
            let mut open = vec![maker.as_path()];
            while let Some(path) = open.pop() {
                let above = importers.get(path).map_or(&[][..], Vec::as_slice);
                open.extend(above.iter().filter(|path| seen.insert(path)));
            }
            let is_top = |path: &&Path| {
                let above = importers.get(path).map_or(&[][..], Vec::as_slice);
                // Who imports it is imported by it, too: a circle has no other beginning.
                above.is_empty()
                    || circles.get() > 0 && rank(path) < NAMES.len() && {
                        circles.set(circles.get() - 1);
                        let below = self.below(path);
                        above.iter().all(|one| below.contains(one))
                    }
            };
            let mut tops: Vec<&Path> = seen.iter().copied().filter(is_top).collect();
            tops.sort_by_key(|path| (rank(path), *path));
            for top in tops {
                // One of a circle will do.
                let is_begun = |entry: &&Path| self.below(entry).contains(top);
                if !importers.contains_key(top) || !entries.iter().any(is_begun) {
                    entries.insert(top);
                }
            }
        }
        let mut entries: Vec<PathBuf> = entries.into_iter().map(Path::to_path_buf).collect();
        entries.sort_by_key(|path| (rank(path), path.clone()));
        entries
    }
}

impl Graph {
    /// All that a file imports, and what is imported there.
    pub fn below<'g>(&'g self, path: &Path) -> BTreeSet<&'g Path> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Path> = vec![path];
        while let Some(path) = open.pop() {
            for to in self.imports.get(path).into_iter().flatten() {
                if seen.insert(to.as_path()) {
                    open.push(to);
                }
            }
        }
        seen
    }

    /// Each import: who imports, and what.
    pub fn imports(&self) -> impl Iterator<Item = (&PathBuf, &PathBuf)> {
        let imports = self.imports.iter();
        imports.flat_map(|(from, all)| all.iter().map(move |to| (from, to)))
    }

    /// The files that make an application, whoever imports them.
    pub fn makers(&self) -> impl Iterator<Item = &PathBuf> {
        self.makers.iter()
    }
}

/// Servers before scripts.
fn rank(path: &Path) -> usize {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("");
    let names = ["server", "index", "app", "main", "www", "start"];
    let place = names
        .iter()
        .position(|name| stem.eq_ignore_ascii_case(name));
    place.unwrap_or(names.len())
}

/// Tests build applications of their own, and bundles are read as what they were made from.
pub fn may_start(path: &Path) -> bool {
    let is_other = |part: &str| {
        matches!(
            part,
            "test"
                | "tests"
                | "__tests__"
                | "__mocks__"
                | "spec"
                | "specs"
                | "e2e"
                | "cypress"
                | "dist"
                | "build"
                | "node_modules"
                | "bower_components"
                | "vendor"
                | "fixtures"
                | "mocks"
                | "coverage"
                | ".next"
                | "public"
        )
    };
    let mut parts = path.iter().filter_map(|part| part.to_str());
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let is_test = [".test.", ".spec.", ".min.", ".d.ts", ".stories."]
        .iter()
        .any(|mark| name.contains(mark));
    !is_test && !parts.any(is_other)
}

fn is_script(path: &Path, head: &[u8]) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    match Dialect::of(name) {
        Some(dialect) => dialect != Dialect::Json,
        None => !name.contains('.') && head.starts_with(b"#!") && contains_node(head),
    }
}

fn contains_node(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    line.windows(4).any(|word| word == b"node")
}

/// `express()`, whatever it is called: the name of the import is not followed here.
fn makes_application(text: &str) -> bool {
    [
        "express()",
        "express.default()",
        "('express')()",
        "(\"express\")()",
    ]
    .iter()
    .any(|call| text.contains(call))
        || text.contains("express ()")
        || text.contains("new express(")
}

/// What stands between quotes behind `from`, `import` and `require(`.
pub fn specifiers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for mark in ["from", "import", "require"] {
        for (at, _) in text.match_indices(mark) {
            let rest = text[at + mark.len()..].trim_start();
            let rest = rest.strip_prefix('(').unwrap_or(rest).trim_start();
            let Some(quote) = rest
                .chars()
                .next()
                .filter(|char| matches!(char, '\'' | '"' | '`'))
            else {
                continue;
            };
            let inner = &rest[1..];
            if let Some(end) = inner.find([quote, '\n']) {
                found.push(&inner[..end]);
            }
        }
    }
    found
}
