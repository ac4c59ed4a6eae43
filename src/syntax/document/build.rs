//! The events of the parser, put together to a tree.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use super::{Content, Document, Error, Link, Stored, Style};
use crate::source::Span;

/// How many nodes a document may come to when each alias is written out. A reader that follows
/// aliases does that much work at most.
const MOST_NODES: u64 = 1_000_000;

/// Parses a text whose first byte has the address `base`.
pub fn parse(base: u32, text: &[u8]) -> Result<Document, Error> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let at = base + error.valid_up_to() as u32;
        Error {
            span: Span::new(at, at + 1),
            message: "not UTF-8".to_owned(),
        }
    })?;
    let mut builder = Builder::new(base, text.len());
    let mut parser = Parser::new_from_str_with_options(text, options(text));
    while let Some(event) = parser.next_event() {
        let (event, place) = event.map_err(|error| builder.refusal(&error))?;
        let range = place.byte_range().unwrap_or(text.len()..text.len());
        builder.take(event, builder.span(range.start, range.end))?;
    }
    Ok(builder.document)
}

fn options(text: &str) -> granit_parser::Options {
    // YAML bounds the length of a key, JSON does not.
    let is_json = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with(['{', '[']);
    let longest_key = if is_json { text.len() } else { 1024 };
    granit_parser::options! {
        simple_key_max_lookahead: longest_key,
        // A licence of a hundred lines above the first key is a good file.
        max_buffered_comment_events: text.len(),
    }
}

struct Builder {
    base: u32,
    length: usize,
    document: Document,
    open: Vec<Open>,
    /// What each node comes to with its aliases written out; 0 while it is still open.
    weights: Vec<u64>,
    anchors: HashMap<usize, u32>,
}

/// A collection whose end has not come yet.
struct Open {
    node: u32,
    span: Span,
    style: StructureStyle,
    weight: u64,
    /// The key that waits for its value.
    key: Option<Link>,
}

impl Builder {
    fn new(base: u32, length: usize) -> Self {
        Builder {
            base,
            length,
            document: Document {
                nodes: Vec::new(),
                roots: Vec::new(),
                comments: Vec::new(),
            },
            open: Vec::new(),
            weights: Vec::new(),
            anchors: HashMap::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    _ => Style::Block,
                };
                // The parser says `~` for a value that was not written.
                let text = if span.is_empty() && style == Style::Plain {
                    String::new()
                } else {
                    text.into_owned()
                };
                let node = self.store(Content::Scalar(text, style), anchor, tag.as_deref());
                self.weights[node as usize] = 1;
                self.attach(Link { node, span }, 1)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.start(
                    Content::Sequence(Vec::new()),
                    style,
                    span,
                    anchor,
                    tag.as_deref(),
                );
                Ok(())
            }
            Event::MappingStart(style, anchor, tag) => {
                self.start(
                    Content::Mapping(Vec::new()),
                    style,
                    span,
                    anchor,
                    tag.as_deref(),
                );
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Comment(..) => {
                self.document.comments.push(span);
                Ok(())
            }
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn store(&mut self, content: Content, anchor: usize, tag: Option<&Tag>) -> u32 {
        let node = self.document.nodes.len() as u32;
        self.document.nodes.push(Stored {
            tag: tag.map(Tag::original),
            content,
        });
        self.weights.push(0);
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        node
    }

    fn start(
        &mut self,
        content: Content,
        style: StructureStyle,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
    ) {
        let node = self.store(content, anchor, tag);
        self.open.push(Open {
            node,
            span,
            style,
            weight: 1,
            key: None,
        });
    }

    fn finish(&mut self, end: Span) -> Result<(), Error> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.weights[open.node as usize] = open.weight;
        // A block collection is known to be over only at the next token, lines further down: it
        // ends where its last child does.
        let span = match open.style {
            StructureStyle::Flow => open.span.to(end),
            StructureStyle::Block => match self.extent(open.node) {
                Some(extent) => open.span.to(extent),
                None => open.span,
            },
        };
        let link = Link {
            node: open.node,
            span,
        };
        self.attach(link, open.weight)
    }

    /// From the first child of a collection to its last.
    fn extent(&self, node: u32) -> Option<Span> {
        let (first, last) = match &self.document.nodes[node as usize].content {
            Content::Sequence(links) => (links.first()?.span, links.last()?.span),
            Content::Mapping(links) => {
                let (key, value) = links.last()?;
                (links.first()?.0.span, key.span.to(value.span))
            }
            Content::Scalar(..) => return None,
        };
        Some(first.to(last))
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Error> {
        let target = self.anchors.get(&anchor).copied();
        let weight = target.map_or(0, |node| self.weights[node as usize]);
        match target {
            Some(node) if weight > 0 => self.attach(Link { node, span }, weight),
            _ => Err(Error {
                span,
                message: "this alias stands inside of what it names".to_owned(),
            }),
        }
    }

    /// Puts a finished node where it belongs: into the collection that is open.
    fn attach(&mut self, link: Link, weight: u64) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            self.document.roots.push(link);
            return Ok(());
        };
        open.weight = open.weight.saturating_add(weight);
        if open.weight > MOST_NODES {
            return Err(Error {
                span: link.span,
                message: format!("the aliases of this document come to over {MOST_NODES} values"),
            });
        }
        match &mut self.document.nodes[open.node as usize].content {
            Content::Sequence(links) => links.push(link),
            Content::Mapping(links) => match open.key.take() {
                Some(key) => links.push((key, link)),
                None => open.key = Some(link),
            },
            Content::Scalar(..) => {}
        }
        Ok(())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let end = end.min(self.length);
        let start = start.min(end);
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    fn refusal(&self, error: &ScanError) -> Error {
        let at = error.marker().byte_offset().unwrap_or(self.length);
        Error {
            span: self.span(at, at),
            message: error.info(),
        }
    }
}
