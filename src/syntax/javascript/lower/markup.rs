//! JSX: nobody needs what it shows, but functions stand in it that somebody calls.

use oxc_ast::ast;

use super::Lower;
use crate::syntax::javascript::tree::*;

impl Lower {
    pub(super) fn element_markup(&mut self, from: &ast::JSXElement<'_>) -> ExprKind {
        let mut inside = Vec::new();
        self.markup(from, &mut inside);
        ExprKind::Markup(inside)
    }

    pub(super) fn fragment_markup(&mut self, from: &ast::JSXFragment<'_>) -> ExprKind {
        let mut inside = Vec::new();
        self.children(&from.children, &mut inside);
        ExprKind::Markup(inside)
    }

    fn markup(&mut self, from: &ast::JSXElement<'_>, inside: &mut Vec<Expr>) {
        for attribute in &from.opening_element.attributes {
            match attribute {
                ast::JSXAttributeItem::Attribute(attribute) => match &attribute.value {
                    Some(ast::JSXAttributeValue::ExpressionContainer(container)) => {
                        self.container(container, inside);
                    }
                    Some(ast::JSXAttributeValue::Element(element)) => {
                        self.nested(element, inside);
                    }
                    _ => {}
                },
                ast::JSXAttributeItem::SpreadAttribute(spread) => {
                    inside.push(self.expression(&spread.argument));
                }
            }
        }
        self.children(&from.children, inside);
    }

    fn children(&mut self, from: &[ast::JSXChild<'_>], inside: &mut Vec<Expr>) {
        for child in from {
            match child {
                ast::JSXChild::Element(element) => self.nested(element, inside),
                ast::JSXChild::Fragment(fragment) => {
                    if self.depth <= super::DEEPEST {
                        self.depth += 1;
                        self.children(&fragment.children, inside);
                        self.depth -= 1;
                    }
                }
                ast::JSXChild::ExpressionContainer(container) => {
                    self.container(container, inside);
                }
                ast::JSXChild::Spread(spread) => {
                    inside.push(self.expression(&spread.expression));
                }
                ast::JSXChild::Text(_) => {}
            }
        }
    }

    fn nested(&mut self, from: &ast::JSXElement<'_>, inside: &mut Vec<Expr>) {
        if self.depth <= super::DEEPEST {
            self.depth += 1;
            self.markup(from, inside);
            self.depth -= 1;
        }
    }

    fn container(&mut self, from: &ast::JSXExpressionContainer<'_>, inside: &mut Vec<Expr>) {
        if let Some(value) = from.expression.as_expression() {
            inside.push(self.expression(value));
        }
    }
}
