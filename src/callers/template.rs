//! `{{name}}`: the placeholders of Postman and of files of requests.

use std::collections::HashMap;

use super::text::{Piece, Text};

/// How often a value may stand on another one.
const DEEPEST: usize = 6;

/// More placeholders than these are not filled for one text: each may stand for many others.
const MOST_FILLED: usize = 1_000;

/// What the names of a file stand for, as it was written.
#[derive(Default)]
pub struct Names(pub HashMap<String, String>);

impl Names {
    /// A text with its placeholders filled; a name without a value comes from outside.
    pub fn text(&self, written: &str) -> Text {
        let mut room = MOST_FILLED;
        self.deeper(written, DEEPEST, &mut room)
    }

    fn deeper(&self, written: &str, depth: usize, room: &mut usize) -> Text {
        let mut whole = Text::default();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            whole = whole
                .joined(Text::known(before))
                .joined(self.value(name.trim(), depth, room));
            rest = after;
        }
        whole.joined(Text::known(rest))
    }

    fn value(&self, name: &str, depth: usize, room: &mut usize) -> Text {
        // `{{$processEnv NAME}}`, `{{$dotenv NAME}}`, `{{$env.NAME}}`; others make something up.
        if let Some(function) = name.strip_prefix('$') {
            let names = ["processEnv ", "dotenv ", "env."];
            let env = names.iter().find_map(|start| function.strip_prefix(start));
            return match env {
                Some(name) => from_outside(name.trim().trim_start_matches('%'), None),
                None => Text::hole(name),
            };
        }
        match self.0.get(name).filter(|value| !value.is_empty()) {
            Some(_) if depth == 0 || *room == 0 => Text::hole(name),
            Some(value) => {
                *room -= 1;
                let text = self.deeper(value, depth - 1, room);
                match text.plain() {
                    Some(plain) => from_outside(name, Some(plain)),
                    None => text,
                }
            }
            None => from_outside(name, None),
        }
    }
}

/// It may have another value in another environment.
fn from_outside(name: &str, default: Option<String>) -> Text {
    Text(vec![Piece::Env {
        name: name.to_owned(),
        default,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_placeholders_end() {
        let many = |name: &str| format!("{{{{{name}}}}}").repeat(100);
        let all = ["a", "b", "c", "d", "e", "f"].windows(2);
        let mut names: HashMap<String, String> =
            all.map(|two| (two[0].to_owned(), many(two[1]))).collect();
        names.insert("f".to_owned(), "https://a.test".to_owned());
        assert!(Names(names).text("{{a}}/b").plain().is_none());
    }
}
