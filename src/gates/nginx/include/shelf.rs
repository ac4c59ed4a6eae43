//! Where the files stand that an include can name.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{Root, Unreadable};

/// A set of files in folders.
pub trait Shelf {
    fn file(&self, path: &Path) -> Lookup;
    fn is_folder(&self, path: &Path) -> bool;
    /// The names in a folder, in no order.
    fn names(&self, folder: &Path) -> Vec<OsString>;
    /// Where an absolute path of the server stands, when the server's own disk is what we read.
    fn local(&self, path: &Path) -> Option<PathBuf>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Under its real path.
    File(PathBuf),
    Nothing,
    /// Something is there, but a link or `..` leads out of the root.
    Outside,
}

impl Shelf for Root {
    fn file(&self, path: &Path) -> Lookup {
        match self.locate(path) {
            Ok(real) if self.folder().join(&real).is_file() => Lookup::File(real),
            Err(Unreadable::Outside) => Lookup::Outside,
            _ => Lookup::Nothing,
        }
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.locate(path)
            .is_ok_and(|real| self.folder().join(real).is_dir())
    }

    fn names(&self, folder: &Path) -> Vec<OsString> {
        let Ok(real) = self.locate(folder) else {
            return Vec::new();
        };
        let entries = fs::read_dir(self.folder().join(real));
        entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name()))
            .collect()
    }

    fn local(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(self.folder()).ok().map(Path::to_path_buf)
    }
}

/// The sections of an `nginx -T` dump, under the paths that they had on the server.
#[derive(Debug, Default)]
pub struct Dump {
    files: BTreeSet<PathBuf>,
    folders: BTreeMap<PathBuf, BTreeSet<OsString>>,
}

impl Dump {
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Dump {
        let mut dump = Dump::default();
        for path in paths {
            let mut path = path;
            dump.files.insert(path.clone());
            while let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                let names = dump.folders.entry(folder.to_path_buf()).or_default();
                if !names.insert(name.to_os_string()) {
                    break;
                }
                path = folder.to_path_buf();
            }
        }
        dump
    }
}

impl Shelf for Dump {
    fn file(&self, path: &Path) -> Lookup {
        match self.files.get(path) {
            Some(path) => Lookup::File(path.clone()),
            None => Lookup::Nothing,
        }
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folders.contains_key(path)
    }

    fn names(&self, folder: &Path) -> Vec<OsString> {
        let names = self.folders.get(folder);
        names.into_iter().flatten().cloned().collect()
    }

    fn local(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_path_buf())
    }
}
