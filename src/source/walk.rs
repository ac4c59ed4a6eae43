//! All files below a folder, found in parallel.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::Root;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Real paths relative to the root, sorted, each once however many links lead to it.
    pub files: BTreeSet<PathBuf>,
    /// Folders and entries that could not be read, and why; sorted.
    pub failures: Vec<String>,
}

enum Met {
    File(PathBuf),
    Failure(String),
}

impl Root {
    /// The files below a folder of this root, but for those that are hidden, that git ignores or
    /// that a package manager brought. A link is followed to a file of the root, never to a
    /// folder: a folder inside is met on its own, one outside is none of ours.
    pub fn walk(&self, folder: &Path) -> Walk {
        let (send, receive) = mpsc::channel();
        let walker = WalkBuilder::new(self.folder().join(folder))
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != "node_modules")
            .build_parallel();
        walker.run(|| {
            let send = send.clone();
            Box::new(move |entry| {
                let met = match entry {
                    Ok(entry) => self.meet(&entry).map(Met::File),
                    Err(error) => Some(Met::Failure(self.describe(&error))),
                };
                match met.map(|met| send.send(met)) {
                    Some(Err(_)) => WalkState::Quit,
                    _ => WalkState::Continue,
                }
            })
        });
        drop(send);
        let mut walk = Walk::default();
        for met in receive {
            match met {
                Met::File(path) => {
                    walk.files.insert(path);
                }
                Met::Failure(text) => walk.failures.push(text),
            }
        }
        walk.failures.sort();
        walk
    }

    fn meet(&self, entry: &DirEntry) -> Option<PathBuf> {
        let kind = entry.file_type()?;
        if kind.is_file() {
            let relative = entry.path().strip_prefix(self.folder()).ok()?;
            return Some(relative.to_path_buf());
        }
        if !kind.is_symlink() {
            return None;
        }
        let real = self.locate(entry.path()).ok()?;
        self.folder().join(&real).is_file().then_some(real)
    }

    /// Without the path of this machine that stands before the root.
    fn describe(&self, error: &ignore::Error) -> String {
        let text = error.to_string();
        match self.folder().to_str() {
            Some(root) => text.replace(&format!("{root}/"), ""),
            None => text,
        }
    }
}
