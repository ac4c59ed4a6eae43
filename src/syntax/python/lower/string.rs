//! Literals of texts, with what is put into them.

use tree_sitter::Node;

use super::super::tree::Part;
use super::{Lower, children};

impl Lower<'_> {
    pub(super) fn string(&mut self, node: Node<'_>, parts: &mut Vec<Part>) {
        let mut is_raw = false;
        let mut is_format = false;
        for child in children(node) {
            match child.kind() {
                "string_start" => {
                    let start = self.words(child).to_ascii_lowercase();
                    is_raw = start.contains('r');
                    is_format = start.contains('f');
                }
                "string_content" => {
                    let text = self.words(child);
                    let text = match is_raw {
                        true => text.to_string(),
                        false => unescaped(&text),
                    };
                    parts.push(Part::Known(match is_format {
                        true => text.replace("{{", "{").replace("}}", "}"),
                        false => text,
                    }));
                }
                "interpolation" => {
                    let value = self.field(child, "expression");
                    parts.extend(value.map(Part::Value));
                }
                // A part of a text that is one itself.
                "string" => self.string(child, parts),
                _ => {}
            }
        }
    }
}

/// A literal's escapes, as far as they occur in what is read here.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(next) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        rest = &after[next.len_utf8()..];
        let digits = match next {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = rest.get(..digits).filter(|_| digits > 0);
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (next, code.and_then(char::from_u32)) {
            (_, Some(char)) => {
                out.push(char);
                rest = &rest[digits..];
            }
            ('n', _) => out.push('\n'),
            ('t', _) => out.push('\t'),
            ('r', _) => out.push('\r'),
            ('\\' | '\'' | '"', _) => out.push(next),
            ('\n', _) => {}
            _ => {
                out.push('\\');
                out.push(next);
            }
        }
    }
    out.push_str(rest);
    out
}
