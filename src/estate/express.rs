//! Finds the middleware manifests, our own and those of programs that are built on Express, and the
//! Express applications among the files, and reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::scripts::{self, Callers};
use crate::gates::express::Express;
use crate::gates::express::model::{App, Field};
use crate::gates::express::read::{gateway, loopback, manifest, meddleware};
use crate::problem::Problem;
use crate::source::{Root, Source, SourceMap, Span, TooLarge};
use crate::syntax::document::{self, Document, without_comments};

/// What a manifest of our own says of itself, in its first lines.
const MARK: &[u8] = b"express/v";

/// How far these lines reach.
const HEAD: usize = 4096;

/// What was found.
#[derive(Default)]
pub struct Found {
    pub apps: Vec<Express>,
    pub comments: Vec<Span>,
    pub problems: Vec<Problem>,
    pub callers: Callers,
    pub fields: Vec<Field>,
}

/// What a file may be, by its name and by words that stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likely {
    Own,
    LoopBack,
    Meddleware,
    Gateway,
}

/// Whether a file says that it is a middleware manifest.
pub fn is_manifest(path: &Path, text: &[u8]) -> bool {
    likely(path, text).next().is_some()
}

/// A name alone says nothing: many programs have a `config.json`.
fn likely<'t>(path: &Path, text: &'t [u8]) -> impl Iterator<Item = Likely> + use<'t> {
    let named = Likely::named(path);
    let head = &text[..text.len().min(HEAD)];
    let has = |word: &str| text.find(word).is_some();
    named.into_iter().filter(move |likely| match likely {
        Likely::Own => head.find(MARK).is_some() && head.find("manifest").is_some(),
        Likely::LoopBack => has("\"initial") || has("\"routes") || has("\"final"),
        Likely::Meddleware => has("\"middleware\"") && (has("\"priority\"") || has("\"module\"")),
        Likely::Gateway => has("apiEndpoint") && has("pipeline"),
    })
}

/// Whether a file is JavaScript or TypeScript by its name.
pub fn is_script(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(
        extension,
        Some("js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx")
    )
}

/// Reads what there is among these files.
pub fn load(
    root: &Root,
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
    is_called: bool,
) -> Result<Found, TooLarge> {
    let mut found = Found::default();
    let mut files = files.clone();
    files.retain(|path| may_matter(path));
    for path in files.iter().filter(|path| !Likely::named(path).is_empty()) {
        // What other programs write may have its words behind a long comment.
        let by_name = Likely::named(path).len() > 1;
        let text = match root.read_if(path, |head, _| by_name || is_manifest(path, head)) {
            Ok(Some(text)) if is_manifest(path, &text) => text,
            // Of a file that cannot be read only its name may say that it is one.
            Err(reason) if by_name => {
                let message = format!("{}: {reason}", root.name(path));
                found.problems.push(Problem::fatal(None, message));
                continue;
            }
            Ok(_) | Err(_) => continue,
        };
        let name = root.name(path);
        let kinds: Vec<Likely> = likely(path, &text).collect();
        let id = sources.add(name.clone(), text)?;
        found.read(path, &kinds, sources.get(id));
    }
    let scripts = scripts::applications(root, &files, sources, is_called || !found.apps.is_empty());
    found.problems.extend(scripts.problems);
    found.comments.extend(scripts.comments);
    found.callers = scripts.callers;
    found.fields = scripts.fields;
    found
        .apps
        .extend(scripts.apps.into_iter().map(Express::new));
    Ok(found)
}

impl Found {
    fn read(&mut self, path: &Path, kinds: &[Likely], source: &Source) {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let parsed = match is_json {
            true => document::parse(source.base, &without_comments(&source.text)),
            false => document::parse(source.base, &source.text),
        };
        let document = match parsed {
            Ok(document) => document,
            Err(error) => {
                // Other programs than meddleware have such a file, and templates of it.
                let problem = match kinds {
                    [Likely::Meddleware] => Problem::note(error.span, error.message),
                    _ => Problem::fatal(error.span, error.message),
                };
                self.problems.push(problem);
                return;
            }
        };
        for kind in kinds {
            if let Some((app, problems)) = kind.read(&document, &source.name, path) {
                self.problems.extend(problems);
                self.comments.extend(&document.comments);
                self.apps.extend(app.map(Express::new));
                return;
            }
        }
    }
}

impl Likely {
    /// What a file of this name may be.
    fn named(path: &Path) -> Vec<Likely> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("yaml" | "yml" | "json")) {
            return Vec::new();
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let mut named = vec![Likely::Own];
        match name.as_str() {
            "middleware.json" => named.extend([Likely::LoopBack, Likely::Meddleware]),
            "config.json" => named.push(Likely::Meddleware),
            _ if name.contains("gateway") => named.push(Likely::Gateway),
            _ => {}
        }
        named
    }

    /// `None` where the content says that it is something else.
    fn read(
        self,
        document: &Document,
        name: &str,
        path: &Path,
    ) -> Option<(Option<App>, Vec<Problem>)> {
        match self {
            Likely::Own if manifest::is_manifest(document) => Some(manifest::read(document, name)),
            Likely::LoopBack if loopback::is_one(document) => Some(loopback::read(document, name)),
            Likely::Meddleware if meddleware::is_one(document) => {
                let is_kraken = path.ends_with("config/config.json");
                Some(meddleware::read(document, name, is_kraken))
            }
            Likely::Gateway if gateway::is_one(document) => Some(gateway::read(document, name)),
            _ => None,
        }
    }
}

fn may_matter(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    is_script(path)
        || matches!(
            extension,
            Some("yaml" | "yml" | "json" | "vue" | "svelte" | "html")
        )
}
