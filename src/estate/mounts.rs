//! What a project says of where its files go: the volumes of compose files, and what a Dockerfile
//! copies. Each gives paths of the server, and where the project keeps them.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use crate::gates::nginx::include::Mounts;
use crate::source::Root;
use crate::syntax::document::{self, Node};

/// How many services and stages are heeded in all: each include asks all of them.
pub const MOST: usize = 500;

/// Whether a file may say so, by its name.
pub fn may_tell(path: &Path) -> bool {
    is_compose(path) || is_dockerfile(path)
}

/// What one file says; each service and each stage of a build for itself.
pub fn read(root: &Root, path: &Path) -> Vec<Mounts> {
    let Ok(text) = root.read(path) else {
        return Vec::new();
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let told = match is_compose(path) {
        true => services(&text),
        false => stages(&text),
    };
    let located = told.into_iter().map(|service| {
        let found = service
            .into_iter()
            .filter_map(|mount| locate(root, folder, mount));
        Mounts(found.collect())
    });
    located.filter(|mounts| !mounts.0.is_empty()).collect()
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.to_ascii_lowercase()
}

pub fn is_compose(path: &Path) -> bool {
    let name = name(path);
    let stem = name.strip_suffix(".yml").or(name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| stem.starts_with("docker-compose") || stem.starts_with("compose"))
}

pub fn is_dockerfile(path: &Path) -> bool {
    let name = name(path);
    name.starts_with("dockerfile") || name.ends_with(".dockerfile") || name == "containerfile"
}

/// As it was written.
struct Mount {
    local: String,
    server: String,
    /// Where the project's path starts is not said: in this folder or in one around it.
    copied: bool,
}

fn locate(root: &Root, folder: &Path, mount: Mount) -> Option<(PathBuf, PathBuf)> {
    if !mount.server.starts_with('/') || mount.local.contains('$') {
        return None;
    }
    let around = match mount.copied {
        true => usize::MAX,
        false => 1,
    };
    let mut around = folder.ancestors().take(around);
    let local = around.find_map(|folder| root.locate(&folder.join(&mount.local)).ok())?;
    let mut server = PathBuf::from(&mount.server);
    let is_file = root.folder().join(&local).is_file();
    if mount.copied && is_file && mount.server.ends_with('/') {
        server.push(local.file_name()?);
    }
    Some((server, local))
}

fn services(text: &[u8]) -> Vec<Vec<Mount>> {
    let Ok(document) = document::parse(0, text) else {
        return Vec::new();
    };
    let Some(root) = document.root() else {
        return Vec::new();
    };
    let services = root.get("services").unwrap_or(root).entries();
    services
        .filter_map(|(_, service)| service.get("volumes"))
        .map(|volumes| volumes.items().filter_map(volume).collect())
        .collect()
}

/// `./nginx:/etc/nginx/conf.d:ro`, or the same in long. What starts with no dot is the name of a
/// volume, or lies outside of the project.
fn volume(node: Node<'_>) -> Option<Mount> {
    let (local, server) = match node.text() {
        Some(text) => {
            let (local, rest) = text.split_once(":/")?;
            (local, format!("/{}", rest.split(':').next()?))
        }
        None => {
            let server = node.get("target")?.text()?;
            (node.get("source")?.text()?, server.to_owned())
        }
    };
    let here = ["${PWD}/", "$PWD/"].iter();
    let local = here
        .filter_map(|here| local.strip_prefix(here))
        .next()
        .or(Some(local).filter(|local| local.starts_with('.')))?;
    Some(Mount {
        local: local.to_owned(),
        server,
        copied: false,
    })
}

fn stages(text: &[u8]) -> Vec<Vec<Mount>> {
    let text = text
        .to_str_lossy()
        .replace("\\\r\n", " ")
        .replace("\\\n", " ");
    let mut stages = vec![Vec::new()];
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
        match instruction.as_str() {
            "FROM" => stages.push(Vec::new()),
            "COPY" | "ADD" => {
                if let Some(stage) = stages.last_mut() {
                    stage.extend(copied(words));
                }
            }
            _ => {}
        }
    }
    stages
}

/// `COPY --chown=nginx nginx/*.conf /etc/nginx/conf.d/`, or the same as a list in brackets.
fn copied<'w>(words: impl Iterator<Item = &'w str>) -> Vec<Mount> {
    let plain = |word: &'w str| word.trim_matches(['[', ']', '"', ',']);
    let words: Vec<&str> = words.map(plain).filter(|word| !word.is_empty()).collect();
    // It comes from another stage, or from another image.
    if words.iter().any(|word| word.starts_with("--from")) {
        return Vec::new();
    }
    let mut words: Vec<&str> = words;
    words.retain(|word| !word.starts_with("--"));
    let Some((server, locals)) = words.split_last() else {
        return Vec::new();
    };
    let mounts = locals.iter().map(|local| Mount {
        local: match local.rsplit_once('/') {
            Some((folder, pattern)) if pattern.contains('*') => folder.to_owned(),
            // From the root of what is built, which is the project's folder.
            _ => local.trim_start_matches('/').to_owned(),
        },
        server: (*server).to_owned(),
        copied: true,
    });
    mounts.collect()
}
