//! Where commands stand: scripts, Dockerfiles, Makefiles, workflows, the scripts of a package.

use std::path::Path;

use bstr::ByteSlice;

use super::{Variables, calls};
use crate::callers::model::Call;
use crate::source::Span;
use crate::syntax::document::{self, Kind as Content, Node};
use crate::syntax::shell::{At, Style, commands};

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Script,
    Dockerfile,
    Makefile,
    /// Steps of a build server.
    Workflow,
    /// `package.json`.
    Package,
}

impl Kind {
    pub fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_yaml = matches!(extension, "yml" | "yaml");
        let lies_in = |folder: &str| path.iter().any(|part| part == folder);
        let is_workflow = lies_in(".github") || lies_in(".circleci") || {
            let starts = [
                "azure-pipelines",
                "bitbucket-pipelines",
                "buildspec",
                ".travis",
            ];
            name.contains("gitlab-ci") || starts.iter().any(|start| name.starts_with(start))
        };
        Some(match name.as_str() {
            "package.json" => Kind::Package,
            _ if is_yaml && is_workflow => Kind::Workflow,
            "makefile" | "gnumakefile" => Kind::Makefile,
            _ if extension == "mk" => Kind::Makefile,
            _ if name.starts_with("dockerfile") || extension == "dockerfile" => Kind::Dockerfile,
            _ if matches!(extension, "sh" | "bash" | "zsh") => Kind::Script,
            _ => return None,
        })
    }
}

/// The call sites of a file whose first byte has the address `base`.
pub fn read(kind: Kind, base: u32, text: &[u8]) -> Vec<Call> {
    let mut variables = Variables::default();
    match kind {
        Kind::Script => calls(
            &commands(At::Base(base), text, Style::Script),
            &mut variables,
        ),
        Kind::Dockerfile => dockerfile(base, text, &mut variables),
        Kind::Makefile => makefile(base, text, &mut variables),
        Kind::Workflow | Kind::Package => {
            let Ok(document) = document::parse(base, text) else {
                return Vec::new();
            };
            let mut found = Vec::new();
            for root in document.documents() {
                match kind {
                    Kind::Package => {
                        let scripts = root.get("scripts").into_iter();
                        for (_, script) in scripts.flat_map(Node::entries) {
                            found.extend(step(script, base, text, &variables));
                        }
                    }
                    _ => {
                        declared(root, &mut variables);
                        workflow(root, base, text, &variables, &mut found);
                    }
                }
            }
            found
        }
    }
}

/// The lines of a text, those that end with a backslash together with the next one; where each
/// begins.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty());
            let Some(rest) = rest else {
                break;
            };
            let length = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..length.unwrap_or(rest.len())];
            at += line.len() + usize::from(length.is_some());
            if !line.trim_ascii_end().ends_with(b"\\") {
                break;
            }
        }
        (at > start).then(|| (start, &text[start..at]))
    })
}

fn dockerfile(base: u32, text: &[u8], variables: &mut Variables) -> Vec<Call> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let blanks = line.len() - line.trim_ascii_start().len();
        let rest = &line[blanks..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic());
        let word = &rest[..length.count()];
        let mut place = start + blanks;
        let mut rest = rest;
        match word.to_ascii_uppercase().as_slice() {
            b"ENV" | b"ARG" => {}
            b"RUN" | b"CMD" | b"ENTRYPOINT" => {
                place += word.len();
                rest = &rest[word.len()..];
            }
            // `HEALTHCHECK --interval=5s CMD curl …`.
            b"HEALTHCHECK" => {
                let Some(cmd) = rest.windows(4).position(|four| four == b"CMD ") else {
                    continue;
                };
                place += cmd + 4;
                rest = &rest[cmd + 4..];
            }
            _ => continue,
        }
        let at = base + place as u32;
        let trimmed = rest.trim_ascii();
        // `["curl", "-f", "https://…"]`.
        if trimmed.starts_with(b"[")
            && let Ok(list) = document::parse(at, trimmed)
            && let Some(list) = list.root()
        {
            let words = list.items().filter_map(Node::text);
            let quoted = words.map(|word| format!("'{}'", word.replace('\'', "'\\''")));
            let line = quoted.collect::<Vec<_>>().join(" ");
            let span = Span::new(at, at + rest.len() as u32);
            let commands = commands(At::Inside(span), line.as_bytes(), Style::Script);
            found.extend(calls(&commands, variables));
            continue;
        }
        found.extend(calls(
            &commands(At::Base(at), rest, Style::Script),
            variables,
        ));
    }
    found
}

fn makefile(base: u32, text: &[u8], variables: &mut Variables) -> Vec<Call> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        if line.first() != Some(&b'\t') {
            set_by_make(base, start, line, variables);
            continue;
        }
        if !["curl", "wget"].iter().any(|name| line.contains_str(name)) {
            continue;
        }
        // `@`, `-` and `+` say how make runs a line.
        let marks = line.iter().take_while(|byte| b"\t @-+".contains(byte));
        let marks = marks.count();
        let at = At::Base(base + (start + marks) as u32);
        // What a line of a recipe sets ends with it.
        let mut own = variables.clone();
        found.extend(calls(&commands(at, &line[marks..], Style::Make), &mut own));
    }
    found
}

/// `NAME := value`, `NAME ?= value`.
fn set_by_make(base: u32, start: usize, line: &[u8], variables: &mut Variables) {
    let Some(equals) = line.iter().position(|byte| *byte == b'=') else {
        return;
    };
    let name = String::from_utf8_lossy(&line[..equals]);
    let name = name.trim_end_matches([':', '?', '+']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return;
    }
    let value = &line[equals + 1..];
    let at = At::Base(base + (start + equals + 1) as u32);
    let values = commands(at, value, Style::Make);
    if let [command] = values.as_slice()
        && let [word] = command.words.as_slice()
    {
        let texts = variables.texts(word);
        variables.set(name, texts);
    }
}

/// What a workflow sets for its steps: `env:`, `variables:`.
fn declared(node: Node<'_>, variables: &mut Variables) {
    each(node, &mut |key, value| {
        if matches!(key, "env" | "variables" | "environment") {
            for (name, value) in value.entries() {
                let (Some(name), Some(text)) = (name.text(), value.text()) else {
                    continue;
                };
                let quoted = format!("\"{}\"", text.replace(['"', '\\', '`'], ""));
                let at = At::Inside(value.span());
                let commands = commands(at, quoted.as_bytes(), Style::Script);
                let word = commands.first().and_then(|command| command.words.first());
                if let Some(word) = word {
                    let texts = variables.texts(word);
                    variables.set(name, texts);
                }
            }
        }
    });
}

fn workflow(node: Node<'_>, base: u32, text: &[u8], variables: &Variables, found: &mut Vec<Call>) {
    const KEYS: [&str; 8] = [
        "run",
        "script",
        "before_script",
        "after_script",
        "commands",
        "command",
        "bash",
        "inlineScript",
    ];
    each(node, &mut |key, value| {
        if KEYS.contains(&key) {
            let mut own = variables.clone();
            match value.kind() {
                Content::Scalar(..) => found.extend(step_with(value, base, text, &mut own)),
                Content::Sequence(items) => {
                    for item in items {
                        found.extend(step_with(item, base, text, &mut own));
                    }
                }
                Content::Mapping(_) => {}
            }
        }
    });
}

/// Each entry of each mapping, however deep.
fn each<'d>(node: Node<'d>, run: &mut dyn FnMut(&str, Node<'d>)) {
    // A document full of aliases costs no more than its text.
    let mut room = 200_000;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        room -= 1;
        if room == 0 {
            return;
        }
        open.extend(node.items());
        for (key, value) in node.entries() {
            if let Some(key) = key.text() {
                run(key, value);
            }
            open.push(value);
        }
    }
}

fn step(node: Node<'_>, base: u32, text: &[u8], variables: &Variables) -> Vec<Call> {
    step_with(node, base, text, &mut variables.clone())
}

/// The commands of a scalar, at their places where it has no escapes.
fn step_with(node: Node<'_>, base: u32, text: &[u8], variables: &mut Variables) -> Vec<Call> {
    let Content::Scalar(value, style) = node.kind() else {
        return Vec::new();
    };
    let span = node.span();
    let range = (span.start - base) as usize..(span.end - base) as usize;
    let raw = text.get(range).unwrap_or_default();
    let commands = match style {
        document::Style::Quoted => commands(At::Inside(span), value.as_bytes(), Style::Script),
        _ => {
            let count = |text: &[u8]| text.trim_ascii().split(|byte| *byte == b'\n').count();
            let style = match count(raw) > count(value.as_bytes()) {
                true => Style::Folded,
                false => Style::Script,
            };
            commands(At::Base(span.start), raw, style)
        }
    };
    calls(&commands, variables)
}
