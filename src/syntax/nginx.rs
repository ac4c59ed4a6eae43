//! The nginx configuration language: directives, blocks, and nothing of what they mean.
//!
//! The tree is one flat list in reading order, in which each directive knows where its block
//! ends. So a deep nesting costs no stack, neither to build, to walk nor to drop.

mod condition;
mod lexer;
mod lua;
mod parser;
mod role;
mod template;

use std::borrow::Cow;
use std::sync::Arc;

use crate::source::Span;

pub use parser::parse;

/// One file, parsed.
#[derive(Debug)]
pub struct Tree {
    text: Arc<[u8]>,
    base: u32,
    words: Vec<Word>,
    nodes: Vec<Node>,
    /// Comments, each from its `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What nginx would refuse to read, the one that it would name first. The rest of the tree is
    /// what could be made of the file.
    pub errors: Vec<SyntaxError>,
    /// Whether the file holds marks of a template language, and so is not what nginx will read.
    pub is_template: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub span: Span,
    /// What is wrong, in nginx's own words where it has some.
    pub message: String,
    /// The brace or quote that is open there, if the mistake may as well be that one.
    pub opened: Option<Span>,
}

/// A token: the name of a directive or a parameter.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// With its quotes.
    span: Span,
    quote: Quote,
    /// It has a backslash, so its value is not its text.
    escaped: bool,
    /// It has a mark of a template language, so its value is not known.
    template: bool,
}

impl Word {
    fn value_of(self, raw: &[u8]) -> Cow<'_, [u8]> {
        let inner = match self.quote {
            Quote::None => raw,
            Quote::Single | Quote::Double => &raw[1..raw.len() - 1],
        };
        if self.escaped {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    first_word: u32,
    word_count: u32,
    /// The index of the node after the last one of this node's block.
    end: u32,
    /// From the name to the `;` or the closing `}`.
    span: Span,
    body: Body,
    /// The branch of a template condition that it stands in; 0 for none.
    branch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Ends with `;`.
    None,
    /// Directives in braces.
    Block,
    /// The code of a `*_by_lua_block`, without its braces.
    Lua(Span),
}

impl Tree {
    /// The directives at the top of the file.
    pub fn directives(&self) -> impl Iterator<Item = Directive<'_>> {
        Children {
            tree: self,
            next: 0,
            end: self.nodes.len() as u32,
        }
    }

    pub fn directive(&self, index: u32) -> Directive<'_> {
        Directive { tree: self, index }
    }

    /// The whole file.
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + self.text.len() as u32)
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }

    fn raw(&self, span: Span) -> &[u8] {
        &self.text[(span.start - self.base) as usize..(span.end - self.base) as usize]
    }
}

/// One directive of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Directive<'t> {
    tree: &'t Tree,
    index: u32,
}

impl<'t> Directive<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.index as usize]
    }

    /// Its number in the tree; the same tree gives the same directive back for it.
    pub fn index(self) -> u32 {
        self.index
    }

    pub fn name(self) -> Cow<'t, [u8]> {
        self.token(0).value()
    }

    pub fn name_span(self) -> Span {
        self.token(0).span()
    }

    pub fn args(self) -> impl ExactSizeIterator<Item = Token<'t>> {
        (1..self.node().word_count).map(move |at| self.token(at))
    }

    pub fn arg(self, index: usize) -> Option<Token<'t>> {
        (index + 1 < self.node().word_count as usize).then(|| self.token(index as u32 + 1))
    }

    /// From its name to the `;` or the closing brace.
    pub fn span(self) -> Span {
        self.node().span
    }

    /// From its name to its last parameter: what is worth underlining of a block.
    pub fn head_span(self) -> Span {
        let last = self.token(self.node().word_count - 1);
        self.name_span().to(last.span())
    }

    pub fn body(self) -> Body {
        self.node().body
    }

    pub fn is_block(self) -> bool {
        self.node().body == Body::Block
    }

    /// The branch of a template's condition in which it stands; 0 outside of any. Two directives
    /// of different branches need not both be there in what is rendered.
    pub fn branch(self) -> u32 {
        self.node().branch
    }

    pub fn children(self) -> impl Iterator<Item = Directive<'t>> {
        Children {
            tree: self.tree,
            next: self.index + 1,
            end: self.node().end,
        }
    }

    fn token(self, at: u32) -> Token<'t> {
        Token {
            tree: self.tree,
            word: &self.tree.words[(self.node().first_word + at) as usize],
        }
    }
}

/// The name or a parameter of a directive.
#[derive(Clone, Copy, Debug)]
pub struct Token<'t> {
    tree: &'t Tree,
    word: &'t Word,
}

impl<'t> Token<'t> {
    /// With its quotes, if it has some.
    pub fn span(self) -> Span {
        self.word.span
    }

    pub fn is_quoted(self) -> bool {
        self.word.quote != Quote::None
    }

    /// A template language will replace it, or a part of it.
    pub fn is_template(self) -> bool {
        self.word.template
    }

    /// As it stands in the file, with quotes and escapes.
    pub fn raw(self) -> &'t [u8] {
        self.tree.raw(self.word.span)
    }

    /// What nginx takes it for: without quotes, escapes undone.
    pub fn value(self) -> Cow<'t, [u8]> {
        self.word.value_of(self.raw())
    }
}

/// Undoes escapes as ngx_conf_read_token does: `\"`, `\'` and `\\` lose the backslash,
/// `\t`, `\r`, `\n` become the character, any other backslash stays.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(quote @ (b'"' | b'\'' | b'\\')) => out.push(quote),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'n') => out.push(b'\n'),
            Some(other) => out.extend([b'\\', other]),
            None => out.push(b'\\'),
        }
    }
    out
}

struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Directive<'t>;

    fn next(&mut self) -> Option<Directive<'t>> {
        if self.next >= self.end {
            return None;
        }
        let directive = self.tree.directive(self.next);
        self.next = directive.node().end;
        Some(directive)
    }
}
