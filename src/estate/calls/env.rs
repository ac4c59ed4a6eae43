//! `.env` files beside the code: what variables hold that are the beginning of a URL.
//!
//! Such files hold secrets. They are no sources of the report, and no value is taken from them but a
//! URL, or a part of a host, for a name that code puts there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::source::Root;

/// What is said first counts.
const USED: [&str; 2] = [".env", ".env.local"];
const EXAMPLES: [&str; 4] = [
    ".env.example",
    ".env.sample",
    ".env.template",
    "env.example",
];

/// Whether a program reads a file, or a person does who writes such a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Used,
    Example,
}

const LARGEST: usize = 256 << 10;

/// No name or URL is longer.
const LONGEST: usize = 300;

type Values = HashMap<String, String>;

pub struct Files<'r> {
    root: &'r Root,
    folders: RefCell<HashMap<(PathBuf, Kind), Values>>,
}

impl<'r> Files<'r> {
    pub fn new(root: &'r Root) -> Self {
        Files {
            root,
            folders: RefCell::default(),
        }
    }

    /// The value of a name, in a folder or one above it.
    pub fn value(&self, folder: &Path, name: &str, kind: Kind) -> Option<String> {
        folder.ancestors().find_map(|folder| {
            let mut folders = self.folders.borrow_mut();
            let values = folders
                .entry((folder.to_path_buf(), kind))
                .or_insert_with(|| self.read(folder, kind));
            values.get(name).cloned()
        })
    }

    fn read(&self, folder: &Path, kind: Kind) -> Values {
        let names: &[&str] = match kind {
            Kind::Used => &USED,
            Kind::Example => &EXAMPLES,
        };
        let mut values = Values::new();
        for name in names {
            let Ok(text) = self.root.read(&folder.join(name)) else {
                continue;
            };
            if text.len() > LARGEST {
                continue;
            }
            for (name, value) in String::from_utf8_lossy(&text).lines().filter_map(entry) {
                values.entry(name).or_insert(value);
            }
        }
        values
    }
}

/// `export NAME="value" # why`, if the value may stand in a URL.
fn entry(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let value = value.trim();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        '#' => return None,
        _ => value.split(" #").next()?.trim(),
    };
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-_.:/~".contains(char);
    let is_good = !name.is_empty()
        && name.chars().all(is_name)
        && !value.is_empty()
        && value.len() <= LONGEST
        && value.chars().all(is_part);
    is_good.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn only_what_may_stand_in_a_url_is_taken() {
        let taken = |line: &str| entry(line).map(|(_, value)| value);
        for (line, value) in [
            ("API=https://a.test/prod", "https://a.test/prod"),
            ("export API=\"https://a.test\" # where", "https://a.test"),
            ("  ID = abc123 # id\r", "abc123"),
            ("API='http://localhost:3000'", "http://localhost:3000"),
        ] {
            assert_eq!(taken(line).as_deref(), Some(value), "{line}");
        }
        for line in [
            "",
            "# API=https://a.test",
            "API=",
            "API=# none",
            "DB=postgres://user:password@db/x",
            "KEY=\"a b\"",
            "API=<your api>",
            "API=https://a.test?key=x",
        ] {
            assert_eq!(taken(line), None, "{line}");
        }
    }
}
