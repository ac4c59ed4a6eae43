//! Functions that judge callers for API Gateway, and answer with a policy that allows one method
//! alone.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use bstr::ByteSlice;
use rayon::prelude::*;

use super::express::is_script;
use super::scripts::is_of_a_test;
use crate::source::{Root, SourceMap, Span, TooLarge};

/// Larger files are bundles or data.
const LARGEST: usize = 256 << 10;

/// What the method is called that is being called
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>).
const METHOD: [&str; 2] = ["methodArn", "routeArn"];

/// Signs that a policy is made wider than the one method.
const WIDER: [&str; 10] = [
    "*'",
    "*\"",
    "*`",
    "split(",
    "replace(",
    "slice(",
    "substring(",
    "join(",
    "re.sub",
    "AuthPolicy",
];

/// A file with such a function.
#[derive(Clone, Debug)]
pub struct Narrow {
    /// The path from the root, to tell functions apart.
    pub path: String,
    /// Where the method goes into the policy.
    pub span: Span,
}

/// Those among these files.
pub fn narrow(
    root: &Root,
    files: &BTreeSet<PathBuf>,
    sources: &mut SourceMap,
) -> Result<Vec<Narrow>, TooLarge> {
    let is_code = |path: &&PathBuf| {
        (is_script(path) || path.extension().is_some_and(|extension| extension == "py"))
            && !is_of_a_test(path)
    };
    let candidates: Vec<&PathBuf> = files.iter().filter(is_code).collect();
    let found: Vec<(&PathBuf, Arc<[u8]>, usize, usize)> = candidates
        .into_par_iter()
        .filter_map(|path| {
            let text = root.read(path).ok()?;
            let (at, length) = place(&text)?;
            Some((path, text, at, length))
        })
        .collect();
    let mut narrow = Vec::new();
    for (path, text, at, length) in found {
        let name = root.name(path);
        let known = sources.iter().find(|source| source.name == name);
        let base = match known.map(|source| source.base) {
            Some(base) => base,
            None => {
                let id = sources.add(name, text)?;
                sources.get(id).base
            }
        };
        let start = base + at as u32;
        narrow.push(Narrow {
            path: path.display().to_string(),
            span: Span::new(start, start + length as u32),
        });
    }
    Ok(narrow)
}

/// Where a file puts the method that is called into a policy, and nothing makes that wider.
fn place(text: &[u8]) -> Option<(usize, usize)> {
    let is_policy = text.len() <= LARGEST
        && text.find("policyDocument").is_some()
        && text.find("Resource").is_some();
    if !is_policy || WIDER.iter().any(|word| text.find(word).is_some()) {
        return None;
    }
    let mut places = METHOD
        .iter()
        .filter_map(|word| Some((text.rfind(word)?, word.len())));
    places.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_method_alone() {
        let narrow =
            b"return { principalId, policyDocument: { Statement: [{ Action: 'execute-api:Invoke', \
            Effect, Resource: event.methodArn }] } }";
        let (at, length) = place(narrow).expect("narrow");
        assert_eq!(&narrow[at..at + length], b"methodArn");
        let wide = b"const parts = event.methodArn.split('/'); \
            return { policyDocument: { Statement: [{ Resource: parts[0] + '/*' }] } }";
        assert_eq!(place(wide), None);
        assert_eq!(place(b"console.log(event.methodArn)"), None);
    }
}
