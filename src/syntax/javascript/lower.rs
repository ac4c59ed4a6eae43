//! The parser's tree to ours.

mod function;
mod markup;
mod module;
mod operator;
mod pattern;

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::tree::*;
use crate::source::Span;
use operator::{assign_op, binary_op, logical_op, unary_op};

/// What nests deeper is opaque, so that nothing which walks over the tree needs much stack.
const DEEPEST: usize = 400;

/// The text of a whole file.
pub fn module(base: u32, program: &ast::Program<'_>) -> Module {
    let mut lower = Lower { base, depth: 0 };
    Module {
        body: lower.statements(&program.body),
        comments: (program.comments.iter())
            .map(|comment| lower.span(comment.span))
            .collect(),
    }
}

/// A JSON text: a module that exports its value.
pub fn json(base: u32, value: &ast::Expression<'_>) -> Module {
    let mut lower = Lower { base, depth: 0 };
    let value = lower.expression(value);
    Module {
        body: vec![Stmt {
            span: value.span,
            kind: StmtKind::ExportAssign(value),
        }],
        comments: Vec::new(),
    }
}

struct Lower {
    base: u32,
    depth: usize,
}

impl Lower {
    fn span(&self, span: oxc_span::Span) -> Span {
        Span::new(self.base + span.start, self.base + span.end)
    }

    fn expression(&mut self, from: &ast::Expression<'_>) -> Expr {
        let span = self.span(from.span());
        if self.depth > DEEPEST {
            return Expr {
                span,
                kind: ExprKind::Opaque,
            };
        }
        self.depth += 1;
        let expr = self.deeper(from, span);
        self.depth -= 1;
        expr
    }

    fn boxed(&mut self, from: &ast::Expression<'_>) -> Box<Expr> {
        Box::new(self.expression(from))
    }

    fn deeper(&mut self, from: &ast::Expression<'_>, span: Span) -> Expr {
        use ast::Expression as E;
        let kind = match from {
            E::BooleanLiteral(literal) => ExprKind::Bool(literal.value),
            E::NullLiteral(_) => ExprKind::Null,
            E::NumericLiteral(literal) => ExprKind::Number(literal.value),
            E::StringLiteral(literal) => ExprKind::Text(text(&literal.value)),
            E::RegExpLiteral(literal) => ExprKind::Regex {
                pattern: text(&literal.regex.pattern.text),
                flags: text(&literal.regex.flags.to_string()),
            },
            E::TemplateLiteral(template) => self.template(template),
            E::Identifier(name) => ExprKind::Name(text(&name.name)),
            E::Super(_) => ExprKind::Super,
            E::ThisExpression(_) => ExprKind::This,
            E::ArrayExpression(array) => {
                ExprKind::Array(array.elements.iter().map(|one| self.element(one)).collect())
            }
            E::ObjectExpression(object) => ExprKind::Object(
                object
                    .properties
                    .iter()
                    .map(|one| self.property(one))
                    .collect(),
            ),
            E::ArrowFunctionExpression(arrow) => ExprKind::Function(self.arrow(arrow)),
            E::FunctionExpression(function) => ExprKind::Function(self.function(function)),
            E::ClassExpression(class) => ExprKind::Class(self.class(class)),
            E::AssignmentExpression(assign) => ExprKind::Assign {
                op: assign_op(assign.operator),
                target: Box::new(self.target(&assign.left)),
                value: self.boxed(&assign.right),
            },
            E::UpdateExpression(update) => ExprKind::Step {
                target: Box::new(self.simple_target(&update.argument)),
                by: match update.operator {
                    oxc_syntax::operator::UpdateOperator::Increment => 1.0,
                    oxc_syntax::operator::UpdateOperator::Decrement => -1.0,
                },
            },
            E::AwaitExpression(await_) => ExprKind::Await(self.boxed(&await_.argument)),
            E::BinaryExpression(binary) => ExprKind::Binary {
                op: binary_op(binary.operator),
                left: self.boxed(&binary.left),
                right: self.boxed(&binary.right),
            },
            E::LogicalExpression(logical) => ExprKind::Logical {
                op: logical_op(logical.operator),
                left: self.boxed(&logical.left),
                right: self.boxed(&logical.right),
            },
            E::ConditionalExpression(conditional) => ExprKind::Conditional {
                test: self.boxed(&conditional.test),
                yes: self.boxed(&conditional.consequent),
                no: self.boxed(&conditional.alternate),
            },
            E::UnaryExpression(unary) => ExprKind::Unary {
                op: unary_op(unary.operator),
                value: self.boxed(&unary.argument),
            },
            E::CallExpression(call) => self.call(call),
            E::NewExpression(new) => ExprKind::New {
                callee: self.boxed(&new.callee),
                args: self.arguments(&new.arguments),
            },
            E::ImportExpression(import) => ExprKind::Import(self.boxed(&import.source)),
            E::SequenceExpression(sequence) => ExprKind::Sequence(
                (sequence.expressions.iter())
                    .map(|one| self.expression(one))
                    .collect(),
            ),
            E::JSXElement(element) => self.element_markup(element),
            E::JSXFragment(fragment) => self.fragment_markup(fragment),
            // What only the type checker sees.
            E::ParenthesizedExpression(inner) => return self.expression(&inner.expression),
            E::TSAsExpression(inner) => return self.expression(&inner.expression),
            E::TSSatisfiesExpression(inner) => return self.expression(&inner.expression),
            E::TSTypeAssertion(inner) => return self.expression(&inner.expression),
            E::TSNonNullExpression(inner) => return self.expression(&inner.expression),
            E::TSInstantiationExpression(inner) => return self.expression(&inner.expression),
            E::ChainExpression(chain) => match &chain.expression {
                ast::ChainElement::CallExpression(call) => self.call(call),
                ast::ChainElement::TSNonNullExpression(inner) => {
                    return self.expression(&inner.expression);
                }
                other => match other.as_member_expression() {
                    Some(member) => self.member(member),
                    None => ExprKind::Opaque,
                },
            },
            other => match other.as_member_expression() {
                Some(member) => self.member(member),
                None => ExprKind::Opaque,
            },
        };
        Expr { span, kind }
    }

    fn template(&mut self, from: &ast::TemplateLiteral<'_>) -> ExprKind {
        let texts = from.quasis.iter().map(|one| {
            let cooked = one.value.cooked.as_ref();
            text(cooked.unwrap_or(&one.value.raw))
        });
        ExprKind::Template {
            texts: texts.collect(),
            values: (from.expressions.iter())
                .map(|one| self.expression(one))
                .collect(),
        }
    }

    fn call(&mut self, call: &ast::CallExpression<'_>) -> ExprKind {
        ExprKind::Call {
            callee: self.boxed(&call.callee),
            args: self.arguments(&call.arguments),
        }
    }

    fn member(&mut self, member: &ast::MemberExpression<'_>) -> ExprKind {
        use ast::MemberExpression as M;
        match member {
            M::ComputedMemberExpression(member) => ExprKind::Index {
                object: self.boxed(&member.object),
                index: self.boxed(&member.expression),
            },
            M::StaticMemberExpression(member) => ExprKind::Member {
                object: self.boxed(&member.object),
                name: text(&member.property.name),
            },
            M::PrivateFieldExpression(member) => ExprKind::Member {
                object: self.boxed(&member.object),
                name: private(&member.field.name),
            },
        }
    }

    fn arguments(&mut self, from: &[ast::Argument<'_>]) -> Vec<Argument> {
        let arguments = from.iter().map(|argument| match argument {
            ast::Argument::SpreadElement(spread) => {
                Argument::Spread(self.expression(&spread.argument))
            }
            other => match other.as_expression() {
                Some(value) => Argument::One(self.expression(value)),
                None => Argument::Hole,
            },
        });
        arguments.collect()
    }

    fn element(&mut self, from: &ast::ArrayExpressionElement<'_>) -> Argument {
        match from {
            ast::ArrayExpressionElement::SpreadElement(spread) => {
                Argument::Spread(self.expression(&spread.argument))
            }
            other => match other.as_expression() {
                Some(value) => Argument::One(self.expression(value)),
                None => Argument::Hole,
            },
        }
    }

    fn property(&mut self, from: &ast::ObjectPropertyKind<'_>) -> Property {
        let property = match from {
            ast::ObjectPropertyKind::SpreadProperty(spread) => {
                return Property::Spread(self.expression(&spread.argument));
            }
            ast::ObjectPropertyKind::ObjectProperty(property) => property,
        };
        let key = self.key(&property.key);
        let span = self.span(property.key.span());
        let value = self.expression(&property.value);
        match (property.kind, value.kind) {
            (ast::PropertyKind::Get, ExprKind::Function(function)) => Property::Getter {
                key,
                span,
                function,
            },
            (_, kind) => Property::Value {
                key,
                span,
                value: Expr {
                    span: value.span,
                    kind,
                },
            },
        }
    }

    fn key(&mut self, key: &ast::PropertyKey<'_>) -> Key {
        use ast::PropertyKey as K;
        match key {
            K::StaticIdentifier(name) => Key::Name(text(&name.name)),
            K::PrivateIdentifier(name) => Key::Name(private(&name.name)),
            K::StringLiteral(literal) => Key::Name(text(&literal.value)),
            K::NumericLiteral(literal) => Key::Name(text(&literal.value.to_string())),
            other => match other.as_expression() {
                Some(value) => Key::Computed(self.expression(value)),
                None => Key::Name(text("")),
            },
        }
    }
}

fn text(text: &str) -> Text {
    Text::from(text)
}

/// `#name`, which no other key can be.
fn private(name: &str) -> Text {
    Text::from(format!("#{name}"))
}
