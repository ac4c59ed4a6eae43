//! Places as SARIF has them: artifacts of the run, and regions in them.

use std::collections::HashMap;
use std::fmt::Write;

use super::model::{
    Artifact, ArtifactLocation, Content, Location, Message, PhysicalLocation, Region,
};
use crate::redact;
use crate::report::place::Place;
use crate::source::{SourceMap, Span};

/// The root that every relative URI starts from; GitHub knows this name.
pub const SOURCE_ROOT: &str = "%SRCROOT%";

/// A snippet longer than this helps nobody, and a file of one line may be all snippet.
const MAX_SNIPPET: usize = 4096;

/// Makes locations, and keeps account of the artifacts that they name.
pub struct Places<'a> {
    sources: &'a SourceMap,
    artifacts: Vec<Artifact>,
    index: HashMap<String, usize>,
}

impl<'a> Places<'a> {
    pub fn new(sources: &'a SourceMap) -> Self {
        Places {
            sources,
            artifacts: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// Every artifact named so far, in the order of its index.
    pub fn into_artifacts(self) -> Vec<Artifact> {
        self.artifacts
    }

    pub fn location(&mut self, span: Span, message: Option<Message>) -> Location {
        let place = Place::of(span, self.sources);
        let snippet = (span.len() <= MAX_SNIPPET && !span.is_empty()).then(|| Content {
            text: self.snippet(span),
        });
        Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: self.artifact(&place.file),
                region: Region {
                    start_line: place.line,
                    start_column: place.column,
                    end_line: place.end_line,
                    end_column: place.end_column,
                    snippet,
                },
            },
            message,
        }
    }

    /// The text of a span, without what it writes out as a credential.
    fn snippet(&self, span: Span) -> String {
        let text = redact::masked(b"", self.sources.bytes(span));
        String::from_utf8_lossy(&text).into_owned()
    }

    fn artifact(&mut self, file: &str) -> ArtifactLocation {
        if let Some(index) = self.index.get(file) {
            return self.artifacts[*index].location.clone();
        }
        let index = self.artifacts.len();
        let stdin = file == "<stdin>";
        let location = ArtifactLocation {
            uri: if stdin { "stdin".into() } else { uri(file) },
            uri_base_id: (!stdin && !is_absolute(file)).then_some(SOURCE_ROOT),
            index,
        };
        self.index.insert(file.to_owned(), index);
        self.artifacts.push(Artifact {
            location: location.clone(),
            roles: [if stdin {
                "standardStream"
            } else {
                "analysisTarget"
            }],
        });
        location
    }
}

/// A path as a URI reference (RFC 3986): relative, or with the scheme `file`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len() + 8);
    if is_absolute(path) {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            // All of `pchar` but the colon, which would make a scheme of the first segment.
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b'@' => {
                uri.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_legal_uris() {
        assert_eq!(uri("deploy/nginx.conf"), "deploy/nginx.conf");
        assert_eq!(uri("a b/é#?%.conf"), "a%20b/%C3%A9%23%3F%25.conf");
        assert_eq!(uri("c:/x"), "c%3A/x");
        assert_eq!(uri("[id]\\{x}\n"), "%5Bid%5D%5C%7Bx%7D%0A");
        assert_eq!(uri("/etc/nginx/nginx.conf"), "file:///etc/nginx/nginx.conf");
    }
}
