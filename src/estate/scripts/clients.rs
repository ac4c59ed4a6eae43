//! Which files of a project may send requests, and in what kind of program they run.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use rayon::prelude::*;

use super::graph::{self, Graph};
use super::resolve::Target;
use super::{Scripts, shown};
use crate::callers::javascript::{self, Project, Seed};
use crate::callers::{Call, Place, Url};
use crate::gates::express::read::source::{ModuleId, Modules};
use crate::syntax::javascript::is_component;

/// A file that sends has one of these words in it.
const WORDS: [&str; 29] = [
    "fetch(",
    "fetch =",
    "axios",
    "XMLHttpRequest",
    ".ajax",
    "$.get",
    "$.post",
    "jQuery.",
    "superagent",
    "interceptors",
    "@angular/common/http",
    "'ky'",
    "\"ky\"",
    "'request'",
    "\"request\"",
    "'request-promise",
    "\"request-promise",
    "'got'",
    "\"got\"",
    "http.request(",
    "https.request(",
    "http.get(",
    "https.get(",
    "aws4",
    "SignatureV4",
    "SignedFetcher",
    "handleRequest(",
    "invokeApi(",
    "aws-amplify",
];

/// Larger files are bundles.
const LARGEST: usize = 512 << 10;

/// A line is not longer in what people write.
const LONGEST_LINE: usize = 5_000;

/// How many files are read for what they may send.
const MOST_FILES: usize = 4_000;

/// Who calls the applications of an estate.
#[derive(Debug, Default)]
pub struct Callers {
    /// Those of JavaScript and TypeScript.
    pub calls: Vec<Caller>,
    /// Those of other languages, where a gate is read that lies elsewhere.
    pub others: Vec<Caller>,
    /// The folder of the package of each application that was read from its source, by its name.
    pub homes: BTreeMap<String, String>,
    /// A server may set the cookie `XSRF-TOKEN`, which axios and Angular send back as a header.
    pub names_xsrf_cookie: bool,
}

impl Callers {
    pub fn all(&self) -> impl Iterator<Item = &Caller> {
        self.calls.iter().chain(&self.others)
    }
}

/// A call site, and the package in which it stands.
#[derive(Clone, Debug)]
pub struct Caller {
    pub call: Call,
    /// Where it goes, with what is said of variables in their place.
    pub urls: Vec<Url>,
    /// The folder of its `package.json`, or its own one, from the root, with a slash before it.
    pub package: String,
    /// A server of its own gives its pages while they are worked on.
    pub has_dev_server: bool,
    /// Some script or page of its package speaks of a CSRF token.
    pub speaks_of_csrf: bool,
}

/// What is seen of a file without parsing it.
struct Seen {
    path: PathBuf,
    /// It speaks of a browser's things.
    is_page: bool,
    sends: bool,
    speaks_of_csrf: bool,
    names_xsrf_cookie: bool,
    /// Specifiers of components, which the graph of servers does not have.
    imports: Vec<String>,
}

/// The call sites of a project. `servers` is what its applications are made of.
pub fn callers(
    scripts: &mut Scripts<'_>,
    graph: &Graph,
    files: &BTreeSet<PathBuf>,
    servers: &HashSet<PathBuf>,
) -> (Vec<Caller>, bool) {
    let root = scripts.root;
    let paths: Vec<&PathBuf> = files.iter().filter(|path| may_send(path)).collect();
    let seen: Vec<Seen> = paths
        .par_iter()
        .filter_map(|path| {
            let text = root.read(path).ok()?;
            look(path, &text)
        })
        .collect();
    let pages: HashSet<&Path> = (seen.iter().filter(|one| one.is_page))
        .map(|one| one.path.as_path())
        .collect();
    let speaking = seen
        .iter()
        .filter(|one| one.speaks_of_csrf && !servers.contains(&one.path));
    let speaking: HashSet<PathBuf> = speaking
        .map(|one| scripts.packages.folder_of(root, &one.path))
        .collect();
    let names_xsrf_cookie = seen.iter().any(|one| one.names_xsrf_cookie);
    let importers = importers(scripts, graph, &seen);
    let mut project = Clients {
        pages,
        importers,
        servers,
        scripts,
    };
    let seeds = seen.iter().filter(|one| one.sends).take(MOST_FILES);
    let seeds: Vec<Seed> = seeds.map(|one| project.seed(&one.path)).collect();
    let before = project.scripts.problems.len();
    let calls = javascript::read(&mut project, &seeds);
    // Nothing of a gate is in these files: what does not parse has no calls.
    scripts.problems.truncate(before);
    let calls = calls
        .into_iter()
        .map(|(module, call)| {
            let path = scripts.file(module).path.clone();
            let package = scripts.packages.folder_of(root, &path);
            Caller {
                urls: call.urls.clone(),
                call,
                has_dev_server: scripts.packages.depends(root, &package, &DEV_SERVERS),
                speaks_of_csrf: speaking.contains(&package),
                package: shown(&package),
            }
        })
        .collect();
    (calls, names_xsrf_cookie)
}

/// Tests mean to be refused, and bundles are read as what they were made from.
fn may_send(path: &Path) -> bool {
    let is_public = path.iter().any(|part| part == "public");
    let inner: PathBuf = path.iter().filter(|part| *part != "public").collect();
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let is_source = super::super::express::is_script(path) || is_component(name);
    // What lies in there was mostly copied: it is known by its folder.
    let is_library = is_public
        && path.iter().filter_map(|part| part.to_str()).any(|part| {
            matches!(
                part,
                "lib" | "libs" | "plugins" | "vendors" | "assets" | "dist"
            )
        });
    is_source && !is_library && !super::lies_in_tests(&inner) && graph::may_start(&inner)
}

fn look(path: &Path, text: &[u8]) -> Option<Seen> {
    let name = path.file_name()?.to_str()?;
    if text.len() > LARGEST || text.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let has = |word: &&str| text.find(word).is_some();
    let imports = match is_component(name) {
        true => {
            let text = String::from_utf8_lossy(text);
            let found = graph::specifiers(&text).into_iter();
            found.map(str::to_owned).collect()
        }
        false => Vec::new(),
    };
    Some(Seen {
        path: path.to_path_buf(),
        is_page: is_component(name)
            || matches!(name.rsplit('.').next(), Some("jsx" | "tsx"))
            || PAGE_WORDS.iter().any(has),
        sends: WORDS.iter().any(has),
        speaks_of_csrf: CSRF_WORDS.iter().any(has),
        names_xsrf_cookie: has(&"XSRF-TOKEN"),
        imports,
    })
}

/// What only pages have.
const PAGE_WORDS: [&str; 12] = [
    "document.",
    "window.",
    "localStorage",
    "sessionStorage",
    "import.meta.env",
    "REACT_APP_",
    "NEXT_PUBLIC_",
    "VUE_APP_",
    "'react'",
    "\"react\"",
    "from 'vue",
    "@angular/core",
];

const CSRF_WORDS: [&str; 6] = ["csrf", "CSRF", "Csrf", "xsrf", "XSRF", "Xsrf"];

/// Packages of which pages are made.
const OF_PAGES: [&str; 12] = [
    "react-dom",
    "react-scripts",
    "vue",
    "@angular/core",
    "svelte",
    "preact",
    "solid-js",
    "vite",
    "next",
    "nuxt",
    "gatsby",
    "jquery",
];

const DEV_SERVERS: [&str; 10] = [
    "react-scripts",
    "vite",
    "@vue/cli-service",
    "@angular/cli",
    "webpack-dev-server",
    "parcel",
    "next",
    "nuxt",
    "gatsby",
    "@sveltejs/kit",
];

/// Who imports which file, components among them.
fn importers(
    scripts: &mut Scripts<'_>,
    graph: &Graph,
    seen: &[Seen],
) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut importers: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for (from, to) in graph.imports() {
        importers.entry(to.clone()).or_default().push(from.clone());
    }
    for one in seen {
        for specifier in &one.imports {
            let target = scripts.packages.resolve(scripts.root, &one.path, specifier);
            if let Target::File(target) = target {
                importers.entry(target).or_default().push(one.path.clone());
            }
        }
    }
    importers
}

struct Clients<'s, 'a> {
    scripts: &'s mut Scripts<'a>,
    pages: HashSet<&'s Path>,
    importers: BTreeMap<PathBuf, Vec<PathBuf>>,
    servers: &'s HashSet<PathBuf>,
}

impl Clients<'_, '_> {
    fn seed(&mut self, path: &Path) -> Seed {
        Seed {
            module: self.scripts.module_at(path),
            place: self.place(path),
        }
    }

    fn place(&self, path: &Path) -> Place {
        let packages = &self.scripts.packages;
        let root = self.scripts.root;
        let package = packages.folder_of(root, path);
        let depends = |names: &[&str]| packages.depends(root, &package, names);
        let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
        let follows = |one: &str, other: &str| parts.windows(2).any(|two| two == [one, other]);
        // What Next.js and Nuxt run on the server.
        let is_route = follows("pages", "api")
            || parts.last().is_some_and(|name| {
                name.starts_with("route.") || name.contains(".server.") || *name == "middleware.ts"
            });
        let is_phone = depends(&["react-native", "expo"]) && !depends(&["react-dom"]);
        if self.servers.contains(path) || is_route || is_phone {
            return Place::Elsewhere;
        }
        let is_page = self.pages.contains(path);
        match is_page || depends(&OF_PAGES) && !depends(&["express", "electron"]) {
            true => Place::Browser,
            false => Place::Unclear,
        }
    }
}

impl Project for Clients<'_, '_> {
    fn modules(&mut self) -> &mut dyn Modules {
        self.scripts
    }

    fn importers(&mut self, module: ModuleId) -> Vec<Seed> {
        let path = &self.scripts.file(module).path;
        let importers = self.importers.get(path).cloned().unwrap_or_default();
        let own = importers.iter().filter(|path| may_send(path));
        own.map(|path| self.seed(path)).collect()
    }
}
