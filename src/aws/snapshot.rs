//! The file: one JSON document of version 1, which is the same for the same answers but for its time.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

pub use super::coverage::{Entry, State};
use crate::report::json_text;

pub const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub struct Snapshot {
    // The mark by which the file is recognised comes first.
    #[serde(rename = "why403-snapshot")]
    pub version: u32,
    pub time: String,
    pub accounts: Vec<Account>,
    pub operations: Vec<Entry>,
    pub resources: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    pub account: String,
    pub partition: String,
    /// The ARN that the account was read as.
    pub caller: String,
    pub regions: Vec<String>,
}

impl Snapshot {
    pub fn has_gaps(&self) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|entry| entry.outcome.state.is_gap())
    }

    pub fn to_text(&self) -> Vec<u8> {
        json_text::to_text(self).into_bytes()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{0} exists; --force writes over it")]
    Exists(String),
    #[error("{0} is no file; name one to write")]
    NoFile(String),
    #[error("{0} cannot be written: {1}")]
    Io(String, io::Error),
}

/// Whether a snapshot may be written there, asked before an account is read for minutes.
pub fn may_write(path: &Path, force: bool) -> Result<(), WriteError> {
    let name = || path.display().to_string();
    // A device would be replaced, not written to.
    let is_other = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_other || path == Path::new("-") {
        return Err(WriteError::NoFile(name()));
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(name()));
    }
    let beside = beside(path);
    let tried = create(&beside).map_err(|error| failed(path, error));
    let _ = fs::remove_file(&beside);
    tried.map(drop)
}

/// Writes it whole or not at all, for the owner's eyes alone.
pub fn write(path: &Path, text: &[u8], force: bool) -> Result<(), WriteError> {
    may_write(path, force)?;
    let beside = beside(path);
    let written = create(&beside).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()
    });
    let done = written.and_then(|()| match force {
        true => fs::rename(&beside, path),
        // Unlike a rename, a link does not replace what came there in the meantime.
        false => fs::hard_link(&beside, path).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::rename(&beside, path),
        }),
    });
    let _ = fs::remove_file(&beside);
    done.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => WriteError::Exists(path.display().to_string()),
        _ => failed(path, error),
    })
}

/// Where it is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

fn create(path: &Path) -> io::Result<File> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn failed(path: &Path, error: io::Error) -> WriteError {
    WriteError::Io(path.display().to_string(), error)
}
