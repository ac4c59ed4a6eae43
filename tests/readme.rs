//! The documents are true: their commands print what stands there, their examples are understood,
//! and the files that they speak of exist.
//!
//! `BLESS=1 cargo test --test readme` writes the output of the commands anew.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use why403::config;
use why403::rules::{self, RULES};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// Where the insides of all fenced blocks of a language stand.
fn blocks(text: &str, language: &str) -> Vec<Range<usize>> {
    let open = format!("```{language}\n");
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(&open) {
        let start = at + found + open.len();
        let end = start + text[start..].find("```\n").expect("a fence that closes");
        blocks.push(start..end);
        at = end + 4;
    }
    blocks
}

/// A console block as it would look now: its commands, each followed by what it prints.
fn replay(block: &str) -> String {
    let mut replayed = String::new();
    let mut exit = 0;
    let mut lines = block.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else {
            continue; // Output of the command before.
        };
        let mut command = first.to_owned();
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.next().expect("a line after the backslash"));
        }
        let (output, code) = run(&command, exit);
        exit = code;
        replayed.push_str(&format!("$ {command}\n{output}"));
        // An empty line parts a command from the output of the one before.
        while lines.peek().is_some_and(|next| !next.starts_with("$ ")) {
            lines.next();
        }
        if lines.peek().is_some() {
            replayed.push('\n');
        }
    }
    replayed
}

/// Runs a command at the root of the repository, and gives what it prints and its exit code.
/// `before` is the exit code of the command before.
fn run(command: &str, before: i32) -> (String, i32) {
    // What the reader builds first is built already.
    let command = command.replace("cargo run --release --no-default-features -- ", "why403 ");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_why403"));
    let mut path = program
        .parent()
        .expect("a folder")
        .as_os_str()
        .to_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1; (exit {before})\n{command}"))
        .current_dir(root())
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let text = String::from_utf8(output.stdout).expect("text");
    (text, output.status.code().expect("an exit code"))
}

#[test]
fn commands_print_what_stands_there() {
    let mut commands = 0;
    let mut wrong = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
        let mut blessed = text.clone();
        // From the end, so that the places of the earlier blocks stay true.
        for block in blocks(&text, "console").into_iter().rev() {
            let written = &text[block.clone()];
            let replayed = replay(written);
            commands += replayed
                .lines()
                .filter(|line| line.starts_with("$ "))
                .count();
            if written != replayed {
                wrong.push(format!(
                    "{document} has\n{written}\nand it prints\n{replayed}"
                ));
                blessed.replace_range(block, &replayed);
            }
        }
        if blessed != text && std::env::var_os("BLESS").is_some() {
            fs::write(root().join(document), blessed).unwrap();
        }
    }
    assert!(commands >= 4, "only {commands} commands were found to try");
    assert!(
        wrong.is_empty(),
        "{}\n`BLESS=1 cargo test --test readme` writes the output anew; read the diff",
        wrong.join("\n")
    );
}

#[test]
fn the_example_of_a_configuration_is_understood() {
    let readme = read("README.md");
    let example = blocks(&readme, "yaml")
        .into_iter()
        .map(|block| &readme[block])
        .find(|block| block.starts_with("# why403.yaml\n"))
        .expect("an example of why403.yaml");
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let (config, problems) = config::read(0, example.as_bytes(), &known);
    assert_eq!(problems, []);
    assert!(!config.egress.is_empty() && !config.rules.is_empty() && !config.paths.is_empty());
    assert!(config.nginx.version.is_some());
}

#[test]
fn the_rules_that_are_silenced_exist() {
    let mut silenced = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for rest in text.split("ignore[").skip(1) {
            let (id, _) = rest.split_once(']').expect("a closing bracket");
            // `rule-id` stands for any.
            assert!(
                id == "rule-id" || rules::find(id).is_some(),
                "{document}: there is no rule `{id}`"
            );
            silenced += 1;
        }
    }
    assert!(silenced > 0, "no example of a suppression was found");
}

/// Paths of the repository that a document names: targets of links, and words in backticks that
/// begin with one of its folders.
fn paths(text: &str) -> Vec<&str> {
    let links = text
        .match_indices("](")
        .filter_map(|(at, mark)| text[at + mark.len()..].split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"));
    let folders = ["src/", "rules/", "tests/", "testdata/", "benches/", ".ci/"];
    let words = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| folders.iter().any(|folder| word.starts_with(folder)))
        // Patterns are not paths.
        .filter(|word| !word.contains(['<', '*', '…', ' ', '\n']));
    links.chain(words).collect()
}

#[test]
fn the_files_that_are_named_exist() {
    for document in DOCUMENTS {
        let text = read(document);
        for path in paths(&text) {
            assert!(
                root().join(path).exists(),
                "{document} names {path}, which is not there"
            );
        }
    }
}
