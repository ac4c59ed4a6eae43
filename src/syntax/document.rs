//! YAML and JSON, as one tree with spans.
//!
//! Scalars keep the text that was written (`1.10` is not `1.1`, `012345678901` keeps its zero):
//! what a value means is for its reader to say. An alias is a second way to the same node, with
//! a place of its own, so a document full of aliases costs no more than its text.

mod build;
mod comments;

pub use build::parse;
pub use comments::without_comments;

use crate::source::Span;

/// A file of YAML or JSON, parsed.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<Stored>,
    roots: Vec<Link>,
    /// Comments, each from its `#` to the end of the line.
    pub comments: Vec<Span>,
}

/// Why a text is neither YAML nor JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub span: Span,
    pub message: String,
}

#[derive(Debug)]
struct Stored {
    tag: Option<String>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Scalar(String, Style),
    Sequence(Vec<Link>),
    Mapping(Vec<(Link, Link)>),
}

/// A node at a place: two links to one node are how an alias is kept.
#[derive(Clone, Copy, Debug)]
struct Link {
    node: u32,
    span: Span,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// In single or double quotes: a string, whatever it looks like.
    Quoted,
    /// After `|` or `>`.
    Block,
}

/// A node of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    link: Link,
}

/// Which node of its document it is: a handle that can be kept.
#[derive(Clone, Copy, Debug)]
pub struct NodeId(Link);

/// What a node holds.
pub enum Kind<'d> {
    Scalar(&'d str, Style),
    Sequence(Items<'d>),
    Mapping(Entries<'d>),
}

impl Document {
    /// The first document of the file; `None` when the file holds nothing but comments.
    pub fn root(&self) -> Option<Node<'_>> {
        self.documents().next()
    }

    /// All documents of the file, between its `---` lines.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.roots.iter().map(|link| self.node(*link))
    }

    /// The node of a handle that this document gave.
    pub fn at(&self, id: NodeId) -> Node<'_> {
        self.node(id.0)
    }

    fn node(&self, link: Link) -> Node<'_> {
        Node {
            document: self,
            link,
        }
    }
}

impl<'d> Node<'d> {
    /// Where it stands; for an alias, the `*name`.
    pub fn span(self) -> Span {
        self.link.span
    }

    /// A handle, with which its document gives it again.
    pub fn id(self) -> NodeId {
        NodeId(self.link)
    }

    /// The tag as it was written: `!Ref`.
    pub fn tag(self) -> Option<&'d str> {
        self.stored().tag.as_deref()
    }

    pub fn kind(self) -> Kind<'d> {
        match &self.stored().content {
            Content::Scalar(text, style) => Kind::Scalar(text, *style),
            Content::Sequence(links) => Kind::Sequence(Items {
                document: self.document,
                links: links.iter(),
            }),
            Content::Mapping(links) => Kind::Mapping(Entries {
                document: self.document,
                links: links.iter(),
            }),
        }
    }

    /// The text of a scalar.
    pub fn text(self) -> Option<&'d str> {
        match &self.stored().content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Nothing was written, or a plain `~` or `null`.
    pub fn is_null(self) -> bool {
        matches!(
            &self.stored().content,
            Content::Scalar(text, Style::Plain)
                if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        )
    }

    /// The items of a sequence; none for anything else.
    pub fn items(self) -> Items<'d> {
        match self.kind() {
            Kind::Sequence(items) => items,
            _ => Items {
                document: self.document,
                links: [].iter(),
            },
        }
    }

    /// The entries of a mapping in their order, those with a key of before among them; none for
    /// anything else.
    pub fn entries(self) -> Entries<'d> {
        match self.kind() {
            Kind::Mapping(entries) => entries,
            _ => Entries {
                document: self.document,
                links: [].iter(),
            },
        }
    }

    /// The value of a key. Of a key given twice the last one, as readers of JSON take it.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entries()
            .filter(|(name, _)| name.text() == Some(key))
            .last()
            .map(|(_, value)| value)
    }

    fn stored(self) -> &'d Stored {
        &self.document.nodes[self.link.node as usize]
    }
}

/// The items of a sequence.
pub struct Items<'d> {
    document: &'d Document,
    links: std::slice::Iter<'d, Link>,
}

impl<'d> Iterator for Items<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        self.links.next().map(|link| self.document.node(*link))
    }
}

/// The entries of a mapping: key and value.
pub struct Entries<'d> {
    document: &'d Document,
    links: std::slice::Iter<'d, (Link, Link)>,
}

impl<'d> Iterator for Entries<'d> {
    type Item = (Node<'d>, Node<'d>);

    fn next(&mut self) -> Option<(Node<'d>, Node<'d>)> {
        self.links
            .next()
            .map(|(key, value)| (self.document.node(*key), self.document.node(*value)))
    }
}
