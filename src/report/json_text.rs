//! JSON that is safe to print: nothing in it can reach a terminal as a control character.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::visible::misleads;

/// The value as indented JSON with a line feed at its end.
///
/// JSON itself allows DEL, the C1 controls and bidirectional overrides as they are; here they are
/// written as escapes, so that the document means the same and shows nothing false.
pub fn to_text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Safe(PrettyFormatter::new()));
    value
        .serialize(&mut serializer)
        .expect("a document has string keys only, and memory takes every byte");
    bytes.push(b'\n');
    let text = String::from_utf8(bytes).expect("serde_json writes UTF-8");
    // A build server takes these for commands, wherever they stand in a line.
    text.replace("##[", "#\\u0023[")
        .replace("##vso[", "#\\u0023vso[")
}

struct Safe(PrettyFormatter<'static>);

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| misleads(*char)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + char.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_none_is_printed_raw() {
        let text = "é\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{e0041}\u{2028}\"\\\n";
        let json = to_text(&[text]);
        assert!(
            !json.trim_end().chars().any(misleads),
            "{}",
            json.escape_debug()
        );
        assert!(json.contains("\\u009b2J"));
        assert!(json.contains("\\udb40\\udc41"));
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap()[0], text);
    }

    #[test]
    fn keys_are_escaped_too() {
        let map = std::collections::BTreeMap::from([("a\u{9b}", 1)]);
        assert_eq!(to_text(&map), "{\n  \"a\\u009b\": 1\n}\n");
    }
}
