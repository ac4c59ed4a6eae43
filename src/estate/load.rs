//! From paths to parsed files: walk, read, parse, and follow includes until nothing new comes.

mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::recognise::{Verdict, has_the_name, is_at_home, read};
use super::{Input, STDIN, cloud, dump, mounts};
use crate::config::Config;
use crate::gates::nginx::include::{
    Dump, Edge, File, Files, Found, Layout, Outline, Project, Search,
};
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::{Container, Root, SourceId, SourceMap, Span, TooLarge, Unreadable};
use crate::syntax::nginx::{Tree, parse};

pub fn load(
    root: &Root,
    inputs: &[Input],
    paths: &[PathBuf],
    config: &Config,
    sources: &mut SourceMap,
) -> Result<Load, TooLarge> {
    let mut loader = Loader {
        root,
        sources,
        files: Vec::new(),
        dismissed: HashMap::new(),
        dumps: Vec::new(),
        numbers: HashMap::new(),
        missing: BTreeMap::new(),
        tellers: BTreeSet::new(),
        problems: Vec::new(),
    };
    loader.read_inputs(inputs, paths)?;
    let edges = loader.follow(config)?;
    Ok(loader.finish(edges))
}

/// What was found of nginx, and the files that say where the project's files and programs go.
pub struct Load {
    pub files: Files,
    pub tellers: BTreeSet<PathBuf>,
    pub problems: Vec<Problem>,
}

/// How Ansible begins a file that only it can read.
const SEALED: &[u8] = b"$ANSIBLE_VAULT;";

/// The set of files among which a path has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shelf {
    Root,
    /// One of the dumps, by its number.
    Dump(usize),
}

/// A file that was read and put among the sources.
struct Pending {
    shelf: Shelf,
    path: PathBuf,
    source: SourceId,
    sure: Sure,
}

/// How sure it is that a file is meant for nginx as it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// It reads a little like a configuration; if it does not parse it was none.
    No,
    /// It reads like one, or stands where they do, but for what a template language may still do
    /// to it.
    ButForTemplate,
    /// The user, an include, a dump or its name says so.
    Yes,
}

struct Loaded {
    shelf: Shelf,
    path: PathBuf,
    file: File,
}

struct Loader<'l> {
    root: &'l Root,
    sources: &'l mut SourceMap,
    files: Vec<Loaded>,
    /// Files of the root that looked like nginx's and do not parse, until an include names them.
    dismissed: HashMap<PathBuf, Loaded>,
    dumps: Vec<(Dump, Layout)>,
    numbers: HashMap<(Shelf, PathBuf), usize>,
    /// Where includes stand that lead nowhere for sure, by what is said of them.
    missing: BTreeMap<String, Vec<Span>>,
    /// Files that may say where the project's files go.
    tellers: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    fn read_inputs(&mut self, inputs: &[Input], paths: &[PathBuf]) -> Result<(), TooLarge> {
        let candidates: Vec<(PathBuf, bool)> = self.candidates(paths).into_iter().collect();
        let texts: Vec<_> = candidates
            .par_iter()
            .map(|(path, is_given)| read(self.root, path, *is_given))
            .collect();
        let mut pending = Vec::new();
        for ((path, is_given), text) in candidates.into_iter().zip(texts) {
            match text {
                Ok(Some((text, verdict))) => {
                    let name = self.root.name(&path);
                    let sure = match verdict {
                        _ if is_given || has_the_name(&path) => Sure::Yes,
                        Verdict::Yes => Sure::ButForTemplate,
                        _ if is_at_home(&path) => Sure::ButForTemplate,
                        _ => Sure::No,
                    };
                    self.add(path, name, text, sure, &mut pending)?;
                }
                Ok(None) => {}
                Err(reason) => {
                    let message = format!("{}: {reason}", self.root.name(&path));
                    self.problems.push(Problem::fatal(None, message));
                }
            }
        }
        for input in inputs {
            if let Input::Stdin(text) = input
                && !cloud::is_document(text)
            {
                let text = text.clone();
                self.add(STDIN.into(), STDIN.into(), text, Sure::Yes, &mut pending)?;
            }
        }
        self.parse(pending);
        Ok(())
    }

    /// Each file to look at, and whether the user named it.
    fn candidates(&mut self, paths: &[PathBuf]) -> BTreeMap<PathBuf, bool> {
        let mut candidates = BTreeMap::new();
        for path in paths {
            let real = fs::canonicalize(path)
                .map_err(Unreadable::from)
                .and_then(|real| self.root.locate(&real));
            match real {
                Ok(folder) if self.root.folder().join(&folder).is_dir() => {
                    let walk = self.root.walk(&folder);
                    for file in walk.files {
                        if mounts::may_tell(&file) {
                            self.tellers.insert(file.clone());
                        }
                        candidates.entry(file).or_insert(false);
                    }
                    let failures = walk.failures.into_iter();
                    self.problems
                        .extend(failures.map(|failure| Problem::fatal(None, failure)));
                }
                Ok(file) => {
                    candidates.insert(file, true);
                }
                Err(reason) => {
                    let message = format!("{}: {reason}", path.display());
                    self.problems.push(Problem::fatal(None, message));
                }
            }
        }
        candidates
    }

    /// Puts a file among the sources, or in its place the sections of a dump.
    fn add(
        &mut self,
        path: PathBuf,
        name: String,
        text: Arc<[u8]>,
        sure: Sure,
        pending: &mut Vec<Pending>,
    ) -> Result<(), TooLarge> {
        let sections = if dump::is_dump(&text) {
            dump::sections(&text)
        } else {
            Vec::new()
        };
        let Some(first) = sections.first() else {
            pending.push(Pending {
                shelf: Shelf::Root,
                path,
                source: self.sources.add(name, text)?,
                sure,
            });
            return Ok(());
        };
        let prefix = Path::new(&first.path).parent().unwrap_or(Path::new("/"));
        let layout = Layout::Server {
            prefix: prefix.to_path_buf(),
        };
        let paths = sections.iter().map(|section| PathBuf::from(&section.path));
        let shelf = Shelf::Dump(self.dumps.len());
        self.dumps.push((Dump::new(paths), layout));
        for section in sections {
            let container = Container {
                name: name.clone(),
                lines_before: section.lines_before,
            };
            let path = PathBuf::from(&section.path);
            let text = section.text.into();
            let source = self.sources.add_section(section.path, text, container)?;
            pending.push(Pending {
                shelf,
                path,
                source,
                sure: Sure::Yes,
            });
        }
        Ok(())
    }

    fn parse(&mut self, pending: Vec<Pending>) {
        let sources = &*self.sources;
        let trees: Vec<Tree> = pending
            .par_iter()
            .map(|one| {
                let source = sources.get(one.source);
                parse(source.base, source.text.clone())
            })
            .collect();
        for (one, tree) in pending.into_iter().zip(trees) {
            let loaded = Loaded {
                file: File {
                    name: self.sources.get(one.source).name.clone(),
                    outline: Outline::of(&tree),
                    tree,
                },
                shelf: one.shelf,
                path: one.path,
            };
            let is_kept = match one.sure {
                Sure::Yes => true,
                Sure::ButForTemplate => !loaded.file.tree.is_template,
                Sure::No => false,
            };
            if is_kept || loaded.file.tree.errors.is_empty() {
                self.keep(loaded);
            } else {
                self.dismissed.insert(loaded.path.clone(), loaded);
            }
        }
    }

    fn keep(&mut self, mut loaded: Loaded) {
        let number = self.files.len();
        // Of a dump nginx starts with the first section, and never with another.
        if let (Shelf::Dump(_), Some(last)) = (loaded.shelf, self.files.last()) {
            loaded.file.outline.has_door &= last.shelf != loaded.shelf;
        }
        self.numbers
            .entry((loaded.shelf, loaded.path.clone()))
            .or_insert(number);
        self.files.push(loaded);
    }

    /// Reads what includes name, and what is included there, until nothing new comes.
    fn follow(&mut self, config: &Config) -> Result<Vec<Edge>, TooLarge> {
        let layout = Layout::Project(self.project(config));
        let dumps = std::mem::take(&mut self.dumps);
        let on_root = Search::new(self.root, &layout);
        let in_dumps: Vec<Search<'_>> = dumps
            .iter()
            .map(|(dump, layout)| Search::new(dump, layout))
            .collect();
        let mut edges = Vec::new();
        let mut at = 0;
        while at < self.files.len() {
            let shelf = self.files[at].shelf;
            let search = match shelf {
                Shelf::Root => &on_root,
                Shelf::Dump(number) => &in_dumps[number],
            };
            let loaded = &self.files[at];
            let tree = &loaded.file.tree;
            let includes = loaded.file.outline.includes.iter();
            let found: Vec<(Span, Span, Found)> = includes
                .map(|(span, index)| {
                    let include = tree.directive(*index);
                    let found = search.find(&loaded.path, include);
                    (*span, include.head_span(), found)
                })
                .collect();
            for (include, head, found) in found {
                edges.push(self.edge(shelf, include, head, found)?);
            }
            at += 1;
        }
        self.report_unused(config, &on_root);
        self.report_missing();
        Ok(edges)
    }

    fn project(&self, config: &Config) -> Project {
        let prefix = config.nginx.prefix.as_ref();
        let maps = config.paths.iter();
        let mut project = Project::new(
            prefix.map(|prefix| prefix.value.clone()),
            maps.map(|map| (map.from.value.clone(), map.to.value.clone()))
                .collect(),
            self.tellers
                .iter()
                .flat_map(|path| mounts::read(self.root, path))
                .take(mounts::MOST)
                .collect(),
        );
        for loaded in &self.files {
            if loaded.shelf == Shelf::Root {
                project.add(&loaded.path, loaded.file.outline.is_main);
            }
        }
        project
    }

    fn edge(
        &mut self,
        shelf: Shelf,
        include: Span,
        head: Span,
        found: Found,
    ) -> Result<Edge, TooLarge> {
        if let Some(reason) = found.missing.as_ref().filter(|_| !found.is_stock) {
            let what = match found.files.is_empty() {
                true => "this include is not followed",
                false => "this include is followed by a guess",
            };
            self.is_missing(head, format!("{what}: {reason}"));
        }
        let mut files = Vec::with_capacity(found.files.len());
        let mut missing = found.missing;
        for path in found.files {
            match self.number(shelf, path, head)? {
                Ok(number) => files.push(number),
                Err(reason) => missing = Some(reason),
            }
        }
        Ok(Edge {
            include,
            files,
            missing,
        })
    }

    fn is_missing(&mut self, include: Span, message: String) {
        self.missing.entry(message).or_default().push(include);
    }

    /// The number of a file that an include names; it is read if it was not yet.
    fn number(
        &mut self,
        shelf: Shelf,
        path: PathBuf,
        head: Span,
    ) -> Result<Result<usize, Reason>, TooLarge> {
        let key = (shelf, path);
        if let Some(number) = self.numbers.get(&key) {
            return Ok(Ok(*number));
        }
        let path = key.1;
        let number = self.files.len();
        if let Some(loaded) = self.dismissed.remove(&path) {
            self.keep(loaded);
            return Ok(Ok(number));
        }
        match self.root.read(&path) {
            Ok(text) if text.starts_with(SEALED) => {
                let reason = "the file is encrypted";
                self.is_missing(head, format!("this include is not followed: {reason}"));
                Ok(Err(Reason::new(reason)))
            }
            Ok(text) => {
                let pending = Pending {
                    shelf,
                    source: self.sources.add(self.root.name(&path), text)?,
                    path,
                    sure: Sure::Yes,
                };
                self.parse(vec![pending]);
                Ok(Ok(number))
            }
            Err(reason) => {
                let message = format!("{}: {reason}", self.root.name(&path));
                self.problems.push(Problem::fatal(head, message));
                Ok(Err(Reason::new(reason.to_string())))
            }
        }
    }

    fn finish(mut self, edges: Vec<Edge>) -> Load {
        for loaded in &self.files {
            self.problems.extend(told::mistakes(&loaded.file.tree));
        }
        self.report_dismissed();
        let files = self.files.into_iter().map(|loaded| loaded.file);
        let (files, found) = Files::new(files.collect(), edges);
        self.problems.extend(found);
        Load {
            files,
            tellers: self.tellers,
            problems: self.problems,
        }
    }
}
