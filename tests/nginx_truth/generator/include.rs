//! Moves parts of a configuration into files of their own. They stay the same configuration.

use super::Maker;
use crate::tree::Node;

impl Maker {
    pub(super) fn move_into_files(&mut self, nodes: &mut Vec<Node>) {
        for node in &mut *nodes {
            let holds_directives = matches!(node.name(), "server" | "location" | "if");
            if let (Some(block), true) = (&mut node.block, holds_directives) {
                self.move_into_files(block);
            }
        }
        if nodes.is_empty() || !self.random.chance(12) {
            return;
        }
        let from = self.random.below(nodes.len());
        let to = self.random.between(from, nodes.len() - 1);
        let moved: Vec<Node> = nodes.drain(from..=to).collect();
        self.files += 1;
        let star = self.pick(&["", "", "-*"]);
        let head = format!("include inc/{}{star}.conf", self.files);
        nodes.insert(from, Node::block(head, moved));
    }
}
