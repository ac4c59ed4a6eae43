//! Where to look for a path of the server, the likeliest place first.

use std::path::{Component, Path, PathBuf};

use super::{Layout, Mounts, Project, Search, Wanted};

/// Prefixes that packages of nginx are built with.
const PREFIXES: &[&str] = &[
    "/etc/nginx",
    "/usr/local/nginx/conf",
    "/usr/local/etc/nginx",
    "/opt/homebrew/etc/nginx",
    "/usr/local/openresty/nginx/conf",
    "/opt/bitnami/nginx/conf",
    "/opt/nginx/conf",
    "/etc/openresty",
];

/// A place on the shelf where the file or folder may be.
pub struct Place {
    pub path: PathBuf,
    /// Neither nginx nor the user says so.
    pub guessed: bool,
    /// The number of the map that leads there.
    pub map: Option<usize>,
}

impl Place {
    fn certain(path: PathBuf) -> Place {
        Place {
            path,
            guessed: false,
            map: None,
        }
    }

    fn guess(path: PathBuf) -> Place {
        Place {
            path,
            guessed: true,
            map: None,
        }
    }
}

impl Search<'_> {
    pub(super) fn places(&self, includer: &Path, wanted: &Wanted<'_>) -> Vec<Place> {
        match self.layout {
            Layout::Server { prefix } => {
                vec![Place::certain(without_dots(&prefix.join(&wanted.fixed)))]
            }
            Layout::Project(project) => {
                let mut places = Vec::new();
                let looked_for = LookedFor {
                    project,
                    folder: includer.parent().unwrap_or(Path::new("")),
                    pattern: wanted.pattern.len(),
                };
                if wanted.fixed.has_root() {
                    if let Some(place) = looked_for.mapped(&wanted.fixed) {
                        return vec![place];
                    }
                    let (sure, others) = looked_for.mounted(includer, &wanted.fixed);
                    places.extend(sure);
                    places.extend(self.shelf.local(&wanted.fixed).map(Place::certain));
                    looked_for.absolute(&wanted.fixed, &mut places);
                    places.extend(others);
                } else {
                    let prefix = project.prefix.as_deref().unwrap_or(PREFIXES[0]);
                    let absolute = Path::new(prefix).join(&wanted.fixed);
                    let (sure, others) = looked_for.mounted(includer, &absolute);
                    places.extend(looked_for.mapped(&absolute).into_iter().chain(sure));
                    looked_for.relative(&wanted.fixed, &mut places);
                    places.extend(others);
                }
                places
            }
        }
    }
}

struct LookedFor<'l> {
    project: &'l Project,
    /// Of the file that includes.
    folder: &'l Path,
    /// How many parts of the path are a pattern.
    pattern: usize,
}

impl LookedFor<'_> {
    /// Where `paths:` says that it is. The longest entry counts.
    fn mapped(&self, path: &Path) -> Option<Place> {
        let maps = self.project.maps.iter().enumerate();
        maps.filter_map(|(at, (from, to))| {
            let rest = path.strip_prefix(from).ok()?;
            // `join` with nothing would end the name of a file with a slash.
            let to = Path::new(to);
            let path = if rest.as_os_str().is_empty() {
                to.to_path_buf()
            } else {
                to.join(rest)
            };
            Some((from.trim_end_matches('/').len(), at, path))
        })
        .max_by_key(|(length, ..)| *length)
        .map(|(_, at, path)| Place {
            map: Some(at),
            ..Place::certain(path)
        })
    }

    /// Where the project's containers have it: for sure if those that have the including file agree,
    /// and where others have it.
    fn mounted(&self, includer: &Path, path: &Path) -> (Option<Place>, Vec<Place>) {
        let mut own = Vec::new();
        let mut others = Vec::new();
        for Mounts(mounts) in &self.project.mounts {
            let found = mounts.iter().filter_map(|(server, local)| {
                let rest = path.strip_prefix(server).ok()?;
                let local = match rest.as_os_str().is_empty() {
                    true => local.clone(),
                    false => local.join(rest),
                };
                Some((server.components().count(), local))
            });
            if let Some((_, found)) = found.max_by_key(|(length, _)| *length) {
                match mounts.iter().any(|(_, local)| includer.starts_with(local)) {
                    true => own.push(found),
                    false => others.push(found),
                }
            }
        }
        own.sort();
        own.dedup();
        let sure = match own.as_slice() {
            [_] => own.pop().map(Place::certain),
            _ => None,
        };
        own.extend(others);
        (sure, own.into_iter().map(Place::guess).collect())
    }

    /// A path below the server's prefix: beside the main configuration, beside the file that
    /// includes, in the folders around it, and elsewhere.
    fn relative(&self, path: &Path, places: &mut Vec<Place>) {
        let mut around = self.folder.ancestors();
        let main = around.find(|folder| self.project.main_folders.contains(*folder));
        places.extend(main.map(|main| Place::certain(main.join(path))));
        places.push(Place::guess(self.folder.join(path)));
        // A bare name says too little to look for it further away.
        if self.parts(path) > 1 {
            let around = self.folder.ancestors().skip(1);
            places.extend(around.map(|folder| Place::guess(folder.join(path))));
            self.elsewhere(path, places);
            // It may start with the name of the project itself.
            let rest: PathBuf = path.components().skip(1).collect();
            if path.is_relative() && self.parts(&rest) > 1 {
                self.around(&rest, places);
            }
        }
    }

    fn around(&self, path: &Path, places: &mut Vec<Place>) {
        let around = self.folder.ancestors();
        places.extend(around.map(|folder| Place::guess(folder.join(path))));
        self.elsewhere(path, places);
    }

    /// A path from the server's `/`: its ends, the longest first.
    fn absolute(&self, path: &Path, places: &mut Vec<Place>) {
        let below = self.below_prefix(path);
        let names: Vec<Component<'_>> = path
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        for from in 0..=names.len() {
            let end: PathBuf = names[from..].iter().collect();
            if below == Some(end.as_path()) {
                self.relative(&end, places);
                return;
            }
            if self.parts(&end) < 2 {
                return;
            }
            self.around(&end, places);
        }
    }

    /// In any other folder, if there is only one such path, with the name of a folder in it, and
    /// nginx's files stand there.
    fn elsewhere(&self, end: &Path, places: &mut Vec<Place>) {
        if end.components().count() < 2 {
            return;
        }
        let Some(known) = end.file_name().and_then(|n| self.project.by_name.get(n)) else {
            return;
        };
        let mut found = known.iter().filter(|path| path.ends_with(end));
        if let (Some(only), None) = (found.next(), found.next()) {
            places.push(Place::guess(only.clone()));
        }
    }

    fn below_prefix<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let own = self.project.prefix.as_deref();
        own.into_iter()
            .chain(PREFIXES.iter().copied())
            .find_map(|prefix| path.strip_prefix(prefix).ok())
    }

    fn parts(&self, path: &Path) -> usize {
        path.components().count() + self.pattern
    }
}

/// A path of the server with its `.` and `..` worked out, as no disk is there to ask.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
