//! Included files. In a case they stand where they are included, as a block:
//!
//! ```text
//! include inc/cors.conf {
//!     add_header Access-Control-Allow-Origin *;
//! }
//! ```
//!
//! Under a name with a `*`, each line or block of it is a file of its own.

/// The configuration without those blocks, and the files by name.
pub fn split(text: &str) -> (String, Vec<(String, String)>) {
    let mut files = Vec::new();
    let mut main = String::new();
    let mut open: Vec<File> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let name = trimmed
            .strip_prefix("include ")
            .and_then(|rest| rest.strip_suffix(" {"));
        let closes = trimmed == "}" && open.last().is_some_and(|file| file.indent == indent);
        if closes && let Some(file) = open.pop() {
            files.extend(file.parts());
            continue;
        }
        let out = open.last_mut().map_or(&mut main, |file| &mut file.text);
        match name {
            Some(name) => out.push_str(&format!("{}include {name};\n", " ".repeat(indent))),
            None => out.push_str(&format!("{line}\n")),
        }
        open.extend(name.map(|name| File {
            name: name.to_string(),
            indent,
            text: String::new(),
        }));
    }
    (main, files)
}

struct File {
    name: String,
    indent: usize,
    text: String,
}

impl File {
    fn parts(self) -> Vec<(String, String)> {
        if !self.name.contains('*') {
            return vec![(self.name, self.text)];
        }
        let mut parts: Vec<(String, String)> = Vec::new();
        for line in self.text.lines() {
            let inner = line.starts_with(&" ".repeat(self.indent + 5));
            let goes_on = inner || line.trim_start() == "}";
            if !goes_on || parts.is_empty() {
                let number = format!("{:02}", parts.len());
                parts.push((self.name.replace('*', &number), String::new()));
            }
            if let Some((_, text)) = parts.last_mut() {
                text.push_str(&format!("{line}\n"));
            }
        }
        parts
    }
}
