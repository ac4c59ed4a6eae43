//! The house stands as its map in `src/lib.rs` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file below `src/` and its code, without comments and without its unit tests.
struct SourceFile {
    /// Relative to `src/`, with `/`.
    path: String,
    code: String,
}

impl SourceFile {
    /// The module at the top that it belongs to: `gates` for `gates/nginx/mod.rs`.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The modules at the top that it names.
    fn imports(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for (at, path) in self.code.match_indices("crate::") {
            let rest = &self.code[at + path.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                // `use crate::{a::B, c};` names its modules in a row.
                let end = group.find('}').unwrap_or(group.len());
                names.extend(group[..end].split(',').map(|name| first_word(name.trim())));
            } else {
                names.push(first_word(rest));
            }
        }
        names
    }
}

fn first_word(text: &str) -> &str {
    let end = text
        .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .unwrap_or(text.len());
    &text[..end]
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files() -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let relative = path.strip_prefix(src()).unwrap();
            let parts: Vec<_> = relative.iter().map(|part| part.to_str().unwrap()).collect();
            if parts.last() == Some(&"tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            files.push(SourceFile {
                path: parts.join("/"),
                code: code.collect::<Vec<_>>().join("\n"),
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 20, "the walk over src/ finds too little");
    files
}

/// The number of each module, from the list in `lib.rs`: `//! 3. [`request`], [`gate`]: …`.
fn map() -> BTreeMap<String, u32> {
    let lib = fs::read_to_string(src().join("lib.rs")).unwrap();
    let mut map = BTreeMap::new();
    for line in lib.lines().filter_map(|line| line.strip_prefix("//! ")) {
        let Some((number, rest)) = line.split_once(". ") else {
            continue;
        };
        let (Ok(number), Some((names, _))) = (number.parse::<u32>(), rest.split_once(": ")) else {
            continue;
        };
        for name in names.split('`').skip(1).step_by(2) {
            assert!(
                map.insert(name.to_owned(), number).is_none(),
                "{name} twice"
            );
        }
    }
    map
}

#[test]
fn every_module_is_on_the_map() {
    let map = map();
    let lib = fs::read_to_string(src().join("lib.rs")).unwrap();
    let mut declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    assert_eq!(map.keys().map(String::as_str).collect::<Vec<_>>(), declared);
}

#[test]
fn a_module_imports_only_from_a_smaller_number() {
    let map = map();
    let mut wrong = Vec::new();
    for file in files() {
        let Some(own) = map.get(file.module()) else {
            continue; // main.rs and lib.rs stand above all.
        };
        for import in file.imports() {
            // Two modules of one number are one idea in two files.
            if map.get(import).is_some_and(|number| number > own) {
                wrong.push(format!("{} imports {import}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A library that is hidden behind one place, so that it can be replaced there.
fn only_in(library: &str, places: &[&str]) {
    let users: Vec<String> = files()
        .into_iter()
        .filter(|file| file.code.contains(&format!("{library}::")))
        .map(|file| file.path)
        .collect();
    assert!(!users.is_empty(), "nobody uses {library}");
    for user in users {
        let is_known = places.iter().any(|place| user.starts_with(place));
        assert!(is_known, "src/{user} uses {library}");
    }
}

#[test]
fn miette_is_known_to_the_human_report_alone() {
    only_in("miette", &["report/human.rs"]);
}

#[test]
fn the_yaml_parser_is_known_to_the_document_tree_alone() {
    only_in("granit_parser", &["syntax/document"]);
}

#[test]
fn the_javascript_parser_is_known_to_its_tree_alone() {
    for library in ["oxc_allocator", "oxc_ast", "oxc_parser", "oxc_span"] {
        only_in(library, &["syntax/javascript"]);
    }
}

#[test]
fn the_python_parser_is_known_to_its_tree_alone() {
    for library in ["tree_sitter", "tree_sitter_python"] {
        only_in(library, &["syntax/python"]);
    }
}

#[test]
fn the_regex_engine_is_known_to_one_file_of_each_gate() {
    only_in(
        "pcre2",
        &[
            "gates/nginx/matcher.rs",
            "gates/express/pattern.rs",
            "gates/aws/pattern.rs",
        ],
    );
}

#[test]
fn the_network_is_known_to_one_room_alone() {
    for library in ["tokio", "aws_config", "aws_smithy_http_client", "indicatif"] {
        only_in(library, &["aws/"]);
    }
    for service in [
        "apigateway",
        "apigatewayv2",
        "cloudfront",
        "ec2",
        "elasticloadbalancingv2",
        "iam",
        "lambda",
        "sts",
        "wafv2",
    ] {
        only_in(&format!("aws_sdk_{service}"), &["aws/"]);
    }
}
