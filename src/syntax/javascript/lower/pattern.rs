//! What is declared, and what is assigned to.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{Lower, text};
use crate::syntax::javascript::tree::*;

impl Lower {
    pub(super) fn binding(&mut self, from: &ast::BindingPattern<'_>) -> Pattern {
        if self.depth > super::DEEPEST {
            return self.nothing(from.span());
        }
        self.depth += 1;
        let pattern = self.binding_deeper(from);
        self.depth -= 1;
        pattern
    }

    fn binding_deeper(&mut self, from: &ast::BindingPattern<'_>) -> Pattern {
        match from {
            ast::BindingPattern::BindingIdentifier(name) => {
                Pattern::Name(text(&name.name), self.span(name.span))
            }
            ast::BindingPattern::ObjectPattern(object) => Pattern::Object {
                entries: (object.properties.iter())
                    .map(|one| (self.key(&one.key), self.binding(&one.value)))
                    .collect(),
                rest: (object.rest.as_ref()).map(|rest| Box::new(self.binding(&rest.argument))),
            },
            ast::BindingPattern::ArrayPattern(array) => Pattern::Array {
                items: (array.elements.iter())
                    .map(|one| one.as_ref().map(|one| self.binding(one)))
                    .collect(),
                rest: (array.rest.as_ref()).map(|rest| Box::new(self.binding(&rest.argument))),
            },
            ast::BindingPattern::AssignmentPattern(with) => {
                Pattern::Default(Box::new(self.binding(&with.left)), self.boxed(&with.right))
            }
        }
    }

    pub(super) fn target(&mut self, from: &ast::AssignmentTarget<'_>) -> Pattern {
        if self.depth > super::DEEPEST {
            return self.nothing(from.span());
        }
        self.depth += 1;
        let pattern = match from {
            ast::AssignmentTarget::ArrayAssignmentTarget(array) => Pattern::Array {
                items: (array.elements.iter())
                    .map(|one| one.as_ref().map(|one| self.target_or_default(one)))
                    .collect(),
                rest: (array.rest.as_ref()).map(|rest| Box::new(self.target(&rest.target))),
            },
            ast::AssignmentTarget::ObjectAssignmentTarget(object) => Pattern::Object {
                entries: (object.properties.iter())
                    .map(|one| self.target_property(one))
                    .collect(),
                rest: (object.rest.as_ref()).map(|rest| Box::new(self.target(&rest.target))),
            },
            other => match other.as_simple_assignment_target() {
                Some(simple) => self.simple_target(simple),
                None => self.nothing(other.span()),
            },
        };
        self.depth -= 1;
        pattern
    }

    fn target_property(&mut self, from: &ast::AssignmentTargetProperty<'_>) -> (Key, Pattern) {
        match from {
            ast::AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(one) => {
                let name = text(&one.binding.name);
                let pattern = Pattern::Name(name.clone(), self.span(one.binding.span));
                let pattern = match &one.init {
                    Some(init) => Pattern::Default(Box::new(pattern), self.boxed(init)),
                    None => pattern,
                };
                (Key::Name(name), pattern)
            }
            ast::AssignmentTargetProperty::AssignmentTargetPropertyProperty(one) => {
                (self.key(&one.name), self.target_or_default(&one.binding))
            }
        }
    }

    fn target_or_default(&mut self, from: &ast::AssignmentTargetMaybeDefault<'_>) -> Pattern {
        match from {
            ast::AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with) => {
                Pattern::Default(Box::new(self.target(&with.binding)), self.boxed(&with.init))
            }
            other => match other.as_assignment_target() {
                Some(target) => self.target(target),
                None => self.nothing(other.span()),
            },
        }
    }

    pub(super) fn simple_target(&mut self, from: &ast::SimpleAssignmentTarget<'_>) -> Pattern {
        let span = self.span(from.span());
        if let ast::SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = from {
            return Pattern::Name(text(&name.name), span);
        }
        let kind = match from.as_member_expression() {
            Some(member) => self.member(member),
            None => ExprKind::Opaque,
        };
        Pattern::Place(Box::new(Expr { span, kind }))
    }

    fn nothing(&self, span: oxc_span::Span) -> Pattern {
        Pattern::Place(Box::new(Expr {
            span: self.span(span),
            kind: ExprKind::Opaque,
        }))
    }
}
