//! A tree on one line, to compare with what was expected.

use std::sync::Arc;

use why403::syntax::nginx::{Body, Directive, Token, Tree, parse};

pub fn tree(text: impl AsRef<[u8]>) -> Tree {
    parse(1000, Arc::from(text.as_ref()))
}

/// The directives as `name arg [arg with blank] «template»?branch { … }`.
pub fn outline(text: impl AsRef<[u8]>) -> String {
    let tree = tree(text);
    let directives: Vec<_> = tree.directives().map(shown).collect();
    directives.join(" ")
}

/// What is wrong, each with the number of its line.
pub fn errors(text: impl AsRef<[u8]>) -> Vec<String> {
    let tree = tree(text);
    let shown = |error: &why403::syntax::nginx::SyntaxError| {
        let start = (error.span.start - tree.span().start) as usize;
        format!("{}: {}", line_of(tree.text(), start), error.message)
    };
    tree.errors.iter().map(shown).collect()
}

/// The line on which the byte at `at` stands, from 1.
pub fn line_of(text: &[u8], at: usize) -> usize {
    1 + text[..at].iter().filter(|byte| **byte == b'\n').count()
}

fn shown(directive: Directive) -> String {
    let mut out = String::from_utf8_lossy(&directive.name()).into_owned();
    for token in directive.args() {
        out.push(' ');
        out.push_str(&token_shown(token));
    }
    if directive.branch() != 0 {
        out.push_str(&format!("?{}", directive.branch()));
    }
    match directive.body() {
        Body::None => out.push(';'),
        Body::Lua(span) => out.push_str(&format!(" lua({})", span.len())),
        Body::Block => {
            let children: Vec<_> = directive.children().map(shown).collect();
            out.push_str(&format!(" {{ {} }}", children.join(" ")));
        }
    }
    out
}

fn token_shown(token: Token) -> String {
    let value = token.value();
    let value = String::from_utf8_lossy(&value)
        .escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'");
    if token.is_template() {
        format!("«{}»", String::from_utf8_lossy(token.raw()))
    } else if value.is_empty() || value.contains([' ', ';', '{']) {
        format!("[{value}]")
    } else {
        value
    }
}
