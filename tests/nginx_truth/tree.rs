//! A configuration as a tree, so that a disagreement can be made smaller directive by directive.

use std::fmt::Write as _;

#[derive(Clone, Debug)]
pub struct Node {
    /// The directive as it is written, without its `;` or block.
    pub head: String,
    pub block: Option<Vec<Node>>,
}

impl Node {
    pub fn line(head: impl Into<String>) -> Node {
        Node {
            head: head.into(),
            block: None,
        }
    }

    pub fn block(head: impl Into<String>, block: Vec<Node>) -> Node {
        Node {
            head: head.into(),
            block: Some(block),
        }
    }

    /// The first word: the directive's name.
    pub fn name(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }
}

/// The nodes as text.
pub fn render(nodes: &[Node]) -> String {
    let mut text = String::new();
    write(nodes, 0, &mut text);
    text
}

fn write(nodes: &[Node], depth: usize, text: &mut String) {
    for node in nodes {
        let indent = "    ".repeat(depth);
        // Writing to a String cannot fail.
        let _ = match &node.block {
            None => writeln!(text, "{indent}{};", node.head),
            Some(_) => writeln!(text, "{indent}{} {{", node.head),
        };
        if let Some(block) = &node.block {
            write(block, depth + 1, text);
            let _ = writeln!(text, "{indent}}}");
        }
    }
}

/// How many nodes there are in all.
pub fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| 1 + node.block.as_deref().map_or(0, count))
        .sum()
}

/// The tree without its n-th node in reading order; or, if `keep_inner`, with that node's block
/// in its place.
pub fn without(nodes: &[Node], n: usize, keep_inner: bool) -> Vec<Node> {
    let mut at = 0;
    remove(nodes, &mut at, n, keep_inner)
}

fn remove(nodes: &[Node], at: &mut usize, n: usize, keep_inner: bool) -> Vec<Node> {
    let mut kept = Vec::new();
    for node in nodes {
        let here = *at;
        *at += 1;
        let inner = node
            .block
            .as_ref()
            .map(|block| remove(block, at, n, keep_inner));
        if here != n {
            kept.push(Node {
                head: node.head.clone(),
                block: inner,
            });
        } else if keep_inner {
            kept.extend(inner.unwrap_or_default());
        }
    }
    kept
}
