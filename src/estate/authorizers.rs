//! Functions that judge callers for API Gateway, and whether their answers go for one method alone.

mod facts;
mod javascript;
mod python;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::ByteSlice;
use rayon::prelude::*;

use super::express::is_script;
use super::scripts::is_of_a_test;
use crate::source::{Root, SourceMap, Span, TooLarge};
use crate::syntax;
use crate::syntax::javascript::Dialect;
use facts::Facts;

/// Larger files are bundles or data.
const LARGEST: usize = 256 << 10;

/// A file with such a function.
#[derive(Clone, Debug)]
pub struct Authorizing {
    /// The path from the root, to tell functions apart.
    pub path: String,
    pub answers: Answers,
}

/// What the function answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// A policy for the method that is called, which goes into it here, and for no other.
    OneMethod(Span),
    /// Whether the caller is let in, which goes by the method that is called.
    ByMethod(Span),
    /// Another one.
    Other,
}

/// Those among these files.
pub fn read(
    root: &Root,
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
) -> Result<Vec<Authorizing>, TooLarge> {
    let is_python = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
    let is_code = |path: &&PathBuf| (is_script(path) || is_python(path)) && !is_of_a_test(path);
    let candidates: Vec<&PathBuf> = files.iter().filter(is_code).collect();
    let texts: Vec<(&PathBuf, Arc<[u8]>)> = candidates
        .into_par_iter()
        .filter_map(|path| Some((path, root.read(path).ok().filter(|text| may_judge(text))?)))
        .collect();
    let mut found = Vec::new();
    for (path, text) in texts {
        let name = root.name(path);
        let known = sources.iter().find(|source| source.name == name);
        let base = match known.map(|source| source.base) {
            Some(base) => base,
            None => {
                let id = sources.add(name, text.clone())?;
                sources.get(id).base
            }
        };
        let facts = match is_python(path) {
            true => syntax::python::parse(base, &text).map(|module| python::read(&module)),
            false => {
                let name = path.to_string_lossy();
                let dialect = Dialect::of(&name).unwrap_or(Dialect::JavaScript);
                let module = syntax::javascript::parse(dialect, base, &text).ok();
                module.map(|module| javascript::read(&module))
            }
        };
        found.push(Authorizing {
            path: path.display().to_string(),
            answers: facts.as_ref().map_or(Answers::Other, answers),
        });
    }
    Ok(found)
}

fn may_judge(text: &[u8]) -> bool {
    let has = |word: &str| text.find(word).is_some();
    // Other policies are of nobody's: they have no principal, and know no method.
    let is_policy = has("policyDocument") && has("Resource");
    let is_answer = has("principalId") || has("methodArn") || has("routeArn");
    text.len() <= LARGEST && (has("isAuthorized") || is_policy && is_answer)
}

fn answers(facts: &Facts) -> Answers {
    match (facts.narrow(), facts.by_method()) {
        (Some(span), _) => Answers::OneMethod(span),
        (None, Some(span)) => Answers::ByMethod(span),
        (None, None) => Answers::Other,
    }
}

#[cfg(test)]
mod tests;
