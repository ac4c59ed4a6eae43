//! Expressions.

use tree_sitter::Node;

use super::super::tree::*;
use super::{DEEPEST, Lower, children};

impl Lower<'_> {
    pub(super) fn field(&mut self, node: Node<'_>, name: &str) -> Option<Expr> {
        let field = node.child_by_field_name(name)?;
        Some(self.expr(field))
    }

    fn boxed(&mut self, node: Node<'_>, name: &str) -> Option<Box<Expr>> {
        self.field(node, name).map(Box::new)
    }

    pub(super) fn expr(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        if self.depth >= DEEPEST {
            let kind = ExprKind::Opaque(Vec::new());
            return Expr { span, kind };
        }
        self.depth += 1;
        let expr = match node.kind() {
            // What stands around a value.
            "parenthesized_expression" | "await" | "type" | "keyword_separator" => {
                node.named_child(0).map(|inner| self.expr(inner))
            }
            _ => self.kind(node).map(|kind| Expr { span, kind }),
        };
        let expr = expr.unwrap_or_else(|| {
            let inner = children(node).into_iter().map(|child| self.expr(child));
            let kind = ExprKind::Opaque(inner.collect());
            Expr { span, kind }
        });
        self.depth -= 1;
        expr
    }

    fn kind(&mut self, node: Node<'_>) -> Option<ExprKind> {
        Some(match node.kind() {
            "none" => ExprKind::None,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "integer" | "float" => ExprKind::Number(self.words(node)),
            "identifier" => ExprKind::Name(self.words(node)),
            "string" => {
                let mut parts = Vec::new();
                self.string(node, &mut parts);
                ExprKind::Text(parts)
            }
            "concatenated_string" => {
                let mut parts = Vec::new();
                for child in children(node) {
                    self.string(child, &mut parts);
                }
                ExprKind::Text(parts)
            }
            "attribute" => ExprKind::Member {
                object: self.boxed(node, "object")?,
                name: self.words(node.child_by_field_name("attribute")?),
            },
            "subscript" => ExprKind::Index {
                object: self.boxed(node, "value")?,
                index: self.boxed(node, "subscript")?,
            },
            "call" => ExprKind::Call {
                callee: self.boxed(node, "function")?,
                args: self.args(node.child_by_field_name("arguments")?),
            },
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" | "tuple_pattern" => {
                let items = children(node).into_iter().map(|child| self.expr(child));
                ExprKind::List(items.collect())
            }
            "dictionary" => ExprKind::Dict(self.entries(node)),
            "binary_operator" | "boolean_operator" => {
                let op = node.child_by_field_name("operator")?;
                let op = match op.kind() {
                    "+" => Op::Add,
                    "%" => Op::Rest,
                    "or" => Op::Or,
                    "and" => Op::And,
                    "|" => Op::Union,
                    _ => Op::Other,
                };
                ExprKind::Binary {
                    op,
                    left: self.boxed(node, "left")?,
                    right: self.boxed(node, "right")?,
                }
            }
            "conditional_expression" => {
                let parts = children(node);
                let [yes, test, no] = parts.as_slice() else {
                    return None;
                };
                ExprKind::Conditional {
                    yes: Box::new(self.expr(*yes)),
                    test: Box::new(self.expr(*test)),
                    no: Box::new(self.expr(*no)),
                }
            }
            // `(name := value)`.
            "named_expression" => return self.field(node, "value").map(|value| value.kind),
            _ => return None,
        })
    }

    fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        let mut args = Vec::new();
        for child in children(node) {
            args.push(match child.kind() {
                "keyword_argument" => {
                    let Some(name) = child.child_by_field_name("name") else {
                        continue;
                    };
                    let Some(value) = self.field(child, "value") else {
                        continue;
                    };
                    Arg::Named {
                        name: self.words(name),
                        span: self.span(child),
                        value,
                    }
                }
                kind @ ("list_splat" | "dictionary_splat") => {
                    let Some(inner) = child.named_child(0) else {
                        continue;
                    };
                    let inner = self.expr(inner);
                    match kind {
                        "list_splat" => Arg::Spread(inner),
                        _ => Arg::SpreadNamed(inner),
                    }
                }
                _ => Arg::One(self.expr(child)),
            });
        }
        args
    }

    fn entries(&mut self, node: Node<'_>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for child in children(node) {
            match child.kind() {
                "pair" => {
                    let key = self.field(child, "key");
                    let value = self.field(child, "value");
                    if let (Some(key), Some(value)) = (key, value) {
                        entries.push(Entry::Pair { key, value });
                    }
                }
                "dictionary_splat" => {
                    let inner = child.named_child(0).map(|inner| self.expr(inner));
                    entries.extend(inner.map(Entry::Spread));
                }
                _ => {}
            }
        }
        entries
    }
}
