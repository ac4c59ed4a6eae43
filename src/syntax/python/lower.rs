//! From tree-sitter's tree to ours: statements.

mod expr;
mod string;

use std::sync::Arc;

use tree_sitter::Node;

use super::tree::*;
use crate::source::Span;

/// What nests deeper is cut off; what people write stays far below.
const DEEPEST: usize = 150;

struct Lower<'t> {
    base: u32,
    text: &'t [u8],
    depth: usize,
}

pub fn module(base: u32, text: &[u8], root: Node<'_>) -> Module {
    let mut lower = Lower {
        base,
        text,
        depth: 0,
    };
    Module {
        body: lower.block(root),
    }
}

fn children<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    let named = node.named_children(&mut cursor);
    named.filter(|child| !child.is_extra()).collect()
}

impl Lower<'_> {
    fn span(&self, node: Node<'_>) -> Span {
        let at = |byte: usize| self.base + byte as u32;
        Span::new(at(node.start_byte()), at(node.end_byte()))
    }

    fn words(&self, node: Node<'_>) -> Text {
        let bytes = self.text.get(node.byte_range()).unwrap_or_default();
        String::from_utf8_lossy(bytes).as_ref().into()
    }

    fn block(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut body = Vec::new();
        if self.depth < DEEPEST {
            self.depth += 1;
            for child in children(node) {
                self.statement(child, &mut body);
            }
            self.depth -= 1;
        }
        body
    }

    fn field_block(&mut self, node: Node<'_>, name: &str) -> Vec<Stmt> {
        let block = node.child_by_field_name(name);
        block.map_or_else(Vec::new, |block| self.block(block))
    }

    fn statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        match node.kind() {
            "expression_statement" => {
                for child in children(node) {
                    let stmt = self.simple(child);
                    out.extend(stmt);
                }
            }
            "import_statement" => self.import(node, out),
            "import_from_statement" => self.import_from(node, out),
            "return_statement" => {
                let value = node.named_child(0).map(|value| self.expr(value));
                out.push(Stmt::Return(value));
            }
            "function_definition" => {
                let function = self.function(node);
                out.push(Stmt::Function(Arc::new(function)));
            }
            "class_definition" => {
                let class = self.class(node);
                out.push(Stmt::Class(Arc::new(class)));
            }
            "decorated_definition" => {
                if let Some(inner) = node.child_by_field_name("definition") {
                    self.statement(inner, out);
                }
            }
            "if_statement" => out.push(self.choice(node)),
            "for_statement" | "while_statement" => out.extend(self.repeated(node)),
            "with_statement" => out.push(self.with(node)),
            "try_statement" => out.push(self.tried(node)),
            // `match`, what is not understood, and what a mistake was made of.
            "match_statement" | "block" | "ERROR" | "case_clause" | "else_clause" => {
                let body = self.block(node);
                out.push(Stmt::Choice {
                    tests: Vec::new(),
                    branches: vec![body],
                });
            }
            "assert_statement" | "raise_statement" | "delete_statement" | "print_statement" => {
                let inner = children(node).into_iter().map(|child| self.expr(child));
                let inner = inner.collect();
                let span = self.span(node);
                out.push(Stmt::Expr(Expr {
                    span,
                    kind: ExprKind::Opaque(inner),
                }));
            }
            _ => {}
        }
    }

    fn repeated(&mut self, node: Node<'_>) -> Option<Stmt> {
        let (target, over) = match node.kind() {
            "for_statement" => (self.field(node, "left"), self.field(node, "right")),
            _ => (None, self.field(node, "condition")),
        };
        let over = over?;
        let body = self.field_block(node, "body");
        Some(Stmt::Loop { target, over, body })
    }

    fn tried(&mut self, node: Node<'_>) -> Stmt {
        let body = self.field_block(node, "body");
        let clauses = children(node).into_iter().skip(1);
        let rest = clauses.map(|clause| {
            let mut blocks = children(clause).into_iter();
            let block = blocks.rfind(|child| child.kind() == "block");
            block.map_or_else(Vec::new, |block| self.block(block))
        });
        let rest = rest.collect();
        Stmt::Try { body, rest }
    }

    fn simple(&mut self, node: Node<'_>) -> Option<Stmt> {
        Some(match node.kind() {
            "assignment" => {
                let target = self.field(node, "left")?;
                let value = self.field(node, "right")?;
                Stmt::Assign { target, value }
            }
            "augmented_assignment" => {
                let target = self.field(node, "left")?;
                let value = self.field(node, "right")?;
                let op = node.child_by_field_name("operator")?;
                match &*self.words(op) {
                    "+=" | "|=" => Stmt::Add { target, value },
                    _ => {
                        let kind = ExprKind::Opaque(vec![value]);
                        let span = self.span(node);
                        Stmt::Assign {
                            target,
                            value: Expr { span, kind },
                        }
                    }
                }
            }
            _ => Stmt::Expr(self.expr(node)),
        })
    }

    fn choice(&mut self, node: Node<'_>) -> Stmt {
        let mut tests: Vec<Expr> = self.field(node, "condition").into_iter().collect();
        let mut branches = vec![self.field_block(node, "consequence")];
        for child in children(node) {
            match child.kind() {
                "elif_clause" => {
                    tests.extend(self.field(child, "condition"));
                    branches.push(self.field_block(child, "consequence"));
                }
                "else_clause" => {
                    branches.push(self.field_block(child, "body"));
                }
                _ => {}
            }
        }
        Stmt::Choice { tests, branches }
    }

    fn with(&mut self, node: Node<'_>) -> Stmt {
        let mut items = Vec::new();
        for clause in children(node) {
            if clause.kind() != "with_clause" {
                continue;
            }
            for item in children(clause) {
                let Some(value) = item.child_by_field_name("value") else {
                    continue;
                };
                let (value, name) = match value.kind() {
                    "as_pattern" => {
                        let name = value.child_by_field_name("alias");
                        let name = name.and_then(|name| name.named_child(0));
                        (value.named_child(0), name)
                    }
                    _ => (Some(value), None),
                };
                if let Some(value) = value {
                    let name = name.map(|name| self.expr(name));
                    items.push((self.expr(value), name));
                }
            }
        }
        let body = self.field_block(node, "body");
        Stmt::With { items, body }
    }

    fn import(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        for child in children(node) {
            let stmt = match child.kind() {
                "aliased_import" => {
                    let part = |name| child.child_by_field_name(name);
                    let (Some(path), Some(alias)) = (part("name"), part("alias")) else {
                        continue;
                    };
                    Stmt::Import {
                        path: self.words(path),
                        name: self.words(alias),
                    }
                }
                _ => {
                    let path = self.words(child);
                    let first: Text = path.split('.').next().unwrap_or_default().into();
                    Stmt::Import {
                        path: first.clone(),
                        name: first,
                    }
                }
            };
            out.push(stmt);
        }
    }

    fn import_from(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let Some(module) = node.child_by_field_name("module_name") else {
            return;
        };
        let module_name = self.words(module);
        for child in children(node) {
            if child == module {
                continue;
            }
            let (what, name) = match child.kind() {
                "dotted_name" => (self.words(child), self.words(child)),
                "aliased_import" => {
                    let part = |name| child.child_by_field_name(name);
                    let (Some(what), Some(alias)) = (part("name"), part("alias")) else {
                        continue;
                    };
                    (self.words(what), self.words(alias))
                }
                _ => continue,
            };
            out.push(Stmt::From {
                module: module_name.clone(),
                what,
                name,
            });
        }
    }

    fn function(&mut self, node: Node<'_>) -> Function {
        let params = node.child_by_field_name("parameters");
        let params = params.map_or_else(Vec::new, |params| self.params(params));
        let name = node.child_by_field_name("name");
        Function {
            span: self.span(node),
            name: name.map_or("".into(), |name| self.words(name)),
            params,
            body: self.field_block(node, "body"),
        }
    }

    fn params(&mut self, node: Node<'_>) -> Vec<Param> {
        let mut params = Vec::new();
        for child in children(node) {
            let is_name = |node: &Node<'_>| node.kind() == "identifier";
            let name = match child.kind() {
                "identifier" => Some(child),
                "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                    child.named_child(0)
                }
                _ => child.child_by_field_name("name"),
            };
            let Some(name) = name else {
                continue;
            };
            // `*args: str` has its pattern inside.
            let is_rest = child.kind().contains("splat") || name.kind().contains("splat");
            let name = if is_name(&name) {
                Some(name)
            } else {
                name.named_child(0)
            };
            let Some(name) = name.filter(is_name) else {
                continue;
            };
            let kind = child.child_by_field_name("type");
            let kind = kind.and_then(|kind| kind.named_child(0));
            params.push(Param {
                name: self.words(name),
                default: self.field(child, "value"),
                is_rest,
                kind: kind.map(|kind| self.expr(kind)),
            });
        }
        params
    }

    fn class(&mut self, node: Node<'_>) -> Class {
        let bases = node.child_by_field_name("superclasses");
        let bases = bases.map_or_else(Vec::new, |bases| {
            let all = children(bases).into_iter();
            all.filter(|base| base.kind() != "keyword_argument")
                .map(|base| self.expr(base))
                .collect()
        });
        let name = node.child_by_field_name("name");
        Class {
            span: self.span(node),
            name: name.map_or("".into(), |name| self.words(name)),
            bases,
            body: self.field_block(node, "body"),
        }
    }
}
