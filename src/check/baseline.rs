//! Findings that were there when the tool came, kept in a file so that only new ones count.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{SuppressedBy, Suppression, fingerprint};
use crate::estate::Problem;
use crate::finding::Finding;
use crate::source::SourceMap;

const VERSION: u32 = 1;

/// The file: one entry a finding, sorted, so that a diff of it can be read.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Also what tells a baseline from any other JSON file.
    #[serde(rename = "why403-baseline")]
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    rule: String,
    fingerprint: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("the baseline {path} cannot be read: {error}", path = path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{path} is not a baseline of this program: {error}", path = path.display())]
    NotABaseline {
        path: PathBuf,
        error: serde_json::Error,
    },
    #[error("the baseline {path} has version {version}, this program knows {VERSION}", path = path.display())]
    OtherVersion { path: PathBuf, version: u32 },
    #[error("the baseline {path} cannot be written: {error}", path = path.display())]
    Unwritable { path: PathBuf, error: io::Error },
}

type Split = (Vec<Finding>, Vec<(Finding, Suppression)>, Option<Problem>);

impl Baseline {
    pub fn of(findings: &[Finding], sources: &SourceMap) -> Self {
        let mut findings: Vec<Entry> = findings
            .iter()
            .map(|finding| Entry {
                file: sources.at(finding.primary.span).name.clone(),
                rule: finding.rule.to_owned(),
                fingerprint: fingerprint(finding, sources),
            })
            .collect();
        findings.sort();
        Baseline {
            version: VERSION,
            findings,
        }
    }

    pub fn len(&self) -> usize {
        self.findings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let path_buf = || path.to_path_buf();
        let text = fs::read(path).map_err(|error| BaselineError::Unreadable {
            path: path_buf(),
            error,
        })?;
        let baseline: Baseline =
            serde_json::from_slice(&text).map_err(|error| BaselineError::NotABaseline {
                path: path_buf(),
                error,
            })?;
        match baseline.version {
            VERSION => Ok(baseline),
            version => Err(BaselineError::OtherVersion {
                path: path_buf(),
                version,
            }),
        }
    }

    /// Writes the file whole or not at all, and never over something that is no baseline.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        if path.exists() {
            Baseline::read(path)?;
        }
        let failed = |error| BaselineError::Unwritable {
            path: path.to_path_buf(),
            error,
        };
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let draft = PathBuf::from(name);
        write_new(&draft, &text)
            .and_then(|()| fs::rename(&draft, path))
            .map_err(|error| {
                // The draft is ours; that it cannot be removed would tell nothing new.
                let _ = fs::remove_file(&draft);
                failed(error)
            })
    }

    /// Parts new findings from those that the baseline knows. An entry stands for one finding,
    /// so that a second one of the same text is new.
    pub(super) fn split(&self, findings: Vec<Finding>, sources: &SourceMap) -> Split {
        let mut left: HashMap<&str, usize> = HashMap::new();
        for entry in &self.findings {
            *left.entry(&entry.fingerprint).or_default() += 1;
        }
        let mut new = Vec::new();
        let mut old = Vec::new();
        for finding in findings {
            match left.get_mut(fingerprint(&finding, sources).as_str()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    let suppression = Suppression {
                        reason: "it stands in the baseline".to_owned(),
                        by: SuppressedBy::Baseline,
                    };
                    old.push((finding, suppression));
                }
                _ => new.push(finding),
            }
        }
        let stale: usize = left.values().sum();
        let problem = (stale > 0).then(|| {
            let (noun, verb) = if stale == 1 {
                ("entry", "is")
            } else {
                ("entries", "are")
            };
            Problem::note(
                None,
                format!("{stale} {noun} of the baseline {verb} not found any more"),
            )
            .with_help("write it anew with --write-baseline, so that it only shrinks")
        });
        (new, old, problem)
    }
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
