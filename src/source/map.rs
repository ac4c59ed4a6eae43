//! Every byte that we read, in one address space.

use std::borrow::Cow;
use std::sync::Arc;

use super::Span;

/// How many bytes of a line are quoted: a file that a program wrote may be all one line.
const LONGEST_LINE: usize = 500;

/// The number of a source in its [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// One file, or a part of one that stands for a file of its own (a section of an `nginx -T` dump).
#[derive(Debug)]
pub struct Source {
    /// What a person calls it: a path relative to the root, `<stdin>`, or the path that a dump names.
    pub name: String,
    pub text: Arc<[u8]>,
    /// Where its first byte lies in the address space.
    pub base: u32,
    /// The file on disk that holds this section, when the source is a section.
    pub container: Option<Container>,
    line_starts: Vec<u32>,
}

/// The file that a section was cut from.
#[derive(Debug, Clone)]
pub struct Container {
    pub name: String,
    /// How many lines of the container stand before the section.
    pub lines_before: u32,
}

/// A place as an editor shows it; lines and columns count from 1, columns in Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("the input is larger than 4 GiB in all; check fewer files at a time")]
pub struct TooLarge;

#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
    next: u32,
}

impl SourceMap {
    pub fn add(&mut self, name: impl Into<String>, text: Arc<[u8]>) -> Result<SourceId, TooLarge> {
        self.insert(name.into(), text, None)
    }

    /// Adds a part of a file as a source of its own name and its own line numbers.
    pub fn add_section(
        &mut self,
        name: impl Into<String>,
        text: Arc<[u8]>,
        container: Container,
    ) -> Result<SourceId, TooLarge> {
        self.insert(name.into(), text, Some(container))
    }

    fn insert(
        &mut self,
        name: String,
        text: Arc<[u8]>,
        container: Option<Container>,
    ) -> Result<SourceId, TooLarge> {
        // One address past the end belongs to the source, so that an empty span at the end of a
        // file is still in that file.
        let length = u32::try_from(text.len()).map_err(|_| TooLarge)?;
        let next = self
            .next
            .checked_add(length)
            .and_then(|end| end.checked_add(1))
            .ok_or(TooLarge)?;
        let line_starts = std::iter::once(0)
            .chain(
                text.iter()
                    .enumerate()
                    .filter(|(_, byte)| **byte == b'\n')
                    .map(|(at, _)| at as u32 + 1),
            )
            .collect();
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Source {
            name,
            text,
            base: self.next,
            container,
            line_starts,
        });
        self.next = next;
        Ok(id)
    }

    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    pub fn id_at(&self, span: Span) -> SourceId {
        let after = self.sources.partition_point(|s| s.base <= span.start);
        SourceId(after.saturating_sub(1) as u32)
    }

    /// The source that a span lies in.
    pub fn at(&self, span: Span) -> &Source {
        self.get(self.id_at(span))
    }

    pub fn bytes(&self, span: Span) -> &[u8] {
        self.at(span).bytes(span)
    }

    /// The text of a span, with bytes that are not UTF-8 replaced.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(span))
    }

    /// The first line of a span, cut where it is longer than anybody would read.
    pub fn first_line(&self, span: Span) -> String {
        let bytes = self.bytes(span);
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let line = &bytes[..end.unwrap_or(bytes.len())];
        if line.len() <= LONGEST_LINE {
            return String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        }
        let mut cut = LONGEST_LINE;
        // Not through a character.
        while cut > 0 && line[cut] & 0xc0 == 0x80 {
            cut -= 1;
        }
        String::from_utf8_lossy(&line[..cut]).into_owned() + "…"
    }

    pub fn position(&self, span: Span) -> Position {
        self.at(span).position(span.start)
    }

    /// `file:line`, the name as it is: whoever prints it makes it visible.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}", self.at(span).name, self.position(span).line)
    }
}

impl Source {
    pub fn bytes(&self, span: Span) -> &[u8] {
        let from = (span.start - self.base) as usize;
        let to = (span.end - self.base) as usize;
        &self.text[from.min(self.text.len())..to.min(self.text.len())]
    }

    /// The whole of it as a span.
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + self.text.len() as u32)
    }

    /// Where an address of the global space stands in this source.
    pub fn position(&self, address: u32) -> Position {
        let offset = address - self.base;
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1] as usize;
        let until = (offset as usize).min(self.text.len());
        Position {
            line: line as u32,
            column: String::from_utf8_lossy(&self.text[start..until])
                .chars()
                .count() as u32
                + 1,
        }
    }

    /// The text of a line (counted from 1) without its line end.
    pub fn line(&self, line: u32) -> &[u8] {
        let start = self.line_starts[line as usize - 1] as usize;
        let end = self
            .line_starts
            .get(line as usize)
            .map_or(self.text.len(), |next| *next as usize - 1);
        let text = &self.text[start..end];
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// All that stands before a line (counted from 1).
    pub fn before_line(&self, line: u32) -> &[u8] {
        &self.text[..self.line_starts[line as usize - 1] as usize]
    }

    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }
}
