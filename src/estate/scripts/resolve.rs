//! What an import means: files beside it, aliases, packages of the same repository, npm.
//!
//! Written by hand and not by a library: all that is needed is which file of the repository is
//! meant. `node_modules` is never looked into, and nothing is read but through the root.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::gates::express::model::{Major, VERSIONED};
use crate::source::Root;
use crate::syntax::javascript::{self, Dialect, Expr, ExprKind, Key, Property, StmtKind};

const EXTENSIONS: &[&str] = &["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts", "json"];

pub enum Target {
    File(PathBuf),
    Package(String),
    Missing,
}

/// What the `package.json` and `tsconfig.json` of a project say, each read once.
#[derive(Default)]
pub struct Packages {
    seen: RefCell<HashMap<PathBuf, Option<Arc<Package>>>>,
    aliases: RefCell<HashMap<PathBuf, Arc<Vec<Alias>>>>,
    workspaces: RefCell<Option<HashMap<String, PathBuf>>>,
}

#[derive(Debug, Default)]
struct Package {
    name: Option<String>,
    main: Option<String>,
    express: Option<String>,
    /// Of packages that differ by their version.
    majors: Vec<(&'static str, u32)>,
    /// Whatever it is needed for.
    dependencies: BTreeSet<String>,
    workspaces: Vec<String>,
    aliases: Vec<Alias>,
}

/// `"@/*": ["src/*"]`, with the folder from which it counts.
#[derive(Debug, Clone)]
struct Alias {
    start: String,
    end: String,
    is_pattern: bool,
    /// Paths with at most one `*`, relative to the root.
    to: Vec<String>,
}

impl Packages {
    pub fn resolve(&self, root: &Root, from: &Path, specifier: &str) -> Target {
        let folder = from.parent().unwrap_or(Path::new(""));
        if let Some(path) = specifier.strip_prefix('/') {
            let found = file_at(root, Path::new(path));
            return found.map_or(Target::Missing, Target::File);
        }
        if specifier.starts_with("./")
            || specifier.starts_with("../")
            || matches!(specifier, "." | "..")
        {
            let found = joined(folder, specifier).and_then(|path| file_at(root, &path));
            return found.map_or(Target::Missing, Target::File);
        }
        for alias in self.aliases(root, folder).iter() {
            for path in alias.apply(specifier) {
                let found = joined(Path::new(""), &path).and_then(|path| file_at(root, &path));
                if let Some(path) = found {
                    return Target::File(path);
                }
            }
        }
        let name = package_name(specifier);
        if let Some(folder) = self.workspace(root, &name) {
            let rest = specifier[name.len().min(specifier.len())..].trim_start_matches('/');
            let tries = match rest {
                "" => ["src", "", "lib"].map(|part| folder.join(part)),
                rest => [
                    folder.join(rest),
                    folder.join("src").join(rest),
                    folder.join(rest),
                ],
            };
            if let Some(path) = tries.iter().find_map(|path| file_at(root, path)) {
                return Target::File(path);
            }
        }
        Target::Package(name)
    }

    /// The nearest folder above with a `package.json`.
    pub fn folder_of(&self, root: &Root, path: &Path) -> PathBuf {
        let above = path.ancestors().skip(1);
        let mut above = above.filter(|folder| self.package(root, folder).is_some());
        above.next().map(Path::to_path_buf).unwrap_or_default()
    }

    /// By the nearest `package.json` that names it.
    pub fn express(&self, root: &Root, path: &Path) -> Option<Major> {
        let packages = path.ancestors().skip(1);
        let mut packages = packages.filter_map(|folder| self.package(root, folder));
        match major(&packages.find_map(|package| package.express.clone())?)? {
            5 => Some(Major::Five),
            1..=4 => Some(Major::Four),
            _ => None,
        }
    }

    /// Of a package whose versions differ, in the same way.
    pub fn major(&self, root: &Root, path: &Path, name: &str) -> Option<u32> {
        let packages = path.ancestors().skip(1);
        let mut packages = packages.filter_map(|folder| self.package(root, folder));
        packages.find_map(|package| {
            let (_, major) = package.majors.iter().find(|(one, _)| *one == name)?;
            Some(*major)
        })
    }

    /// Whether the package of a folder needs one of these.
    pub fn depends(&self, root: &Root, folder: &Path, names: &[&str]) -> bool {
        let package = self.package(root, folder);
        package.is_some_and(|package| {
            let mut names = names.iter();
            names.any(|name| package.dependencies.contains(*name))
        })
    }

    fn package(&self, root: &Root, folder: &Path) -> Option<Arc<Package>> {
        if let Some(package) = self.seen.borrow().get(folder) {
            return package.clone();
        }
        let package = read_package(root, folder).map(Arc::new);
        let mut seen = self.seen.borrow_mut();
        seen.insert(folder.to_path_buf(), package.clone());
        package
    }

    fn aliases(&self, root: &Root, folder: &Path) -> Arc<Vec<Alias>> {
        if let Some(aliases) = self.aliases.borrow().get(folder) {
            return aliases.clone();
        }
        let mut all = Vec::new();
        for above in folder.ancestors() {
            if let Some(package) = self.package(root, above) {
                all.extend(package.aliases.iter().cloned());
            }
            for name in ["tsconfig.json", "jsconfig.json"] {
                all.extend(read_config(root, &above.join(name), 0));
            }
            if !all.is_empty() {
                break;
            }
        }
        let aliases = Arc::new(all);
        let mut seen = self.aliases.borrow_mut();
        seen.insert(folder.to_path_buf(), aliases.clone());
        aliases
    }

    /// The folder of a package of this repository.
    fn workspace(&self, root: &Root, name: &str) -> Option<PathBuf> {
        let mut workspaces = self.workspaces.borrow_mut();
        let workspaces = workspaces.get_or_insert_with(|| {
            let mut found = HashMap::new();
            let patterns = match self.package(root, Path::new("")) {
                Some(package) => package.workspaces.clone(),
                None => Vec::new(),
            };
            for pattern in &patterns {
                let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
                let folders = match pattern.strip_suffix("/*").or(pattern.strip_suffix("/**")) {
                    Some(parent) => {
                        let names = list(root, Path::new(parent)).unwrap_or_default();
                        let names = names.into_iter();
                        names.map(|name| Path::new(parent).join(name)).collect()
                    }
                    None => vec![PathBuf::from(pattern)],
                };
                for folder in folders {
                    let package = self.package(root, &folder);
                    if let Some(name) = package.and_then(|package| package.name.clone()) {
                        found.insert(name, folder);
                    }
                }
            }
            found
        });
        workspaces.get(name).cloned()
    }
}

impl Alias {
    fn apply(&self, specifier: &str) -> Vec<String> {
        if !self.is_pattern {
            return if specifier == self.start {
                self.to.clone()
            } else {
                Vec::new()
            };
        }
        let middle = specifier.strip_prefix(self.start.as_str());
        let middle = middle.and_then(|rest| rest.strip_suffix(self.end.as_str()));
        match middle {
            Some(middle) => self
                .to
                .iter()
                .map(|to| to.replacen('*', middle, 1))
                .collect(),
            None => Vec::new(),
        }
    }
}

/// `a` of `a/b`, `@a/b` of `@a/b/c`.
fn package_name(specifier: &str) -> String {
    let count = if specifier.starts_with('@') { 2 } else { 1 };
    let parts: Vec<&str> = specifier.split('/').take(count).collect();
    parts.join("/")
}

/// A path without `.` and `..`; `None` if it leads out.
fn joined(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut whole = folder.to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(part) => whole.push(part),
            Component::ParentDir => {
                if !whole.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => whole = PathBuf::new(),
        }
    }
    Some(whole)
}

/// The file that a path means, as Node.js, TypeScript and bundlers find it.
fn file_at(root: &Root, path: &Path) -> Option<PathBuf> {
    if path
        .components()
        .any(|part| part.as_os_str() == "node_modules")
    {
        return None;
    }
    if is_file(root, path) {
        return Some(path.to_path_buf());
    }
    // TypeScript imports `./a.js` and means `./a.ts`.
    let written = path.extension().and_then(|extension| extension.to_str());
    let meant: &[&str] = match written {
        Some("js" | "jsx") => &["ts", "tsx"],
        Some("mjs") => &["mts"],
        Some("cjs") => &["cts"],
        _ => &[],
    };
    let meant = meant.iter().map(|extension| path.with_extension(extension));
    let with = |path: &Path, extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    };
    let added = EXTENSIONS.iter().map(|extension| with(path, extension));
    let index = path.join("index");
    let indexed = EXTENSIONS.iter().map(|extension| with(&index, extension));
    let mut all = meant.chain(added).chain(indexed);
    if let Some(found) = all.find(|path| is_file(root, path)) {
        return Some(found);
    }
    let main = read_package(root, path)?.main?;
    let main = joined(path, &main)?;
    (main != path).then_some(())?;
    is_file(root, &main).then_some(main)
}

fn is_file(root: &Root, path: &Path) -> bool {
    // A link that leads out is not followed.
    root.folder().join(path).is_file() && root.locate(path).is_ok()
}

/// The names in a folder, sorted.
pub fn list(root: &Root, folder: &Path) -> Option<Vec<String>> {
    let folder = root.locate(folder).ok()?;
    let entries = fs::read_dir(root.folder().join(folder)).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name != "node_modules").collect();
    names.sort();
    Some(names)
}

/// The first number of a range such as `^4.18.2`.
fn major(range: &str) -> Option<u32> {
    let digits = range.trim_start_matches(|char: char| !char.is_ascii_digit());
    digits
        .split(|char: char| !char.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn read_package(root: &Root, folder: &Path) -> Option<Package> {
    let text = root.read(&folder.join("package.json")).ok()?;
    let json: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let depends = ["dependencies", "devDependencies", "peerDependencies"];
    let express = depends.iter().find_map(|key| text(&json[*key]["express"]));
    let majors = VERSIONED.iter().filter_map(|name| {
        let range = depends.iter().find_map(|key| text(&json[*key][*name]))?;
        Some((*name, major(&range)?))
    });
    let majors = majors.collect();
    let all = depends.iter().filter_map(|key| json[*key].as_object());
    let dependencies = all.flat_map(|all| all.keys().cloned()).collect();
    let patterns = match &json["workspaces"] {
        serde_json::Value::Object(workspaces) => workspaces.get("packages"),
        other => Some(other),
    };
    let patterns = patterns
        .and_then(|patterns| patterns.as_array())
        .into_iter()
        .flatten();
    let aliases = json["_moduleAliases"].as_object().into_iter().flatten();
    let aliases = aliases.filter_map(|(name, to)| {
        let to = joined(folder, to.as_str()?)?;
        let to = to.to_str()?.to_owned();
        let one = |start: String, is_pattern: bool, to: String| Alias {
            start,
            end: String::new(),
            is_pattern,
            to: vec![to],
        };
        Some([
            one(name.clone(), false, to.clone()),
            one(format!("{name}/"), true, format!("{to}/*")),
        ])
    });
    Some(Package {
        name: text(&json["name"]),
        main: text(&json["main"]),
        express,
        majors,
        dependencies,
        workspaces: patterns.filter_map(text).collect(),
        aliases: aliases.flatten().collect(),
    })
}

/// The `paths` and `baseUrl` of a `tsconfig.json`, which may have comments and extend another one.
fn read_config(root: &Root, path: &Path, depth: usize) -> Vec<Alias> {
    const DEEPEST: usize = 5;
    let Ok(text) = root.read(path) else {
        return Vec::new();
    };
    let Ok(tree) = javascript::parse(Dialect::Json, 0, &text) else {
        return Vec::new();
    };
    let Some(StmtKind::ExportAssign(config)) = tree.body.first().map(|stmt| &stmt.kind) else {
        return Vec::new();
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let options = get(config, "compilerOptions");
    let base = options
        .and_then(|options| get(options, "baseUrl"))
        .and_then(text_of);
    let from = match &base {
        Some(base) => joined(folder, base).unwrap_or_default(),
        None => folder.to_path_buf(),
    };
    let mut aliases = Vec::new();
    let paths = options.and_then(|options| get(options, "paths"));
    for (key, value) in paths.into_iter().flat_map(entries) {
        let ExprKind::Array(items) = &value.kind else {
            continue;
        };
        let to = items.iter().filter_map(|item| match item {
            javascript::Argument::One(item) => {
                let path = joined(&from, &text_of(item)?)?;
                path.to_str().map(str::to_owned)
            }
            _ => None,
        });
        let (start, end) = key.split_once('*').unwrap_or((key, ""));
        aliases.push(Alias {
            start: start.to_owned(),
            end: end.to_owned(),
            is_pattern: key.contains('*'),
            to: to.collect(),
        });
    }
    if base.is_some() {
        let to = from.join("*");
        aliases.push(Alias {
            start: String::new(),
            end: String::new(),
            is_pattern: true,
            to: to.to_str().map(str::to_owned).into_iter().collect(),
        });
    }
    if aliases.is_empty()
        && depth < DEEPEST
        && let Some(other) = get(config, "extends").and_then(text_of)
        && let Some(other) = joined(folder, &other)
    {
        let other = if other.extension().is_some() {
            other
        } else {
            other.with_extension("json")
        };
        return read_config(root, &other, depth + 1);
    }
    aliases
}

fn entries(object: &Expr) -> Vec<(&str, &Expr)> {
    let ExprKind::Object(properties) = &object.kind else {
        return Vec::new();
    };
    let entries = properties.iter().filter_map(|property| match property {
        Property::Value {
            key: Key::Name(name),
            value,
            ..
        } => Some((&**name, value)),
        _ => None,
    });
    entries.collect()
}

fn get<'e>(object: &'e Expr, key: &str) -> Option<&'e Expr> {
    let found = entries(object)
        .into_iter()
        .rev()
        .find(|(name, _)| *name == key);
    found.map(|(_, value)| value)
}

fn text_of(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Text(text) => Some(text.to_string()),
        _ => None,
    }
}
