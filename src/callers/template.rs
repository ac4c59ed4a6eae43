//! `{{name}}`: the placeholders of Postman and of files of requests.

use std::collections::HashMap;

use super::text::{Piece, Text};

/// How often a value may stand on another one.
const DEEPEST: usize = 6;

/// What the names of a file stand for, as it was written.
#[derive(Default)]
pub struct Names(pub HashMap<String, String>);

impl Names {
    /// A text with its placeholders filled; a name without a value comes from outside.
    pub fn text(&self, written: &str) -> Text {
        self.deeper(written, DEEPEST)
    }

    fn deeper(&self, written: &str, depth: usize) -> Text {
        let mut whole = Text::default();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            whole = whole
                .joined(Text::known(before))
                .joined(self.value(name.trim(), depth));
            rest = after;
        }
        whole.joined(Text::known(rest))
    }

    fn value(&self, name: &str, depth: usize) -> Text {
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
            Some(_) if depth == 0 => Text::hole(name),
            Some(value) => {
                let text = self.deeper(value, depth - 1);
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
