//! Statements to a tree, without recursion.

use std::sync::Arc;

use super::lexer::{Lexer, Stop, printable};
use super::lua::{self, Unfinished};
use super::{Body, Node, Quote, Tree, Word};
use crate::source::Span;

/// No person nests deeper, and who walks the tree may then use its stack.
const DEEPEST: usize = 512;

/// To see that the end of some code is missing takes the rest of the file, so it is not looked for
/// any number of times.
const MOST_UNFINISHED_LUA: usize = 16;

/// Directives that stand before a brace wherever they are known. One of them at the start of a
/// line, inside of another directive, means that the line before lacks its semicolon.
const BLOCKS: [&[u8]; 14] = [
    b"events",
    b"geo",
    b"http",
    b"if",
    b"limit_except",
    b"location",
    b"mail",
    b"map",
    b"match",
    b"server",
    b"split_clients",
    b"stream",
    b"types",
    b"upstream",
];

/// Reads one file. `base` is the address of its first byte in the address space of all sources.
pub fn parse(base: u32, text: Arc<[u8]>) -> Tree {
    let mut parser = Parser {
        base,
        lexer: Lexer::new(base, &text),
        nodes: Vec::with_capacity(text.len() / 40),
        open: Vec::new(),
        too_deep: 0,
        reported_too_deep: false,
        unfinished_lua: 0,
    };
    parser.run();
    let Parser { lexer, nodes, .. } = parser;
    let Lexer {
        words,
        comments,
        errors,
        is_template,
        ..
    } = lexer;
    Tree {
        text,
        base,
        words,
        nodes,
        comments,
        errors,
        is_template,
    }
}

struct Parser<'a> {
    base: u32,
    lexer: Lexer<'a>,
    nodes: Vec<Node>,
    open: Vec<OpenBlock>,
    /// How many blocks are open below the deepest one that is kept.
    too_deep: usize,
    reported_too_deep: bool,
    unfinished_lua: usize,
}

struct OpenBlock {
    /// None for a brace that follows no name.
    node: Option<u32>,
    brace: Span,
}

impl Parser<'_> {
    fn run(&mut self) {
        loop {
            let first = self.lexer.words.len();
            let stop = self.lexer.statement();
            let is_empty = self.lexer.words.len() == first;
            match stop {
                Stop::Semicolon => self.simple(first, self.lexer.at),
                Stop::Open => self.block(first),
                Stop::Close => {
                    if !is_empty {
                        self.simple(first, self.end_of_words());
                    }
                    self.close(is_empty);
                }
                Stop::End => {
                    if !is_empty {
                        self.simple(first, self.end_of_words());
                    }
                    return self.end(is_empty);
                }
            }
        }
    }

    fn end_of_words(&self) -> usize {
        let last = self
            .lexer
            .words
            .last()
            .map_or(self.base, |word| word.span.end);
        (last - self.base) as usize
    }

    /// Keeps a directive whose words start at `first` and that ends at `end`.
    fn simple(&mut self, first: usize, end: usize) {
        self.node(first, end, Body::None);
    }

    fn node(&mut self, first: usize, end: usize, body: Body) -> Option<u32> {
        if self.too_deep > 0 {
            self.lexer.words.truncate(first);
            return None;
        }
        let words = &self.lexer.words[first..];
        let start = words.first()?.span.start;
        let index = self.nodes.len() as u32;
        self.nodes.push(Node {
            first_word: first as u32,
            word_count: words.len() as u32,
            end: index + 1,
            span: Span::new(start, self.base + end as u32),
            body,
            branch: self.lexer.branch,
        });
        Some(index)
    }

    /// A `{` was read; the words before it start at `first`.
    fn block(&mut self, first: usize) {
        let first = self.split_off_unterminated(first);
        let brace = self.lexer.span(self.lexer.at - 1, self.lexer.at);
        if self.is_lua(first) {
            return self.lua(first, brace);
        }
        if self.open.len() == DEEPEST {
            if !self.reported_too_deep {
                self.reported_too_deep = true;
                let message = format!("blocks nested more than {DEEPEST} deep");
                self.lexer.error(brace, message);
            }
            self.lexer.words.truncate(first);
            self.too_deep += 1;
            return;
        }
        let node = self.node(first, self.lexer.at, Body::Block);
        self.open.push(OpenBlock { node, brace });
    }

    /// Finds the directive that swallowed the head of this block for want of a semicolon, and
    /// keeps it for itself. The answer is where the words of the block start.
    fn split_off_unterminated(&mut self, first: usize) -> usize {
        let words = &self.lexer.words[first..];
        let is_block_name =
            |word: &Word| word.quote == Quote::None && BLOCKS.contains(&self.raw(word.span));
        let Some(name) = words.first().filter(|name| !is_block_name(name)) else {
            return first;
        };
        let starts_line = |pair: &&[Word]| {
            let between = Span::new(pair[0].span.end, pair[1].span.start);
            is_block_name(&pair[1]) && self.raw(between).contains(&b'\n')
        };
        let Some(own) = words.windows(2).position(|pair| starts_line(&pair)) else {
            return first;
        };
        let head = name.span.to(words[own].span);
        let shown = printable(&name.value_of(self.raw(name.span)));
        let message = format!("directive \"{shown}\" is not terminated by \";\"");
        self.lexer.error(head, message);

        let rest = self.lexer.words.split_off(first + own + 1);
        self.simple(first, (head.end - self.base) as usize);
        let start = self.lexer.words.len();
        self.lexer.words.extend(rest);
        start
    }

    fn raw(&self, span: Span) -> &[u8] {
        &self.lexer.text[(span.start - self.base) as usize..(span.end - self.base) as usize]
    }

    fn is_lua(&self, first: usize) -> bool {
        self.lexer.words.get(first).is_some_and(|name| {
            name.value_of(self.raw(name.span))
                .ends_with(b"_by_lua_block")
        })
    }

    fn lua(&mut self, first: usize, brace: Span) {
        let start = self.lexer.at;
        let end = if self.unfinished_lua == MOST_UNFINISHED_LUA {
            self.likely_end_of_code(first, start)
        } else {
            match lua::end_of_code(&self.lexer.text[start..]) {
                Ok(length) => start + length,
                Err(why) => {
                    self.unfinished_lua += 1;
                    self.report_unfinished(why, start, brace);
                    self.likely_end_of_code(first, start)
                }
            }
        };
        let after = self.lexer.text.len().min(end + 1);
        self.lexer.at = after;
        self.node(first, after, Body::Lua(self.lexer.span(start, end)));
    }

    fn report_unfinished(&mut self, why: Unfinished, start: usize, brace: Span) {
        let end = self.lexer.text.len();
        match why {
            Unfinished::Brace => {
                let message = "unexpected end of file, expecting terminating characters for \
                               lua code block";
                let at_end = self.lexer.span(end, end);
                self.lexer
                    .error_within(at_end, message.to_owned(), Some(brace));
            }
            Unfinished::LongBracket(offset) => {
                let at = start + offset;
                let message = "Lua code block missing the closing long bracket";
                self.lexer
                    .error(self.lexer.span(at, at + 1), message.to_owned());
            }
        }
    }

    /// Where code that does not end was meant to: at the first line that starts with a brace and
    /// is indented no more than the directive.
    fn likely_end_of_code(&self, first: usize, start: usize) -> usize {
        let text = self.lexer.text;
        let name = (self.lexer.words[first].span.start - self.base) as usize;
        let line = text[..name]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let mut at = start;
        while let Some(newline) = text[at..].iter().position(|byte| *byte == b'\n') {
            at += newline + 1;
            let blank = text[at..]
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            if blank <= name - line && text.get(at + blank) == Some(&b'}') {
                return at + blank;
            }
        }
        text.len()
    }

    /// A `}` was read.
    fn close(&mut self, is_alone: bool) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let end = self.base + self.lexer.at as u32;
        match self.open.pop() {
            Some(block) => self.finish(block, end),
            None if is_alone => {
                let brace = self.lexer.span(self.lexer.at - 1, self.lexer.at);
                self.lexer.error(brace, "unexpected \"}\"".to_owned());
            }
            // The lexer has said so already.
            None => {}
        }
    }

    fn end(&mut self, is_clean: bool) {
        let end = self.lexer.text.len();
        if let Some(innermost) = self.open.last()
            && is_clean
        {
            let opened = Some(innermost.brace);
            let message = "unexpected end of file, expecting \"}\"".to_owned();
            self.lexer
                .error_within(self.lexer.span(end, end), message, opened);
        }
        while let Some(block) = self.open.pop() {
            self.finish(block, self.base + end as u32);
        }
    }

    fn finish(&mut self, block: OpenBlock, end: u32) {
        let next = self.nodes.len() as u32;
        if let Some(node) = block.node {
            let node = &mut self.nodes[node as usize];
            node.end = next;
            node.span.end = end;
        }
    }
}
