//! What a project says of where its programs run: services of compose files, and the ports that
//! Dockerfiles expose.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::mounts::{is_compose, is_dockerfile};
use crate::source::{Root, Source, SourceMap, Span, Spanned, TooLarge};
use crate::syntax::document::{self, Node};

/// How many services are heeded in all.
const MOST: usize = 500;

/// A program of a compose file that is built from a folder of the project, or runs what lies there.
#[derive(Clone, Debug)]
pub struct Service {
    /// What other services call it: its name, `container_name`, `hostname` and aliases
    /// (Compose specification, "networks").
    pub names: Vec<Spanned<String>>,
    /// Relative to the root.
    pub folders: Vec<PathBuf>,
    /// The ports that it listens on, as far as the file knows.
    pub ports: Vec<u16>,
    /// A port of the machine, and the port of the service to which it leads.
    pub published: Vec<(u16, u16)>,
}

/// A port that the Dockerfile of a folder says to be listened on.
#[derive(Clone, Debug)]
pub struct Exposed {
    pub folder: PathBuf,
    pub port: u16,
    pub span: Span,
}

#[derive(Debug, Default)]
pub struct Services {
    pub services: Vec<Service>,
    pub exposed: Vec<Exposed>,
}

/// Reads what these files say. Those that cannot be read say nothing: they are not what is checked.
pub fn read<'p>(
    root: &Root,
    files: impl IntoIterator<Item = &'p PathBuf>,
    sources: &mut SourceMap,
) -> Result<Services, TooLarge> {
    let mut found = Services::default();
    for path in files {
        let Ok(text) = root.read(path) else {
            continue;
        };
        let id = sources.add(root.name(path), text)?;
        let source = sources.get(id);
        let folder = path.parent().unwrap_or(Path::new(""));
        match is_compose(path) {
            true => found.services.extend(services(root, folder, source)),
            false if is_dockerfile(path) => found.exposed.extend(exposed(folder, source)),
            false => {}
        }
        found.services.truncate(MOST);
    }
    Ok(found)
}

fn services(root: &Root, folder: &Path, source: &Source) -> Vec<Service> {
    let Ok(document) = document::parse(source.base, &source.text) else {
        return Vec::new();
    };
    let Some(top) = document.root() else {
        return Vec::new();
    };
    let services = top.get("services").unwrap_or(top).entries();
    services
        .filter_map(|(name, service)| {
            let found = Service {
                names: names(name, service),
                folders: folders(root, folder, service),
                ports: ports(service),
                published: published(service),
            };
            (!found.folders.is_empty()).then_some(found)
        })
        .collect()
}

fn names(name: Node<'_>, service: Node<'_>) -> Vec<Spanned<String>> {
    let others = ["container_name", "hostname"].map(|key| service.get(key));
    let networks = service.get("networks").into_iter().flat_map(Node::entries);
    let aliases = networks
        .filter_map(|(_, network)| network.get("aliases"))
        .flat_map(Node::items);
    [name]
        .into_iter()
        .chain(others.into_iter().flatten())
        .chain(aliases)
        .filter_map(|node| Some(Spanned::new(node.text()?.to_owned(), node.span())))
        .collect()
}

/// The folders of the project that it is made of: what it is built from, where its Dockerfile lies,
/// what is mounted into it.
fn folders(root: &Root, folder: &Path, service: Node<'_>) -> Vec<PathBuf> {
    let mut written: Vec<PathBuf> = Vec::new();
    if let Some(build) = service.get("build") {
        let context = build.text().or(build.get("context").and_then(Node::text));
        let context = Path::new(context.unwrap_or("."));
        let file = build.get("dockerfile").and_then(Node::text);
        // Of a context that is the whole project, the Dockerfile tells which part is meant.
        let beside = file.and_then(|file| Path::new(file).parent());
        let beside = beside.filter(|beside| *beside != Path::new(""));
        written.extend(beside.map(|beside| context.join(beside)));
        written.push(context.to_owned());
    }
    let volumes = service.get("volumes").into_iter().flat_map(Node::items);
    written.extend(volumes.filter_map(|volume| {
        let local = match volume.text() {
            Some(text) => text.split(':').next()?,
            None => volume.get("source")?.text()?,
        };
        local.starts_with('.').then(|| PathBuf::from(local))
    }));
    let mut found: Vec<PathBuf> = Vec::new();
    for path in written {
        if let Ok(path) = root.locate(&folder.join(path))
            && root.folder().join(&path).is_dir()
            && !found.contains(&path)
        {
            found.push(path);
        }
    }
    found
}

/// `PORT`, by which programs are told what to listen on, `expose`, and where published ports lead.
fn ports(service: Node<'_>) -> Vec<u16> {
    let environment = service.get("environment");
    let set = environment.and_then(|environment| {
        let listed = environment.items().filter_map(Node::text);
        let mut listed = listed.filter_map(|text| text.strip_prefix("PORT="));
        let text = environment.get("PORT").and_then(Node::text);
        number(text.or(listed.next())?)
    });
    let exposed = service.get("expose").into_iter().flat_map(Node::items);
    let exposed = exposed.filter_map(|node| number(node.text()?));
    let published = published(service).into_iter().map(|(_, inside)| inside);
    let mut ports: Vec<u16> = set.into_iter().chain(exposed).chain(published).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// `3000`, `8080:3000`, `127.0.0.1:8080:3000/tcp`, or the same in long.
fn published(service: Node<'_>) -> Vec<(u16, u16)> {
    let ports = service.get("ports").into_iter().flat_map(Node::items);
    ports
        .filter_map(|node| match node.text() {
            Some(text) => {
                let text = interpolated(text)?;
                let mut parts = text.rsplit(':');
                let inside = number(parts.next()?)?;
                let outside = parts.next().map_or(Some(inside), number)?;
                Some((outside, inside))
            }
            None => {
                let inside = number(node.get("target")?.text()?)?;
                let outside = node.get("published").and_then(Node::text);
                Some((outside.map_or(Some(inside), number)?, inside))
            }
        })
        .collect()
}

fn number(text: &str) -> Option<u16> {
    let text = interpolated(text)?;
    let text = text.trim();
    text.strip_suffix("/tcp").unwrap_or(text).parse().ok()
}

/// `${PORT:-3000}` is its default; what only the environment knows is nothing.
fn interpolated(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) = after.split_once('}')?;
        let (_, default) = inner.split_once(":-").or(inner.split_once('-'))?;
        out.push_str(before);
        out.push_str(default);
        rest = after;
    }
    out.push_str(rest);
    (!out.contains('$')).then_some(out)
}

/// `EXPOSE 3000/tcp 9229` of the last stage (Dockerfile reference, "EXPOSE").
fn exposed(folder: &Path, source: &Source) -> Vec<Exposed> {
    let mut found = Vec::new();
    let mut from = source.base;
    for line in source.text.lines_with_terminator() {
        let span = Span::new(from, from + line.trim_end().len() as u32);
        from += line.len() as u32;
        let text = line.to_str_lossy();
        let mut words = text.split_ascii_whitespace();
        match words.next() {
            Some(word) if word.eq_ignore_ascii_case("FROM") => found.clear(),
            Some(word) if word.eq_ignore_ascii_case("EXPOSE") => {
                found.extend(words.filter_map(number).map(|port| Exposed {
                    folder: folder.to_owned(),
                    port,
                    span,
                }));
            }
            _ => {}
        }
    }
    found
}
