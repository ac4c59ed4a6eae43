//! One configuration, and what nginx and the analyzer each say of it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use why403::config::{NginxSettings, Version};
use why403::gates::nginx::Nginx;
use why403::gates::nginx::include::{File, Files, Outline};
use why403::gates::nginx::remark::RemarkKind;
use why403::source::{SourceMap, Spanned};
use why403::syntax::nginx::parse;

/// A folder for the files that nginx wants to have.
pub struct Lab {
    folder: TempDir,
}

impl Lab {
    pub fn open() -> Lab {
        Lab {
            folder: tempfile::tempdir().expect("a folder for temporary files"),
        }
    }

    /// What nginx says against the configuration, without the place; `None` when it takes it.
    pub fn nginx(&self, text: &str) -> Option<String> {
        let path = self.folder.path().join("nginx.conf");
        fs::write(&path, text).expect("the configuration can be written");
        let output = Command::new("/usr/sbin/nginx")
            .args(["-t", "-e", "error.log", "-p"])
            .arg(self.folder.path())
            .arg("-c")
            .arg(&path)
            .arg("-g")
            .arg("pid nginx.pid;")
            .output()
            .expect("/usr/sbin/nginx is installed");
        if output.status.success() {
            return None;
        }
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = errors
            .lines()
            .find_map(|line| line.split_once("[emerg] "))
            .map_or(errors.as_str(), |(_, message)| message);
        Some(without_place(line, &path))
    }
}

fn without_place(message: &str, path: &Path) -> String {
    let place = format!(" in {}:", path.display());
    message.split(&place).next().unwrap_or_default().to_string()
}

/// What the analyzer says that nginx would say.
pub fn analyzer(text: &str) -> Option<String> {
    let text: Arc<[u8]> = text.as_bytes().into();
    let mut sources = SourceMap::default();
    let id = sources
        .add("nginx.conf", Arc::clone(&text))
        .expect("a small file can be added");
    let span = sources.get(id).span();
    let tree = parse(span.start, text);
    let outline = Outline::of(&tree);
    let file = File {
        name: "nginx.conf".to_string(),
        tree,
        outline,
    };
    let (files, _) = Files::new(vec![file], Vec::new());
    let settings = NginxSettings {
        version: Some(Spanned::new(Version::new(1, 22, 1), span)),
        prefix: None,
    };
    let entry = files.all().first().map(|file| &file.tree)?;
    let (nginx, _) = Nginx::read(&files, entry, &settings, &sources);
    nginx
        .remarks()
        .iter()
        .find_map(|remark| match &remark.kind {
            RemarkKind::Refused(message) => Some(message.clone()),
            _ => None,
        })
}
