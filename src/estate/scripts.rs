//! The JavaScript of a project, given to whoever reads applications out of it.

mod clients;
mod graph;
mod resolve;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::ByteSlice;

use crate::gates::express::model::{App, Field, Item, Major, What};
use crate::gates::express::read::source::{ModuleId, Modules, Resolved, read};
use crate::problem::Problem;
use crate::source::{Root, SourceMap, Span};
use crate::syntax::javascript::{self, Dialect, Module};
pub use clients::{Caller, Callers};
use graph::Graph;
use resolve::Packages;

/// From how many files one application is looked for.
const MOST_ENTRIES: usize = 40;

/// How much is walked through for one project: a few seconds' worth.
const MOST_STEPS: usize = 3_000_000;

const ALLOW_ORIGIN: &str = "access-control-allow-origin";

/// How much of a place is quoted.
const LONGEST_TEXT: usize = 8_000;

/// The modules of a project, read when they are asked for.
pub struct Scripts<'a> {
    root: &'a Root,
    sources: &'a mut SourceMap,
    files: Vec<File>,
    by_path: HashMap<PathBuf, ModuleId>,
    packages: Packages,
    /// The files that name Access-Control-Allow-Origin.
    speakers: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

struct File {
    /// Relative to the root.
    path: PathBuf,
    /// `None` until it is asked for; then what it is, or that it cannot be read.
    tree: Option<Option<Arc<Module>>>,
}

/// What was found in a project.
#[derive(Debug, Default)]
pub struct Applications {
    pub apps: Vec<App>,
    pub problems: Vec<Problem>,
    /// The comments of the files that were walked through.
    pub comments: Vec<Span>,
    /// Every call that registered something.
    pub registered: Vec<Span>,
    /// Who calls them, or something else.
    pub callers: Callers,
    /// The fields of the models that the applications load, each once.
    pub fields: Vec<Field>,
}

/// The Express applications among the files of a folder, each read from where it is started, and
/// who calls them; `is_called` says that there are other ones that may be called.
pub fn applications(
    root: &Root,
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
    is_called: bool,
) -> Applications {
    let mut scripts = Scripts::new(root, sources);
    let graph = Graph::of(&mut scripts, files);
    let mut found = Applications::default();
    // One application may be read from many files: a server, a script, a test.
    let mut best: BTreeMap<Span, (usize, App)> = BTreeMap::new();
    let mut made = BTreeSet::new();
    let mut servers = HashSet::new();
    let mut steps = 0;
    // Those that no entry leads to, a plugin or a library, are read for themselves.
    let entries = graph.entries();
    let rest = graph.makers().filter(|maker| !entries.contains(maker));
    let all = entries.iter().map(|entry| (entry, true)).take(MOST_ENTRIES);
    for (entry, is_entry) in all.chain(rest.map(|maker| (maker, false))) {
        let id = scripts.module_at(entry);
        if !is_entry && made.contains(&id) || steps > MOST_STEPS {
            continue;
        }
        let read = read(&mut scripts, id);
        steps += read.steps;
        found.problems.extend(read.problems);
        found.registered.extend(read.registered);
        let walked = read.modules.iter().map(|id| scripts.file(*id).path.clone());
        servers.extend(walked);
        servers.extend(graph.below(entry).into_iter().map(Path::to_path_buf));
        let names_allow_origin = read
            .modules
            .iter()
            .any(|id| scripts.speakers.contains(&scripts.file(*id).path));
        found.fields.extend(read.fields);
        made.extend(read.makers);
        for mut app in read.apps {
            app.names_allow_origin = names_allow_origin;
            if scripts.by_path.contains_key(Path::new(&app.name)) {
                let home = shown(&scripts.packages.folder_of(root, entry));
                found.callers.homes.insert(app.name.clone(), home);
            }
            let size = 2 * count(&app.stack) + usize::from(!app.listens.is_empty());
            match best.get(&app.span) {
                Some((other, _)) if *other >= size => {}
                _ => {
                    best.insert(app.span, (size, app));
                }
            }
        }
    }
    found.apps = best.into_values().map(|(_, app)| app).collect();
    if is_called || !found.apps.is_empty() {
        let (calls, names_xsrf_cookie) = clients::callers(&mut scripts, &graph, files, &servers);
        found.callers.calls = calls;
        found.callers.names_xsrf_cookie = names_xsrf_cookie;
    }
    found.problems.append(&mut scripts.problems);
    for file in &scripts.files {
        if let Some(Some(tree)) = &file.tree {
            found.comments.extend(&tree.comments);
        }
    }
    found.problems.dedup();
    found.fields.sort_by_key(|field| field.name.span);
    found.fields.dedup();
    found.registered.sort_unstable();
    found.registered.dedup();
    found
}

fn count(stack: &[Item]) -> usize {
    let items = stack.iter().map(|item| match &item.what {
        What::Router { router, .. } => 1 + count(&router.stack),
        _ => 1,
    });
    items.sum()
}

impl<'a> Scripts<'a> {
    pub fn new(root: &'a Root, sources: &'a mut SourceMap) -> Self {
        Scripts {
            root,
            sources,
            files: Vec::new(),
            by_path: HashMap::new(),
            packages: Packages::default(),
            speakers: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    pub fn module_at(&mut self, path: &Path) -> ModuleId {
        if let Some(id) = self.by_path.get(path) {
            return *id;
        }
        let id = ModuleId(self.files.len() as u32);
        self.files.push(File {
            path: path.to_path_buf(),
            tree: None,
        });
        self.by_path.insert(path.to_path_buf(), id);
        id
    }

    fn file(&self, id: ModuleId) -> &File {
        &self.files[id.0 as usize]
    }

    fn parse(&mut self, path: &Path) -> Option<Arc<Module>> {
        let name = self.root.name(path);
        let text = match self.root.read(path) {
            Ok(text) => text,
            Err(reason) => {
                let message = format!("{name}: {reason}");
                self.problems.push(Problem::fatal(None, message));
                return None;
            }
        };
        if text.to_ascii_lowercase().contains_str(ALLOW_ORIGIN) {
            self.speakers.insert(path.to_owned());
        }
        // A file without an extension, `bin/www`, is a script.
        let dialect = Dialect::of(&name).unwrap_or(Dialect::JavaScript);
        let is_component = javascript::is_component(&name);
        let source = self.sources.add(name, text).ok()?;
        let source = self.sources.get(source);
        let parsed = match is_component {
            true => {
                let (dialect, script) = javascript::script_of(&source.text);
                javascript::parse(dialect, source.base, &script)
            }
            false => javascript::parse(dialect, source.base, &source.text),
        };
        match parsed {
            Ok(tree) => Some(Arc::new(tree)),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }
}

impl Modules for Scripts<'_> {
    fn resolve(&mut self, from: ModuleId, specifier: &str) -> Resolved {
        let from = self.file(from).path.clone();
        match self.packages.resolve(self.root, &from, specifier) {
            resolve::Target::File(path) => Resolved::Module(self.module_at(&path)),
            resolve::Target::Package(name) => Resolved::Package(name),
            resolve::Target::Missing => Resolved::Missing,
        }
    }

    fn tree(&mut self, module: ModuleId) -> Option<Arc<Module>> {
        let path = match self.file(module) {
            File {
                tree: Some(tree), ..
            } => return tree.clone(),
            File { path, .. } => path.clone(),
        };
        let tree = self.parse(&path);
        self.files[module.0 as usize].tree = Some(tree.clone());
        tree
    }

    fn path(&self, module: ModuleId) -> String {
        shown(&self.file(module).path)
    }

    fn package(&self, module: ModuleId) -> String {
        let path = &self.file(module).path;
        shown(&self.packages.folder_of(self.root, path))
    }

    fn express(&self, module: ModuleId) -> Option<Major> {
        self.packages.express(self.root, &self.file(module).path)
    }

    fn major(&self, module: ModuleId, package: &str) -> Option<u32> {
        let path = &self.file(module).path;
        self.packages.major(self.root, path, package)
    }

    fn list(&mut self, folder: &str) -> Option<Vec<String>> {
        resolve::list(self.root, Path::new(folder.trim_start_matches('/')))
    }

    fn text(&self, span: Span) -> String {
        let bytes = self.sources.bytes(span);
        let cut = &bytes[..bytes.len().min(LONGEST_TEXT)];
        String::from_utf8_lossy(cut).into_owned()
    }
}

/// Whether a file belongs to a test, or was copied or built, by its path.
pub fn is_of_a_test(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let of_python =
        name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py";
    let is_copied = |part: &std::ffi::OsStr| part == "venv" || part == "site-packages";
    of_python || path.iter().any(is_copied) || lies_in_tests(path) || !graph::may_start(path)
}

/// Whether a folder is named after tests: `integration-tests`, `e2e_api`.
fn lies_in_tests(path: &Path) -> bool {
    let folders = path.parent().into_iter().flat_map(Path::iter);
    let mut names = folders.filter_map(|folder| folder.to_str());
    names.any(|name| {
        let name = name.to_ascii_lowercase();
        let mut words = name.split(['-', '_', '.']);
        words.any(|word| {
            matches!(
                word,
                "test" | "tests" | "e2e" | "integtest" | "integtests" | "specs"
            )
        })
    })
}

/// `/src/app.js`.
pub fn shown(path: &Path) -> String {
    let mut text = String::new();
    for part in path.components() {
        text.push('/');
        text.push_str(&part.as_os_str().to_string_lossy());
    }
    if text.is_empty() {
        "/".to_owned()
    } else {
        text
    }
}
