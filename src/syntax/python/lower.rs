//! From tree-sitter's tree to ours.

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
            "for_statement" | "while_statement" => {
                let (target, over) = match node.kind() {
                    "for_statement" => (self.field(node, "left"), self.field(node, "right")),
                    _ => (None, self.field(node, "condition")),
                };
                if let Some(over) = over {
                    let body = self.field_block(node, "body");
                    out.push(Stmt::Loop { target, over, body });
                }
            }
            "with_statement" => out.push(self.with(node)),
            "try_statement" => {
                let body = self.field_block(node, "body");
                let clauses = children(node).into_iter().skip(1);
                let rest = clauses.map(|clause| {
                    let mut blocks = children(clause).into_iter();
                    let block = blocks.rfind(|child| child.kind() == "block");
                    block.map_or_else(Vec::new, |block| self.block(block))
                });
                let rest = rest.collect();
                out.push(Stmt::Try { body, rest });
            }
            // `match`, what is not understood, and what a mistake was made of.
            "match_statement" | "block" | "ERROR" | "case_clause" | "else_clause" => {
                let body = self.block(node);
                out.push(Stmt::Choice {
                    tests: Vec::new(),
                    branches: vec![body],
                    is_complete: false,
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
        let mut is_complete = false;
        for child in children(node) {
            match child.kind() {
                "elif_clause" => {
                    tests.extend(self.field(child, "condition"));
                    branches.push(self.field_block(child, "consequence"));
                }
                "else_clause" => {
                    branches.push(self.field_block(child, "body"));
                    is_complete = true;
                }
                _ => {}
            }
        }
        Stmt::Choice {
            tests,
            branches,
            is_complete,
        }
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

    fn field(&mut self, node: Node<'_>, name: &str) -> Option<Expr> {
        let field = node.child_by_field_name(name)?;
        Some(self.expr(field))
    }

    fn boxed(&mut self, node: Node<'_>, name: &str) -> Option<Box<Expr>> {
        self.field(node, name).map(Box::new)
    }

    fn expr(&mut self, node: Node<'_>) -> Expr {
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

    fn string(&mut self, node: Node<'_>, parts: &mut Vec<Part>) {
        let mut is_raw = false;
        let mut is_format = false;
        for child in children(node) {
            match child.kind() {
                "string_start" => {
                    let start = self.words(child).to_ascii_lowercase();
                    is_raw = start.contains('r');
                    is_format = start.contains('f');
                }
                "string_content" => {
                    let text = self.words(child);
                    let text = match is_raw {
                        true => text.to_string(),
                        false => unescaped(&text),
                    };
                    parts.push(Part::Known(match is_format {
                        true => text.replace("{{", "{").replace("}}", "}"),
                        false => text,
                    }));
                }
                "interpolation" => {
                    let value = self.field(child, "expression");
                    parts.extend(value.map(Part::Value));
                }
                // A part of a text that is one itself.
                "string" => self.string(child, parts),
                _ => {}
            }
        }
    }
}

/// A literal's escapes, as far as they occur in what is read here.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(next) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        rest = &after[next.len_utf8()..];
        let digits = match next {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = rest.get(..digits).filter(|_| digits > 0);
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (next, code.and_then(char::from_u32)) {
            (_, Some(char)) => {
                out.push(char);
                rest = &rest[digits..];
            }
            ('n', _) => out.push('\n'),
            ('t', _) => out.push('\t'),
            ('r', _) => out.push('\r'),
            ('\\' | '\'' | '"', _) => out.push(next),
            ('\n', _) => {}
            _ => {
                out.push('\\');
                out.push(next);
            }
        }
    }
    out.push_str(rest);
    out
}
