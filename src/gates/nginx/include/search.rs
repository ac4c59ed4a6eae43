//! Where the file stands that an `include` names.
//!
//! On the server a path is relative to the folder of `nginx.conf`. A project keeps these files in
//! places of its own, so the path is looked for there in order of trust: what `paths:` says, what
//! the container that has the including file says, the path itself, its longest end beside the file that includes it. By the bare name of a file only
//! beside the one that includes it, and then whatever rests on it is told to; never in some other
//! folder.

mod places;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::glob;
use super::shelf::{Lookup, Shelf};
use crate::request::Reason;
use crate::syntax::nginx::Directive;

/// A pattern that matches more would be followed for minutes.
const MOST_MATCHES: usize = 10_000;

/// What an `include` names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Real paths on the shelf, in the order in which nginx reads them.
    pub files: Vec<PathBuf>,
    /// Why there may be more than these, or others.
    pub missing: Option<Reason>,
    /// What is missing comes with nginx or is made by its packages, so it is no news that the
    /// project lacks it.
    pub is_stock: bool,
}

/// How the paths of the server have become paths on the shelf.
pub enum Layout {
    /// Not at all.
    Server {
        prefix: PathBuf,
    },
    Project(Project),
}

/// Paths of the server and where the project keeps them, as one container has them.
#[derive(Debug, Default)]
pub struct Mounts(pub Vec<(PathBuf, PathBuf)>);

/// What is known of a project's layout.
#[derive(Debug, Default)]
pub struct Project {
    /// The folder from which relative includes start on the server, if somebody said so.
    prefix: Option<String>,
    /// Paths of the server and where the project keeps them.
    maps: Vec<(String, String)>,
    /// What the project's containers have elsewhere.
    mounts: Vec<Mounts>,
    /// Folders that hold a main configuration.
    main_folders: BTreeSet<PathBuf>,
    /// Files that are known to be nginx's and the folders around them, by their last names.
    by_name: HashMap<OsString, BTreeSet<PathBuf>>,
}

impl Project {
    pub fn new(prefix: Option<String>, maps: Vec<(String, String)>, mounts: Vec<Mounts>) -> Self {
        Project {
            prefix,
            maps,
            mounts,
            ..Project::default()
        }
    }

    /// Makes a file known to be nginx's, and one that nginx is started with if it `is_main`.
    pub fn add(&mut self, file: &Path, is_main: bool) {
        if is_main {
            let folder = file.parent().unwrap_or(Path::new(""));
            self.main_folders.insert(folder.to_path_buf());
        }
        for path in file.ancestors() {
            let Some(name) = path.file_name() else {
                break;
            };
            let known = self.by_name.entry(name.to_os_string()).or_default();
            if !known.insert(path.to_path_buf()) {
                break;
            }
        }
    }
}

/// The search for included files on one shelf.
pub struct Search<'s> {
    shelf: &'s dyn Shelf,
    layout: &'s Layout,
    /// Which of the maps were of use.
    used: RefCell<BTreeSet<usize>>,
}

/// A path of an include, cut before its first part that is a pattern.
struct Wanted<'w> {
    fixed: PathBuf,
    pattern: Vec<&'w [u8]>,
}

impl<'s> Search<'s> {
    pub fn new(shelf: &'s dyn Shelf, layout: &'s Layout) -> Self {
        Search {
            shelf,
            layout,
            used: RefCell::default(),
        }
    }

    /// Which entries of the project's maps have led somewhere so far.
    pub fn used_maps(&self) -> BTreeSet<usize> {
        self.used.borrow().clone()
    }

    /// What an `include` in the file at `includer` names.
    pub fn find(&self, includer: &Path, include: Directive<'_>) -> Found {
        let mut args = include.args();
        let (Some(path), None) = (args.next(), args.next()) else {
            return lost("it does not name one file or pattern");
        };
        if path.is_template() {
            return lost("a template writes its name");
        }
        let path = path.value();
        if path.contains(&b'$') {
            return lost("nginx knows no variables in the name of an include");
        }
        if brings_nothing(&path) {
            return Found::default();
        }
        let found = match Wanted::of(&path) {
            Some(wanted) if wanted.pattern.is_empty() => self.find_file(includer, &wanted),
            Some(wanted) => self.find_matches(includer, &wanted),
            None => lost("its name is not a path"),
        };
        Found {
            is_stock: is_stock(&path),
            ..found
        }
    }

    fn find_file(&self, includer: &Path, wanted: &Wanted<'_>) -> Found {
        let mut leads_out = false;
        for place in self.places(includer, wanted) {
            let tried = std::iter::once(place.path.clone()).chain(with_suffixes(&place.path));
            for path in tried {
                match self.shelf.file(&path) {
                    // Only where nginx would look for it can a file include itself.
                    Lookup::File(real) if place.guessed && real == includer => {}
                    Lookup::File(real) => {
                        self.used.borrow_mut().extend(place.map);
                        return Found {
                            files: vec![real],
                            ..Found::default()
                        };
                    }
                    Lookup::Outside => leads_out = true,
                    Lookup::Nothing => {}
                }
            }
        }
        if leads_out {
            lost("it leads out of the folder that is checked")
        } else {
            let beside = self.beside(includer, wanted);
            beside.unwrap_or_else(|| lost("the file is not here"))
        }
    }

    /// The file of the same name beside the one that includes: the project keeps in one folder
    /// what the server has in several.
    fn beside(&self, includer: &Path, wanted: &Wanted<'_>) -> Option<Found> {
        let Layout::Project(_) = self.layout else {
            return None;
        };
        let path = includer.with_file_name(wanted.fixed.file_name()?);
        let mut tried = std::iter::once(path.clone()).chain(with_suffixes(&path));
        tried.find_map(|path| match self.shelf.file(&path) {
            Lookup::File(real) if real != includer => Some(Found {
                missing: Some(Reason::new(
                    "a file of its name stands beside, and is taken for it",
                )),
                files: vec![real],
                is_stock: false,
            }),
            _ => None,
        })
    }

    fn find_matches(&self, includer: &Path, wanted: &Wanted<'_>) -> Found {
        if let Layout::Server { .. } = self.layout {
            // nginx itself has told all that there is.
            let place = self.places(includer, wanted).into_iter().next();
            return place.map_or_else(Found::default, |place| {
                self.matches(&place.path, &wanted.pattern)
            });
        }
        for place in self.places(includer, wanted) {
            if self.shelf.is_folder(&place.path) {
                self.used.borrow_mut().extend(place.map);
                let mut found = self.matches(&place.path, &wanted.pattern);
                if place.guessed {
                    found.files.retain(|file| file != includer);
                }
                return found;
            }
        }
        lost("the folder is not here")
    }

    /// What a pattern matches below a folder, sorted as glob(3) does.
    fn matches(&self, folder: &Path, pattern: &[&[u8]]) -> Found {
        let mut paths = vec![folder.to_path_buf()];
        for (depth, part) in pattern.iter().enumerate() {
            let is_last = depth + 1 == pattern.len();
            let mut next = Vec::new();
            for path in &paths {
                self.match_part(path, part, is_last, &mut next);
                if next.len() > MOST_MATCHES {
                    return lost("the pattern matches too many files");
                }
            }
            paths = next;
        }
        paths.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        let mut found = Found::default();
        for path in paths {
            match self.shelf.file(&path) {
                Lookup::File(real) => found.files.push(real),
                Lookup::Outside => {
                    found.missing = Some(Reason::new(
                        "a match leads out of the folder that is checked",
                    ));
                }
                Lookup::Nothing => {}
            }
        }
        found
    }

    fn match_part(&self, folder: &Path, part: &[u8], is_last: bool, next: &mut Vec<PathBuf>) {
        if !glob::is_pattern(part) {
            if let Ok(name) = part.to_path() {
                let path = folder.join(name);
                if is_last || self.shelf.is_folder(&path) {
                    next.push(path);
                }
            }
            return;
        }
        let names = self.shelf.names(folder);
        let plain: BTreeSet<&[u8]> = names
            .iter()
            .filter_map(|n| <[u8]>::from_os_str(n))
            .collect();
        for name in &names {
            let Some(bytes) = <[u8]>::from_os_str(name) else {
                continue;
            };
            // A template stands for the file that is made of it, unless that one is there.
            let rendered = without_suffix(bytes).filter(|rendered| !plain.contains(rendered));
            let fits = glob::matches(part, bytes)
                || is_last && rendered.is_some_and(|rendered| glob::matches(part, rendered));
            let path = folder.join(name);
            if fits && (is_last || self.shelf.is_folder(&path)) {
                next.push(path);
            }
        }
    }
}

impl<'w> Wanted<'w> {
    fn of(path: &'w [u8]) -> Option<Self> {
        let parts: Vec<&[u8]> = path.split_str("/").collect();
        let first = parts.iter().position(|part| glob::is_pattern(part));
        let (fixed, pattern) = parts.split_at(first.unwrap_or(parts.len()));
        let mut fixed = bstr::join("/", fixed);
        if fixed.is_empty() && path.starts_with(b"/") {
            fixed.push(b'/');
        }
        Some(Wanted {
            fixed: fixed.to_path().ok()?.to_path_buf(),
            pattern: pattern.to_vec(),
        })
    }
}

fn lost(reason: &str) -> Found {
    Found {
        missing: Some(Reason::new(reason)),
        ..Found::default()
    }
}

/// Files that come with nginx or certbot and decide nothing about who may pass. Hardly a project
/// keeps them.
fn brings_nothing(path: &[u8]) -> bool {
    const HARMLESS: &[&str] = &[
        "fastcgi.conf",
        "fastcgi_params",
        "koi-utf",
        "koi-win",
        "mime.types",
        "options-ssl-nginx.conf",
        "scgi_params",
        "uwsgi_params",
        "win-utf",
    ];
    let name = path.rsplit_once_str("/").map_or(path, |(_, name)| name);
    HARMLESS.iter().any(|harmless| harmless.as_bytes() == name)
        || path.contains_str("modules-enabled/")
        || path.ends_with(b"share/nginx/modules/*.conf")
}

/// What a package of nginx brings or makes, and what may well matter: the folders for sites, empty
/// or not, and Debian's lines for upstreams.
fn is_stock(path: &[u8]) -> bool {
    const STOCK: &[&str] = &[
        "conf.d/*.conf",
        "conf.d/*",
        "default.d/*.conf",
        "http.d/*.conf",
        "proxy_params",
        "sites-enabled/*",
        "sites-enabled/*.conf",
        "snippets/fastcgi-php.conf",
    ];
    const PREFIXES: &[&str] = &["", "/etc/nginx/", "/usr/local/etc/nginx/"];
    PREFIXES.iter().any(|prefix| {
        let below = path.strip_prefix(prefix.as_bytes());
        below.is_some_and(|path| STOCK.iter().any(|stock| stock.as_bytes() == path))
    })
}

/// How the names of templates end.
const SUFFIXES: &[&str] = &[
    ".template",
    ".j2",
    ".erb",
    ".tmpl",
    ".tpl",
    ".sample",
    ".example",
    ".dist",
];

fn with_suffixes(path: &Path) -> impl Iterator<Item = PathBuf> {
    SUFFIXES.iter().map(|suffix| {
        let mut name = path.as_os_str().to_os_string();
        name.push(suffix);
        PathBuf::from(name)
    })
}

fn without_suffix(name: &[u8]) -> Option<&[u8]> {
    SUFFIXES
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix.as_bytes()))
}
