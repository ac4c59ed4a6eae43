//! The folder that bounds what is read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Larger files are not read: no configuration is, and a tree takes many times the memory of its
/// text.
pub const LARGEST: u64 = 64 << 20;

/// How much of a file is shown to whoever decides whether to read the rest.
const HEAD: u64 = 8 << 10;

/// A folder. Nothing outside of it is read, whatever links or includes say.
#[derive(Debug)]
pub struct Root {
    /// Its real path.
    real: PathBuf,
    /// What stands before the path of a file to name it: the way from the current folder.
    shown: PathBuf,
}

/// Why a path was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it leads out of the folder that is checked")]
    Outside,
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it is larger than {} MB", LARGEST >> 20)]
    TooLarge,
}

impl Root {
    /// The folder that holds all of these files and folders.
    ///
    /// A single folder is its own root. Otherwise it is the current folder, where that holds them
    /// all, so that a file can include what lies beside its folder; else the deepest folder that
    /// does.
    pub fn around(inputs: &[PathBuf]) -> Result<Root, (PathBuf, Unreadable)> {
        let here = fs::canonicalize(".").unwrap_or_default();
        let mut folders = Vec::with_capacity(inputs.len());
        for input in inputs {
            let real = fs::canonicalize(input).map_err(|error| (input.clone(), error.into()))?;
            folders.push(real);
        }
        let real = match folders.as_slice() {
            [] => here.clone(),
            [one] if one.is_dir() => one.clone(),
            all if all.iter().all(|one| one.starts_with(&here)) => here.clone(),
            all => common_folder(all),
        };
        let shown = real.strip_prefix(&here).unwrap_or(Path::new(""));
        Ok(Root {
            shown: shown.to_path_buf(),
            real,
        })
    }

    /// Its real path.
    pub fn folder(&self) -> &Path {
        &self.real
    }

    /// Where a path really leads, relative to the root: links are followed, and refused where
    /// they lead out.
    pub fn locate(&self, path: &Path) -> Result<PathBuf, Unreadable> {
        let real = fs::canonicalize(self.real.join(path))?;
        real.strip_prefix(&self.real)
            .map(Path::to_path_buf)
            .map_err(|_| Unreadable::Outside)
    }

    /// What to call a file in a report: its path from the current folder, if the root lies there,
    /// else from the root.
    pub fn name(&self, relative: &Path) -> String {
        let path = self.shown.join(relative);
        let parts: Vec<_> = path
            .components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        }
    }

    pub fn read(&self, path: &Path) -> Result<Arc<[u8]>, Unreadable> {
        Ok(self.read_if(path, |_, _| true)?.unwrap_or_default())
    }

    /// Reads a file if its first bytes please; `None` if they do not. With them goes whether they
    /// are the whole file.
    pub fn read_if(
        &self,
        path: &Path,
        pleases: impl FnOnce(&[u8], bool) -> bool,
    ) -> Result<Option<Arc<[u8]>>, Unreadable> {
        let real = self.real.join(self.locate(path)?);
        // Opening a pipe would wait for its writer for ever.
        let meta = fs::metadata(&real)?;
        if !meta.is_file() {
            return Err(Unreadable::NotAFile);
        }
        let mut file = File::open(&real)?;
        let mut text = Vec::new();
        file.by_ref().take(HEAD).read_to_end(&mut text)?;
        if !pleases(&text, (text.len() as u64) < HEAD) {
            return Ok(None);
        }
        if meta.len() > LARGEST {
            return Err(Unreadable::TooLarge);
        }
        text.reserve(meta.len() as usize - text.len().min(meta.len() as usize));
        file.take(LARGEST).read_to_end(&mut text)?;
        Ok(Some(text.into()))
    }
}

fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let mut folder = match paths.first() {
        Some(first) if first.is_dir() => first.as_path(),
        Some(first) => first.parent().unwrap_or(first),
        None => Path::new("/"),
    };
    while !paths.iter().all(|path| path.starts_with(folder)) {
        match folder.parent() {
            Some(parent) => folder = parent,
            None => break,
        }
    }
    folder.to_path_buf()
}
